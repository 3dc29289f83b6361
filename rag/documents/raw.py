"""What a format's reader returns: text and whatever the format itself tells of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from rag.errors import ReadError

MAX_CHARACTERS = 2_000_000
"""About a thousand pages; a longer text is no article and would hold up the index for an hour."""


@dataclass(frozen=True, slots=True)
class Raw:
    """Text as extracted, not yet normalised; empty or None where the format does not say."""

    text: str
    title: str = ""
    lang: str = ""
    date: datetime.date | None = None
    publisher: str = ""
    source_title: str = ""
    source_date: datetime.date | None = None
    source_url: str = ""


def bounded(text: str, name: str, limit: int = MAX_CHARACTERS) -> str:
    """Return ``text``, or raise ReadError, naming ``name``, when it is longer than ``limit``."""
    if len(text) > limit:
        raise ReadError(
            f"{name} has {len(text):,} characters, over the limit of {limit:,}: split it",
            "too_long",
            name=name,
            n=len(text),
            most=limit,
        )
    return text


def too_deep(name: str) -> ReadError:
    """What is raised for a document whose parts lie in one another without end."""
    return ReadError(
        f"{name} is nested too deep to be read: save its text as .txt", "too_deep", name=name
    )
