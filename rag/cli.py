"""The command line: the façade's calls and their rendering, nothing else."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from eval.cli import app as evaluation
from rag import cli_conversation, cli_user

if TYPE_CHECKING:
    from rag.gazette import Gazette
    from rag.model import AnswerEvent, Filters

app = typer.Typer(
    name="gazette",
    help="Ask press articles a question; every sentence of the answer is a quote you can open.",
    epilog=(
        "Exit codes: 0 done (a refusal too: the corpus does not say), 1 internal error, 2 bad "
        "question, option or setting, 3 synced but some files were skipped, 4 index missing or "
        "made otherwise, 5 a file or the data folder cannot be used, 6 the answerer failed, "
        "7 doctor found something to mend, 8 the evaluation's gate is red."
    ),
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

app.add_typer(evaluation, name="eval")
app.add_typer(cli_conversation.app, name="conversation", no_args_is_help=True)
app.add_typer(cli_user.app, name="user", no_args_is_help=True)

Lang = Annotated[
    list[str] | None, typer.Option("--lang", help="Only documents in fr, en, az, ru or tr.")
]
Publisher = Annotated[
    list[str] | None, typer.Option("--publisher", help="Only documents of this publisher.")
]
Since = Annotated[
    str | None, typer.Option(help="Only documents from this day, month or year on: 2025-12-18.")
]
Until = Annotated[str | None, typer.Option(help="Only documents up to this day, month or year.")]
Documents = Annotated[
    list[str] | None, typer.Option("--document", metavar="ID", help="Only this document.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


@app.callback(invoke_without_command=True)
def start(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options of gazette itself."""
    if version:
        from rag import __version__

        print(f"gazette {__version__}")
        raise typer.Exit


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads one a line from stdin.")],
    lang: Lang = None,
    publisher: Publisher = None,
    since: Since = None,
    until: Until = None,
    document: Documents = None,
    passages: Annotated[
        int | None, typer.Option(min=1, max=50, help="Passages to answer from.")
    ] = None,
    literal: Annotated[
        bool, typer.Option("--literal", help="Make no filters of words such as “last week”.")
    ] = False,
    goes_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")
    ] = False,
    conversation: Annotated[
        str | None, typer.Option(metavar="ID", help="Go on with this conversation.")
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="Store neither the question nor the answer.")
    ] = False,
    json: Json = False,
) -> None:
    """Answer a question from the documents, with verified citations."""
    from rag import rendering
    from rag.errors import ConversationError

    filters = _filters(lang, publisher, since, until, document)
    with _opened() as gazette:
        if question == "-" and (goes_on or conversation is not None):
            raise ConversationError(
                "questions of standard input are each answered by themselves, and not stored: "
                "leave out --continue and --conversation"
            )
        id = cli_conversation.chosen(gazette, goes_on, conversation)
        _fill_if_new(gazette)
        if question == "-":
            raise typer.Exit(_ask_each(gazette, filters, passages, literal, json))
        events = gazette.converse(
            question, id, "", filters, passages, None, literal, False if forget else None
        )
        with closing(events):  # who stops it keeps what was written
            if json:
                _print_json(events)
            else:
                rendering.print_answer(events)


def _print_json(events: "Iterator[AnswerEvent]") -> None:
    from rag import json_lines
    from rag.model import Finished, Kept

    id = None
    for event in events:
        match event:
            case Kept():
                id = event.conversation
            case Finished(answer):
                print(json_lines.answer_json(answer, id))


def _ask_each(
    gazette: "Gazette", filters: "Filters", passages: int | None, literal: bool, json: bool
) -> int:
    """Answer every line of standard input; the worst exit code."""
    from rag import json_lines, rendering
    from rag.errors import GazetteError

    worst = 0
    for line in _lines():
        try:
            if json:
                answer = gazette.answer(line, filters, passages, literal=literal)
                print(json_lines.answer_json(answer), flush=True)
            else:
                rendering.print_answer(gazette.ask(line, filters, passages, literal=literal))
        except GazetteError as error:
            worst = max(worst, error.exit_code)
            if json:
                print(json_lines.error_json(line, error), flush=True)
            else:
                rendering.print_error(str(error))
    return worst


def _lines() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        if line := raw.decode("utf-8", errors="replace").strip():
            yield line


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    lang: Lang = None,
    publisher: Publisher = None,
    since: Since = None,
    until: Until = None,
    document: Documents = None,
    passages: Annotated[int, typer.Option(min=1, max=50, help="Passages to show.")] = 10,
    json: Json = False,
) -> None:
    """Show the passages nearest to a question, without an answer."""
    from rag import json_lines, rendering

    filters = _filters(lang, publisher, since, until, document)
    with _opened() as gazette:
        _fill_if_new(gazette)
        found = gazette.search(question, filters, passages)
        if json:
            print(json_lines.retrieval_json(found))
        else:
            rendering.print_retrieval(found)


@app.command(name="list")
def list_documents(
    lang: Lang = None,
    publisher: Publisher = None,
    since: Since = None,
    until: Until = None,
    document: Documents = None,
    json: Json = False,
) -> None:
    """List the indexed documents, newest first."""
    from rag import json_lines, rendering

    filters = _filters(lang, publisher, since, until, document)
    with _opened() as gazette:
        documents = gazette.documents(filters)
        if json:
            for line in map(json_lines.document_json, documents):
                print(line)
        else:
            rendering.print_documents(documents)


