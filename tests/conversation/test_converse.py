"""Asking in a conversation: stored at its end and not before, whatever becomes of the documents."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.conversation.store import FILE
from rag.embedding import Embedder
from rag.errors import ConversationError, QuestionError
from rag.gazette import Gazette
from rag.index import vectors
from rag.model import (
    Answer,
    AskedWith,
    Cited,
    Dropped,
    Filters,
    Finished,
    Intro,
    Kept,
    Notice,
    Writing,
    replayed,
)
from rag.settings import load_settings

Converse = Callable[..., tuple[str, Answer]]
QUESTION = "How long is the cable under the Caspian?"


def test_the_conversation_is_named_when_it_is_stored_right_before_the_end(asked: Gazette):
    before: list[type] = []
    for event in asked.converse(QUESTION):
        if isinstance(event, Kept):
            assert [one.id for one in asked.conversations.listed()] == [event.conversation]
            assert event.position == 0
        elif not isinstance(event, Finished):
            assert asked.conversations.listed() == []
        before.append(type(event))
    assert before[-2:] == [Kept, Finished]


def test_without_keeping_earlier_turns_are_read_but_nothing_is_stored(
    asked: Gazette, converse: Converse
):
    kept, _ = converse(QUESTION)
    *_, last = asked.converse("And what does it cost?", kept, keep=False)
    assert isinstance(last, Finished)
    assert last.answer.understood
    assert len(asked.conversations.get(kept).turns) == 1


def test_a_question_may_stand_by_itself_in_its_conversation(asked: Gazette, converse: Converse):
    kept, _ = converse(QUESTION)
    again, after = converse("And what does it cost?", kept)
    assert after.understood
    assert after.understood.is_follow_up
    _, alone = converse("And what does it cost?", kept, follows=False)
    assert alone.understood is None
    assert again == kept
    assert [turn.answer for turn in asked.conversations.get(kept).turns[1:]] == [after, alone]


def test_a_clue_is_taken_back_by_its_words_and_the_others_stay(converse: Converse):
    question = "According to Azernews, how long is the cable in 2024?"
    _, limited = converse(question)
    assert limited.understood
    by, year = limited.understood.clues
    assert {hit.document.publisher for hit in limited.passages} == {"Azernews"}
    _, free = converse(question, ignoring={by.text})
    assert {hit.document.publisher for hit in free.passages} > {"Azernews"}
    assert free.understood
    assert [clue.text for clue in free.understood.clues] == [year.text]
    assert free.understood.question == question


def test_what_a_question_was_asked_with_is_stored_with_its_answer(
    asked: Gazette, converse: Converse
):
    chosen = Filters(publishers=("Azernews",), docs=("press/cable.md", "press/hostile.md"))
    kept, _ = converse(QUESTION)
    converse(QUESTION, kept, filters=chosen, ignoring=("in 2024",), follows=False)
    first, second = asked.conversations.get(kept).turns
    assert first.asked_with == AskedWith()
    assert second.asked_with == AskedWith(chosen, ("in 2024",), follows=False)
    assert asked.titles((*chosen.docs, "press/gone.md")) == {
        "press/cable.md": "A cable under the Caspian",
        "press/hostile.md": asked.document("press/hostile.md")[0].title,
    }


def test_a_question_is_asked_again_with_the_turns_before_it_and_replaces_the_later_ones(
    asked: Gazette, converse: Converse
):
    kept, first = converse(QUESTION)
    converse("And what does it cost?", kept)
    converse("Who signed it?", kept)
    events = asked.converse("And how much does it cost?", kept, at=1)
    assert [turn.question for turn in asked.conversations.get(kept).turns][1:] == [
        "And what does it cost?",
        "Who signed it?",
    ]
    *_, told, last = events
    stored = asked.conversations.get(kept).turns[1]
    assert told == Kept(kept, 1, stored.asked_at)
    assert isinstance(last, Finished)
    assert last.answer.understood
    assert "cable" in last.answer.understood.question
    assert [turn.answer for turn in asked.conversations.get(kept).turns] == [first, last.answer]


def test_asked_again_from_the_first_turn_no_turn_is_read(asked: Gazette, converse: Converse):
    kept, _ = converse(QUESTION)
    again, alone = converse("And what does it cost?", kept, at=0)
    assert (again, alone.understood) == (kept, None)


def test_nothing_is_lost_when_what_was_to_be_asked_again_fails(asked: Gazette, converse: Converse):
    kept, given = converse(QUESTION)
    with pytest.raises(QuestionError, match="no document is published by 'Nobody'"):
        converse("Who?", kept, at=0, filters=Filters(publishers=("Nobody",)))
    assert [turn.answer for turn in asked.conversations.get(kept).turns] == [given]
    for conversation, at, said in ((kept, 1, "has no turn at position 1"), ("", 0, "is ''")):
        with pytest.raises(ConversationError, match=said):
            converse("Who?", conversation, at=at)


def test_the_setting_keeps_nothing_and_a_caller_may_overrule_it(copied: Path, embedder: Embedder):
    settings = load_settings(home=copied, answerer="extractive", keep=False)
    with Gazette(settings, embedder) as gazette:
        assert not any(isinstance(event, Kept) for event in gazette.converse(QUESTION))
        assert not (copied / FILE).exists()
        assert any(isinstance(event, Kept) for event in gazette.converse(QUESTION, keep=True))


def test_an_unknown_conversation_is_refused_before_anything_is_asked(asked: Gazette):
    with pytest.raises(ConversationError, match="no conversation is 'abc'"):
        next(asked.converse(QUESTION, "abc"))


def test_an_answer_is_told_with_a_notice_when_its_conversation_went_meanwhile(
    asked: Gazette, converse: Converse
):
    kept, _ = converse(QUESTION)
    events = asked.converse(QUESTION, kept)
    next(events)
    asked.conversations.delete(kept)
    *_, notice, last = events
    assert isinstance(notice, Notice)
    assert notice.text.startswith(f"this answer is not kept: no conversation is '{kept}'")
    assert isinstance(last, Finished)
    assert not last.answer.refused
    assert last.answer.notices[-1] == notice


def test_a_database_that_cannot_be_used_costs_no_answer(asked: Gazette):
    (asked.settings.home / FILE).write_bytes(b"no database" * 1000)
    *_, notice, last = asked.converse(QUESTION)
    assert isinstance(notice, Notice)
    assert "this answer is not kept" in notice.text
    assert "conversations.db is damaged" in notice.text
    assert isinstance(last, Finished)
    assert last.answer.citations


def test_a_stored_answer_is_told_again_as_it_was(asked: Gazette, converse: Converse):
    shown = (Intro, Cited, Finished)
    first = [e for e in asked.converse(QUESTION) if not isinstance(e, Writing | Dropped)]
    kept = next(e.conversation for e in first if isinstance(e, Kept))
    (turn,) = asked.conversations.get(kept).turns
    again = list(replayed(turn.answer))
    assert [e for e in again if isinstance(e, shown)] == [e for e in first if isinstance(e, shown)]


# The documents go on


@pytest.fixture
def press(small_home: Path, tmp_path: Path) -> Path:
    """The documents of the small corpus, to be changed."""
    return Path(shutil.copytree(small_home.parent / "press", tmp_path / "press"))


@pytest.fixture
def own(
    press: Path, home: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Gazette]:
    """An index of them."""
    monkeypatch.setattr("rag.index.store.is_sound", vectors.finds)
    settings = load_settings(home=home, answerer="extractive", keep=True)
    with Gazette(settings, embedder) as gazette:
        gazette.sync([press])
        yield gazette


def change(press: Path) -> None:
    file = press / "cable.md"
    file.write_text(file.read_text().replace("380 kilometres", "412 kilometres"))


def remove(press: Path) -> None:
    (press / "cable.md").unlink()


@pytest.mark.parametrize(
    ("act", "rebuild", "state"), [(change, False, "changed"), (remove, True, "gone")]
)
def test_a_conversation_survives_its_documents_and_tells_what_became_of_them(
    own: Gazette, press: Path, act: Callable[[Path], None], rebuild: bool, state: str
):
    *_, kept, last = own.converse(QUESTION)
    assert isinstance(kept, Kept)
    assert isinstance(last, Finished)
    given = last.answer
    assert set(own.states(given).values()) == {"current"}
    act(press)
    own.sync([press], rebuild)
    (turn,) = own.conversations.get(kept.conversation).turns
    assert turn.answer == given
    (cited,) = [c for c in turn.answer.citations if c.doc == "press/cable.md"][:1]
    document = next(h.document for h in turn.answer.passages if h.passage.id == cited.passage)
    assert document.text[cited.start : cited.end] == cited.quote
    assert "380 kilometres" in document.text
    states = own.states(turn.answer)
    assert states.pop("press/cable.md") == state
    assert set(states.values()) <= {"current"}


def test_without_an_index_it_is_reopened_and_nothing_is_said_of_the_documents(
    asked: Gazette, converse: Converse
):
    kept, given = converse(QUESTION)
    asked.close()
    (asked.settings.home / "index.json").unlink()
    (turn,) = asked.conversations.get(kept).turns
    assert turn.answer == given
    assert asked.states(given) == {}
    assert asked.titles(["press/cable.md"]) == {}
    assert "380 kilometres" in asked.export(asked.conversations.get(kept), "markdown")
