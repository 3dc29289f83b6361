"""The command line's conversations: begun by asking, continued, looked up, exported, deleted."""

import json
import shutil
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from command_line import Ran, run_bounded
from test_cli import in_terminal

from rag.embedding import Embedder
from rag.gazette import Gazette
from rag.settings import load_settings

Cli = Callable[..., Ran]
QUESTION = "How long is the cable under the Caspian?"


SECOND = "Where is the supercomputer?"


@pytest.fixture
def own(cli: Cli, small_home: Path, home: Path) -> Cli:
    """The command line over a copy of the small index, storing what is asked."""
    shutil.copytree(small_home, home)
    return lambda *arguments, **env: cli(
        *arguments, **{"GAZETTE_KEEP": "true", "GAZETTE_ANSWERER": "extractive"} | env
    )


@pytest.fixture(scope="module")
def stored_home(
    small_home: Path, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The small index with two conversations, of two questions and of one. Only read it."""
    home = Path(shutil.copytree(small_home, tmp_path_factory.mktemp("stored") / "data"))
    settings = load_settings(home=home, answerer="extractive", keep=True)
    with Gazette(settings, embedder) as gazette:
        list(gazette.converse(QUESTION))
        list(gazette.converse("Who is the president of the Moon?", gazette.conversations.last()))
        list(gazette.converse(SECOND))
    return home


@pytest.fixture
def stored(cli: Cli, stored_home: Path) -> Cli:
    """The command line over it."""
    return lambda *arguments: cli(*arguments, home=stored_home)


def listed(run: Cli, *options: str) -> list[dict[str, object]]:
    done = run("conversation", "list", "--json", *options)
    assert done.code == 0
    return [json.loads(line) for line in done.out.splitlines()]


# Asking


def test_every_question_begins_a_conversation_and_continue_goes_on_with_the_last(own: Cli):
    first = json.loads(own("ask", QUESTION, "--json").out)
    assert list(first)[-1] == "conversation"
    done = own("ask", "-c", "And what does it cost?")
    assert done.code == 0
    assert "understood as: And what does it cost?" in done.err
    (one,) = listed(own)
    assert list(one) == ["id", "title", "user", "created", "updated", "questions"]
    assert (one["id"], one["title"], one["questions"]) == (first["conversation"], QUESTION, 2)


def test_the_beginning_of_an_id_chooses_the_conversation_to_go_on_with(own: Cli):
    first = json.loads(own("ask", QUESTION, "--json").out)["conversation"]
    other = json.loads(own("ask", SECOND, "--json").out)["conversation"]
    assert other != first
    again = json.loads(own("ask", "--conversation", first[:9], "Who signed it?", "--json").out)
    assert again["conversation"] == first
    assert [(one["id"], one["questions"]) for one in listed(own)] == [(first, 2), (other, 1)]


def test_what_is_to_be_forgotten_is_not_stored(
    own: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
):
    assert json.loads(own("ask", QUESTION, "--forget", "--json").out)["conversation"] is None
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(QUESTION.encode())))
    assert json.loads(own("ask", "-", "--json").out)["conversation"] is None
    assert own("ask", QUESTION, GAZETTE_KEEP="false").code == 0
    assert not (home / "conversations.db").exists()
    assert listed(own) == []


def test_in_a_terminal_an_answer_ends_with_how_to_go_on(
    own: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
):
    assert "goes on from here" not in own("ask", QUESTION).out
    monkeypatch.setenv("GAZETTE_KEEP", "true")
    last = in_terminal("ask", QUESTION, home=home).rstrip().splitlines()[-1]
    assert 'gazette ask -c "…" goes on from here' in last


# Looking up and exporting


def test_a_conversation_is_shown_as_it_was_answered(stored: Cli):
    shown = stored("conversation", "show", str(listed(stored)[1]["id"])[:9])
    assert shown.code == 0
    assert shown.out.startswith(f"{QUESTION}\n")
    assert "380 kilometres long" in shown.out
    assert "gazette show press/cable.md --at" in shown.out
    assert "The corpus does not answer this question." in shown.out


def test_a_conversation_that_is_shown_tells_which_documents_an_answer_was_limited_to(own: Cli):
    own("ask", QUESTION, "--lang", "en", "--publisher", "Azernews")
    own("ask", "-c", "And what does it cost?")
    shown = own("conversation", "show", str(listed(own)[0]["id"]))
    assert shown.err.count("only documents in en, published by Azernews\n") == 1


def test_conversations_are_listed_a_line_each_and_searched(stored: Cli):
    lines = stored("conversation", "list").out.splitlines()
    assert [line.split("\t")[1:3] for line in lines] == [["1", SECOND], ["2", QUESTION]]
    done = stored("conversation", "list", "--search", "KILOMETRES caspian")
    assert done.out == f"{lines[1]}\n"
    assert done.err == "1 conversation(s)\n"


@pytest.mark.parametrize(
    ("format", "start"),
    [("markdown", f"# {QUESTION}"), ("html", "<!doctype html>"), ("json", '{"id": ')],
)
def test_an_export_is_printed_or_written_to_a_file(
    stored: Cli, tmp_path: Path, format: str, start: str
):
    id, file = str(listed(stored)[1]["id"]), tmp_path / "export"
    done = stored("conversation", "export", id, "--format", format)
    assert done.out.startswith(start)
    assert "380 kilometres long" in done.out
    assert stored("conversation", "export", id, "--format", format, "--out", str(file)).out == ""
    assert file.read_text() == done.out
    refused = stored("conversation", "export", id, "--out", str(tmp_path))
    assert refused.code == 5
    assert f"{tmp_path} cannot be written (Is a directory): name another file" in refused.said


def test_a_changed_document_is_not_offered_to_be_opened(own: Cli, tmp_path: Path):
    asked = own("ask", QUESTION)
    assert "gazette show press/cable.md --at" in asked.out
    press = tmp_path / "press"
    press.mkdir()
    (press / "cable.md").write_text("# A cable\n\nThe cable will be 412 kilometres long, they say.")
    assert own("sync", "--rebuild", str(press)).code == 0
    shown = own("conversation", "show", str(listed(own)[0]["id"]))
    assert "380 kilometres long" in shown.out
    assert "This document has changed since." in shown.out
    assert "gazette show press/cable.md --at" not in shown.out


# Changing, and what cannot be done


def test_a_conversation_is_renamed_and_deleted(own: Cli):
    own("ask", QUESTION)
    id = str(listed(own)[0]["id"])
    assert own("conversation", "rename", id[:5], "The cable").code == 0
    assert listed(own)[0]["title"] == "The cable"
    done = own("conversation", "delete", id)
    assert (done.code, done.err) == (0, "deleted: The cable\n")
    assert listed(own) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("conversation", "show", "abc"), "no conversation is 'abc': gazette conversation list"),
        (("conversation", "export", "abc"), "no conversation is 'abc': gazette conversation list"),
        (("conversation", "rename", "abc", "x"), "no conversation is 'abc'"),
        (("conversation", "delete", "abc"), "no conversation is 'abc'"),
        (("ask", "--conversation", "abc", QUESTION), "no conversation is 'abc'"),
        (("ask", "-c", QUESTION), "no conversation is stored yet: ask without continuing one"),
        (("ask", "-c", "-"), "leave out --continue and --conversation"),
        (("ask", "--conversation", "abc", "-"), "leave out --continue and --conversation"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_the_remedy(
    own: Cli, arguments: tuple[str, ...], said: str
):
    done = own(*arguments)
    assert done.code == 2
    assert said in done.said
    assert done.out == ""


@pytest.mark.parametrize("command", ["list", "show", "export", "feedback", "rename", "delete"])
def test_every_command_explains_itself(cli: Cli, command: str):
    done = cli("conversation", command, "--help")
    assert done.code == 0
    assert f"gazette conversation {command}" in done.out


def test_before_anything_is_indexed_there_is_nothing_to_list(cli: Cli, home: Path):
    done = cli("conversation", "list")
    assert (done.code, done.out, done.err) == (0, "", "0 conversation(s)\n")
    assert not home.exists()


def test_in_a_read_only_data_folder_an_answer_says_that_it_is_not_kept(own: Cli, home: Path):
    places = [home, *home.rglob("*")]
    for place in places:
        place.chmod(0o555 if place.is_dir() else 0o444)
    try:
        done = run_bounded("ask", QUESTION, "--json", GAZETTE_KEEP="true")
    finally:
        for place in places:
            place.chmod(0o755)
    assert done.code == 0, done
    found = json.loads(done.out)
    assert found["citations"]
    assert found["conversation"] is None
    assert (
        f"this answer is not kept: data folder {home} cannot be written: give this user"
        in (found["notices"][-1])
    )
