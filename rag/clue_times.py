"""Times in a question: its phrases and dates, and the days that they mean."""

import calendar
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.clue_words import FUTURE, NEWS, TIMES, UNITS, Item, Line, Sense
from rag.model import Span
from rag.text.dating import Date, month_of, read_dates
from rag.text.folding import Token
from rag.text.number_words import number_word

_LEAP = 9
"""Years in which each day of the calendar comes at least once."""
_DIGITS = 3
"""The most in a number of units: no window of a newspaper has more."""
_BACK = {"last but one": 2, "last": 1, "since last": 1}

_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "fr": "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
}
"""Where the months take no case endings, all else that resembles one (en marche) is none."""
_NUMBERS = {
    word: value
    for words in (
        "bir iki uc dord bes alti yeddi sekkiz doqquz on",
        "bir iki uc dort bes alti yedi sekiz dokuz on",
    )
    for value, word in enumerate(words.split(), start=1)
}
"""Azerbaijani and Turkish numbers typed without accents: before a unit of time they are sure."""

Days = tuple[date, date | None]
"""The first and the last day, inclusive; no last one of what goes on."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time that a question names, and the days that it means."""

    span: Span
    days: Days
    is_filter: bool
    """Whether it can only mean when an article was published."""


def read_times(question: str, words: Sequence[Token], lang: str, today: date) -> Iterator[Time]:
    """Everything in ``question`` that may be a time, in no order; some of it may overlap.

    ``words`` are its tokens, ``lang`` one of the five languages.
    """
    line = Line(question, _dated(question, words, lang))
    is_open = FUTURE[lang].search(line.text) is not None
    is_news = NEWS[lang].search(line.text) is not None
    for sense, pattern in TIMES[lang]:
        for match in pattern.finditer(line.text):
            items = line.items(match)
            said = next((item.said for item in items if item.said), None)
            unit = next((unit for unit in UNITS if match.groupdict().get(unit)), "")
            count = _count(question, line, match, lang)
            if sense == "this" and unit == "day" and not is_news:
                continue  # nowadays
            days = _days_of(said, sense, today) if said else period(sense, unit, count, today)
            is_ahead = is_open and days is not None and (days[1] or date.min) >= today
            if days and not (said and is_ahead):
                is_filter = _is_filter(said, sense, unit) and not (sense == "this" and is_ahead)
                yield Time(line.span(items), days, is_filter)


def _is_filter(said: Date | None, sense: Sense, unit: str) -> bool:
    """Whether a phrase speaks of publication, not of an event.

    A year is long enough for either. "Since January" is told from today; "since 2024" may be how
    long something has been so.
    """
    if said:
        return sense == "since" and not said.year
    return unit != "year" or sense == "since this"


def _dated(question: str, words: Sequence[Token], lang: str) -> list[Item]:
    """The items of a line: dates, months, and words."""
    dates = read_dates(question, words, lang)
    inside = {position for said in dates for position in range(*said.span)}
    items = [
        Item(said.span, "·" if said.quarter else "%" if said.is_year else "#", said)
        for said in dates
    ]
    has_capitals = question != question.lower()
    for word in words:
        if word.span.start in inside:
            continue
        month = month_of(word) if word.folded in _MONTHS.get(lang, word.folded).split() else None
        if month and not (lang == "en" and has_capitals and not word.is_capitalised):
            items.append(Item(word.span, f"§{word.folded}", Date(word.span, month=month)))
        else:
            items.append(Item.of_word(word))
    return sorted(items, key=lambda item: item.span)


def _count(question: str, line: Line, match: re.Match[str], lang: str) -> int:
    """The number of units that a phrase names, 1 without one; 0 for what is no number."""
    group = next((group for group in "nm" if match.groupdict().get(group)), "")
    if not group:
        return 1
    item = line.items(match, group)[0]
    text = question[slice(*item.span)]
    if text.isdecimal():
        return int(text) if len(text) <= _DIGITS else 0
    word = number_word(text, lang)
    if word and word.role == "unit" and not word.is_last:
        return int(word.value)
    return _NUMBERS.get(item.key, 0) if lang in ("az", "tr") else 0


def period(sense: Sense, unit: str, count: int, today: date) -> Days | None:
    """The days of ``count`` units; None for none of them, or beyond the calendar's ends.

    A week begins on Monday. A window of n units reaches from the day n units ago to today; hours
    are rounded up to days.
    """
    if unit == "hour":
        unit, count = "day", -(-count // 24)
    try:
        if sense == "window":
            return (_shifted(today, unit, -count), today) if count else None
        first = _shifted(_beginning(today, unit), unit, -_BACK.get(sense, 0))
        if sense.startswith("since"):
            return first, None
        return first, _last(first, unit)
    except (OverflowError, ValueError):
        return None


def _days_of(said: Date, sense: Sense, today: date) -> Days | None:
    """The days of a date; without its year, of the latest that has begun.

    None for what has not begun, is no day of the calendar, or is a quarter.
    """
    years = [said.year] if said.year else range(today.year, today.year - _LEAP, -1)
    for year in years:
        try:
            first = date(year, said.month or 1, said.day or 1)
            last = _last(first, "day" if said.day else "month" if said.month else "year")
        except (OverflowError, ValueError):
            continue
        if first <= today and not said.quarter:
            return first, last if sense == "in" else None
    return None


def _beginning(day: date, unit: str) -> date:
    """The first day of the week, month or year that ``day`` is in."""
    if unit == "week":
        return day - timedelta(day.weekday())
    if unit == "day":
        return day
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def _last(first: date, unit: str) -> date:
    return _shifted(first, unit, 1) - timedelta(1)


def _shifted(day: date, unit: str, count: int) -> date:
    """``day``, so many units on; the last day of a month that is too short for it."""
    if unit in ("day", "week"):
        return day + timedelta(count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
