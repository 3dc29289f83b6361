"""The server of the browser interface: one page, on this machine, that calls nobody."""

import errno
import os
import socket
import threading
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

from rag.errors import SettingsError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from rag.gazette import Gazette

_OFFLINE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Read by Gradio and its client when they are imported."""
_BACKLOG = 128
_LAST_WORDS = 1
"""Seconds that open pages get to finish when the server stops; they hold a stream for ever."""


def build_app(gazette: "Gazette", host: str = "127.0.0.1") -> "FastAPI":
    """The web application over ``gazette``, answering to this machine's names and ``host``."""
    os.environ.update(_OFFLINE)
    import gradio as gr
    from fastapi import FastAPI
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from ui import layout
    from ui.headers import SecurityHeaders
    from ui.openai.routes import router

    app = FastAPI(openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_names(host), www_redirect=False)
    app.add_middleware(SecurityHeaders)
    app.include_router(router(gazette))  # Before the page, which takes every path that is left
    gr.mount_gradio_app(
        app,
        layout.build_page(gazette),
        path="",
        theme=layout.theme(),
        css_paths=layout.ASSETS / "page.css",
        head_paths=layout.ASSETS / "head.html",
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        show_error=False,
        max_file_size=1,
        enable_monitoring=False,
        mcp_server=False,
    )
    return app


def _names(host: str) -> list[str]:
    """The names a browser may call the server by; others are a sign of DNS rebinding."""
    return ["127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host]


def serve(gazette: "Gazette", host: str, port: int, browser: bool) -> None:
    """Serve the page at ``host:port`` until interrupted, opening it in a browser when asked.

    Raises SettingsError when the address cannot be had, before anything is loaded, and
    IndexStateError when there is no index to answer from.
    """
    listening = _listen(host, port)
    with listening, suppress(KeyboardInterrupt):
        gazette.search("Gazette", n=1)  # Loads the models, so that no first question waits for them
        import uvicorn

        app = build_app(gazette, host)
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=_LAST_WORDS,
        )
        address = _address(host, port)
        print(f"Gazette is at {address}, for chat clients at {address}/v1", flush=True)
        if browser:
            _open_browser(address)
        uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on; they are served once the server runs."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(host, port, error) from error
    try:
        if os.name == "posix":  # Elsewhere it would let two programs share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise _unusable(host, port, error) from error
    return listening


def _unusable(host: str, port: int, error: OSError) -> SettingsError:
    """Which of host and port is at fault, and what to give instead."""
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"port {port} on {host} is in use by another program: stop it, or choose another port "
            f"with gazette chat --port {port + 1 if port < 65535 else 7860}"
        )
    if error.errno == errno.EACCES:
        return SettingsError(
            f"port {port} may not be opened by this user: choose one from 1024 on, for example "
            "gazette chat --port 7860"
        )
    return SettingsError(
        f"{host} is no address of this machine ({error.strerror or error}): leave --host and "
        "--port out, or give an address this machine has"
    )


def _address(host: str, port: int) -> str:
    """What to type into a browser on this machine to reach ``host:port``."""
    try:
        ip = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if ip.is_unspecified:
        return f"http://{'[::1]' if ip.version == 6 else '127.0.0.1'}:{port}"
    return f"http://{f'[{ip}]' if ip.version == 6 else ip}:{port}"


def _open_browser(address: str) -> None:
    """Open ``address`` beside the server: a text browser would block it."""
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
