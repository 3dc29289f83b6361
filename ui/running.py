"""Answers being made in threads of their own, for an event loop that must never wait."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import closing, suppress
from typing import cast

from rag.model import AnswerEvent, Writing

AT_ONCE = 24
"""Answers made at the same time; the next ones wait in line. Most of them wait for a model."""
BEAT = 2.0
"""Seconds of silence after which a waiting client is told that work goes on."""

Ask = Callable[[], Iterator[AnswerEvent]]
Events = AsyncGenerator[AnswerEvent | None, None]
_Told = AnswerEvent | Exception | None


class Running:
    """One answer being made in a thread, heard from the event loop that began it."""

    def __init__(self, ask: Ask, free: threading.Semaphore) -> None:
        self._ask, self._free = ask, free
        self._loop = asyncio.get_running_loop()
        self._told: asyncio.Queue[_Told] = asyncio.Queue()  # short: nothing need hold it up
        self._left = threading.Event()
        self._ended = asyncio.Event()
        threading.Thread(target=self._run, daemon=True).start()

    async def next(self, seconds: float) -> AnswerEvent | None:
        """The next event; None when none came for so long.

        Raises what ended the answer before its last event, and StopAsyncIteration after that.
        """
        try:
            what = await asyncio.wait_for(self._told.get(), seconds)
        except TimeoutError:
            return None
        if isinstance(what, Exception):
            raise what
        if what is None:
            raise StopAsyncIteration
        return what

    def leave(self) -> None:
        """Hear no more: the answer is closed at its next event."""
        self._left.set()

    async def ended(self, seconds: float) -> None:
        """Wait until its thread has closed it, for so long at most."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), seconds)

    def _tell(self, what: _Told) -> None:
        with suppress(RuntimeError):  # The loop has ended: the server was stopped
            self._loop.call_soon_threadsafe(self._told.put_nowait, what)

    def _run(self) -> None:
        """Tell every event, then the error that ended them, if one did, else None."""
        try:
            while not self._free.acquire(timeout=BEAT):
                if self._left.is_set():
                    return
            try:
                self._answer()
            finally:
                self._free.release()
        except Exception as error:  # noqa: BLE001 - raised again where the answer is awaited
            self._tell(error)
        else:
            self._tell(None)
        finally:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ended.set)

    def _answer(self) -> None:
        if self._left.is_set():
            return
        with closing(cast("Generator[AnswerEvent]", self._ask())) as events:
            for event in events:
                if self._left.is_set():
                    return
                self._tell(event)


class Threads:
    """The threads that answer, of which so many work at once.

    The program does not wait for them when it ends: a model may be silent for minutes.
    """

    def __init__(self) -> None:
        self._free = threading.Semaphore(AT_ONCE)

    def begin(self, ask: Ask) -> Running:
        """Have ``ask`` answered in a thread."""
        return Running(ask, self._free)

    async def events(self, ask: Ask) -> Events:
        """The events of ``ask``, but for drafts; None after each BEAT in which none was told.

        Nothing begins before the first is asked for. Closed early, by a client that left, it closes
        ``ask`` at its next event.
        """
        running = self.begin(ask)
        told = time.monotonic()
        try:
            while True:
                event = await running.next(BEAT)
                if isinstance(event, Writing):
                    if time.monotonic() - told < BEAT:
                        continue
                    event = None  # Drafts alone are silence: the client may have left meanwhile
                yield event
                told = time.monotonic()
        except StopAsyncIteration:
            return
        finally:
            running.leave()
