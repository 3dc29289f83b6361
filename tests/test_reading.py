"""Reading a question: what of it was understood can be told, and taken back piece by piece."""

from collections.abc import Collection, Generator, Sequence
from datetime import date

import pytest

from rag.model import Filters, Turn, Writing
from rag.reading import Reading, Rewriter, read

MONDAY = date(2026, 6, 1)
LAST_WEEK = Filters(since=date(2026, 5, 25), until=date(2026, 5, 31))
QUESTION = "According to Trend, what did Elvin Abbasov sign last week, in the view of Mr Nabiyev?"
EARLIER = (Turn("How long is the cable under the Caspian?", "It is 380 kilometres long. [1]"),)


def reading(
    question: str,
    ignoring: Collection[str] = (),
    history: Sequence[Turn] = (),
    rewriter: Rewriter | None = None,
    given: Filters = Filters(),  # noqa: B008 - frozen
) -> Reading:
    steps = read(question, given, history, MONDAY, ["Trend"], rewriter, ignoring)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: Reading = done.value
            return result


def test_each_clue_says_what_it_does_and_what_words_take_it_back():
    found = reading(QUESTION).understood(QUESTION)
    assert found
    assert [(clue.text, clue.kind, clue.is_filter, clue.effect) for clue in found.clues] == [
        ("According to Trend", "source", True, "only documents published by Trend"),
        ("last week", "time", True, "only documents of 2026-05-25 to 2026-05-31"),
        ("in the view of Mr Nabiyev", "source", False, "preferring passages that name Nabiyev"),
    ]


@pytest.mark.parametrize(
    ("ignoring", "asked", "filters", "left"),
    [
        (["last week"], "what did Elvin Abbasov sign last week, in the view of Mr Nabiyev?",
         Filters(publishers=("Trend",)), ["According to Trend", "in the view of Mr Nabiyev"]),
        (["According to Trend"], "According to Trend, what did Elvin Abbasov sign, in the view of "
         "Mr Nabiyev?", LAST_WEEK, ["last week", "in the view of Mr Nabiyev"]),
        (["in the view of Mr Nabiyev", "last week", "According to Trend"], QUESTION, Filters(), []),
        (["next week", "Last Week"], "what did Elvin Abbasov sign, in the view of Mr Nabiyev?",
         Filters(publishers=("Trend",), since=LAST_WEEK.since, until=LAST_WEEK.until),
         ["According to Trend", "last week", "in the view of Mr Nabiyev"]),
    ],
)  # fmt: skip
def test_a_clue_that_was_taken_back_neither_filters_nor_weighs_and_its_words_stay(
    ignoring: list[str], asked: str, filters: Filters, left: list[str]
):
    found = reading(QUESTION, ignoring)
    assert (found.asked, found.searched, found.filters) == (asked, asked, filters)
    assert [clue.text for clue in found.clues] == left


def test_a_question_all_of_whose_clues_were_taken_back_is_read_as_it_is_written():
    words = [clue.text for clue in reading(QUESTION).clues]
    assert reading(QUESTION, words).understood(QUESTION) is None


def test_only_what_earlier_turns_add_makes_a_follow_up():
    alone = reading("What was signed in Baku last week?", history=EARLIER)
    assert alone.asked == "What was signed in Baku?"
    assert not alone.is_follow_up
    after = reading("And what does it cost?", history=EARLIER).understood("And what does it cost?")
    assert after
    assert after.question == "And what does it cost? (the cable under the Caspian)"
    assert after.is_follow_up


@pytest.mark.parametrize(
    ("written", "is_follow_up"),
    [("What does the cable cost?", True), ("And what does it cost?", False)],
)
def test_a_model_makes_a_follow_up_only_of_a_question_that_it_changes(
    written: str, is_follow_up: bool
):
    def rewriter(*_: object) -> Generator[Writing, None, str]:
        yield Writing("")
        return written

    found = reading("And what does it cost?", history=EARLIER, rewriter=rewriter)
    assert (found.asked, found.is_follow_up) == (written, is_follow_up)
