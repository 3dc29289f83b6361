"""Sessions of the page without a browser: what it sends and hears, over plain HTTP."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

Seconds = float
_PATIENCE = 300.0
_SOURCE = 'class=\\"card'
_TEXT = ('class=\\"sentence', 'class=\\"draft\\"')
_CONTENT = re.compile(r'"content": ?"[^"]')
"""How they stand in the JSON that the server sends."""


@dataclass(frozen=True, slots=True)
class Heard:
    """When a session's answer came, from when its question was sent."""

    source: Seconds
    text: Seconds
    total: Seconds


Everyone = Callable[[httpx.AsyncClient], Awaitable[list[Heard]]]


def ask(address: str, question: str, sessions: int = 1) -> list[Heard]:
    """What each of so many sessions heard that asked at the same moment.

    RuntimeError when one of them got no answer.
    """

    async def everyone(client: httpx.AsyncClient) -> list[Heard]:
        event = await _event(client)
        return await asyncio.gather(*(_one(client, event, question) for _ in range(sessions)))

    return _heard(address, everyone)


def plain(address: str, question: str, clients: int = 1) -> list[Heard]:
    """The same of the interface for chat clients, which answers alike and draws nothing."""
    return _heard(address, lambda client: _all(_completion, client, question, clients))


def bare(host: str, question: str, clients: int = 1) -> list[Heard]:
    """The same of the model's server alone, which has no sources."""
    return _heard(host, lambda client: _all(_reply, client, question, clients))


async def _all(
    one: Callable[[httpx.AsyncClient, str], Awaitable[Heard]],
    client: httpx.AsyncClient,
    question: str,
    clients: int,
) -> list[Heard]:
    return await asyncio.gather(*(one(client, question) for _ in range(clients)))


def _heard(address: str, everyone: Everyone) -> list[Heard]:
    """In a thread of its own: the browser's driver keeps an event loop in the caller's."""

    async def connected() -> list[Heard]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(
            base_url=address, timeout=_PATIENCE, limits=limits, trust_env=False
        ) as client:
            return await everyone(client)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(connected())).result()


async def _event(client: httpx.AsyncClient) -> int:
    """The number that Gradio gave to the page's question."""
    known = (await client.get("config")).json()["dependencies"]
    return next(int(one["id"]) for one in known if one["targets"][0][1] == "ask")


async def _one(client: httpx.AsyncClient, event: int, question: str) -> Heard:
    session = uuid.uuid4().hex
    sent = {"data": [{"question": question}, None], "fn_index": event, "session_hash": session}
    began = time.perf_counter()
    (await client.post("gradio_api/queue/join", json=sent)).raise_for_status()
    source = text = 0.0
    asked = client.stream("GET", "gradio_api/queue/data", params={"session_hash": session})
    async with asked as reply:
        async for line in reply.aiter_lines():
            now = time.perf_counter() - began
            source = source or now * (_SOURCE in line)
            text = text or now * any(one in line for one in _TEXT)
            if '"msg":"process_completed"' in line:
                if not text:
                    raise RuntimeError(f"no answer came: {line[:500]}")
                return Heard(source, text, now)
    raise RuntimeError("the stream ended before the answer did")


async def _completion(client: httpx.AsyncClient, question: str) -> Heard:
    body = {"model": "gazette", "stream": True, "messages": [{"role": "user", "content": question}]}
    began, text = time.perf_counter(), 0.0
    async with client.stream("POST", "v1/chat/completions", json=body) as reply:
        if reply.is_error:
            raise RuntimeError(f"no answer came: {(await reply.aread())[:500]!r}")
        async for line in reply.aiter_lines():
            if not text and _CONTENT.search(line):
                text = time.perf_counter() - began
    if not text:
        raise RuntimeError("no answer came")
    return Heard(0.0, text, time.perf_counter() - began)


async def _reply(client: httpx.AsyncClient, question: str) -> Heard:
    body = {"model": "stand-in:4b", "messages": [{"role": "user", "content": question}]}
    began, text = time.perf_counter(), 0.0
    async with client.stream("POST", "api/chat", json=body) as reply:
        async for line in reply.aiter_lines():
            if not text and json.loads(line)["message"]["content"]:
                text = time.perf_counter() - began
    return Heard(0.0, text, time.perf_counter() - began)
