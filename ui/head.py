"""What the page's head holds of ours: there from the beginning, before anything is drawn.

Gradio has an argument for it, but puts it into the page by script, when the page is half drawn: a
theme chosen against the system's would show the other one first.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = (Path(__file__).parent / "assets" / "head.html").read_bytes()
_END = b"</head>"
_SHARED = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')
"""What Gradio says of itself to sites where a page is shared, and where its picture lies."""


class Head:
    """ASGI middleware that completes the head of the page it passes on."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Hold back a page until all of it is there; everything else passes as it comes."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] != "http" or path not in ("", "/"):
            await self._app(scope, receive, send)
            return
        started: Message | None = None
        html = b""

        async def send_completed(message: "Message") -> None:
            nonlocal started, html
            if message["type"] == "http.response.start" and _is_page(message):
                started = message
            elif started is None:
                await send(message)
            else:
                html += message.get("body", b"")
                if message.get("more_body"):
                    return
                html = _SHARED.sub(b"", html).replace(_END, _HEAD + _END, 1)
                MutableHeaders(scope=started)["content-length"] = str(len(html))
                await send(started)
                await send({"type": "http.response.body", "body": html})

        # As it is: what is compressed could not be completed
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self._app({**scope, "headers": headers}, receive, send_completed)


def _is_page(started: "Message") -> bool:
    return Headers(raw=started["headers"]).get("content-type", "").startswith("text/html")
