"""A bare page around the documents, served for real."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

import ui
from rag.gazette import Gazette
from ui.documents.routes import router
from ui.headers import SecurityHeaders
from ui.who import Person

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Documents</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page/palette.css"><link rel="stylesheet" href="page/documents.css">
<style>
body { margin: 0; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif }
body.dark { color-scheme: dark }
.button { padding: .4rem 1rem; border: 1px solid var(--accent); border-radius: .5rem;
  background: var(--accent); color: var(--card); font: inherit; font-weight: 600;
  text-decoration: none; cursor: pointer }
.button.quiet { background: none; border-color: var(--line); color: var(--accent) }
.field { padding: .4rem .7rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--card); color: var(--ink); font: inherit }
</style>
<body><section id="documents"></section>
<script type="module">
import { show } from "./page/documents.js";
window.told = [];
for (const name of ["gazette:open", "gazette:ask"])
  document.addEventListener(name, (event) => window.told.push([name, event.detail]));
window.chosen = async () => (await import("./page/filters.js")).documents;
await show(document.getElementById("documents"));
</script></body></html>"""


class _Role:
    """Whoever sends the cookie ``role=reader`` may not edit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            is_reader = Request(scope).cookies.get("role") == "reader"
            scope.setdefault("state", {})["person"] = Person("ilaha", not is_reader)
        await self._app(scope, receive, send)


def app_over(gazette: Gazette) -> FastAPI:
    """The application of these tests."""
    app = FastAPI(openapi_url=None)
    app.include_router(router(gazette))
    app.mount("/page", StaticFiles(directory=Path(ui.__file__).parent / "assets"))
    app.get("/")(lambda: HTMLResponse(PAGE))
    app.add_middleware(_Role)
    app.add_middleware(SecurityHeaders)
    return app


@contextmanager
def served(gazette: Gazette) -> Iterator[str]:
    """Serve the page on a free port: the address."""
    config = uvicorn.Config(
        app_over(gazette), log_level="warning", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        run = threading.Thread(target=asyncio.run, args=(server.serve([listening]),))
        run.start()
        while run.is_alive() and not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        run.join(timeout=20)
        assert not run.is_alive()
