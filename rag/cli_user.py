"""The command line's part about users: add, list, remove, another password, another role."""

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rag.gazette import Gazette

app = typer.Typer(help="Say who may log in to the browser interface, and who may do what.")

Name = Annotated[str, typer.Argument(help="The user's name; its case does not matter.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
_ROLES = "reader: asks and reads; editor: changes the documents too."


@app.command()
def add(
    name: Name,
    role: Annotated[Literal["reader", "editor"], typer.Option(help=_ROLES)] = "reader",
    password_stdin: FromStdin = False,
) -> None:
    """Add a user; from the first one on everybody has to log in."""
    from rag import rendering

    with _opened() as gazette:
        gazette.users.check_new(name)
        is_first = not gazette.users.exist()
        user = gazette.users.add(name, _password(password_stdin), role)
        before = gazette.conversations.count() if is_first else 0
    rendering.print_notice(f"added: {user.name} ({user.role})")
    if before:
        rendering.print_notice(
            f"{before} conversation(s) of before belong to nobody who logs in: the browser shows "
            "them no more, gazette conversation does"
        )


@app.command(name="list")
def list_users(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List the users with their roles."""
    from rag import json_lines, rendering

    with _opened() as gazette:
        users = gazette.users.listed()
    if json:
        for line in map(json_lines.user_json, users):
            print(line)
    else:
        rendering.print_users(users)


@app.command()
def passwd(name: Name, password_stdin: FromStdin = False) -> None:
    """Give a user another password; they have to log in again everywhere."""
    from rag import rendering

    with _opened() as gazette:
        user = gazette.users.get(name)
        gazette.users.set_password(name, _password(password_stdin))
    rendering.print_notice(f"{user.name} has another password, and must log in again")


@app.command()
def role(
    name: Name, role: Annotated[Literal["reader", "editor"], typer.Argument(help=_ROLES)]
) -> None:
    """Give a user another role; they have to log in again everywhere."""
    from rag import rendering

    with _opened() as gazette:
        user = gazette.users.set_role(name, role)
    rendering.print_notice(f"{user.name} is {role} now, and must log in again")


@app.command()
def remove(name: Name) -> None:
    """Remove a user, and delete the conversations that are stored of them."""
    from rag import rendering

    with _opened() as gazette:
        user = gazette.users.get(name)
        count = gazette.remove_user(name)
        is_open = not gazette.users.exist()
    rendering.print_notice(f"removed: {user.name}; conversations deleted with them: {count}")
    if is_open:
        rendering.print_notice("no user is left: on this machine nobody has to log in any more")


def _password(from_stdin: bool) -> str:
    """The password, asked for twice without showing it, or the first line of standard input."""
    from rag.errors import UserError

    if from_stdin:
        try:
            return sys.stdin.buffer.readline().rstrip(b"\r\n").decode()
        except UnicodeDecodeError as error:
            raise UserError("the password on standard input is not UTF-8: write it so") from error
    if not sys.stdin.isatty():
        raise UserError("there is no terminal to ask for a password in: use --password-stdin")
    try:
        first, second = getpass.getpass("Password: "), getpass.getpass("The same again: ")
    except EOFError as error:
        raise UserError("no password was given: nothing is changed") from error
    if first != second:
        raise UserError("the two passwords differ: nothing is changed; begin again")
    return first


def _opened() -> "Gazette":
    from rag.gazette import Gazette
    from rag.settings import load_settings

    return Gazette(load_settings())
