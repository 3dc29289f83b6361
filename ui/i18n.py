"""The interface's own words, dates and numbers in its five languages."""

import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from babel.dates import format_date, format_datetime

from rag.answering.phrases import NEAREST as NEAREST
from rag.answering.phrases import NEAREST_SHOWN as NEAREST_SHOWN
from rag.answering.phrases import SOURCES as SOURCES
from rag.wording import number as number

LANGUAGE_NAMES = {
    "fr": "français",
    "en": "English",
    "az": "azərbaycanca",
    "ru": "русский",
    "tr": "Türkçe",
}
"""Each language by its own name."""
_WORDS = Path(__file__).parent / "words"


@cache
def words(part: str, language: str) -> Mapping[str, str]:
    """The words of a part of the interface, by name, as ``words/<part>.yaml`` has them.

    Raises KeyError for a name that lacks the language: none falls back to another.
    """
    table = yaml.safe_load((_WORDS / f"{part}.yaml").read_text(encoding="utf-8"))
    return {name: said[language] for name, said in table.items()}


def day(date: datetime.date | None, language: str) -> str:
    """A date in words, such as "18 déc. 2025"; "" for none."""
    return str(format_date(date, "d MMM y", locale=language)) if date else ""


def moment(time: datetime.datetime, language: str) -> str:
    """A time of this machine's clock in words."""
    local = time.astimezone()
    return str(format_datetime(local, "d MMM y, HH:mm", tzinfo=local.tzinfo, locale=language))


def short_day(time: datetime.datetime, language: str) -> str:
    """The hour of a time today, the day of one this year, else the month and year."""
    local, now = time.astimezone(), datetime.datetime.now().astimezone()
    if local.date() == now.date():
        return f"{local:%H:%M}"
    pattern = "d MMM" if local.year == now.year else "MMM y"
    return str(format_date(local.date(), pattern, locale=language))
