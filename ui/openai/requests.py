"""What is read of a chat completion's request: a question, the turns before it, filters.

System messages, tools and sampling parameters are taken and not followed: an answer is made of
the documents, and what a caller writes is a question, never an instruction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.model import LANGUAGES, Filters, Turn
from ui.openai.faults import RequestError, refused
from ui.openai.markdown import spoken

if TYPE_CHECKING:
    from starlette.requests import Request

MODEL = "gazette"
MAX_BYTES = 2_000_000
MAX_MESSAGES = 1000
_DRAINED = 8 * MAX_BYTES
"""Of a body that is too long, read and dropped: many clients hear nothing before they are done."""
_TURNS = 8
_TURN = 2000
"""Earlier turns that are kept, and characters of each question and answer."""


class _Read(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class Part(_Read):
    """A part of a message; only text is read."""

    type: str
    text: str = ""


class Message(_Read):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | tuple[Part, ...] | None = None

    @property
    def text(self) -> str:
        """The whole of its text."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or ())


class Limits(_Read):
    """Gazette's own part of a request: which documents, and how the question is read."""

    model_config = ConfigDict(extra="forbid")

    langs: tuple[str, ...] = Field(default=(), max_length=len(LANGUAGES))
    publishers: tuple[str, ...] = Field(default=(), max_length=100)
    since: date | None = None
    until: date | None = None
    documents: tuple[str, ...] = Field(default=(), max_length=1000)
    literal: bool = False


class ChatRequest(_Read):
    """The body of a request, as far as it is read."""

    model: str
    messages: tuple[Message, ...] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool | None = None
    n: int | None = None
    gazette: Limits = Limits()

    @property
    def question(self) -> str:
        """What is asked."""
        return self.messages[-1].text

    @property
    def filters(self) -> Filters:
        """Which documents are asked."""
        limits = self.gazette
        return Filters(
            limits.langs, limits.publishers, limits.since, limits.until, limits.documents
        )

    @property
    def history(self) -> list[Turn]:
        """The latest earlier turns, oldest first, as they were said: no marks and no sources."""
        said: list[tuple[str, list[str]]] = []
        for message in self.messages[:-1]:
            if message.role == "user":
                said.append((message.text, []))
            elif message.role == "assistant" and said:
                said[-1][1].append(message.text)
        return [
            Turn(question[:_TURN], "\n".join(map(spoken, answers))[:_TURN])
            for question, answers in said[-_TURNS:]
        ]


async def read(request: Request) -> ChatRequest:
    """The request, checked; RequestError says what it lacks."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        # Other types a page of another site could send from a browser without being asked
        raise refused(415, f"content type {kind!r}: send application/json", code="not_json")
    try:
        asked = ChatRequest.model_validate_json(await _body(request))
    except ValidationError as error:
        raise _explained(error) from error
    for problem in _problems(asked):
        raise problem
    return asked


async def _body(request: Request) -> bytes:
    body, length = bytearray(), 0
    async for piece in request.stream():
        length += len(piece)
        if length <= MAX_BYTES:
            body += piece
        elif length > _DRAINED:
            break
    if length > MAX_BYTES:
        raise refused(
            413,
            f"the request has more than {MAX_BYTES:,} bytes: begin a new conversation, or send "
            "fewer of the earlier messages",
            code="request_too_large",
        )
    return bytes(body)


def _explained(invalid: ValidationError) -> RequestError:
    """The first thing that is wrong with a body, by its place."""
    error = invalid.errors(include_url=False, include_input=False)[0]
    if error["type"] == "json_invalid":
        return refused(400, f"the body is not valid JSON ({error['msg']}): send an object")
    steps = list(error["loc"])
    if "content" in steps:
        steps = steps[: steps.index("content") + 1]
        said = "give a text, or a list of parts {type, text}"
    else:
        said = error["msg"]
    param = _path(steps)
    return refused(400, f"{param or 'the body'}: {said}", param or None, "invalid_value")


def _path(steps: Sequence[str | int]) -> str:
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps).removeprefix(".")


def _problems(asked: ChatRequest) -> Iterator[RequestError]:
    """What is well formed and yet cannot be answered."""
    if asked.model != MODEL:
        yield refused(
            404,
            f"there is no model {asked.model[:100]!r}: use {MODEL}",
            "model",
            "model_not_found",
        )
    if asked.n not in (None, 1):
        yield refused(400, f"n = {asked.n}: one answer is given; leave n out", "n")
    for at, message in enumerate(asked.messages):
        for part in () if isinstance(message.content, str) else message.content or ():
            if part.type != "text":
                yield refused(
                    400,
                    f"a part of type {part.type[:100]!r} cannot be read: send text alone",
                    f"messages[{at}].content",
                )
    if asked.messages[-1].role != "user":
        yield refused(
            400,
            f"the last message is of role {asked.messages[-1].role}: end with the user's question",
            f"messages[{len(asked.messages) - 1}].role",
        )
    limits = asked.gazette
    for lang in limits.langs:
        if lang not in LANGUAGES:
            yield refused(
                400,
                f"language {lang[:100]!r}: use some of {', '.join(LANGUAGES)}",
                "gazette.langs",
            )
    if limits.since and limits.until and limits.since > limits.until:
        yield refused(
            400,
            f"since {limits.since} lies after until {limits.until}: exchange them",
            "gazette.since",
        )
