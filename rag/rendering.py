"""Rendering for the terminal and for scripts. Text of documents is never taken as markup."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rag.answering.phrases import NEAREST, SOURCES
from rag.errors import GazetteError
from rag.model import (
    Answer,
    AnswerEvent,
    Check,
    Citation,
    Cited,
    Document,
    Finished,
    Hit,
    Intro,
    Notice,
    Retrieval,
    SyncReport,
)

_NEAREST_SHOWN = 3
_EXCERPT = 220

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


# For scripts: one JSON object a line, a stable shape


def answer_json(answer: Answer) -> str:
    """The answer as docs/json.md describes it."""
    return _line(
        {
            "question": answer.question,
            "answer": answer.text,
            "refused": answer.refused,
            "answerer": answer.answerer,
            "language": answer.language,
            "intro": answer.intro,
            "sentences": [asdict(sentence) for sentence in answer.sentences],
            "citations": [_citation(citation) for citation in answer.citations],
            "passages": [_hit(hit) for hit in answer.passages],
            "notices": answer.notices,
            "timings": {stage: round(s, 4) for stage, s in answer.timings.items()},
        }
    )


def error_json(question: str, error: GazetteError) -> str:
    """What stands for an answer when a question of several could not be answered."""
    return _line({"question": question, "error": str(error), "exit_code": error.exit_code})


def retrieval_json(found: Retrieval) -> str:
    """The passages found, best first."""
    return _line(
        {
            "question": found.question,
            "language": found.language,
            "passages": [_hit(hit) for hit in found.hits],
            "seconds": round(found.seconds, 4),
        }
    )


def document_json(document: Document) -> str:
    """What is known of a document, without its text."""
    known = {**asdict(document), "characters": len(document.text), "sha256": document.sha256}
    del known["text"]
    return _line(known)


def report_json(report: SyncReport) -> str:
    """What a sync did."""
    return _line(asdict(report))


def checks_json(checks: Sequence[Check]) -> str:
    """What the doctor found."""
    return _line({"ok": all(check.ok for check in checks), "checks": [asdict(c) for c in checks]})


def _citation(citation: Citation) -> dict[str, Any]:
    names = ("n", "doc", "title", "publisher", "date", "lang", "quote", "start", "end")
    return {name: getattr(citation, name) for name in names}


def _hit(hit: Hit) -> dict[str, Any]:
    document, passage = hit.document, hit.passage
    return {
        "doc": document.id,
        "title": document.title,
        "publisher": document.publisher,
        "date": document.date,
        "lang": document.lang,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": round(hit.score, 4),
        "cosine": round(hit.dense, 4),
        "words": round(hit.lexical, 4),
    }


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


# For people


def print_error(message: str) -> None:
    """One line that says what failed and what to do."""
    err.print(Text(f"gazette: {message}"), style="red")


def print_notice(message: str) -> None:
    """Something worth knowing, beside the answer."""
    err.print(Text(message), style="dim")


def print_answer(events: Iterable[AnswerEvent], console: Console = out) -> None:
    """An answer as it comes, then its sources; of a refusal, the nearest passages."""
    console.print()
    for event in events:
        match event:
            case Notice(text):
                print_notice(text)
            case Intro(text):
                console.print(Text(text, style="italic"))
                console.print()
            case Cited(sentence):
                marks = "".join(f" [{n}]" for n in sentence.citations)
                console.print(Padding(Text(sentence.text) + Text(marks, "bold cyan"), (0, 2)))
                console.print()
            case Finished(answer):
                _print_sources(answer, console)


def _print_sources(answer: Answer, console: Console) -> None:
    if answer.refused:
        if answer.passages:
            console.print(Text(NEAREST[answer.language], style="bold"))
        for hit in answer.passages[:_NEAREST_SHOWN]:
            console.print(Padding(_head(hit.document), (0, 2)))
            console.print(Padding(Text(_excerpt(hit.passage.text), "dim"), (0, 4)))
        return
    console.print(Text(SOURCES[answer.language], style="bold"))
    spoken = " ".join(sentence.text for sentence in answer.sentences)
    for citation in answer.citations:
        head = Text(f"[{citation.n}] ", "bold cyan") + _head(citation)
        console.print(Padding(head, (0, 2)))
        if citation.quote not in spoken:
            console.print(Padding(Text(f"“{citation.quote}”"), (0, 6)))
        where = f"gazette show {citation.doc} --at {citation.start}-{citation.end}"
        console.print(Padding(Text(where, "dim"), (0, 6)), soft_wrap=True)


def _head(of: Document | Citation) -> Text:
    beside = ", ".join(
        filter(None, (of.publisher, of.date.isoformat() if of.date else "", of.lang))
    )
    return Text(of.title) + Text(f" ({beside})", "dim")


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _EXCERPT else flat[: _EXCERPT - 1].rsplit(" ", 1)[0] + "…"


def print_retrieval(found: Retrieval) -> None:
    """Passages, best first."""
    if found.notice:
        print_notice(found.notice)
    if not found.hits:
        out.print("No passage: no document satisfies these filters.")
    for place, hit in enumerate(found.hits, 1):
        out.print(Text(f"{place:>2}. ", "bold cyan") + _head(hit.document))
        out.print(Padding(Text(hit.passage.text), (0, 4)))
        where = f"{hit.document.id} {hit.passage.start}-{hit.passage.end}"
        out.print(Padding(Text(f"{where}  score {hit.score:.2f}", "dim"), (0, 4)), soft_wrap=True)
        out.print()


def print_documents(documents: Sequence[Document]) -> None:
    """A table of documents."""
    table = Table(box=None, padding=(0, 1))
    for column in ("date", "lang", "publisher", "title and id"):
        table.add_column(column, no_wrap=column in ("date", "lang"))
    for document in documents:
        day = document.date.isoformat() if document.date else "–"
        name = Text(document.title) + Text(f"\n{document.id}", "dim")
        table.add_row(day, document.lang, Text(document.publisher), name)
    if documents:
        out.print(table)
    print_notice(f"{len(documents)} documents")


def print_document(document: Document, spans: Sequence[tuple[int, int]], asked: bool) -> None:
    """The whole text with spans highlighted."""
    out.print(Text(document.title, "bold"))
    beside = (document.publisher, document.date.isoformat() if document.date else "", document.lang)
    out.print(Text(" · ".join(filter(None, (*beside, document.id))), "dim"))
    if document.source_title:
        day = f", {document.source_date.isoformat()}" if document.source_date else ""
        out.print(Text(f"Source: {document.source_title}{day} {document.source_url}", "dim"))
    text = Text(document.text)
    for start, end in spans:
        text.stylize("black on yellow", start, end)
    if spans and not out.is_terminal:
        text = _marked(document.text, spans)
    out.print()
    out.print(text)
    if asked and not spans:
        print_notice("no sentence of this document answers that question")


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> Text:
    """Where no colour can be shown, brackets do."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"
    return Text(text)


