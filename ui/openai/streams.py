"""Server-sent events whose source ends with the connection."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ui.running import Events


class EventStream(StreamingResponse):
    """Server-sent events whose source is closed with the connection, not when it is collected."""

    def __init__(self, pieces: AsyncGenerator[str, None], events: Events) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(pieces, headers=headers, media_type="text/event-stream")
        self._pieces, self._events = pieces, events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything, or stop where the client leaves."""
        async with aclosing(self._events), aclosing(self._pieces):  # Pieces may never begin
            await super().__call__(scope, receive, send)
