"""How the stand-in for Ollama answers: every endpoint, and every way to answer badly."""

import itertools
import json
import math
import re
import select
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ollama_script import (
    DETAILS,
    MODIFIED,
    Request,
    Script,
    Way,
    described,
    duration,
    encoded,
    moment,
    rendered,
    seen,
    shaped,
    shown,
    tagged,
    tokens_of,
    written,
)


class _Left(Exception):
    """The client has closed its connection."""


class Server(ThreadingHTTPServer):
    """What is behind all connections: the script, the models in memory, the requests."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.asked: list[Request] = []
        self._lock = threading.Lock()
        self.follow(Script())

    def follow(self, script: Script) -> None:
        with self._lock:
            self.script, self._used = script, 0
            self.models = {name: list(can) for name, can in script.models.items()}
            self.loaded: dict[str, tuple[float, int]] = {}
            """When each model in memory goes, by time.time(), and its context."""

    def turn(self, path: str) -> tuple[Script, Way]:
        """The script for one request, and the way that holds for it."""
        with self._lock:
            script = self.script
            if path not in script.paths and script.way != "lacks":
                return script, "whole"
            self._used += path in script.paths
            return script, "whole" if 0 < script.times < self._used else script.way

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


_ROUTES = {"/": "GET HEAD", "/api/version": "GET HEAD", "/api/tags": "GET HEAD", "/api/ps": "GET"}
_ROUTES |= dict.fromkeys(("/api/show", "/api/chat", "/api/generate", "/api/pull"), "POST")
_RUNNER = "model runner has unexpectedly stopped, this may be due to resource limitations"
_BUSY = "server busy, please try again.  maximum pending requests exceeded"
_LONG = "the prompt is longer than the context length currently available to the model"
_FORMATS = 'expected "json" or a valid JSON Schema object'
_PAGE = b"<html><body>It works!</body></html>\n"
_CONTENT = re.compile(rb'("(content|response)":").*', re.S)
_MIDWAY = ("broken", "cut", "dies", "half", "stalls", "fails")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _take(self) -> None:
        path = self.path.partition("?")[0]
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked = Request(self.command, path, headers, time.monotonic())
        if path.startswith("/_test/"):
            return self._control(data)
        self.script, self.way = self.server.turn(path)
        with suppress(ValueError):
            self.asked.body = json.loads(data)
        self.server.asked.append(self.asked)
        try:
            self._answer(path, data)
        except (_Left, OSError):
            self.asked.left = self.close_connection = True
        finally:
            self.asked.ended = time.monotonic()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _take

    def _control(self, data: bytes) -> None:
        if self.command == "POST":
            self.server.follow(Script(**json.loads(data)))
        elif self.command == "DELETE":
            self.server.asked.clear()
        self._json([asdict(one) for one in list(self.server.asked)])

    def _answer(self, path: str, data: bytes) -> None:
        match self.way:
            case "error":
                return self._error(500, _RUNNER)
            case "busy":
                return self._error(503, _BUSY)
            case "html":
                return self._send(200, _PAGE, "text/html")
            case "redirect":
                where = {"Location": self.script.elsewhere + path}
                return self._send(307, b"", "text/html; charset=utf-8", where)
            case "silent":
                self._wait(math.inf)
            case "crawl":
                while True:
                    self._chunk(b" ")
                    self._wait(self.script.between)
        if path not in _ROUTES:
            return self._send(404, b"404 page not found", "text/plain")
        if self.command not in _ROUTES[path]:
            return self._send(405, b"405 method not allowed", "text/plain")
        if self.command == "POST" and not data:
            return self._error(400, "missing request body")
        if self.command == "POST" and not isinstance(self.asked.body, dict):
            return self._error(400, "invalid character in the request body")
        match path:
            case "/":
                return self._send(200, b"Ollama is running", "text/plain; charset=utf-8")
            case "/api/version":
                return self._json({"version": self.script.version})
            case "/api/tags":
                return self._json({"models": self._tags()})
            case "/api/ps":
                return self._json({"models": self._running()})
            case "/api/show":
                return self._show(self.asked.body)
            case "/api/pull":
                return self._pull(self.asked.body)
        return self._generate(self.asked.body)

    # Models

    def _models(self) -> dict[str, list[str]]:
        return {} if self.way == "lacks" else self.server.models

    def _find(self, asked: str) -> str:
        """The installed model's name; "" when there is none."""
        return next((n for n in self._models() if n.lower() == tagged(asked).lower()), "")

    def _tags(self) -> list[dict[str, Any]]:
        return [
            described(name, self.script.context_length)
            | {"modified_at": MODIFIED, "capabilities": can}
            for name, can in self._models().items()
        ]

    def _running(self) -> list[dict[str, Any]]:
        found = []
        for name, (goes, context) in sorted(self.server.loaded.items(), key=lambda m: -m[1][0]):
            if goes > time.time():
                one = described(name, context) | {"details": DETAILS, "context_length": context}
                found.append(one | {"expires_at": moment(goes), "size_vram": one["size"]})
        return found

    def _show(self, body: dict[str, Any]) -> None:
        asked = body.get("model") or body.get("name") or ""
        if not asked:
            return self._error(400, "model is required")
        if not (name := self._find(asked)):
            return self._error(404, f"model '{tagged(asked)}' not found")
        can = {"capabilities": self._models()[name]}
        return self._json(shown(name, self.script.context_length) | can)

    def _pull(self, body: dict[str, Any]) -> None:
        values = self._pulled(tagged(body.get("model") or body.get("name") or ""))
        if body.get("stream") is not False:
            return self._stream(values)
        *_, last = values
        return self._json(last, 500 if "error" in last else 200)

    def _pulled(self, name: str) -> Iterator[dict[str, Any]]:
        yield {"status": "pulling manifest"}
        if name not in (*self.script.library, *self._models()):
            yield {"error": "pull model manifest: file does not exist"}
            return
        one = described(name, self.script.context_length)
        status = {"status": f"pulling {one['digest'][:12]}", "digest": f"sha256:{one['digest']}"}
        for tenth in range(11):
            self._wait(self.script.between)
            completed = {"completed": one["size"] * tenth // 10} if tenth else {}
            yield status | {"total": one["size"]} | completed
        yield {"status": "verifying sha256 digest"}
        yield {"status": "writing manifest"}
        self.server.models.setdefault(name, ["completion"])
        yield {"status": "success"}

    # Writing

    def _generate(self, body: dict[str, Any]) -> None:
        chat = self.asked.path == "/api/chat"
        asked, options = body.get("model") or "", body.get("options") or {}
        name = "" if self.way == "gone" else self._find(asked)
        if chat and not asked:
            return self._error(400, "model is required")
        if not name:
            return self._error(404, f"model '{asked}' not found")
        try:
            keep = duration(body.get("keep_alive", "5m"))
        except ValueError as error:
            return self._error(400, str(error))
        said = body.get("messages" if chat else "prompt")
        if not said and not keep:
            self.server.loaded.pop(name, None)
            return self._json(shaped(chat, asked, "", "", {"done_reason": "unload"}))
        can, think = self._models()[name], body.get("think")
        if think and "thinking" not in can:
            return self._error(400, f'"{asked}" does not support thinking')
        if "completion" not in can:
            return self._error(400, f'"{asked}" does not support {"chat" if chat else "generate"}')
        began, context = time.monotonic(), int(options.get("num_ctx") or self.script.num_ctx)
        context = self.script.window if self.way == "forgets" else context
        memory = self.server.loaded
        if self.way == "loads" and memory.get(name, (0.0, 0))[0] < time.time():
            self._wait(self.script.load)
        memory[name] = (time.time() + keep, context)
        loaded = self._spoke = time.monotonic()
        if not said:
            return self._json(shaped(chat, asked, "", "", {"done_reason": "load"}))
        messages = said if chat else [{"role": "user", "content": said}]
        if self.way == "overflows" and len(tokens_of(rendered(messages))) >= context:
            return self._error(400, _LONG)
        if not isinstance(shape := body.get("format") or {}, dict) and shape != "json":
            return self._error(500, f"invalid format: {json.dumps(shape)}; {_FORMATS}")
        self.asked.prompt = seen(messages, context)
        thinks = ("thinking" in can and think is not False) or self.way == "thinks"
        most, wanted = 10 * context, options.get("num_predict", -1)
        limit = math.inf if self.way == "endless" else most if wanted < 0 else min(wanted, most)
        reply = written(self.script, self.way, self.asked.prompt, shape)
        values = (
            shaped(chat, asked, text, thought, self._metrics(began, loaded, why) if why else {})
            for text, thought, why in self._tokens(thinks, reply, limit)
        )
        try:
            if body.get("stream") is not False:
                self._stream(values)
            else:
                self._whole(values, chat)
        finally:
            memory[name] = (time.time() + keep, context)
        return None

    def _tokens(self, thinks: bool, reply: str, limit: float) -> Iterator[tuple[str, str, str]]:
        """(content, thinking, "") of each token, and at last why there are no more."""
        pieces = [("", one, "") for one in tokens_of(self.script.thinking if thinks else "")]
        words = [(one, "", "") for one in tokens_of(reply)]
        goes_on = self.way in ("endless", "rambles")
        for piece in itertools.chain(pieces, itertools.cycle(words) if goes_on else words):
            if self.asked.tokens >= limit:
                yield "", "", "length"
                return
            self._wait(self.script.between if self.asked.tokens else self.script.first)
            self._spoke = self._spoke if self.asked.tokens else time.monotonic()
            self.asked.tokens += 1
            yield piece
        yield "", "", "stop"

    def _metrics(self, began: float, loaded: float, reason: str) -> dict[str, Any]:
        now, first = time.monotonic(), self._spoke
        spans = {"total": now - began, "load": loaded - began}
        spans |= {"prompt_eval": first - loaded, "eval": now - first}
        counts = {"prompt_eval": len(tokens_of(self.asked.prompt)), "eval": self.asked.tokens}
        found: dict[str, Any] = {"done_reason": reason}
        found |= {f"{name}_duration": max(1, int(span * 1e9)) for name, span in spans.items()}
        found |= {f"{name}_count": count for name, count in counts.items()}
        if self.asked.path == "/api/generate":
            found["context"] = list(range(sum(counts.values())))
        return found

    # Sending

    def _whole(self, values: Iterator[dict[str, Any]], chat: bool) -> None:
        """One object; the ways that damage a stream damage it likewise."""
        *parts, last = values
        said = [part["message"] if chat else part for part in parts]
        text = "".join(one["content" if chat else "response"] for one in said)
        thinking = "".join(one.get("thinking", "") for one in said)
        data = encoded(last | shaped(chat, last["model"], text, thinking, {"done": True}))
        match self.way:
            case "fails":
                return self._error(500, _RUNNER)
            case "dies":
                self.close_connection = True
                return None
            case "stalls":
                self._wait(math.inf)
            case "broken" | "cut" | "half":
                data = data[: len(data) // 2]
        return self._send(200, data)

    def _stream(self, values: Iterator[dict[str, Any]]) -> None:
        """A line and a chunk a value; the headers go with the first."""
        after = self.script.after
        for i, value in enumerate(values):
            line = encoded(value) + b"\n"
            if self.way in _MIDWAY and (i == after or (i < after and value.get("done"))):
                match self.way:
                    case "dies":
                        self.close_connection = True
                        return None
                    case "stalls":
                        self._wait(math.inf)
                    case "fails" if not self.asked.first:
                        return self._error(500, _RUNNER)
                    case "fails":
                        self._chunk(encoded({"error": _RUNNER}) + b"\n")
                    case "half":
                        self._chunk(_CONTENT.sub(rb"\1" + "é".encode()[:1], line))
                if self.way != "broken":
                    break
                line = line[: len(line) // 2] + b"\n"
            self._chunk(line)
        return self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        """One chunk; an empty one ends the body."""
        if not self.asked.first:
            self.asked.first, self.asked.status = time.monotonic(), 200
            self.send_response(200)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
        dripping = self.way == "drip" and data
        for part in [data[i : i + 1] for i in range(len(data))] if dripping else [data]:
            self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            if dripping:
                self._wait(self.script.between / len(data))

    def _wait(self, seconds: float) -> None:
        """Let time pass; _Left as soon as the client is gone."""
        until = time.monotonic() + seconds
        while True:
            rest = max(0.0, until - time.monotonic())
            if select.select([self.connection], [], [], min(rest, 1.0))[0]:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    raise _Left
                time.sleep(min(rest, 0.01))
            if time.monotonic() >= until:
                return

    def _error(self, status: int, text: str) -> None:
        self._json({"error": text}, status)

    def _json(self, value: Any, status: int = 200) -> None:
        self._send(status, encoded(value))

    def _send(
        self,
        status: int,
        data: bytes,
        kind: str = "application/json; charset=utf-8",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.asked.status = status
        self.send_response(status)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.asked.first = time.monotonic()
            self.wfile.write(data)

    def send_response(self, code: int, message: str | None = None) -> None:
        """As Go's server does, which does not name itself."""
        self.send_response_only(code, message)
        self.send_header("Date", self.date_time_string())
