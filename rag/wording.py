"""What readers are told, in their language; a terminal has it in English, as it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from babel.numbers import format_decimal

from rag.notice import Notice

_NOTICES = Path(__file__).parent / "words" / "notices.yaml"


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it is shown."""

    text: str
    lang: str
    """Of the text: English where the language asked for has no words for it."""


def told(notice: Notice, language: str) -> Told:
    """``notice`` in the words of ``language``, where its kind has words."""
    shown = {
        name: number(value, language) if isinstance(value, int) else value
        for name, value in notice.values.items()
    }
    try:
        return Told(notice_words()[notice.kind][language].format(**shown), language)
    except KeyError:  # it has no kind, or was stored when its kind had other values
        return Told(_sentence(" ".join(notice.text.split())), "en")


@cache
def notice_words() -> Mapping[str, Mapping[str, str]]:
    """The words of each kind of notice by their language, with ``{…}`` where its values stand."""
    table: dict[str, dict[str, str]] = yaml.safe_load(_NOTICES.read_text(encoding="utf-8"))
    return table


def number(value: int, language: str) -> str:
    """A whole number with its thousands set apart."""
    return str(format_decimal(value, locale=language))


def _sentence(text: str) -> str:
    """``text`` with a capital letter, unless it begins with a name."""
    begins_with_word = text.partition(" ")[0].isalpha()
    return text[:1].upper() + text[1:] if begins_with_word else text
