"""The page's speed in a real browser, and the server's under many: ``python -m eval.bench.page``.

Each measurement has beside it, where there is one, what it is held against, taken in turns with it
so that whatever else the machine does hits both. How busy it is, is printed before each part.
"""

import os
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table

from eval.bench.browser import chromium, drawn, opened, worked
from eval.bench.served import Memory, Served, chat, empty_page, indexed, ollama
from eval.bench.sessions import Heard, ask, bare, plain

_ROUNDS = 10
_STREAMS = 5
"""Streamed answers over which the browser's work is counted: each takes seven seconds."""
_SESSIONS, _WAVES = 20, 3
_TOKENS = 300
_QUESTION = "When will the Trans-Caspian cable start operating?"
_SCRIPT = {"first": 0.05, "between": 0.02, "load": 0.0}
"""50 tokens a second, as a small model writes on a graphics card."""
_REPLY = (
    "The fibre-optic line along the bed of the Caspian Sea should be launched in the third quarter "
    "of 2026 [3]. Zhaslan Madiyev, Kazakhstan’s deputy prime minister, told journalists so [3]. "
    "Madiyev also heads the Ministry of Artificial Intelligence and Digital Development [3]. His "
    "remarks were reported by the news agency Trend from Astana on 26 December [3]. "
    "Signals will take markedly less time to travel [1]. The transit of internet traffic between "
    "the countries will improve [1]. Foreign countries have already begun to apply for a "
    "connection so that they can send their traffic over it [1]. The cable belongs to a larger "
    "undertaking known as the Digital Silk Way [2]. It is meant to give Europe and Asia a digital "
    "telecommunications corridor [2]. Behind the line stand the leading telecommunications "
    "companies of the two countries, AzerTelecom and Kazakhtelecom [4]. They agreed on a strategic "
    "partnership in a memorandum that was signed in September 2022 [4]. A backup channel of about "
    "330 kilometres is to link the Kazakh port of Kuryk with Buzovna [5]. An agreement on the "
    "construction of submarine lines was signed in Baku on 4 March 2025 [6]."
)
"""True to the six passages that are found."""
_MEGA = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what was measured, and what it is held against."""

    name: str
    value: float
    base: float = 0.0
    against: str = ""
    unit: str = "s"

    def cells(self) -> list[str]:
        """As they are printed."""
        digits = 3 if self.unit == "s" else 0
        shown, base = (f"{value:.{digits}f} {self.unit}" for value in (self.value, self.base))
        if not self.against:
            return [self.name, shown]
        return [self.name, shown, base, f"{self.value / self.base:.2f}", self.against]


def opening(browser: Browser, page: str, empty: str) -> Iterator[Row]:
    """Navigation until the question can be typed, in a browser that was never here."""
    ours, gradios = [], []
    for _ in range(_ROUNDS):
        gradios.append(opened(browser, empty, "textarea", ["textarea"]))
        ours.append(opened(browser, page))
    against = "Gradio with one text box"
    for n, name in enumerate(("page usable", "page usable, from the cache")):
        value = statistics.median(times[n] for times in ours)
        yield Row(name, value, statistics.median(times[n] for times in gradios), against)


def asking(browser: Browser, address: str, how: str) -> Iterator[Row]:
    """Enter until a source, and until text, is drawn; the browser and plain HTTP in turns."""
    ask(address, _QUESTION)  # what only the first one loads is no part of it
    seen, heard = [], []
    for _ in range(_ROUNDS):
        seen.append(drawn(browser, address, _QUESTION))
        heard += ask(address, _QUESTION)
    for name in ("source", "text"):
        value, base = (statistics.median(getattr(o, name) for o in them) for them in (seen, heard))
        yield Row(f"{how}: Enter to first {name}", value, base, "the same over plain HTTP")


def working(browser: Browser, address: str, host: str) -> Iterator[Row]:
    """The browser's main thread while an answer streams, against the same time without."""
    streaming, idle = [], []
    for _ in range(_STREAMS):
        found = worked(browser, address, _QUESTION)
        share = _TOKENS / _written(host)
        streaming.append(found.streaming * share)
        idle.append(found.idle * share)
    name = f"browser's main thread, {_TOKENS} tokens"
    base = statistics.median(idle)
    yield Row(name, statistics.median(streaming), base, "as long without streaming")