def print_report(report: SyncReport) -> None:
    """What a sync did, and every file it passed over with the reason."""
    counts = {
        "added": len(report.added),
        "changed": len(report.changed),
        "renamed": len(report.renamed),
        "removed": len(report.removed),
        "unchanged": report.unchanged,
        "skipped": len(report.skipped),
    }
    for text in report.repaired:
        out.print(Text(f"repaired: {text}"))
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    embedded = f"{report.passages_embedded} passages embedded in {report.seconds:.1f} s"
    out.print(Text(f"{said or 'nothing to do'}; {embedded}"))
    for skipped in report.skipped:
        err.print(Text(f"skipped {skipped.path}: {skipped.reason}"), soft_wrap=True)


def print_checks(checks: Sequence[Check]) -> None:
    """The doctor's lines."""
    for check in checks:
        mark = Text("ok  ", "green") if check.ok else Text("!!  ", "bold red")
        out.print(mark + Text(f"{check.name}: ", "bold") + Text(check.found))
        if check.remedy:
            out.print(Padding(Text(f"→ {check.remedy}"), (0, 4)))


@contextmanager
def sync_progress() -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on standard error, shown only in a terminal."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def advance(done: int, total: int, name: str) -> None:
            bar.update(task, completed=done, total=total, description=name)

        yield advance
