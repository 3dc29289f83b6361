"""Questions to begin with, that the corpus can answer, in the language of the interface."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ui.i18n import words

if TYPE_CHECKING:
    from rag.gazette import Gazette

SHOWN = 4
_ROOT = "corpus"
"""What the folder of the shipped documents is called in their ids."""
_FILE = Path(__file__).with_suffix(".yaml")
_INNER = str.maketrans("«»“”", "„“‘’")
"""Quotation marks of a title that stands in such marks itself."""


def examples(gazette: "Gazette", language: str) -> list[str]:
    """Questions about the corpus: ours where the shipped documents are in it, else about titles.

    Of a corpus of other documents, the newest are asked about, each by its title; those in the
    interface's language come first.
    """
    known = _known()[language]
    held = gazette.titles([f"{_ROOT}/{file}" for file in known])
    found = [question for file, question in known.items() if f"{_ROOT}/{file}" in held]
    if len(found) < SHOWN:
        about = words("page", language)["about_title"]
        titles = gazette.newest_titles(SHOWN, language)
        found += [about.format(title=title.translate(_INNER)) for title in titles]
    return found[:SHOWN]


@cache
def _known() -> dict[str, dict[str, str]]:
    """Our questions by their language, then by the file of the shipped corpus that answers."""
    known: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return known
