"""Highlights: spans of a text, in code points, and their marks in HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup, escape

_CONTEXT = 220
"""Characters of a passage that are shown before and after its quotes: more than a sentence."""
_SHORT = 700
"""A passage of so many characters is shown whole."""
_CUT = "… "
_WORD = 40
"""Characters within which a word is expected to end."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of a text, in code points, and the id of the element that marks it."""

    id: str
    start: int
    end: int


def highlighted(text: str, highlights: Iterable[Highlight]) -> Markup:
    """``text`` escaped, each highlight in a ``<mark>`` with its id; highlights may overlap.

    Raises ValueError for a highlight that is empty or leaves the text.
    """
    marks = sorted(highlights, key=lambda h: (h.start, -h.end))
    for mark in marks:
        if not 0 <= mark.start < mark.end <= len(text):
            raise ValueError(f"{mark.id} at {mark.start}-{mark.end} leaves {len(text)} characters")
    cuts = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    return Markup("").join(_segment(text, start, end, marks) for start, end in pairwise(cuts))


def _segment(text: str, start: int, end: int, marks: Sequence[Highlight]) -> Markup:
    """One stretch of text that no highlight begins or ends inside."""
    shown = escape(text[start:end])
    if not any(mark.start <= start < mark.end for mark in marks):
        return shown
    ids = [mark.id for mark in marks if mark.start == start]
    for name in reversed(ids):
        shown = Markup('<mark id="{}" tabindex="-1">{}</mark>').format(name, shown)
    return shown if ids else Markup("<mark>{}</mark>").format(shown)


def shown_part(text: str, marks: Sequence[Highlight]) -> tuple[str, list[Highlight]]:
    """What is shown of a long passage: its highlights and some words around, cut between words.

    The highlights come back at their places in what is shown; ``…`` stands where it was cut.
    """
    if len(text) <= _SHORT:
        return text, list(marks)
    first = min((mark.start for mark in marks), default=0)
    last = max((mark.end for mark in marks), default=_SHORT - _CONTEXT)
    start, end = _near(text, max(first - _CONTEXT, 0), -1), _near(text, last + _CONTEXT, 1)
    before, after = _CUT if start else "", f" {_CUT[0]}" if end < len(text) else ""
    moved = start - len(before)
    shown = before + text[start:end] + after
    return shown, [replace(m, start=m.start - moved, end=m.end - moved) for m in marks]


def _near(text: str, at: int, step: int) -> int:
    """The end of a word nearest to ``at`` in the direction of ``step``; ``at`` where none is."""
    for place in range(at, at + step * _WORD, step):
        if not 0 < place < len(text):
            return min(max(place, 0), len(text))
        if text[place - 1 if step < 0 else place].isspace():
            return place
    return at
