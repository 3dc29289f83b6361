"""What writes an answer, and reading its reply within limits of time and memory."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any, Protocol

from rag.errors import AnswererError
from rag.model import AnswererName, Notice
from rag.notice import Kind


class ChatModel(Protocol):
    """What writes an answer."""

    @property
    def answerer(self) -> AnswererName:
        """What an answer of its is said to be by."""
        ...

    @property
    def name(self) -> str:
        """The model's name, as its server lists it."""
        ...

    @property
    def context(self) -> int:
        """Tokens that prompt and reply may have together."""
        ...

    @property
    def characters_per_token(self) -> float:
        """Characters that a token of a prompt has at least: measured where a server counts."""
        ...

    @property
    def tokens_read(self) -> int | None:
        """Tokens of the prompt that the server says the model read; None before it said so."""
        ...

    @property
    def notices(self) -> Sequence[Notice]:
        """What the user should know of how the last reply came about."""
        ...

    def stream(self, messages: Sequence[tuple[str, str]]) -> Generator[str, None, None]:
        """The reply to (role, text) messages, in pieces; AnswererError when it is not whole.

        An empty piece comes now and then while nothing else does, so that who reads can leave.
        """
        ...


CHARACTERS_PER_TOKEN = 2.0
"""Fewer than any of the five languages has with the tokenizers of today's models, Azerbaijani and
Russian the fewest: a prompt that is too long loses its front, the rules, without a word."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds within which a reply must go on."""

    first_token: float
    """Until the first token, which a model that is still to be loaded needs."""
    silence: float
    """Between two tokens."""


def replies(
    llm: Any, messages: Sequence[tuple[str, str]], limits: Limits, name: str, where: str
) -> Generator[Any, None, None]:
    """What a LlamaIndex LLM replies, as it comes; None where nothing does for a while.

    Another thread reads them, for a read may never return. Only a token counts as a sign of life:
    blank bytes never arrive here, empty replies set no new limit. Raises AnswererError, of the
    model ``name`` at ``where``, when a limit is passed or the reading fails. The thread ends when
    the one who asked has left.
    """
    arrived: Queue[Any] = Queue(maxsize=_AHEAD)
    left = Event()
    Thread(target=_read, args=(_streamed(llm, messages), arrived, left), daemon=True).start()
    limit, deadline, has_begun = limits.first_token, time.monotonic() + limits.first_token, False
    try:
        while True:
            left_over = deadline - time.monotonic()
            try:
                reply = arrived.get(timeout=max(0.0, min(left_over, _PATIENCE)))
            except Empty:
                if left_over > _PATIENCE:
                    yield None
                    continue
                raise _too_slow(name, where, limit, has_begun) from None
            if isinstance(reply, Exception):
                reason = " ".join(f"{type(reply).__name__}: {reply}".split())[:_REASON]
                said = f"{where} failed ({reason}): run gazette doctor"
                if has_begun:
                    raise AnswererError(said, "model_cut_off", model=name) from reply
                raise AnswererError(said, "model_failed", model=name, reason=reason) from reply
            if reply is _END:
                return
            if _is_token(reply):
                has_begun, limit = True, limits.silence
                deadline = time.monotonic() + limit
            yield reply
    finally:
        left.set()


def _streamed(llm: Any, messages: Sequence[tuple[str, str]]) -> Iterator[Any]:
    """Its replies, begun by who reads them: many LLMs connect before they return an iterator."""
    from llama_index.core.base.llms.types import ChatMessage

    chat = [ChatMessage(role=role, content=text) for role, text in messages]
    yield from llm.stream_chat(chat)


def _too_slow(name: str, where: str, limit: float, has_begun: bool) -> AnswererError:
    message = (
        f"{name} on {where} fell silent for {limit:g} s: ask again, or raise "
        "GAZETTE_OLLAMA_SILENCE_TIMEOUT"
        if has_begun
        else f"{name} on {where} wrote nothing within {limit:g} s: use a smaller model or raise "
        "GAZETTE_OLLAMA_FIRST_TOKEN_TIMEOUT"
    )
    kind: Kind = "model_fell_silent" if has_begun else "model_silent"
    return AnswererError(message, kind, model=name, seconds=f"{limit:g}")


def _is_token(reply: Any) -> bool:
    """Whether a reply brings text, or a thought, which is not shown."""
    message = (reply.raw or {}).get("message") if isinstance(reply.raw, dict) else None
    return bool(reply.delta or (message and message.get("thinking")))


_END = object()
_REASON = 300
"""Characters of a strange error's text in a line to the user."""
_PATIENCE = 0.5
"""Seconds of silence after which who reads is asked whether to go on."""
_AHEAD = 64
"""Replies that may wait to be read: a server that never stops must not fill the memory."""


def _read(coming: Iterator[Any], arrived: "Queue[Any]", left: Event) -> None:
    """Pass on every reply, then the error that ended them, if one did, or ``_END``.

    Ends as well when the one who asked has ``left``.
    """
    try:
        for reply in coming:
            if not _passed_on(reply, arrived, left):
                return
    except Exception as error:  # noqa: BLE001 - httpx, ollama and JSON errors alike end the answer
        _passed_on(error, arrived, left)
    else:
        _passed_on(_END, arrived, left)


def _passed_on(reply: Any, arrived: "Queue[Any]", left: Event) -> bool:
    while not left.is_set():
        try:
            arrived.put(reply, timeout=0.1)
        except Full:
            continue
        return True
    return False
