"""The command line's users: added, listed, changed, removed, never without a password."""

import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from command_line import REPOSITORY, Ran

PASSWORD = "four words that differ"
Cli = Callable[..., Ran]


@pytest.fixture
def told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line with a password on standard input."""

    def run(*arguments: str, stdin: bytes = PASSWORD.encode() + b"\n", **env: str) -> Ran:
        monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(stdin)))
        return cli("user", *arguments, **env)

    return run


def test_users_are_added_listed_changed_and_removed(told: Cli, home: Path):
    assert told("add", "Ilaha", "--role", "editor", "--password-stdin").err == (
        "added: Ilaha (editor)\n"
    )
    assert told("add", "tural", "--password-stdin").err == "added: tural (reader)\n"
    lines = [json.loads(line) for line in told("list", "--json").out.splitlines()]
    assert [list(line) for line in lines] == [["name", "role", "created"]] * 2
    assert [(line["name"], line["role"]) for line in lines] == [
        ("Ilaha", "editor"),
        ("tural", "reader"),
    ]
    assert "tural is editor now, and must log in again" in told("role", "TURAL", "editor").err
    done = told("passwd", "tural", "--password-stdin", stdin=b"another four words here\r\n")
    assert "tural has another password, and must log in again" in done.err
    done = told("list")
    assert [line.split("\t")[:2] for line in done.out.splitlines()] == [
        ["Ilaha", "editor"],
        ["tural", "editor"],
    ]
    assert done.err == "2 user(s)\n"
    done = told("remove", "ilaha")
    assert done.err == "removed: Ilaha; conversations deleted with them: 0\n"
    assert "on this machine nobody has to log in any more" in told("remove", "tural").err
    assert told("list").err == "0 user(s)\n"


@pytest.fixture
def asked_by(small_home: Path, home: Path) -> Callable[[str], None]:
    """Have a user, or "" before there are any, ask something of an index."""
    from rag.gazette import Gazette
    from rag.settings import load_settings

    shutil.copytree(small_home, home)

    def ask(user: str) -> None:
        with Gazette(load_settings(home=home, answerer="extractive", keep=True)) as gazette:
            list(gazette.converse("How long is the cable under the Caspian?", user=user))

    return ask


def test_a_removed_user_loses_what_was_asked(told: Cli, asked_by: Callable[[str], None]):
    told("add", "ilaha", "--password-stdin")
    asked_by("ilaha")
    assert "conversations deleted with them: 1" in told("remove", "ilaha").err


def test_the_first_user_is_told_what_becomes_of_what_was_asked_before(
    told: Cli, asked_by: Callable[[str], None]
):
    asked_by("")
    first = told("add", "ilaha", "--password-stdin").err
    assert "\n1 conversation(s) of before belong to nobody who logs in: " in first
    assert told("add", "tural", "--password-stdin").err == "added: tural (reader)\n"


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("add", "a b", "--password-stdin"), b"", "cannot be called 'a b': use 1 to 64 letters"),
        (("add", "ilaha", "--password-stdin"), b"short\n", "the password has 5 characters"),
        (("add", "ilaha", "--password-stdin"), b"", "the password has 0 characters"),
        (("add", "ilaha", "--password-stdin"), b"\xff" * 20, "is not UTF-8"),
        (("add", "ilaha"), b"", "no terminal to ask for a password in: use --password-stdin"),
        (("passwd", "nobody"), b"", "no user is called 'nobody': gazette user list"),
        (("role", "nobody", "editor"), b"", "no user is called 'nobody': gazette user list"),
        (("remove", "nobody"), b"", "no user is called 'nobody': gazette user list"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    told: Cli, arguments: tuple[str, ...], stdin: bytes, said: str
):
    done = told(*arguments, stdin=stdin)
    assert done.code == 2
    assert said in done.said
    assert told("list").out == ""


def test_a_name_that_is_taken_is_told_before_the_password_is_asked_for(told: Cli):
    told("add", "ilaha", "--password-stdin")
    assert "there is a user 'ilaha' already" in told("add", "ILAHA").said


@pytest.mark.parametrize(
    ("second", "said"),
    [(PASSWORD, "added: ilaha (reader)"), ("something else", "the two passwords differ")],
)
def test_in_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    home: Path, second: str, said: str
):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rag.cli", "user", "add", "ilaha"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    ) as running:
        os.close(theirs)
        shown = b""
        for ask, answer in ((b"Password: ", PASSWORD), (b"The same again: ", second)):
            while not shown.endswith(ask):
                shown += os.read(ours, 1024)
            os.write(ours, answer.encode() + b"\n")
        try:
            while piece := os.read(ours, 1024):
                shown += piece
        except OSError:  # what a terminal says when its program has ended
            pass
    os.close(ours)
    assert said in shown.decode()
    assert PASSWORD not in shown.decode()
    assert running.returncode == (2 if "differ" in said else 0)


@pytest.mark.parametrize("command", ["add", "list", "passwd", "role", "remove"])
def test_every_command_explains_itself(cli: Cli, command: str):
    done = cli("user", command, "--help")
    assert done.code == 0
    assert f"gazette user {command}" in done.out
