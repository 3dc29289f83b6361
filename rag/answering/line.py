"""The line to an Ollama server: Ollama's own client, which can be cut off while it is read."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rag.settings import Settings


class Line:
    """A client bound to one server: no proxy, no redirect. ``seconds`` limit each read."""

    def __init__(self, settings: Settings, host: str, seconds: float) -> None:
        import httpx
        import ollama

        self._sockets: list[socket.socket] = []
        self._is_closed = False
        self.client: Any = ollama.Client(
            host=host,
            timeout=httpx.Timeout(seconds, connect=settings.ollama_connect_timeout),
            trust_env=False,
            follow_redirects=False,
            event_hooks={"request": [self._watch]},
        )

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection, so that the server stops at once.

        Closing alone would not wake a thread that is waiting to read, nor tell the server.
        """
        self._is_closed = True
        for one in self._sockets:
            _end(one)
        self.client.close()

    def _watch(self, request: Any) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            made = info["return_value"].get_extra_info("socket")
            self._sockets.append(made)
            if self._is_closed:  # it was left while the connection was being made
                _end(made)


def away(error: Exception, host: str) -> str:
    """That nobody takes a connection at ``host``, where that is what ``error`` says; else ""."""
    import httpx

    if isinstance(error, ConnectionError | httpx.ConnectError | httpx.ConnectTimeout):
        return f"no Ollama at {host}: start it with `ollama serve`"
    return ""


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
