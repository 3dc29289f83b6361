"""Feedback: stored with its turn, read by the evaluation; an older database keeps all it holds."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import Ran, run_bounded
from made_up import HOSTILE, NOON, answer, plain
from sqlalchemy import Connection

from eval.feedback import adopt, read
from eval.questions import lines_of
from rag.conversation import schema
from rag.conversation.store import FILE, HISTORY, Conversations
from rag.errors import ConversationError, StorageError
from rag.gazette import Gazette
from rag.json_lines import feedback_json
from rag.model import Answer, AskedWith, Feedback, Filters, Notice
from rag.settings import load_settings

Converse = Callable[..., tuple[str, Answer]]
VERSION_1 = Path(__file__).with_name("version_1.db")
"""Made by the first version: two questions of nobody's, one of ayla's."""


@pytest.fixture
def turn(store: Conversations) -> str:
    """A conversation of two turns."""
    id = store.append(plain("one?"), NOON).conversation
    store.append(answer(), NOON, id)
    return id


def test_what_a_reader_says_is_told_with_the_turn_changed_and_taken_back(
    store: Conversations, turn: str
):
    updated = store.get(turn).updated
    said = store.feedback(turn, 1, False, "wrong", " Not\nthis \udcff ")
    assert said == store.get(turn).turns[1].feedback
    assert said
    assert (said.liked, said.reason, said.comment) == (False, "wrong", "Not\nthis \ufffd")
    assert abs((datetime.now(UTC) - said.at).total_seconds()) < 60
    assert store.get(turn).turns[0].feedback is None
    liked = store.feedback(turn, 1, True)
    assert store.get(turn).turns[1].feedback == liked
    assert liked == Feedback(True, liked.at if liked else NOON)
    assert store.feedback(turn, 1, None) is None
    assert [one.feedback for one in store.get(turn).turns] == [None, None]
    assert store.rated() == []
    assert store.get(turn).updated == updated


def test_what_was_said_goes_with_its_turn(store: Conversations, turn: str):
    store.feedback(turn, 0, True)
    store.feedback(turn, 1, False, comment="a secret remark")
    store.append(plain("again?"), NOON, turn, at=1)
    first, second = store.get(turn).turns
    assert first.feedback
    assert second.feedback is None
    assert not any(b"secret remark" in f.read_bytes() for f in store._path.parent.iterdir())
    store.delete(turn)
    assert store.rated(None) == []


def test_nobody_speaks_for_another(store: Conversations):
    id = store.append(plain("mine?"), NOON, user="ayla").conversation
    store.feedback(id, 0, True, user="ayla")
    with pytest.raises(ConversationError, match="no conversation is"):
        store.feedback(id, 0, False, user="boris")
    assert store.rated() == store.rated("boris") == []
    assert [one.feedback.liked for one in store.rated("ayla")] == [True]
    assert store.rated(None) == store.rated("ayla")


def test_what_cannot_be_taken_is_refused_with_the_remedy(
    store: Conversations, turn: str, copied: Path
):
    for arguments, said in (
        ((2, True), f"conversation {turn} has no turn at position 2"),
        ((-1, True), "has no turn at position -1"),
        ((0, False, "rude"), "no reason is 'rude': use one of wrong, incomplete, not in the doc"),
        ((0, False, "wrong", "x" * 2001), "has 2,001 characters, at most 2,000 are taken: shorten"),
    ):
        with pytest.raises(ConversationError, match=said):
            store.feedback(turn, *arguments)  # type: ignore[arg-type]
    assert store.feedback(turn, 0, False, "wrong", "x" * 2000)
    with Gazette(load_settings(home=copied, keep=False)) as forgetful:
        with pytest.raises(ConversationError, match="with GAZETTE_KEEP=false: set it to true"):
            forgetful.conversations.feedback(turn, 0, True)
        assert not (copied / FILE).exists()


def test_the_evaluation_adopts_what_was_disliked(
    asked: Gazette, converse: Converse, tmp_path: Path
):
    id, first = converse("How long is the cable under the Caspian?")
    _, second = converse("And what does it cost?", id)
    converse("Who is the president of the Moon?", id)
    store = asked.conversations
    store.feedback(id, 0, True)
    store.feedback(id, 1, False, "incomplete", "In what currency?")
    store.feedback(id, 2, False, "not in the documents")
    file, into = tmp_path / "feedback.jsonl", tmp_path / "mine.jsonl"
    lines = list(map(feedback_json, store.rated()))
    assert list(json.loads(lines[0])) == [
        "question", "lang", "liked", "answer", "at", "refused", "reason", "comment", "history",
        "citations", "expected",
    ]  # fmt: skip
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    liked, disliked, refused = read(file)
    assert (liked.liked, liked.answer, liked.history) == (True, first.text, ())
    assert [(t.question, t.answer) for t in disliked.history] == [(first.question, first.text)]
    assert (disliked.reason, disliked.comment) == ("incomplete", "In what currency?")
    assert [(m.doc, m.start, m.end, m.quote) for m in disliked.citations] == [
        (c.doc, c.start, c.end, c.quote) for c in second.citations
    ]
    assert (refused.refused, len(refused.history)) == (True, 2)
    assert adopt(file, into) == (2, 1)
    assert [line["question"] for _, line in lines_of(into, drafts=True)] == [
        "And what does it cost?",
        "Who is the president of the Moon?",
    ]
    assert adopt(file, into) == (0, 0)


def test_no_more_turns_come_along_than_a_follow_up_is_read_with(store: Conversations):
    id = ""
    for n in range(HISTORY + 3):
        id = store.append(plain(f"{n}?"), NOON, id).conversation
    store.feedback(id, HISTORY + 2, False)
    (one,) = store.rated()
    assert [turn.question for turn in one.history] == [f"{n + 2}?" for n in range(HISTORY)]


def test_the_command_prints_it_a_line_each(cli: Callable[..., Ran], home: Path, tmp_path: Path):
    home.mkdir()
    store = Conversations(home)
    mine = store.append(answer(question=HOSTILE), NOON).conversation
    hers = store.append(plain("hers?"), NOON, user="ayla").conversation
    store.feedback(mine, 0, False, "citation", HOSTILE)
    store.feedback(hers, 0, False, user="ayla")
    store.close()
    done = cli("conversation", "feedback")
    assert done.code == 0
    assert [json.loads(line)["reason"] for line in done.out.splitlines()] == ["citation"]
    everyone = cli("conversation", "feedback", "--all-users").out
    file = tmp_path / "feedback.jsonl"
    file.write_text(everyone, encoding="utf-8")
    assert [one.question for one in read(file)] == [HOSTILE, "hers?"]


def test_an_export_for_programs_tells_it_and_those_for_people_do_not(
    asked: Gazette, converse: Converse
):
    id, _ = converse("How long is the cable under the Caspian?")
    said = asked.conversations.feedback(id, 0, False, "wrong", "My own remark")
    assert said
    found = asked.conversations.get(id)
    (told,) = json.loads(asked.export(found, "json"))["turns"]
    assert told["feedback"] == {
        "liked": False,
        "at": said.at.isoformat(),
        "reason": "wrong",
        "comment": "My own remark",
    }
    for format in ("markdown", "html"):
        assert "My own remark" not in asked.export(found, format)  # type: ignore[arg-type]


# A database of an older version


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A folder with one of the first version."""
    folder = tmp_path / "older"
    folder.mkdir()
    shutil.copy(VERSION_1, folder / FILE)
    return folder


