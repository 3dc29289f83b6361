"""A stand-in for Ollama: a real HTTP server in a thread that says what a test scripts."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Way = Literal["whole", "cut", "dies", "error", "html", "drip", "crawl", "redirect", "silent"]


class StandIn:
    """What the server says, how, and what it was asked."""

    def __init__(self) -> None:
        self.pieces: Sequence[str] = ()
        self.way: Way = "whole"
        self.models: tuple[str, ...] = ("stand-in:4b",)
        self.capabilities: list[str] = ["completion"]
        self.host = ""
        self.elsewhere = ""
        """Where a redirect points."""
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.sent: list[float] = []
        """When each piece was sent."""

    def say(self, text: str, way: Way = "whole") -> None:
        """Reply ``text``, a word at a time."""
        words = text.split(" ")
        self.pieces = [word if i == 0 else f" {word}" for i, word in enumerate(words)]
        self.way = way

    @property
    def chats(self) -> list[dict[str, Any]]:
        """The chat requests so far."""
        return [body for path, body in self.requests if path == "/api/chat"]


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        one = self.stand_in
        one.requests.append((self.path, {}))
        if self.path == "/api/version":
            self._json({"version": "0.12.3"})
        elif self.path == "/api/tags":
            self._json({"models": [{"name": name, "model": name} for name in one.models]})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        one = self.stand_in
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        one.requests.append((self.path, body))
        if self.path == "/api/show":
            self._json({"capabilities": one.capabilities, "model_info": {}, "details": {}})
        elif self.path == "/api/chat":
            self._chat(body["model"])
        else:
            self.send_error(404)

    def _chat(self, model: str) -> None:
        one = self.stand_in
        match one.way:
            case "error":
                self._json({"error": "model requires more system memory"}, 500)
            case "html":
                self._send(b"<html><body>It works!</body></html>\n", 200, "text/html")
            case "redirect":
                self.send_response(307)
                self.send_header("Location", f"{one.elsewhere}/api/chat")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "crawl":
                self._crawl()
            case "silent":
                time.sleep(3)
                self.close_connection = True
            case _:
                self._stream(model)

    def _crawl(self) -> None:
        """A byte now and then, and never a whole line."""
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for _ in range(20):
                self.wfile.write(b"1\r\n \r\n")
                self.wfile.flush()
                time.sleep(0.2)
        except OSError:
            pass
        self.close_connection = True

    def _stream(self, model: str) -> None:
        one = self.stand_in
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in one.pieces:
                self._chunk(self._reply(model, piece))
                one.sent.append(time.monotonic())
                if one.way == "drip":
                    time.sleep(0.2)
            if one.way == "dies":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            if one.way != "cut":
                done = {"done": True, "done_reason": "stop", "eval_count": 9}
                self._chunk(self._reply(model, "") | done)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    @staticmethod
    def _reply(model: str, text: str) -> dict[str, Any]:
        return {
            "model": model,
            "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": text},
            "done": False,
        }

    def _chunk(self, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode() + b"\n"
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _json(self, value: dict[str, Any], status: int = 200) -> None:
        self._send(json.dumps(value).encode(), status, "application/json")

    def _send(self, data: bytes, status: int, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is no error."""


@contextmanager
def serving() -> Iterator[StandIn]:
    """Serve on a free port of this machine."""
    one = StandIn()
    handler = type("Handler", (_Handler,), {"stand_in": one})
    server = _Server(("127.0.0.1", 0), handler)
    one.host = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
