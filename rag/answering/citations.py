"""Citations: made only of a span that stands in a retrieved passage, letter for letter."""

from collections.abc import Iterable

from rag.model import Citation, Hit, Span


class CitationError(Exception):
    """A quote that is not in the passage it is said to come from: a defect, never shown."""


def verified(n: int, hit: Hit, span: Span) -> Citation:
    """The citation ``n`` of ``span`` in the document of ``hit``.

    Raises CitationError when the span leaves the passage that was retrieved, or when the passage's
    text is not what its document holds there.
    """
    passage, document = hit.passage, hit.document
    quote = document.text[span.start : span.end]
    inside = passage.start <= span.start < span.end <= passage.end
    stands = passage.text[span.start - passage.start : span.end - passage.start] == quote
    if passage.doc != document.id or not inside or not stands or not quote.strip():
        raise CitationError(f"{document.id} does not hold a quote at {span.start}-{span.end}")
    return Citation(
        n=n,
        doc=document.id,
        title=document.title,
        publisher=document.publisher,
        date=document.date,
        lang=document.lang,
        quote=quote,
        start=span.start,
        end=span.end,
        passage=passage.id,
    )


class Numbering:
    """Gives each quoted span one number, in the order of appearance."""

    def __init__(self) -> None:
        self._by_span: dict[tuple[str, Span], Citation] = {}

    def cite(
        self, quotes: Iterable[tuple[Hit, Span]]
    ) -> tuple[tuple[int, ...], tuple[Citation, ...]]:
        """Verify ``quotes``: (their numbers, the citations that are new)."""
        numbers, new = [], []
        for hit, span in quotes:
            key = (hit.passage.doc, span)
            if key not in self._by_span:
                self._by_span[key] = verified(len(self._by_span) + 1, hit, span)
                new.append(self._by_span[key])
            numbers.append(self._by_span[key].n)
        return tuple(dict.fromkeys(numbers)), tuple(new)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations so far, by number."""
        return tuple(self._by_span.values())
