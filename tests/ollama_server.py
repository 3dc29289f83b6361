"""Ollama's HTTP interface in a process of its own, which writes what a test scripts.

``with OllamaServer() as ollama: ollama.configure(reply="Yes [1].", way="dies")``; by hand,
``python tests/ollama_server.py --port 0`` prints its port. What it answers follows Ollama's own
docs/api.md, docs/openapi.yaml and server/routes.go of August 2026.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.client import HTTPConnection
from subprocess import PIPE
from typing import Any

from ollama_handler import Server
from ollama_script import Request, Script


class OllamaServer:
    """The server as a test holds it."""

    def __enter__(self) -> "OllamaServer":
        self._closed = socket.socket()
        self._closed.bind(("127.0.0.1", 0))
        self.refusing = f"http://127.0.0.1:{self._closed.getsockname()[1]}"
        """A port of ours where nothing listens: connections are refused."""
        command = [sys.executable, "-E", "-s", __file__, "--port", "0", "--with-parent"]
        self._process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True)
        self.pid = self._process.pid
        said = self._process.stdout.readline() if self._process.stdout else ""
        if not said:
            self.stop()
            raise RuntimeError("the server did not start: what it wrote to standard error says why")
        self.port = int(said)
        self.host = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process and wait for it; from then on ``host`` refuses connections."""
        with self._process, self._closed:
            self._process.kill()

    def configure(self, **script: Any) -> None:
        """A fresh script, by the fields of Script: what is not given has its default.

        No model is loaded afterwards. What was asked is kept, and what is being answered goes on
        as it began. TypeError names a field or a way that there is not.
        """
        Script(**script)
        self._control("POST", "/_test/script", script)

    def requests(self, path: str = "") -> list[Request]:
        """What was asked so far, of one path or of all; the last may not have ended yet."""
        all_of_them = [Request(**one) for one in self._control("GET", "/_test/requests")]
        return [one for one in all_of_them if path in ("", one.path)]

    def settled(self, at_least: int = 1, seconds: float = 5.0) -> list[Request]:
        """The requests once so many have come and all have ended; TimeoutError after ``seconds``.

        A request whose client has left may not have reached the server yet.
        """
        until = time.monotonic() + seconds
        while True:
            asked = self.requests()
            going_on = [one.path for one in asked if one.ended is None]
            if not going_on and len(asked) >= at_least:
                return asked
            if time.monotonic() > until:
                raise TimeoutError(f"{len(asked)} came, not ended after {seconds} s: {going_on}")
            time.sleep(0.01)

    def forget(self) -> None:
        """Drop what was asked."""
        self._control("DELETE", "/_test/requests")

    def _control(self, method: str, path: str, value: object = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, json.dumps(value))
            return json.load(connection.getresponse())
        finally:
            connection.close()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Serve until killed; ``--with-parent`` also ends when standard input does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=11434)
    parser.add_argument("--with-parent", action="store_true")
    options = parser.parse_args()
    server = Server(options.port)
    print(server.server_address[1], flush=True)
    if options.with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(KeyboardInterrupt):
        server.serve_forever()


if __name__ == "__main__":
    main()
