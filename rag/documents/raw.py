"""What a format's reader returns: text and whatever the format itself tells of it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Raw:
    """Text as extracted, not yet normalised; empty or None where the format does not say."""

    text: str
    title: str = ""
    lang: str = ""
    date: date | None = None
    publisher: str = ""
    source_title: str = ""
    source_date: date | None = None
    source_url: str = ""
