"""Options as a person types them: filters and spans, with errors that name the remedy."""

import calendar
import re
from collections.abc import Sequence
from datetime import date

from rag.errors import QuestionError
from rag.model import LANGUAGES, Filters

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def parse_filters(
    langs: Sequence[str],
    publishers: Sequence[str],
    since: str | None,
    until: str | None,
    docs: Sequence[str] = (),
) -> Filters:
    """Build Filters; raises QuestionError that names the option, its value and the remedy."""
    for lang in langs:
        if lang not in LANGUAGES:
            raise QuestionError(f"--lang {lang!r}: use one of {', '.join(LANGUAGES)}")
    first = _day(since, "--since", last=False) if since is not None else None
    final = _day(until, "--until", last=True) if until is not None else None
    if first and final and first > final:
        raise QuestionError(f"--since {since} lies after --until {until}: exchange them")
    return Filters(tuple(langs), tuple(publishers), first, final, tuple(docs))


def _day(text: str, option: str, last: bool) -> date:
    """The first or last day that ``text``, a year, a month or a day, covers."""
    match = _DAY.fullmatch(text.strip())
    try:
        if not match:
            raise ValueError
        year = int(match[1])
        month = int(match[2] or (12 if last else 1))
        return date(year, month, int(match[3] or (_days_in(year, month) if last else 1)))
    except (ValueError, calendar.IllegalMonthError) as error:
        raise QuestionError(
            f"{option} {text!r}: write it as 2025-12-18, 2025-12 or 2025"
        ) from error


def _days_in(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def parse_span(text: str, length: int) -> tuple[int, int]:
    """``START-END`` as two positions in a text of ``length`` code points."""
    match = re.fullmatch(r"(\d{1,12})-(\d{1,12})", text.strip())
    if not match or not int(match[1]) < int(match[2]) <= length:
        raise QuestionError(
            f"--at {text!r}: write it as START-END, two positions in the document's "
            f"{length:,} characters"
        )
    return int(match[1]), int(match[2])
