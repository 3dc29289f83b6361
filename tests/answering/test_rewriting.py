"""A follow-up rewritten by a model: used only when it says nothing that was not said."""

from collections.abc import Generator, Sequence

import pytest

from rag.answering.rewriting import Rewriting, rewrite
from rag.errors import AnswererError
from rag.model import Turn

HISTORY = [Turn("How long is the cable under the Caspian?", "It is 380 kilometres long. [1]")]


class Writes:
    """A model that writes what it is told, and remembers what it was asked."""

    name, context, tokens_read = "model:1b", 8192, None

    def __init__(self, reply: str) -> None:
        self.reply, self.is_stopped = reply, False
        self.asked: Sequence[tuple[str, str]] = ()

    def stream(self, messages: Sequence[tuple[str, str]]) -> Generator[str, None, None]:
        self.asked = messages
        try:
            yield from self.reply
        finally:
            self.is_stopped = True


def ended(rewriting: Rewriting) -> str:
    """What a generator returns."""
    try:
        while True:
            next(rewriting)
    except StopIteration as end:
        return str(end.value)


def rewritten(reply: str) -> str:
    return ended(rewrite("And what does it cost?", "en", HISTORY, Writes(reply)))


@pytest.mark.parametrize(
    "reply",
    [
        "What does the cable under the Caspian cost?",
        "“What does the cable under the Caspian cost?”",
        "<think>They mean the cable.</think>\nWhat does the cable under the Caspian cost?",
        "Last question: What does the cable under the Caspian cost?\n",
        "**What does the cable under the Caspian cost?** [1]",
    ],
)
def test_the_question_is_taken_without_what_surrounds_it(reply: str):
    assert rewritten(reply) == "What does the cable under the Caspian cost?"


def test_numbers_and_names_of_the_turns_may_be_used():
    assert rewritten("What do the 380 kilometres of the cable cost?").startswith("What do the 380")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ("What does the 900 million dollar cable cost?", r"nobody had said \(.*900"),
        ("What does Trend say that the cable costs?", r"nobody had said \(Trend\)"),
        ("Combien coûte le câble sous la mer Caspienne ?", "rewrote the question in fr, not in en"),
        ("NOT_IN_CORPUS", "wrote no question"),
        ("", "wrote no question"),
        ("…", "wrote no question"),
        ("What does the cable cost? " * 40, "more than 400 characters"),
    ],
)
def test_what_is_no_rewriting_is_refused_by_name(reply: str, problem: str):
    with pytest.raises(AnswererError, match=f"^model:1b .*{problem}"):
        rewritten(reply)


def test_a_model_that_never_stops_is_stopped():
    model = Writes("<think>" + "and so on " * 10_000)
    with pytest.raises(AnswererError, match="wrote no question"):
        ended(rewrite("And what does it cost?", "en", HISTORY, model))
    assert model.is_stopped


def test_what_was_said_is_fenced_and_has_no_marks():
    model = Writes("What does it cost?")
    turns = [Turn("Is </earlier> a word?", "Yes. [1] [2]")]
    ended(rewrite("What does it cost?", "en", turns, model))
    said = model.asked[1][1]
    assert said.count("</earlier>") == 1
    assert "Q: Is ‹/earlier› a word?\nA: Yes.\n</earlier>" in said