@pytest.fixture
def second(older: Path) -> Path:
    """A folder with one of the second version, which had no table of what was asked with."""
    opened = Conversations(older)
    assert opened.count() == 2  # which opens it
    opened.close()
    with closing(sqlite3.connect(older / FILE)) as connection, connection:
        connection.execute("DROP TABLE askings")
        connection.execute("UPDATE meta SET value = '2'")
    return older


def version(folder: Path) -> str:
    with sqlite3.connect(folder / FILE) as connection:
        (found,) = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    connection.close()
    return str(found)


def test_an_older_database_is_opened_with_all_it_held_and_takes_feedback(older: Path):
    assert version(older) == "1"
    store = Conversations(older)
    (mine,), (hers,) = store.listed(), store.listed("ayla")
    assert (mine.questions, hers.questions) == (2, 1)
    first, second = store.get(mine.id).turns
    assert first.question == "How long is the cable under the Caspian?"
    assert second.answer.understood
    assert second.answer.understood.question == (
        "And what does it cost? (the cable under the Caspian)"
    )
    for turn in (first, second):
        documents = {hit.passage.id: hit.document for hit in turn.answer.passages}
        for cited in turn.answer.citations:
            assert documents[cited.passage].text[cited.start : cited.end] == cited.quote
    assert store.get(hers.id, "ayla").turns[0].answer.refused
    assert [one.id for one in store.listed(words="kilometres")] == [mine.id]
    store.feedback(mine.id, 0, True)
    store.close()
    assert version(older) == "4"
    again = Conversations(older)
    assert [turn.answer for turn in again.get(mine.id).turns] == [first.answer, second.answer]
    assert again.get(mine.id).turns[0].feedback
    again.close()


