"""The server of the browser interface: one page that calls nobody, and who may see it."""

import logging
import os
import threading
from asyncio import CancelledError
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from rag.errors import SettingsError
from ui.listening import check_reach, is_every_address, is_local, listen, shown

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.gazette import Gazette

_OFFLINE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Read by Gradio and its client when they are imported."""
_LAST_WORDS = 1
"""Seconds that open pages get to finish when the server stops; they hold a stream for ever."""
PROXIES = ("127.0.0.1", "::1")
"""Whose word is taken for where a request comes from, unless others are named."""


def build_app(
    gazette: "Gazette",
    host: str = "127.0.0.1",
    names: Sequence[str] = (),
    root_path: str = "",
) -> "FastAPI":
    """The web application over ``gazette``, answering to this machine's names, ``host``, ``names``.

    Whoever asks must have logged in when there are users, and always where others than this
    machine's own programs may ask. A proxy may cut ``root_path`` off the paths or leave it there.
    """
    os.environ.update(_OFFLINE)
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.staticfiles import StaticFiles

    from ui import layout
    from ui.closed import Closed
    from ui.documents.routes import router as documents
    from ui.head import Head
    from ui.headers import SecurityHeaders
    from ui.login import routes as login
    from ui.login.gate import Gate
    from ui.login.guard import Guard
    from ui.openai.routes import router
    from ui.origin import Below, KnownHosts, SameOrigin
    from ui.reading import router as reading
    from ui.running import Threads

    gate = Gate(gazette)
    app = FastAPI(openapi_url=None)
    local = is_local(host, names, root_path)
    # The last one is asked first
    app.add_middleware(Head)
    app.add_middleware(Closed)
    app.add_middleware(Guard, gazette=gazette, gate=gate, is_local=local)
    app.add_middleware(SameOrigin)
    app.add_middleware(KnownHosts, names=(host, *names), every_address=is_every_address(host))
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Below, root_path=root_path)
    threads = Threads()
    # Before the page, which takes every path that is left
    app.include_router(login.router(gazette, gate))
    app.include_router(router(gazette))
    app.include_router(reading(gazette))
    app.include_router(documents(gazette))
    app.mount("/page", StaticFiles(directory=layout.ASSETS))
    gr.mount_gradio_app(
        app,
        layout.build_page(gazette, threads),
        path="",
        root_path=root_path or None,
        theme=layout.theme(),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        max_file_size=1,
        enable_monitoring=False,
        mcp_server=False,
    )
    return app


def serve(
    gazette: "Gazette",
    host: str,
    port: int,
    browser: bool,
    names: Sequence[str] = (),
    root_path: str = "",
    proxies: Sequence[str] = (),
) -> None:
    """Serve the page at ``host:port`` until interrupted, opening it in a browser when asked.

    Raises SettingsError when the address cannot be had, or others could reach it and there are no
    users, before anything is loaded, and IndexStateError when there is no index to answer from.
    """
    check_reach(names, root_path)
    listening = listen(host, port)
    with listening, suppress(KeyboardInterrupt):
        _check_users(gazette, host, names, root_path)
        gazette.search("Gazette", n=1)  # Loads the models, so that no first question waits for them
        import uvicorn

        app = build_app(gazette, host, names, root_path)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=_LAST_WORDS,
            forwarded_allow_ips=list(proxies or PROXIES),
        )
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        address = shown(host, port) + root_path
        print(f"Gazette is at {address}, for chat clients at {address}/v1", flush=True)
        if browser:
            _open_browser(address)
        uvicorn.Server(config).run(sockets=[listening])


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a line of the server's log tells of anything but streams that end with it."""
    error = record.exc_info[1] if record.exc_info else None
    is_end = isinstance(error, CancelledError) or "timeout graceful shutdown" in record.msg
    return not is_end


def _check_users(gazette: "Gazette", host: str, names: Sequence[str], root_path: str) -> None:
    if not is_local(host, names, root_path) and not gazette.users.exist():
        how = next((f"--{n}" for n, v in (("name", names), ("root-path", root_path)) if v), host)
        raise SettingsError(
            f"with {how} others than you could reach this server, and nobody would have to log in: "
            "add a user first, with gazette user add NAME --role editor"
        )


def _open_browser(address: str) -> None:
    """Open ``address`` beside the server: a text browser would block it."""
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
