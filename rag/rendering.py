"""Rendering for the terminal. Text of documents is never taken as markup."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rag.answering.phrases import CHANGED, GONE, NEAREST, NEAREST_SHOWN, SOURCES
from rag.answering.pulling import Pulled
from rag.model import (
    Answer,
    AnswerEvent,
    Check,
    Citation,
    Cited,
    Clue,
    Conversation,
    Document,
    Finished,
    Intro,
    Kept,
    ListedConversation,
    Notice,
    Retrieval,
    SyncReport,
    Understood,
    User,
    VersionState,
    replayed,
)

_EXCERPT = 220

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a terminal obeys or cannot take; line ends and tabs stay."""

out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def one_line(text: str) -> str:
    """``text`` on one line, without what commands a terminal."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _text(text: str, style: str = "") -> Text:
    """``text`` to be shown as it is: no markup, nothing that commands a terminal."""
    return Text(_CONTROL.sub("\ufffd", text), style)


def _put(console: Console, text: Text, indent: int = 0) -> None:
    """Print a paragraph: wrapped and indented in a terminal, its lines as they are elsewhere."""
    if console.is_terminal:
        console.print(Padding(text, (0, 0, 0, indent)))
    else:
        _put_whole(console, text, indent)


def _put_whole(console: Console, text: Text, indent: int = 0) -> None:
    """Print what is to be copied or searched: never broken into lines."""
    console.print(Text(" " * indent) + text, soft_wrap=True)


def print_error(message: str) -> None:
    """One line that says what failed and what to do."""
    _put_whole(err, Text(f"gazette: {one_line(message)}", "red"))


def print_notice(message: str) -> None:
    """Something worth knowing, beside the answer."""
    _put_whole(err, Text(one_line(message), "dim"))


def print_answer(
    events: Iterable[AnswerEvent],
    console: Console = out,
    states: Mapping[str, VersionState] = {},
) -> None:
    """An answer as it comes, then its sources; of a refusal, the nearest passages.

    ``states`` are those of the documents of an earlier answer.
    """
    goes_on = ""
    for event in events:
        match event:
            case Understood(question, clues):
                print_notice(understood(question, clues))
            case Notice(text):
                print_notice(text)
            case Intro(text):
                console.print()
                _put(console, _text(text, "italic"))
            case Cited(sentence):
                marks = "".join(f" [{n}]" for n in sentence.citations)
                console.print()
                doubt = "" if sentence.verdict == "supported" else f" ({sentence.verdict})"
                line = _text(sentence.text) + Text(marks, "bold cyan") + Text(doubt, "yellow")
                _put(console, line, 2)
            case Kept():
                goes_on = 'gazette ask -c "…" goes on from here'
            case Finished(answer):
                console.print()
                _print_sources(answer, console, states)
    if goes_on and console.is_terminal:
        console.print()
        _put_whole(console, Text(goes_on, "dim"))


def understood(question: str, clues: Sequence[Clue]) -> str:
    """How a question was read, and which of its words limit the documents."""
    said = [f"understood as: {question}"]
    for clue in clues:
        back = "; --literal searches all" if clue.is_filter else ""
        said.append(f"{clue.effect} (“{clue.text}”{back})")
    return "; ".join(said)


def _print_sources(answer: Answer, console: Console, states: Mapping[str, VersionState]) -> None:
    otherwise = {"changed": CHANGED[answer.language], "gone": GONE[answer.language]}
    if answer.refused:
        if answer.passages:
            _put(console, Text(NEAREST[answer.language], "bold"))
        for hit in answer.passages[:NEAREST_SHOWN]:
            _put(console, _head(hit.document), 2)
            _put(console, _text(_excerpt(hit.passage.text), "dim"), 4)
        return
    _put(console, Text(SOURCES[answer.language], "bold"))
    spoken = " ".join(sentence.text for sentence in answer.sentences)
    for citation in answer.citations:
        _put(console, Text.assemble((f"[{citation.n}] ", "bold cyan"), _head(citation)), 2)
        if citation.quote not in spoken:
            _put(console, _text(f"“{citation.quote}”"), 6)
        where = f"gazette show {shlex.quote(citation.doc)} --at {citation.start}-{citation.end}"
        state = states.get(citation.doc, "current")
        _put_whole(console, _text(otherwise.get(state, where), "dim"), 6)


def _head(of: Document | Citation) -> Text:
    return _text(of.title) + _text(f" ({_beside(of)})", "dim")


def _beside(of: Document | Citation, joint: str = ", ") -> str:
    """Publisher, day and language, as far as they are known."""
    return joint.join(filter(None, (of.publisher, _day(of.date), of.lang)))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _EXCERPT else flat[: _EXCERPT - 1].rsplit(" ", 1)[0] + "…"


def print_retrieval(found: Retrieval) -> None:
    """Passages, best first."""
    if found.notice:
        print_notice(found.notice.text)
    if not found.hits:
        out.print("No passage: no document satisfies these filters.")
    for place, hit in enumerate(found.hits, 1):
        _put(out, Text.assemble((f"{place:>2}. ", "bold cyan"), _head(hit.document)))
        _put(out, _text(hit.passage.text), 4)
        where = f"{hit.document.id} {hit.passage.start}-{hit.passage.end}"
        _put_whole(out, _text(f"{where}  score {hit.score:.2f}", "dim"), 4)
        out.print()


def print_documents(documents: Sequence[Document]) -> None:
    """A table of documents; outside a terminal, a line each with tabs between its columns."""
    table = Table(box=None, padding=(0, 1))
    for column in ("date", "lang", "publisher", "title and id"):
        table.add_column(column, no_wrap=column in ("date", "lang"))
    for document in documents:
        known = (_day(document.date) or "–", document.lang, document.publisher)
        if out.is_terminal:
            name = _text(document.title) + _text(f"\n{document.id}", "dim")
            table.add_row(*map(_text, known), name)
        else:
            columns = (*known, document.title, document.id)
            print("\t".join(_text(column).plain for column in columns))
    if table.row_count:
        out.print(table)
    print_notice(f"{len(documents)} document(s)")


def print_conversations(listed: Sequence[ListedConversation]) -> None:
    """A table of conversations; outside a terminal, a line each with tabs between its columns."""
    table = Table(box=None, padding=(0, 1))
    for column in ("last asked", "questions", "title and id"):
        table.add_column(column, no_wrap=column != "title and id")
    for one in listed:
        known = (f"{one.updated.astimezone():%Y-%m-%d %H:%M}", str(one.questions))
        if out.is_terminal:
            table.add_row(*map(_text, known), _text(one.title) + _text(f"\n{one.id}", "dim"))
        else:
            print("\t".join((*known, _text(one_line(one.title)).plain, one.id)))
    if table.row_count:
        out.print(table)
    print_notice(f"{len(listed)} conversation(s)")


def print_users(users: Sequence[User]) -> None:
    """A table of users; outside a terminal, a line each with tabs between its columns."""
    table = Table(box=None, padding=(0, 1))
    for column in ("name", "role", "since"):
        table.add_column(column)
    for user in users:
        row = (user.name, user.role, f"{user.created.astimezone():%Y-%m-%d}")
        if out.is_terminal:
            table.add_row(*map(_text, row))
        else:
            print("\t".join(row))
    if table.row_count:
        out.print(table)
    print_notice(f"{len(users)} user(s)")


def print_conversation(
    conversation: Conversation, states: Sequence[Mapping[str, VersionState]]
) -> None:
    """Every turn as it was answered; ``states`` tell of each one's documents."""
    _put(out, _text(one_line(conversation.title), "bold"))
    for turn, now in zip(conversation.turns, states, strict=True):
        out.print()
        asked = f"{turn.asked_at.astimezone():%Y-%m-%d %H:%M}  "
        _put(out, Text(asked, "dim") + _text(turn.question, "bold"))
        if turn.filters:
            print_notice(turn.filters.effect)
        print_answer(replayed(turn.answer), out, now)


