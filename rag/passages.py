"""Document to passages: spans of whole sentences, inside paragraphs, with their headings."""

from collections.abc import Iterator

from rag.model import Document, Passage, Span
from rag.text.sentences import SEGMENTER_RULES, sentence_spans

RULES = f"1.{SEGMENTER_RULES}"
"""Version of these rules and the segmenter's; an index remembers the one that made it."""

MAX_CHARACTERS = 700
"""A longer paragraph is cut between sentences into parts of about equal length."""
MIN_CHARACTERS = 120
"""A shorter paragraph (a heading, a lead-in, a cross-heading) goes with the one that follows."""
MAX_SENTENCE = 1500
"""A longer run without a sentence end (a table, a list of names) is cut at a space."""


def passages_of(document: Document) -> list[Passage]:
    """Cut ``document`` into passages, in order, none overlapping another.

    Together they hold every sentence of the text. Every passage has ``id`` 0.
    """
    paragraphs = _with_headings(_paragraphs(document), document.text)
    return [_passage(document, group) for paragraph in paragraphs for group in _divided(paragraph)]


def embedding_text(document: Document, passage: Passage) -> str:
    """What is embedded for ``passage``: its text under the document's title and date.

    The header tells a passage what it is about; it is never shown or quoted.
    """
    day = f" ({document.date.isoformat()})" if document.date else ""
    return f"{document.title}{day}\n{passage.text}"


def _passage(document: Document, sentences: list[Span]) -> Passage:
    start, end = sentences[0].start, sentences[-1].end
    return Passage(0, document.id, start, end, document.text[start:end], tuple(sentences))


def _paragraphs(document: Document) -> Iterator[list[Span]]:
    current: list[Span] = []
    for sentence in sentence_spans(document.text, document.lang):
        for span in _bounded(sentence, document.text):
            if current and "\n\n" in document.text[current[-1].end : span.start]:
                yield current
                current = []
            current.append(span)
    if current:
        yield current


def _bounded(sentence: Span, text: str) -> Iterator[Span]:
    start, end = sentence
    while end - start > MAX_SENTENCE:
        space = max(
            text.rfind(" ", start, start + MAX_SENTENCE),
            text.rfind("\n", start, start + MAX_SENTENCE),
        )
        cut = space if space > start else start + MAX_SENTENCE
        yield Span(start, cut)
        start = cut + 1 if space > start else cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield Span(start, end)


def _with_headings(paragraphs: Iterator[list[Span]], text: str) -> Iterator[list[Span]]:
    held: list[Span] = []
    for paragraph in paragraphs:
        held = [*held, *paragraph]
        if held[-1].end - held[0].start >= MIN_CHARACTERS:
            yield held
            held = []
    if held:
        yield held


def _divided(sentences: list[Span]) -> Iterator[list[Span]]:
    length = sentences[-1].end - sentences[0].start
    parts = -(-length // MAX_CHARACTERS)
    target = length / parts
    group: list[Span] = []
    for sentence in sentences:
        if group and _is_full(group, sentence, target):
            yield group
            group = []
        group.append(sentence)
    yield group


def _is_full(group: list[Span], following: Span, target: float) -> bool:
    """Whether the group is nearer to ``target`` without the following sentence than with it."""
    without = group[-1].end - group[0].start
    with_it = following.end - group[0].start
    return with_it > MAX_CHARACTERS or abs(without - target) < abs(with_it - target)