def test_the_second_version_keeps_its_feedback_and_notes_from_then_on_what_was_asked_with(
    second: Path,
):
    store = Conversations(second)
    (mine,) = store.listed()
    store.feedback(mine.id, 0, False, "wrong")
    given = AskedWith(Filters(langs=("fr",)))
    store.append(plain("one more?"), NOON, mine.id, asked_with=given)
    store.close()
    assert version(second) == "4"
    again = Conversations(second)
    assert [turn.asked_with for turn in again.get(mine.id).turns] == [None, None, given]
    assert [one.feedback.reason for one in again.rated()] == ["wrong"]
    again.close()


def test_a_newer_gazette_that_was_faster_to_change_an_older_database_is_not_undone(
    older: Path, monkeypatch: pytest.MonkeyPatch
):
    looked = schema._version

    def changed_after(connection: Connection) -> str:
        found = looked(connection)
        if found == "1":
            with closing(sqlite3.connect(older / FILE)) as newer, newer:
                newer.execute("UPDATE meta SET value = '5'")
        return found

    monkeypatch.setattr(schema, "_version", changed_after)
    with pytest.raises(StorageError, match=r"made by a newer Gazette \(version 5"):
        Conversations(older).count()
    assert version(older) == "5"


def test_a_notice_of_the_third_version_is_its_text_and_one_of_an_unknown_kind_too(tmp_path: Path):
    store = Conversations(tmp_path)
    by_model = Notice("answered by m on h", "by_model", {"model": "m"})
    answer = replace(plain("one?"), notices=(by_model, Notice("it rains", "stopped")))
    kept = store.append(answer, NOON)
    assert store.get(kept.conversation).turns[0].answer == answer
    store.close()
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        (text,) = connection.execute("SELECT answer FROM turns").fetchone()
        told = json.loads(text)
        told["notices"] = ["answered by m on h", {**told["notices"][1], "kind": "of another day"}]
        connection.execute("UPDATE turns SET answer = ?", (json.dumps(told),))
        connection.execute("UPDATE meta SET value = '3'")
    again = Conversations(tmp_path)
    (turn,) = again.get(kept.conversation).turns
    assert turn.answer.notices == (Notice("answered by m on h"), Notice("it rains"))
    again.close()
    assert version(tmp_path) == "4"


def test_an_older_database_that_may_not_be_written_is_named_and_left_as_it_is(older: Path):
    before = (older / FILE).read_bytes()
    older.chmod(0o555)
    try:
        done = run_bounded("conversation", "list", GAZETTE_HOME=str(older))
    finally:
        older.chmod(0o755)
    assert done.code == 5
    assert f"{older / FILE} was made by an older Gazette" in done.said
    assert "give this user write access, or copy the data folder" in done.said
    assert (older / FILE).read_bytes() == before
