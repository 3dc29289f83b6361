"""Bad questions are told what is wrong with them; odd ones are answered."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Ran
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.gazette import MAX_QUESTION, Gazette, clean_question
from rag.model import Filters, Finished
from rag.settings import load_settings

EMPTY = ["", " ", "\t\n", "\x00\x00", "?!…", "«»", "\ud800", "\u200b", "—", "😀"]


@pytest.mark.parametrize("text", EMPTY)
def test_a_question_without_a_letter_or_digit_is_empty(text: str):
    with pytest.raises(QuestionError, match="the question is empty: ask one, for example"):
        clean_question(text)


@pytest.mark.parametrize("text", ["a" * 100_000, "word " * 20_000, "İ" * (MAX_QUESTION + 1)])
def test_a_text_is_no_question(text: str):
    with pytest.raises(QuestionError, match="at most 2,000 are taken: shorten it"):
        clean_question(text)


@given(st.text())
def test_a_cleaned_question_is_one_line_that_can_be_written_and_is_clean_already(text: str):
    try:
        question = clean_question(text)
    except QuestionError:
        return
    question.encode()
    assert question.splitlines() == [question]
    assert clean_question(question) == question


@pytest.mark.parametrize(
    "text",
    [
        "How long is the cable?\x00 and after",
        "How long is\ud800 the cable?",
        "How\x1b[31m long\x07 is\r\nthe cable?",
        "HOW LONG IS THE CABLE",
        '" OR terms:* NEAR(cable) AND -"',
        "cable'); DROP TABLE passages;--",
        "%s {0} ${7*7} [bold]cable[/bold]",
        "\u202eelbac eht si gnol woH 42",
        "İ" * 1900 + " cable",
        "cable " * 330,
        "7",
        "a",
        "how is it that they do what they do",
        "ما طول الكابل؟",
        "ケーブルの長さは？",
    ],
)
def test_an_odd_question_is_answered_or_refused_like_any_other(small_home: Path, text: str):
    with Gazette(load_settings(home=small_home)) as gazette:
        *_, last = gazette.ask(text)
    assert isinstance(last, Finished)
    answer = last.answer
    assert answer.refused is not bool(answer.sentences)
    for citation in answer.citations:
        assert citation.quote


def test_the_façade_refuses_an_empty_question_everywhere(small_home: Path):
    with Gazette(load_settings(home=small_home)) as gazette:
        for call in (gazette.search, gazette.answer):
            with pytest.raises(QuestionError):
                call("...")


def test_an_unknown_publisher_is_refused_by_the_façade(small_home: Path):
    with Gazette(load_settings(home=small_home)) as gazette:
        with pytest.raises(QuestionError, match=r"'x y': use one of .*Azernews"):
            gazette.answer("How long is the cable?", Filters(publishers=("x y",)))
        with pytest.raises(QuestionError):
            gazette.documents(Filters(publishers=("",)))


LINES = (
    b"How long is the cable?\n\n  \n...\nWhen did the law come into force?\n"
    + b"x" * 100_000
    + b"\n\xff\xfe where \x00 is the \x1b[31mcable?\n"
)


def test_of_several_questions_the_good_ones_are_answered(
    gazette: Callable[..., Ran], small_home: Path
):
    done = gazette("ask", "-", "--json", stdin=LINES, env={"GAZETTE_HOME": str(small_home)})
    assert done.code == 2
    found = [json.loads(line) for line in done.out.splitlines()]
    assert ["error" in one for one in found] == [False, True, False, True, False]
    assert "\x1b" not in done.out
    plain = gazette("ask", "-", stdin=LINES, env={"GAZETTE_HOME": str(small_home)})
    assert plain.code == 2
    assert plain.err.count("gazette: the question") == 2
    assert "380 kilometres" in plain.out


@pytest.mark.parametrize("text", ["", "   ", "?!", "a" * 100_000])
def test_the_command_line_says_it_in_one_line(cli: Callable[..., Ran], small_home: Path, text: str):
    for command in ("ask", "search"):
        done = cli(command, text, home=small_home)
        assert done.code == 2
        assert "the question" in done.said
