"""Answers being made in threads of their own, for an event loop that must never wait."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing, closing, suppress
from typing import cast

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rag.model import AnswerEvent, Writing

AT_ONCE = 8
"""Answers made at the same time; the next ones wait in line."""
BEAT = 2.0
"""Seconds of silence after which a waiting client is told that work goes on."""

Ask = Callable[[], Iterator[AnswerEvent]]
Events = AsyncGenerator[AnswerEvent | None, None]
_Told = AnswerEvent | Exception | None


class Threads:
    """The threads that answer, of which so many work at once.

    The program does not wait for them when it ends: a model may be silent for minutes.
    """

    def __init__(self) -> None:
        self._free = threading.Semaphore(AT_ONCE)

    async def events(self, ask: Ask) -> Events:
        """The events of ``ask``, but for drafts; None after each BEAT in which none came.

        Nothing begins before the first is asked for. Closed early, by a client that left, it closes
        ``ask`` at its next event.
        """
        loop, left = asyncio.get_running_loop(), threading.Event()
        told: asyncio.Queue[_Told] = asyncio.Queue()  # An answer is short: nothing need hold it up

        def tell(what: _Told) -> None:
            with suppress(RuntimeError):  # The loop has ended: the server was stopped
                loop.call_soon_threadsafe(told.put_nowait, what)

        threading.Thread(target=self._run, args=(ask, left, tell), daemon=True).start()
        try:
            while True:
                try:
                    what = await asyncio.wait_for(told.get(), BEAT)
                except TimeoutError:
                    yield None
                    continue
                if isinstance(what, Exception):
                    raise what
                if what is None:
                    return
                yield what
        finally:
            left.set()

    def _run(self, ask: Ask, left: threading.Event, tell: Callable[[_Told], None]) -> None:
        """Tell every event, then the error that ended them, if one did, else None."""
        try:
            while not self._free.acquire(timeout=BEAT):
                if left.is_set():
                    return
            try:
                if left.is_set():
                    return
                with closing(cast("Generator[AnswerEvent]", ask())) as events:
                    for event in events:
                        if left.is_set():
                            return
                        if not isinstance(event, Writing):
                            tell(event)
            finally:
                self._free.release()
        except Exception as error:  # noqa: BLE001 - raised again where the answer is awaited
            tell(error)
        else:
            tell(None)


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
