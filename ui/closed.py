"""What Gradio serves and the page has no use for stays closed: uploads, files, proxies, its API.

An upload there is taken whatever it is, and lies where others may fetch it; documents have a route
of their own. Only what the page itself calls is answered.
"""

import re
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_OURS = r"queue/(join|data)|run/predict|heartbeat/\w+|reset|cancel|startup-events|theme\.css"
_CLOSED = re.compile(
    rf"/(gradio_api/(?!({_OURS})/?$)|(monitoring|deep_link|openapi\.json|docs|redoc)\b).*",
    re.DOTALL,
)


class Closed:
    """ASGI middleware that answers 404 for what the page never asks for."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass on what is open."""
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] == "http" and _CLOSED.fullmatch(path):
            await PlainTextResponse("there is nothing here", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)
