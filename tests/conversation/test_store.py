"""Conversations come back as they were, are found, and go for good; two programs may write."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from asked import Asked
from made_up import NOON, answer, plain

from rag.conversation.store import FILE, HISTORY, Conversations
from rag.doctor import _conversations
from rag.errors import ConversationError, StorageError
from rag.gazette import Gazette
from rag.model import Answer, AskedWith, Check, Filters, Turn
from rag.settings import load_settings

REPOSITORY = Path(__file__).parents[2]
Converse = Callable[..., tuple[str, Answer]]


def rows(store: Conversations, table: str) -> int:
    with sqlite3.connect(store._path) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(count)


# As they were


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        ("How long is the cable under the Caspian?", Filters()),
        ("Who is the president of the Moon?", Filters()),
        ("How long is the cable?", Filters(since=NOON.date().replace(year=2031))),
        ("What did Kursiv write about the fine in 2026?", Filters()),
        ("What did Mr Smith write in his letter?", Filters(langs=("en",))),
        ("Combien de processeurs compte la machine ?", Filters(publishers=("Le Courrier",))),
    ],
)
def test_an_answer_is_reopened_equal(
    converse: Converse, asked: Gazette, question: str, filters: Filters
):
    kept, given = converse(question, filters=filters)
    asked.close()
    (turn,) = asked.conversations.get(kept).turns
    assert turn.answer == given
    assert turn.question == question


def test_a_follow_up_is_read_with_its_conversation_and_reopened_with_how_it_was_understood(
    converse: Converse, asked: Gazette
):
    kept, first = converse("How long is the cable under the Caspian?")
    again, second = converse("And what does it cost?", kept)
    assert again == kept
    assert second.understood
    assert "cable" in second.understood.question
    assert [turn.answer for turn in asked.conversations.get(kept).turns] == [first, second]


def test_answers_to_many_questions_in_five_languages_come_back_and_their_quotes_stand(
    store: Conversations, trial: list[Asked]
):
    id = ""
    for one in trial:
        id = store.append(one.answer, NOON, id).conversation
    found = [turn.answer for turn in store.get(id).turns]
    assert found == [one.answer for one in trial]
    assert sum(len(one.citations) for one in found) > 100
    for one in found:
        documents = {hit.passage.id: hit.document for hit in one.passages}
        for citation in one.citations:
            text = documents[citation.passage].text
            assert text[citation.start : citation.end] == citation.quote


def test_nothing_a_model_may_write_is_lost(store: Conversations):
    given = answer()
    id = store.append(given, NOON).conversation
    (turn,) = store.get(id).turns
    assert turn.answer == given
    assert turn.asked_at == NOON


def test_what_a_question_was_asked_with_is_kept_and_goes_with_its_turn(store: Conversations):
    day = NOON.date()
    filters = Filters(("fr", "az"), ("Le Courrier", "</script>"), day, None, ("press/a.md",))
    chosen = AskedWith(filters, ("last week", "\ud800"), follows=False)
    id = store.append(answer(), NOON, asked_with=chosen).conversation
    store.append(plain("two?"), NOON, id, asked_with=AskedWith())
    store.append(plain("three?"), NOON, id)
    assert [t.asked_with for t in store.get(id).turns] == [chosen, AskedWith(), None]
    assert [t.filters for t in store.get(id).turns] == [filters, Filters(), Filters()]
    other = AskedWith(Filters(until=day))
    store.append(plain("again?"), NOON, id, at=0, asked_with=other)
    assert [t.asked_with for t in store.get(id).turns] == [other]
    assert not any(b"Le Courrier" in f.read_bytes() for f in store._path.parent.iterdir())
    store.delete(id)
    assert rows(store, "askings") == 0


def test_two_versions_that_differ_only_in_their_title_are_kept_apart(store: Conversations):
    first, second = answer(title="A report"), answer(title="A report, corrected")
    id = store.append(first, NOON).conversation
    store.append(second, NOON, id)
    assert [turn.answer for turn in store.get(id).turns] == [first, second]


def test_reading_makes_no_file_and_the_file_is_its_owners(store: Conversations):
    assert store.listed() == []
    with pytest.raises(ConversationError, match="no conversation is 'ab': gazette conversation"):
        store.find("ab")
    with pytest.raises(ConversationError, match="no conversation is stored yet: ask without"):
        store.last()
    assert list(store._path.parent.iterdir()) == []
    store.append(plain("one?"), NOON)
    assert store._path.stat().st_mode & 0o077 == 0


# History


def test_a_follow_up_is_read_with_a_bounded_number_of_turns_oldest_first(store: Conversations):
    id = ""
    for n in range(HISTORY + 3):
        id = store.append(plain(f"{n}?", f"answer {n}"), NOON, id).conversation
    expected = tuple(Turn(f"{n}?", f"answer {n}") for n in range(3, HISTORY + 3))
    assert store.history(id) == expected
    given = answer()
    store.append(given, NOON, id)
    assert store.history(id)[-1] == Turn(given.question, given.text)


# Asked again


def test_a_turn_that_is_asked_again_takes_the_place_of_itself_and_of_all_later_ones(
    store: Conversations,
):
    id = store.append(plain("one?"), NOON).conversation
    first = plain("one?")
    for n in range(3):
        assert store.append(plain(f"{n}?"), NOON, id).position == n + 1
    kept = store.append(plain("another?"), NOON + timedelta(hours=1), id, at=2)
    assert (kept.conversation, kept.position) == (id, 2)
    found = store.get(id)
    assert [turn.answer for turn in found.turns] == [first, plain("0?"), plain("another?")]
    assert found.turns[kept.position].asked_at == NOON + timedelta(hours=1)
    assert store.append(plain("next?"), NOON, id).position == 3


def test_the_turns_before_one_are_what_it_is_read_with(store: Conversations):
    id = store.append(plain("0?"), NOON).conversation
    for n in range(1, HISTORY + 2):
        store.append(plain(f"{n}?"), NOON, id)
    assert [turn.question for turn in store.history(id, before=2)] == ["0?", "1?"]
    assert store.history(id, before=0) == ()
    assert len(store.history(id, before=HISTORY + 1)) == HISTORY
    with pytest.raises(ConversationError, match=f"{id} has no turn at position 8: .*read it again"):
        store.history(id, before=8)


def test_a_turn_that_went_meanwhile_leaves_no_gap(store: Conversations):
    id = store.append(plain("one?"), NOON).conversation
    assert store.append(plain("two?"), NOON, id, at=5).position == 1


def test_a_conversation_is_called_by_the_question_that_replaced_its_first(store: Conversations):
    id = store.append(plain("What is the lenght?"), NOON).conversation
    store.append(plain("And now?"), NOON, id)
    store.append(plain("And then?"), NOON, id, at=1)
    assert store.get(id).title == "What is the lenght?"
    store.append(plain("What is the length?"), NOON, id, at=0)
    assert store.get(id).title == "What is the length?"
    assert [one.id for one in store.listed(words="length")] == [id]
    assert store.listed(words="lenght") == []
    store.rename(id, "Lengths")
    store.append(plain("What is the width?"), NOON, id, at=0)
    assert store.get(id).title == "Lengths"


def test_what_was_replaced_is_no_longer_in_any_file(store: Conversations):
    id = store.append(answer("The secret recipe. " * 500, "Which secret recipe?"), NOON)
    store.append(plain("What is known?"), NOON, id.conversation, at=0)
    assert not any(b"secret recipe" in file.read_bytes() for file in store._path.parent.iterdir())
    assert rows(store, "versions") == rows(store, "uses") == 0


# Found


def test_the_last_conversation_is_listed_first_with_its_size(store: Conversations):
    first = store.append(plain("first?"), NOON).conversation
    second = store.append(plain("second?"), NOON + timedelta(hours=1)).conversation
    store.append(plain("again?"), NOON, first)
    listed = store.listed()
    assert [(one.id, one.title, one.questions) for one in listed] == [
        (first, "first?", 2),
        (second, "second?", 1),
    ]
    assert listed[0].created == NOON
    assert store.last() == first


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Kabel", "Nəbiyev nə dedi?"]),
        ("nəbi", ["Nəbiyev nə dedi?"]),
        ("NEBIYEV", ["Nəbiyev nə dedi?"]),
        ("presente projet", ["Nəbiyev nə dedi?"]),
        ("kabel", ["Kabel"]),
        ("length", ["Kabel"]),
        ("length projet", []),
        ("???", []),
        ("%", []),
        ("\udcff", []),
    ],
)
def test_words_are_looked_for_in_titles_questions_and_answers(
    store: Conversations, words: str, found: list[str]
):
    store.append(plain("Nəbiyev nə dedi?", "Il a présenté un projet."), NOON)
    other = store.append(plain("What is its length?"), NOON).conversation
    store.rename(other, "Kabel")
    assert [one.title for one in store.listed(words=words)] == found


def test_the_beginning_of_an_id_is_enough_when_only_one_begins_so(store: Conversations):
    ids = {store.append(plain(f"{n}?"), NOON).conversation for n in range(17)}
    assert len(ids) == 17
    assert all(store.find(id.upper()) == id for id in ids)
    starts = [id[0] for id in ids]
    shared = next(start for start in starts if starts.count(start) > 1)
    with pytest.raises(ConversationError, match=f"conversations begin with '{shared}' .*give more"):
        store.find(shared)
    for unknown in ("", "%", "_", "zz", "\udcff"):
        with pytest.raises(ConversationError, match="no conversation is"):
            store.find(unknown)


def test_nobody_sees_or_changes_what_is_anothers(store: Conversations):
    id = store.append(plain("mine?"), NOON, user="ayla").conversation
    assert store.listed() == store.listed("boris") == store.listed("boris", "mine") == []
    assert [one.id for one in store.listed("ayla", "mine")] == [id]
    assert [one.user for one in store.listed("ayla")] == ["ayla"]
    for attempt in (
        lambda: store.get(id),
        lambda: store.history(id, "boris"),
        lambda: store.find(id, "boris"),
        lambda: store.last("boris"),
        lambda: store.rename(id, "x", "boris"),
        lambda: store.delete(id, "boris"),
        lambda: store.append(plain("his?"), NOON, id, "boris"),
        lambda: store.append(plain("his?"), NOON, id, "boris", 0),
        lambda: store.history(id, "boris", 0),
    ):
        with pytest.raises(ConversationError, match="no conversation is"):
            attempt()
    assert store.get(id, "ayla").title == "mine?"


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("short?", "short?"),
        ("word " * 20, "word word word word word word word word word word word word…"),
        ("a" * 70, "a" * 60 + "…"),
    ],
)
def test_a_conversation_is_called_by_its_first_question(
    store: Conversations, question: str, title: str
):
    id = store.append(plain(question), NOON).conversation
    store.append(plain("something else?"), NOON, id)
    assert store.get(id).title == title


def test_a_title_is_changed_and_never_empty(store: Conversations):
    id = store.append(plain("one?"), NOON).conversation
    store.rename(id, " The \n cable \udcff")
    assert store.get(id).title == "The cable \ufffd"
    with pytest.raises(ConversationError, match="the new title is empty: give at least one letter"):
        store.rename(id, " \n")


# Deleted


def test_versions_are_shared_and_go_with_the_last_conversation_that_rests_on_them(
    converse: Converse, asked: Gazette
):
    one, _ = converse("How long is the cable under the Caspian?")
    held = rows(asked.conversations, "versions")
    two, given = converse("How long is the cable under the Caspian?")
    assert rows(asked.conversations, "versions") == held > 0
    asked.conversations.delete(one)
    assert rows(asked.conversations, "versions") == held
    assert asked.conversations.get(two).turns[0].answer == given
    asked.conversations.delete(two)
    for table in ("conversations", "turns", "uses", "versions"):
        assert rows(asked.conversations, table) == 0


def test_what_is_deleted_is_no_longer_in_any_file(store: Conversations):
    kept = store.append(plain("What is kept?"), NOON).conversation
    gone = store.append(
        answer("The secret recipe. " * 500, "Which secret recipe?"), NOON
    ).conversation
    assert any(b"secret recipe" in file.read_bytes() for file in store._path.parent.iterdir())
    store.delete(gone)
    assert not any(b"secret recipe" in file.read_bytes() for file in store._path.parent.iterdir())
    assert [one.id for one in store.listed()] == [kept]
    with pytest.raises(ConversationError, match="no conversation is"):
        store.delete(gone)


# What cannot be used


def test_a_database_of_a_newer_gazette_is_refused_and_left_as_it_is(store: Conversations):
    store.append(plain("one?"), NOON)
    store.close()
    with sqlite3.connect(store._path) as connection:
        connection.execute("UPDATE meta SET value = '5'")
    connection.close()
    before = store._path.read_bytes()
    with pytest.raises(StorageError) as caught:
        store.listed()
    assert f"{store._path} was made by a newer Gazette (version 5 of its tables" in str(
        caught.value
    )
    assert "use the Gazette that made it, or move it away" in str(caught.value)
    assert store._path.read_bytes() == before


def test_a_damaged_database_is_named_with_what_to_do(store: Conversations):
    store._path.write_bytes(os.urandom(30_000))
    with pytest.raises(StorageError, match=r"conversations.db is damaged .*restore it from"):
        store.listed()


def test_the_doctor_counts_conversations_and_names_a_damaged_database(home: Path):
    home.mkdir()
    settings = load_settings(home=home)
    assert _conversations(settings) == Check("conversations", True, "0 stored")
    store = Conversations(home)
    store.append(plain("one?"), NOON, user="ayla")
    store.close()
    assert _conversations(settings) == Check("conversations", True, "1 stored")
    (home / FILE).write_bytes(os.urandom(30_000))
    found = _conversations(settings)
    assert not found.ok
    assert "conversations.db is damaged" in found.found
    assert "restore it from a copy" in found.remedy


# Other programs

WRITE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from rag.conversation.store import Conversations
from made_up import plain
store = Conversations(Path(sys.argv[1]))
for n in range(20):
    id = store.append(plain(f"{n}?"), datetime.now(UTC), sys.argv[2]).conversation
print(id)
"""
KILL = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
from rag.conversation.store import Conversations
from made_up import answer
store = Conversations(Path(sys.argv[1]))
event.listen(store._opened(), "commit", lambda connection: os.kill(os.getpid(), signal.SIGKILL))
store.append(answer(), datetime.now(UTC), sys.argv[2])
"""


def program(code: str, *arguments: str) -> subprocess.Popen[str]:
    path = f"{REPOSITORY}{os.pathsep}{Path(__file__).parent}"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_programs_may_write_at_once_into_a_new_database_and_into_one_conversation(
    store: Conversations,
):
    folder = str(store._path.parent)
    writers = [program(WRITE, folder, "") for _ in range(2)]
    for writer in writers:
        assert writer.communicate(timeout=60)[1] == ""
    assert [one.questions for one in store.listed()] == [1] * 40
    id = store.last()
    writers = [program(WRITE, folder, id) for _ in range(2)]
    for writer in writers:
        said, complaint = writer.communicate(timeout=60)
        assert (said.strip(), complaint) == (id, "")
    asked = [turn.question for turn in store.get(id).turns]
    assert sorted(asked[1:]) == sorted(f"{n}?" for n in range(20) for _ in range(2))


def test_a_database_that_another_program_is_making_is_waited_for(store: Conversations):
    with sqlite3.connect(store._path, isolation_level=None, check_same_thread=False) as other:
        other.execute("BEGIN IMMEDIATE")  # What SQLite does not wait for when a log is begun
        done = threading.Timer(0.3, other.rollback)
        done.start()
        store.append(plain("one?"), NOON)
        done.join()
    other.close()
    assert [one.questions for one in store.listed()] == [1]


def test_a_kill_while_storing_leaves_what_was_there(store: Conversations):
    given = plain("one?")
    id = store.append(given, NOON).conversation
    child = program(KILL, str(store._path.parent), id)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    assert [one.questions for one in store.listed()] == [1]
    assert rows(store, "versions") == rows(store, "uses") == 0
    store.append(answer(), NOON, id)
    assert [turn.answer for turn in store.get(id).turns] == [given, answer()]


def test_the_file_lies_in_the_data_folder(converse: Converse, asked: Gazette):
    converse("How long is the cable under the Caspian?")
    assert (asked.settings.home / FILE).is_file()