def print_document(document: Document, spans: Sequence[tuple[int, int]], asked: bool) -> None:
    """The whole text with spans highlighted."""
    _put(out, _text(document.title, "bold"))
    _put(out, _text(f"{_beside(document, ' · ')} · {document.id}", "dim"))
    if document.source_title:
        day = f", {_day(document.source_date)}" if document.source_date else ""
        _put(out, _text(f"Source: {document.source_title}{day} {document.source_url}", "dim"))
    text = _text(document.text)
    for start, end in spans:
        text.stylize("black on yellow", start, end)
    if spans and not out.is_terminal:
        text = _marked(document.text, spans)
    out.print()
    _put(out, text)
    if asked and not spans:
        print_notice("no sentence of this document answers that question")


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> Text:
    """Where no colour can be shown, brackets do."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"
    return _text(text)


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
        _put_whole(out, _text(f"repaired: {text}"))
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    embedded = f"{report.passages_embedded} passages embedded in {report.seconds:.1f} s"
    _put_whole(out, Text(f"{said or 'nothing to do'}; {embedded}"))
    for file in report.left_out:
        again = f"gazette sync {shlex.quote(file)} brings it back"
        _put_whole(err, _text(f"left out {file}: it was deleted on purpose; {again}"))
    for skipped in report.skipped:
        _put_whole(err, _text(f"skipped {skipped.path}: {one_line(skipped.reason)}"))


def print_checks(checks: Sequence[Check]) -> None:
    """The doctor's lines."""
    for check in checks:
        mark = Text("ok  ", "green") if check.ok else Text("!!  ", "bold red")
        _put_whole(out, mark + Text(f"{check.name}: ", "bold") + _text(one_line(check.found)))
        if check.remedy:
            _put_whole(out, _text(f"→ {one_line(check.remedy)}"), 4)


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


def watched(steps: Iterable[Pulled]) -> list[tuple[str, str]]:
    """Show a download on standard error; (host, model) of each that was finished.

    In a terminal a bar with bytes and speed, elsewhere a line for each new step.
    """
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    finished: list[tuple[str, str]] = []
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task, told = bar.add_task("", total=None), ""
        for step in steps:
            said = one_line(f"{step.host}: {step.status}")
            if said != told and not err.is_terminal:
                print_notice(said)
            if said != told:
                bar.reset(task)
            told = said
            bar.update(task, completed=step.completed, total=step.total or None, description=said)
            if step.status == "success":
                finished.append((step.host, step.model))
    return finished
