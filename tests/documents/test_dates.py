"""Dates in the five languages, to the day."""

from datetime import date

import pytest

from rag.documents.dates import as_date, find_date

DAY = date(2025, 12, 18)


@pytest.mark.parametrize(
    "written",
    [
        "2025-12-18",
        "18 décembre 2025",
        "18 Décembre 2025",
        "18 December 2025",
        "December 18, 2025",
        "18th of December 2025",
        "Dec. 18, 2025",
        "18 dekabr 2025",
        "18 декабря 2025",
        "18 ДЕКАБРЯ 2025",
        "18 Aralık 2025",
        "18 ARALIK 2025",
    ],
)
def test_a_date_is_found_as_each_language_writes_it(written: str) -> None:
    assert find_date(f"Bakou, {written}. Le ministre a signé.") == DAY
    assert as_date(written) == DAY


def test_the_first_of_a_month_is_found_as_french_writes_it() -> None:
    assert find_date("Le 1er mars 2026, à Bakou") == date(2026, 3, 1)


def test_the_first_date_in_the_text_is_taken() -> None:
    assert find_date("le 3 mai 2024 puis 2025-12-18") == date(2024, 5, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "décembre 2025",
        "2025",
        "18 personnes 2025",
        "31 février 2025",
        "2025-13-01",
        "18/12/2025",
        "version 2025-12-181",
        "12025-12-18",
    ],
)
def test_less_than_a_day_is_no_date(text: str) -> None:
    assert find_date(text) is None


def test_case_endings_after_a_date_do_not_hide_it() -> None:
    assert find_date("18 Aralık 2025’te") == DAY
    assert find_date("18 dekabr 2025-ci il") == DAY


def test_a_value_is_a_date_only_as_a_whole() -> None:
    assert as_date("2025-12-18T08:00:00+04:00") == DAY
    assert as_date(" 18 December 2025, 10:20") == DAY
    assert as_date("2025-12-18 or later") is None
    assert as_date("on 2025-12-18") is None