@app.command()
def show(
    document: Annotated[str, typer.Argument(help="Id, end of the id, or title of a document.")],
    question: Annotated[
        str | None, typer.Option("--for", help="Highlight what answers this question.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Highlight a citation's START-END, in code points.")
    ] = None,
) -> None:
    """Show a whole document, its evidence highlighted."""
    from rag import rendering
    from rag.options import parse_span

    with _opened() as gazette:
        found, _ = gazette.document(document)
        spans = [parse_span(at, len(found.text))] if at is not None else []
        if question is not None:
            cited = gazette.answer(question).citations
            spans += [(c.start, c.end) for c in cited if c.doc == found.id]
        rendering.print_document(found, spans, asked=question is not None)


@app.command()
def sync(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders or files; none: the shipped corpus.")
    ] = None,
    rebuild: Annotated[
        bool, typer.Option(help="Make the index anew, of PATHS or of every folder it holds.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring the index to the state of folders: new, changed, renamed and deleted documents."""
    from rag import json_lines, rendering

    with _opened() as gazette, rendering.sync_progress() as progress:
        report = gazette.sync(paths or (), rebuild, progress)
    if json:
        print(json_lines.report_json(report))
    else:
        rendering.print_report(report)
    raise typer.Exit(3 if report.skipped else 0)


@app.command()
def pull(
    model: Annotated[str, typer.Argument(help="Name of the model; none: a recommended one.")] = "",
    json: Json = False,
) -> None:
    """Have Ollama download a chat model; Gazette itself downloads nothing."""
    from rag import json_lines, rendering

    with _opened() as gazette:
        done = rendering.watched(gazette.pull(model))
    for host, name in done:
        if json:
            print(json_lines.pulled_json(host, name))
        else:
            rendering.print_notice(f"{host} has {name}")


@app.command()
def doctor(json: Json = False) -> None:
    """Check data folder, embedder, index, conversations, users, Ollama; say what to do next."""
    from rag import json_lines, rendering

    with _opened() as gazette:
        checks = gazette.checks()
    if json:
        print(json_lines.checks_json(checks))
    else:
        rendering.print_checks(checks)
    raise typer.Exit(0 if all(check.ok for check in checks) else 7)


@app.command()
def chat(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    browser: Annotated[bool, typer.Option(help="Open the browser.")] = True,
    name: Annotated[
        list[str] | None, typer.Option(help="A host name that others reach the server by.")
    ] = None,
    root_path: Annotated[
        str, typer.Option(help="The path that a reverse proxy serves it below: /gazette.")
    ] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(help="Address of a reverse proxy; none: one on this machine."),
    ] = None,
) -> None:
    """Start the browser interface, and beside it /v1 for OpenAI-style chat clients.

    For others than this machine's users to reach it, there must be users: gazette user add.
    """
    from ui.app import serve

    with _opened() as gazette:
        _fill_if_new(gazette)
        serve(gazette, host, port, browser, name or (), root_path, proxy or ())


def _opened() -> "Gazette":
    from rag.gazette import Gazette
    from rag.settings import load_settings

    return Gazette(load_settings())


def _fill_if_new(gazette: "Gazette") -> None:
    """Index the shipped corpus when nothing was ever indexed, so that a first question works."""
    from rag import rendering

    if not gazette.is_indexed:
        rendering.print_notice("nothing is indexed yet: taking in the shipped corpus")
        with rendering.sync_progress() as progress:
            report = gazette.sync(progress=progress)
        rendering.print_notice(f"{len(report.added)} documents indexed in {report.seconds:.0f} s")


def _filters(
    lang: list[str] | None,
    publisher: list[str] | None,
    since: str | None,
    until: str | None,
    document: list[str] | None,
) -> "Filters":
    from rag.options import parse_filters

    return parse_filters(lang or (), publisher or (), since, until, document or ())


def main() -> None:
    """Run the command line; every error becomes one line and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal may lack letters that documents have
            stream.reconfigure(errors="backslashreplace")
    try:
        _flushed(app)
    except SystemExit as done:
        if done.code == 130:
            print("gazette: stopped; what was finished is kept", file=sys.stderr)
        raise
    except BrokenPipeError:
        _leave_quietly()
    except Exception as error:
        from rag.errors import GazetteError
        from rag.rendering import one_line

        if isinstance(error, GazetteError):
            print(f"gazette: {one_line(str(error))}", file=sys.stderr)
            sys.exit(error.exit_code)
        if os.environ.get("GAZETTE_TRACE"):
            raise
        reason = one_line(f"{type(error).__name__}: {error}")
        print(
            f"gazette: internal error ({reason}): run it again with GAZETTE_TRACE=1 and report "
            "what it prints",
            file=sys.stderr,
        )
        sys.exit(1)


def _flushed(run: Callable[[], object]) -> None:
    """Run, and have everything written before the interpreter ends."""
    try:
        run()
    except SystemExit as done:
        if done.code == 1:  # typer's and rich's, for a reader such as head that has seen enough
            _leave_quietly()
        sys.stdout.flush()
        raise


def _leave_quietly() -> NoReturn:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


if __name__ == "__main__":
    main()
