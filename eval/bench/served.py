"""What a measurement is taken of, each a process of its own: ``gazette chat``, an Ollama."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

_ROOT = Path(__file__).parents[2]
_STAND_IN = _ROOT / "tests" / "ollama_server.py"
_STARTING = 120.0
"""Seconds until a server must have answered: its models are loaded first."""
_ENDING = 10.0
_EMPTY_PAGE = """
import sys
import gradio as gr
with gr.Blocks(analytics_enabled=False) as page:
    gr.Textbox(label="Question")
page.launch(server_port=int(sys.argv[1]), quiet=True, ssr_mode=False, prevent_thread_lock=False)
"""


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process, in bytes; 0 where the system does not tell (only Linux does here)."""

    resident: int
    """RSS: with everything it shares, such as libraries."""
    proportional: int
    """PSS: of what is shared, its part."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers at ``address``."""

    address: str
    pid: int

    def memory(self) -> Memory:
        """What it takes now."""
        try:
            told = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        except OSError:
            return Memory(0, 0)
        found = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", told, re.MULTILINE))
        return Memory(int(found["Rss"]) * 1024, int(found["Pss"]) * 1024)


def indexed(folder: Path) -> Path:
    """A data folder in ``folder`` with a fresh index of the shipped corpus."""
    home = folder / "index"
    command = [sys.executable, "-m", "rag.cli", "sync"]
    subprocess.run(command, env=_environment(home), cwd=folder, check=True, capture_output=True)
    return home


@contextmanager
def chat(index: Path, **settings: str) -> Iterator[Served]:
    """``gazette chat`` over a copy of ``index``; ``settings`` by their names, as in the file.

    No setting of whoever calls reaches it. What is asked is stored in the copy, and gone with it.
    """
    port = _free_port()
    home = Path(shutil.copytree(index, index.parent / f"served-{port}"))
    command = [sys.executable, "-m", "rag.cli", "chat", "--no-browser", "--port", str(port)]
    try:
        with _answering(command, port, _environment(home, settings), home) as served:
            yield served
    finally:
        shutil.rmtree(home)


@contextmanager
def empty_page() -> Iterator[Served]:
    """Gradio with one text box and nothing of ours: what the page's loading is held against."""
    port = _free_port()
    command = [sys.executable, "-c", _EMPTY_PAGE, str(port)]
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    with _answering(command, port, environment, _ROOT) as served:
        yield served


@contextmanager
def ollama(**script: object) -> Iterator[str]:
    """The address of the tests' stand-in for Ollama; ``script`` as its Script has it."""
    command = [sys.executable, str(_STAND_IN), "--port", "0", "--with-parent"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdout
        host = f"http://127.0.0.1:{int(server.stdout.readline())}"
        httpx.post(f"{host}/_test/script", json=script).raise_for_status()
        try:
            yield host
        finally:
            server.kill()


@contextmanager
def _answering(
    command: list[str], port: int, environment: Mapping[str, str], folder: Path
) -> Iterator[Served]:
    """``command`` as a process, from when it answers at ``port``."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=quiet) as process:
        try:
            served = Served(f"http://127.0.0.1:{port}", process.pid)
            _await(served.address, process)
            yield served
        finally:
            process.terminate()
            try:
                process.wait(_ENDING)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait for the first answer. RuntimeError when none comes; the process has said why."""
    until = time.monotonic() + _STARTING
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(address, timeout=_STARTING, trust_env=False).raise_for_status()
            return
        except httpx.TransportError:  # it does not listen yet
            time.sleep(0.1)
    raise RuntimeError(f"the process {process.args!r} did not answer at {address}")


def _environment(home: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """This one's, without settings but those given; the program of this folder is the one run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GAZETTE_")}
    given = {f"GAZETTE_{name.upper()}": value for name, value in (settings or {}).items()}
    return {**kept, "PYTHONPATH": str(_ROOT), "GAZETTE_HOME": str(home), **given}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
