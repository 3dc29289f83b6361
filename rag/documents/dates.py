"""Dates as they are written in the five languages, to the day."""

import re
from collections.abc import Iterator
from datetime import date

from rag.text.dating import month_of
from rag.text.folding import tokens

_YEAR = r"((?:19|20)\d\d)(?!\d)"
_ISO = re.compile(rf"(?<![\d-]){_YEAR}-(\d\d)-(\d\d)(?!\d)")
_DAY_FIRST = re.compile(
    rf"(?<![\d.,/-])(\d{{1,2}})(?:er|st|nd|rd|th)?\s+(?:of\s+)?([^\W\d_]{{3,10}})\.?,?\s+{_YEAR}"
)
_MONTH_FIRST = re.compile(rf"([^\W\d_]{{3,10}})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}")


def find_date(text: str) -> date | None:
    """The first date in ``text``: 2025-12-18, 18 décembre 2025, December 18, 2025 and the like."""
    return min(_dates(text), default=(0, 0, None))[2]


def as_date(value: str) -> date | None:
    """The date that ``value`` is, whole or with a time of day after it; None when it is none."""
    found = min(_dates(value.strip()), default=None)
    if found is None or found[0] > 0:
        return None
    rest = value.strip()[found[1] :]
    return found[2] if not rest or re.match(r"[T ,]+\d", rest) else None


def _dates(text: str) -> Iterator[tuple[int, int, date]]:
    """(start, end, date), in no order."""
    for match in _ISO.finditer(text):
        yield from _valid(match, *(int(part) for part in match.groups()))
    for match in _DAY_FIRST.finditer(text):
        day, name, year = match.groups()
        yield from _valid(match, int(year), _month(name), int(day))
    for match in _MONTH_FIRST.finditer(text):
        name, day, year = match.groups()
        yield from _valid(match, int(year), _month(name), int(day))


def _month(name: str) -> int:
    """The month that a word names; 0 for another word, which makes no date."""
    return next((month_of(word) or 0 for word in tokens(name)), 0)


def _valid(
    match: re.Match[str], year: int, month: int, day: int
) -> Iterator[tuple[int, int, date]]:
    try:
        yield match.start(), match.end(), date(year, month, day)
    except ValueError:
        return
