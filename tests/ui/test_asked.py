"""What the browser sends is checked before it is believed."""

import datetime

import pytest
from pydantic import ValidationError

from rag.errors import QuestionError
from rag.model import AskedWith, Filters
from ui.asked import Asked, Sent


def test_a_question_with_its_filters():
    asked = Asked.model_validate(
        {
            "question": "How long?",
            "langs": ["fr"],
            "publishers": ["Minval"],
            "since": "2025-03-10",
            "until": None,
            "docs": ["press/a.md"],
        }
    )
    assert asked.asked_with == AskedWith(
        Filters(("fr",), ("Minval",), datetime.date(2025, 3, 10), None, ("press/a.md",))
    )
    assert (asked.conversation, asked.at) == ("", None)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "a question",
        [],
        {},
        {"question": None},
        {"question": ["x"]},
        {"question": "x", "surprise": 1},
        {"question": "x", "at": "last"},
        {"question": "x", "at": -1},
        {"question": "x", "since": "10 March"},
        {"question": "x", "langs": "fr"},
        {"question": "x", "conversation": "c" * 101},
        {"question": "x", "publishers": ["p" * 501]},
        {"question": "x", "docs": ["d"] * 100_000},
    ],
)
def test_what_is_no_question_is_refused(sent):
    with pytest.raises(ValidationError):
        Asked.model_validate(sent)


def test_a_question_that_is_far_too_long_is_refused_as_one():
    with pytest.raises(QuestionError, match="the question has 10,001 characters, at most 2,000"):
        Asked.model_validate({"question": "x" * 10_001})


@pytest.mark.parametrize(
    "sent",
    [
        {"id": "x" * 101},
        {"position": "first"},
        {"position": -1},
        {"words": "x" * 501},
        {"liked": "very"},
        {"reason": "because"},
        {"comment": "x" * 5001},
        {"surprise": 1},
    ],
)
def test_what_is_no_event_is_refused(sent):
    with pytest.raises(ValidationError):
        Sent.model_validate(sent)


def test_an_event_may_carry_nothing():
    assert Sent.model_validate({}) == Sent()
