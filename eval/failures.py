"""Failures, side by side: what was expected and what was answered, each in its document."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from eval.figures import FATES
from eval.records import Place, Row
from eval.wording import KINDS
from rag.model import Document

AROUND = 400
"""Characters of the paragraph shown on each side of a span."""
_LONGEST = 2000
"""Characters of an excerpt; what is longer is cut."""
_SPANS = 4
"""Evidence spans shown of a nugget."""
_EXCERPTS = 12
"""Excerpts shown on a side."""

Documents = Mapping[str, Document]


def kind_of(row: Row) -> str:
    """Why the row is a failure, one of ``KINDS``; "" when it is none.

    Of a row with several lost nuggets, the earliest stage that one was lost at. An answer that
    states everything and cites wrongly passes, and is a failure nonetheless.
    """
    if row.error:
        return "error"
    if row.broken:
        return "invariant broken"
    if row.behaviour == "refuse" and not row.refused and not row.passed:
        return "false answer"
    lost = {gold.fate for gold in row.gold if gold.vital} - {"stated"}
    if lost:
        return max(lost, key=FATES.index)
    return "" if row.passed else "forbidden"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a document; ``mark`` is "", gold, quote or both."""

    text: str
    mark: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Part of a document around the spans it is shown for."""

    title: str
    lang: str
    labels: tuple[str, ...]
    """What it is shown for: nuggets, or citations."""
    pieces: tuple[Piece, ...]
    """Empty when the document is not at hand or no longer holds the span."""
    is_cut: tuple[bool, bool] = (False, False)
    """Whether the paragraph goes on before it, and after it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that was retrieved."""

    title: str
    lang: str
    holds_evidence: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that failed, with what is needed to see why."""

    row: Row
    kind: str
    expected: tuple[Excerpt, ...]
    answered: tuple[Excerpt, ...]
    retrieved: tuple[Source, ...]


def failures(
    rows: Iterable[Row], documents: Mapping[str, Documents]
) -> dict[str, tuple[Failure, ...]]:
    """Every failure, by kind in the order of ``KINDS``."""
    found: dict[str, list[Failure]] = {kind: [] for kind in KINDS}
    for row in rows:
        if kind := kind_of(row):
            found[kind].append(_failure(row, kind, documents.get(row.suite, {})))
    return {kind: tuple(held) for kind, held in found.items() if held}


def _failure(row: Row, kind: str, documents: Documents) -> Failure:
    gold = [(place, one.id) for one in row.gold for place in one.evidence[:_SPANS]]
    quotes = [(one.place, _label_of(one.n, one.place, row)) for one in row.citations]
    marks = _Marks(
        tuple(place for one in row.gold for place in one.evidence),
        tuple(place for place, _ in quotes),
    )
    return Failure(
        row,
        kind,
        _excerpts(gold, marks, documents),
        _excerpts(quotes, marks, documents),
        tuple(_source(place, marks.gold, documents) for place in row.passages),
    )


def _label_of(n: int, place: Place, row: Row) -> str:
    nuggets = [one.id for one in row.gold if any(_shared(place, e) for e in one.evidence)]
    return f"[{n}] evidence of {', '.join(nuggets)}" if nuggets else f"[{n}]"


def _shared(one: Place, other: Place) -> int:
    """Code points that two spans have in common."""
    if one.doc != other.doc:
        return 0
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _source(place: Place, gold: Iterable[Place], documents: Documents) -> Source:
    document = documents.get(place.doc)
    holds = any(2 * _shared(place, one) >= one.end - one.start > 0 for one in gold)
    return (
        Source(document.title, document.lang, holds) if document else Source(place.doc, "", holds)
    )


# Excerpts


@dataclass(frozen=True, slots=True)
class _Marks:
    gold: tuple[Place, ...]
    quotes: tuple[Place, ...]

    def at(self, start: int, end: int, doc: str) -> str:
        """The mark of a stretch that no span begins or ends inside."""
        here = Place(doc, start, end)
        is_gold = any(_shared(here, place) for place in self.gold)
        is_quote = any(_shared(here, place) for place in self.quotes)
        return {(True, True): "both", (True, False): "gold", (False, True): "quote"}.get(
            (is_gold, is_quote), ""
        )

    def cuts(self, window: Place) -> list[int]:
        """Where marks begin and end inside a window, its ends with them."""
        ends = {
            end
            for place in (*self.gold, *self.quotes)
            if place.doc == window.doc
            for end in (place.start, place.end)
            if window.start < end < window.end
        }
        return [window.start, *sorted(ends), window.end]


@dataclass(slots=True)
class _Window:
    place: Place
    labels: list[str] = field(default_factory=list)


def _excerpts(
    wanted: Sequence[tuple[Place, str]], marks: _Marks, documents: Documents
) -> tuple[Excerpt, ...]:
    """The paragraphs around spans, those that meet in one excerpt, in the order of the spans."""
    windows: list[_Window] = []
    for place, label in wanted:
        document = documents.get(place.doc)
        around = _around(document.text, place) if document else place
        window = next((w for w in windows if _are_one(w.place, around)), None)
        if window is None:
            windows.append(window := _Window(around))
        window.place = _both(window.place, around)
        if label not in window.labels:
            window.labels.append(label)
    return tuple(_excerpt(window, marks, documents) for window in windows[:_EXCERPTS])


def _are_one(one: Place, other: Place) -> bool:
    """Whether two excerpts meet and are short enough to be shown as one."""
    both = _both(one, other)
    return one == other or (_shared(one, other) > 0 and both.end - both.start <= _LONGEST)


def _both(one: Place, other: Place) -> Place:
    return Place(one.doc, min(one.start, other.start), max(one.end, other.end))


def _around(text: str, place: Place) -> Place:
    """A span with what its paragraph holds around it, cut between words."""
    start, end = max(0, min(place.start, len(text))), max(0, min(place.end, len(text)))
    before, after = text.rfind("\n\n", 0, start), text.find("\n\n", end)
    left = max(0 if before < 0 else before + 2, start - AROUND)
    right = min(len(text) if after < 0 else after, end + AROUND, left + _LONGEST)
    if left == start - AROUND:
        left += _to_word(text[left:start])
    if right == end + AROUND:
        right -= _to_word(text[end:right][::-1])
    return Place(place.doc, left, right)


def _to_word(text: str) -> int:
    """How far it is to where the next word begins; 0 when there is none."""
    found = next((at for at, c in enumerate(text) if c.isspace()), -1)
    return found + 1


def _excerpt(window: _Window, marks: _Marks, documents: Documents) -> Excerpt:
    place, labels = window.place, tuple(window.labels)
    document = documents.get(place.doc)
    if document is None:
        return Excerpt(place.doc, "", labels, ())
    text = document.text
    stretches = pairwise(marks.cuts(place)) if place.start < place.end else ()
    pieces = [Piece(text[a:b], marks.at(a, b, place.doc)) for a, b in stretches]
    joined = tuple(
        Piece("".join(piece.text for piece in same), mark)
        for mark, same in groupby(pieces, key=lambda piece: piece.mark)
    )
    before, after = text[: place.start], text[place.end :]
    is_cut = (
        bool(before) and not before.endswith("\n\n"),
        bool(after) and not after.startswith("\n\n"),
    )
    return Excerpt(document.title, document.lang, labels, joined, is_cut)
