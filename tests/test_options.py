"""Options as a person types them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import QuestionError
from rag.model import Filters
from rag.options import parse_filters, parse_span


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2025-12-18", "2025-12-18", (date(2025, 12, 18), date(2025, 12, 18))),
        ("2025", "2025", (date(2025, 1, 1), date(2025, 12, 31))),
        ("2024-02", "2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        (" 2025-1-5 ", None, (date(2025, 1, 5), None)),
        (None, None, (None, None)),
    ],
)
def test_a_day_a_month_or_a_year_is_taken_whole(
    since: str | None, until: str | None, expected: tuple[date | None, date | None]
):
    found = parse_filters((), (), since, until)
    assert (found.since, found.until) == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2025-13", "2025-00", "2025-12-00", "2025-02-30", "0000", "20251218"]
)
def test_anything_else_is_refused_by_name(text: str):
    for option, pair in (("--since", (text, None)), ("--until", (None, text))):
        with pytest.raises(QuestionError) as caught:
            parse_filters((), (), *pair)
        assert str(caught.value) == f"{option} {text!r}: write it as 2025-12-18, 2025-12 or 2025"


def test_an_empty_interval_is_refused():
    with pytest.raises(QuestionError, match="--since 2026 lies after --until 2025: exchange them"):
        parse_filters((), (), "2026", "2025")


def test_a_language_that_is_not_read_is_refused():
    with pytest.raises(QuestionError, match="--lang 'de': use one of fr, en, az, ru, tr"):
        parse_filters(["fr", "de"], (), None, None)


def test_no_option_is_no_filter():
    assert not parse_filters((), (), None, None)
    assert parse_filters(("fr",), ("Le Monde",), None, None) == Filters(("fr",), ("Le Monde",))


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 10**6))
def test_a_span_inside_the_text_is_taken(start: int, width: int, rest: int):
    end = start + width
    assert parse_span(f" {start}-{end} ", end + rest) == (start, end)


@pytest.mark.parametrize("text", ["", "5", "5-5", "9-5", "0-101", "a-b", "-1-5", "1-" + "9" * 5000])
def test_any_other_span_is_refused(text: str):
    with pytest.raises(QuestionError, match="two positions in the document's 100 characters"):
        parse_span(text, 100)
