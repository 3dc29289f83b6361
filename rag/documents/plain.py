"""Plain text: paragraphs, hard-wrapped or not, under a first short line that is the title."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

from rag.documents.dates import as_date
from rag.documents.decoding import decode
from rag.documents.raw import Raw, bounded

_MAX_TITLE = 200
_NARROWEST, _WIDEST = 50, 100
"""Widths, in characters, to which editors wrap text."""
_WRAPPED_SHARE = 0.8
"""Share of the line ends that must look like wrapping before any is undone."""

_BLANK = re.compile(r"\n\s*\n")
_SENTENCE_END = (".", "…", ":", ";", ",", ".»", ".”", '."')
_NEW_LINE = re.compile(r"[-*•–—]\s|\d{1,3}[.)]\s|\S{0,30}:$")


def read(data: bytes, name: str) -> Raw:
    """Read a text file; ``name`` is used in messages."""
    text = re.sub(r"\r\n?|[\u2028\x85]", "\n", bounded(decode(data, name), name))
    paragraphs = [
        [line.strip() for line in paragraph.strip().split("\n")]
        for paragraph in _BLANK.split(text)
        if paragraph.strip()
    ]
    title, day = "", None
    while len(paragraphs) > 1 and len(paragraphs[0]) == 1 and not title:
        line = paragraphs[0][0]
        found = None if day else as_date(line)
        if found is None and not _is_title(line):
            break
        title, day = ("", found) if found else (line, day)
        paragraphs.pop(0)
    return Raw(text=_joined(paragraphs), title=title, date=day or _day_under(paragraphs))


def _is_title(line: str) -> bool:
    return 0 < len(line) <= _MAX_TITLE and not line.endswith(_SENTENCE_END)


def _day_under(paragraphs: list[list[str]]) -> date | None:
    """The date that stands alone on the line under the title."""
    return as_date(paragraphs[0][0]) if paragraphs and len(paragraphs[0]) == 1 else None


def _joined(paragraphs: list[list[str]]) -> str:
    width = _wrap_width(paragraphs)
    return "\n\n".join(_unwrapped(lines, width) for lines in paragraphs)


def _wrap_width(paragraphs: list[list[str]]) -> int:
    """The width to which the text is hard wrapped, 0 when it is not."""
    ends = [
        pair for lines in paragraphs for pair in pairwise(lines) if not _NEW_LINE.match(pair[1])
    ]
    width = max((len(line) for line, _ in ends if len(line) <= _WIDEST), default=0)
    wrapped = sum(_is_wrapped(line, following, width) for line, following in ends)
    return width if width >= _NARROWEST and wrapped >= len(ends) * _WRAPPED_SHARE else 0


def _is_wrapped(line: str, following: str, width: int) -> bool:
    """Whether the next line's first word would not have fitted on this one."""
    if _NEW_LINE.match(following) or len(line) > width:
        return False
    first_word = following.split(maxsplit=1)[0] if following.strip() else ""
    return len(line) >= width / 2 and len(line) + 1 + len(first_word) > width


def _unwrapped(lines: list[str], width: int) -> str:
    parts = lines[:1]
    for line, following in pairwise(lines):
        joint = " " if width and _is_wrapped(line, following, width) else "\n"
        parts += [joint, following]
    return "".join(parts)