def _written(host: str) -> int:
    """Tokens of the last answer."""
    asked = httpx.get(f"{host}/_test/requests").json()
    return next(int(one["tokens"]) for one in reversed(asked) if one["path"] == "/api/chat")


def crowding(served: Served, host: str) -> Iterator[Row]:
    """Many sessions at once over plain HTTP, so that no browser takes the server's time."""
    idle = served.memory()
    alone, alone_bare, waves, waves_plain, waves_bare = [], [], [], [], []
    memories: list[Memory] = []
    for _ in range(_WAVES):
        alone.append(ask(served.address, _QUESTION))
        alone_bare.append(bare(host, _QUESTION))
        waves.append(ask(served.address, _QUESTION, _SESSIONS))
        waves_plain.append(plain(served.address, _QUESTION, _SESSIONS))
        waves_bare.append(bare(host, _QUESTION, _SESSIONS))
        memories.append(served.memory())
    name, against = f"{_SESSIONS} sessions at once", "one session"
    texts = [one.text for wave in waves for one in wave]
    first = statistics.median(one.text for wave in alone for one in wave)
    yield Row(f"{name}: first text, p50", statistics.median(texts), first, against)
    yield Row(f"{name}: first text, p95", statistics.quantiles(texts, n=20)[-1], first, against)
    yield Row(f"{name}: total", _total(waves), _total(alone), against)
    yield Row("  the same", _total(waves), _total(waves_plain), f"{_SESSIONS} clients of /v1")
    yield Row("  the stand-in alone: total", _total(waves_bare), _total(alone_bare), against)
    yield from _memory("server's memory, idle", idle, None)
    yield from _memory(f"  after {_SESSIONS} sessions", memories[0], idle)
    yield from _memory(f"  after {_SESSIONS * _WAVES} sessions", memories[-1], idle)


def _total(waves: Iterable[Iterable[Heard]]) -> float:
    """Seconds until the last session of a wave is done: the median of the waves."""
    return statistics.median(max(one.total for one in wave) for wave in waves)


def _memory(name: str, now: Memory, idle: Memory | None) -> Iterator[Row]:
    before, against = (idle, "idle") if idle else (Memory(0, 0), "")
    resident = now.resident / _MEGA, before.resident / _MEGA
    proportional = now.proportional / _MEGA, before.proportional / _MEGA
    yield Row(f"{name}: RSS", *resident, against, "MiB")
    yield Row(f"{name}: PSS", *proportional, against, "MiB")


def measure(browser: Browser, folder: Path) -> Iterator[Row]:
    """Every part, one after the other."""
    _tell("indexing")
    index = indexed(folder)
    with chat(index, answerer="extractive") as served:
        with empty_page() as empty:
            _tell("opening the page")
            yield from opening(browser, served.address, empty.address)
        _tell("asking, by quotation")
        yield from asking(browser, served.address, "quoted")
    with ollama(reply=_REPLY, **_SCRIPT) as host:
        with chat(index, answerer="ollama", ollama_hosts=host) as served:
            _tell("asking, streamed")
            yield from asking(browser, served.address, "streamed")
            _tell("the browser's work")
            yield from working(browser, served.address, host)
        with chat(index, answerer="ollama", ollama_hosts=host) as served:
            _tell(f"{_SESSIONS} sessions at once")
            yield from crowding(served, host)


def _tell(part: str) -> None:
    busy = " ".join(f"{load:.1f}" for load in os.getloadavg())
    Console(stderr=True, highlight=False).print(f"load {busy} on {os.cpu_count()} cores: {part}")


def main() -> None:
    """Measure and print the table."""
    shown = Table(box=None, header_style="bold")
    for name in ("", "median", "baseline", "ratio", "which is"):
        shown.add_column(
            name, justify="right" if name in ("median", "baseline", "ratio") else "left"
        )
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for row in measure(browser, Path(folder)):
            shown.add_row(*row.cells())
    Console(width=120).print(shown)


if __name__ == "__main__":
    main()
