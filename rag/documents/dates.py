"""Dates as they are written in the five languages, to the day."""

import re
from collections.abc import Iterator
from datetime import date

from rag.text.folding import fold

_NAMES = """
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre
    january february march april may june july august september october november december
    yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
    jan feb mar apr may jun jul aug sep oct nov dec
"""
MONTHS = {fold(name): index % 12 + 1 for index, name in enumerate(_NAMES.split())}
"""Month number by folded name."""

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
        yield from _valid(match, int(year), MONTHS.get(fold(name), 0), int(day))
    for match in _MONTH_FIRST.finditer(text):
        name, day, year = match.groups()
        yield from _valid(match, int(year), MONTHS.get(fold(name), 0), int(day))


def _valid(
    match: re.Match[str], year: int, month: int, day: int
) -> Iterator[tuple[int, int, date]]:
    try:
        yield match.start(), match.end(), date(year, month, day)
    except ValueError:
        return
