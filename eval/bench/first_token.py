"""Time to the first token that Gazette adds to a bare server: ``python -m eval.bench.first_token``.

The server is the stand-in of the tests, whose model needs half a second for its first token; bare
requests and questions to Gazette take turns, so that whatever else the machine does hits both.
"""

import json
import statistics
import time
from contextlib import closing

import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from eval.bench.served import ollama
from eval.questions import load, suites
from rag.gazette import Gazette
from rag.model import Cited, Retrieved, Writing
from rag.settings import load_settings

_ROUNDS = 50
_FIRST = 0.5
"""Seconds until the model's first token: reading a prompt of six passages takes a small model on a
processor seconds, on a graphics card tenths of one."""
_REPLY = "The cable will be 380 kilometres long [1]. It costs 50 million dollars [2]."
Seconds = float


def bare(host: str, question: str) -> Seconds:
    """Until the server's own first token, asked without Gazette."""
    body = {"model": "stand-in:4b", "messages": [{"role": "user", "content": question}]}
    began = time.perf_counter()
    with httpx.stream("POST", f"{host}/api/chat", json=body, timeout=60) as reply:
        for line in reply.iter_lines():
            if json.loads(line)["message"]["content"]:
                return time.perf_counter() - began
    raise RuntimeError("the stand-in wrote nothing")


def with_gazette(gazette: Gazette, question: str) -> tuple[Seconds, Seconds, Seconds] | None:
    """Until the sources, the first token, the first verified sentence; None for a refusal."""
    found: dict[type, Seconds] = {}
    began = time.perf_counter()
    with closing(gazette.ask(question)) as events:  # type: ignore[type-var]
        for event in events:
            found.setdefault(type(event), time.perf_counter() - began)
            if Cited in found:
                break
    if Writing not in found:
        return None
    return found[Retrieved], found[Writing], found.get(Cited, time.perf_counter() - began)


def measure(host: str) -> tuple[list[Seconds], list[tuple[Seconds, Seconds, Seconds]]]:
    """The two in turns, ``_ROUNDS`` of each, on development questions."""
    raw: list[Seconds] = []
    asked: list[tuple[Seconds, Seconds, Seconds]] = []
    settings = load_settings(answerer="ollama", ollama_hosts=host, unsupported="mark")
    with Gazette(settings) as gazette:
        documents = {document.id: document for document in gazette.documents()}
        known = load(suites()[0].files, documents)
        questions = [q.question for q in known if q.split == "development" and not q.history]
        with_gazette(gazette, questions[0])  # loads the models
        shown = track(questions, "asking", console=Console(stderr=True), transient=True)
        for question in shown:
            if found := with_gazette(gazette, question):
                asked.append(found)
                raw.append(bare(host, question))
            if len(asked) == _ROUNDS:
                break
    return raw, asked


def table(raw: list[Seconds], asked: list[tuple[Seconds, Seconds, Seconds]]) -> Table:
    """Medians, with the difference to the bare server and the ratio."""
    base = statistics.median(raw)
    shown = Table(box=None, header_style="bold")
    for name in (f"median of {len(asked)}", "seconds", "added", "ratio"):
        shown.add_column(name, justify="left" if name.startswith("median") else "right")
    sources, first, sentence = (statistics.median(times) for times in zip(*asked, strict=True))
    shown.add_row("bare server: first token", f"{base:.3f}", "", "1.00")
    for name, value in (("first token", first), ("first verified sentence", sentence)):
        shown.add_row(
            f"Gazette: {name}", f"{value:.3f}", f"{value - base:.3f}", f"{value / base:.2f}"
        )
    shown.add_row("Gazette: sources", f"{sources:.3f}", "", "")
    return shown


def main() -> None:
    """Measure and print the table."""
    with ollama(reply=_REPLY, first=_FIRST, load=0.0) as host:
        Console(width=100).print(table(*measure(host)))


if __name__ == "__main__":
    main()
