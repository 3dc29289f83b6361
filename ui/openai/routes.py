"""The routes below /v1. They listen where the page does; who comes in, the guard decides."""

import json
import logging
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from rag.errors import GazetteError
from rag.model import AnswerEvent, Finished
from ui.openai.faults import Fault, RequestError, fault_of, refused
from ui.openai.replies import Reply
from ui.openai.requests import MODEL, read
from ui.openai.streams import EventStream
from ui.running import Events, Threads

if TYPE_CHECKING:
    from rag.gazette import Gazette

log = logging.getLogger(__name__)

_MODEL = {"id": MODEL, "object": "model", "created": 1_767_225_600, "owned_by": "gazette"}
"""The moment is the first of 2026: the same on every start."""
_SERVED = "POST /v1/chat/completions, GET /v1/models and GET /v1/models/gazette are"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_UNKEPT = {"Cache-Control": "no-store"}
_EXPECTED = (GazetteError, RequestError, HTTPException, ClientDisconnect)


class _Reported(APIRoute):
    """A route whose errors are told as OpenAI tells them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def reported(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:  # noqa: BLE001 - the client is told, the log has the rest
                return _fault(error).response()

        return reported


def _fault(error: Exception) -> Fault:
    if not isinstance(error, _EXPECTED):
        log.error("a request to /v1 failed", exc_info=error)
    return fault_of(error)


def router(gazette: "Gazette") -> APIRouter:
    """Everything below /v1 over ``gazette``."""
    routes = APIRouter(prefix="/v1", route_class=_Reported)
    threads = Threads()

    @routes.get("/models")
    async def models() -> Response:
        return JSONResponse({"object": "list", "data": [_MODEL]})

    @routes.get("/models/{name:path}")
    async def model(name: str) -> Response:
        if name != MODEL:
            raise refused(
                404, f"there is no model {name!r}: use {MODEL}", "model", "model_not_found"
            )
        return JSONResponse(_MODEL)

    @routes.post("/chat/completions")
    async def complete(request: Request) -> Response:
        asked = await read(request)
        events = threads.events(
            lambda: gazette.ask(
                asked.question, asked.filters, history=asked.history, literal=asked.gazette.literal
            )
        )
        reply = Reply(f"chatcmpl-{uuid4().hex}", int(time.time()))
        if asked.stream:
            return await _streamed(reply, events)
        return await _whole(reply, events, request)

    @routes.api_route("/{path:path}", methods=_METHODS)
    async def unknown(request: Request) -> Response:
        what = f"{request.method} {request.url.path}"
        raise refused(404, f"{what} is not served: {_SERVED}", code="unknown_url")

    return routes


async def _whole(reply: Reply, events: Events, request: Request) -> Response:
    text = ""
    async with aclosing(events):
        async for event in events:
            if event is None:
                if await request.is_disconnected():
                    break
                continue
            text += reply.added(event)
            if isinstance(event, Finished):
                return JSONResponse(reply.completion(text, event.answer), headers=_UNKEPT)
    raise ClientDisconnect


async def _streamed(reply: Reply, events: Events) -> Response:
    """The stream, begun once something has come of it: what fails at once has a status."""
    first = await anext(events)

    async def pieces() -> AsyncGenerator[str, None]:
        yield _data(reply.opening())
        try:
            for text in _pieces(reply, first):
                yield text
            async for event in events:
                for text in _pieces(reply, event):
                    yield text
        except Exception as error:  # noqa: BLE001 - the client is told, the log has the rest
            yield _data(_fault(error).body)
        yield "data: [DONE]\n\n"

    return EventStream(pieces(), events)


def _pieces(reply: Reply, event: AnswerEvent | None) -> Iterator[str]:
    """What is sent of one event; a comment, which clients skip, where none has come."""
    if event is None:
        yield ": working\n\n"
    else:
        yield from map(_data, reply.chunks(event))


def _data(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value)}\n\n"  # In ASCII: some clients take U+2028 for a line's end
