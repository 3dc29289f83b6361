"""The command line's part about stored conversations: list, show, export, rename, delete."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rag.gazette import Gazette

app = typer.Typer(help="Look up, export, rename and delete what was asked before.")

Id = Annotated[str, typer.Argument(help="The id, or enough of its beginning.")]


def chosen(gazette: "Gazette", goes_on: bool, start: str | None) -> str:
    """The id of the conversation to go on with, "" for a new one."""
    if start is not None:
        return gazette.conversations.find(start)
    return gazette.conversations.last() if goes_on else ""


@app.command(name="list")
def list_conversations(
    search: Annotated[
        str, typer.Option(help="Only those that hold these words, in a title, question or answer.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List the conversations, the last one first."""
    from rag import json_lines, rendering

    with _opened() as gazette:
        listed = gazette.conversations.listed(words=search)
    if json:
        for line in map(json_lines.listed_json, listed):
            print(line)
    else:
        rendering.print_conversations(listed)


@app.command()
def show(id: Id) -> None:
    """Show a conversation as it was, with its sources."""
    from rag import rendering

    with _opened() as gazette:
        found = gazette.conversations.get(gazette.conversations.find(id))
        states = [gazette.states(turn.answer) for turn in found.turns]
    rendering.print_conversation(found, states)


@app.command()
def export(
    id: Id,
    format: Annotated[
        Literal["markdown", "html", "json"], typer.Option(help="What to write.")
    ] = "markdown",
    out: Annotated[Path | None, typer.Option(help="A file to write; none: print it.")] = None,
) -> None:
    """Write a conversation with its sources and quotes, for others to read."""
    from rag.errors import StorageError

    with _opened() as gazette:
        found = gazette.conversations.get(gazette.conversations.find(id))
        text = gazette.export(found, format)
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"{out} cannot be written ({error.strerror or error}): name another file"
        ) from error


@app.command()
def feedback(
    all_users: Annotated[
        bool, typer.Option("--all-users", help="Of everyone who logs in to the interface.")
    ] = False,
) -> None:
    """Print what readers said of answers, a JSON object a line, for gazette eval adopt."""
    from rag import json_lines

    with _opened() as gazette:
        rated = gazette.conversations.rated(None if all_users else "")
    for line in map(json_lines.feedback_json, rated):
        print(line)


@app.command()
def rename(id: Id, title: Annotated[str, typer.Argument(help="The new title.")]) -> None:
    """Give a conversation another title."""
    with _opened() as gazette:
        gazette.conversations.rename(gazette.conversations.find(id), title)


@app.command()
def delete(id: Id) -> None:
    """Delete a conversation for good, with the document versions that only it rests on."""
    from rag import rendering

    with _opened() as gazette:
        whole = gazette.conversations.find(id)
        title = gazette.conversations.get(whole).title
        gazette.conversations.delete(whole)
    rendering.print_notice(f"deleted: {title}")


def _opened() -> "Gazette":
    from rag.gazette import Gazette
    from rag.settings import load_settings

    return Gazette(load_settings())
