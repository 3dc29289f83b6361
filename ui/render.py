"""Data to HTML. Every text of a document, a model or a user is escaped here and nowhere else.

Ids that links lead to: ``answer``, ``sources``, ``quote-<n>`` for the highlight of citation n and
``near-<n>`` for the highlight of the n-th nearest passage.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from rag.model import AnswerSentence, Citation, Document, Hit
from ui.i18n import LANGUAGE_NAMES, NEAREST_SHOWN, Labels


@dataclass(frozen=True, slots=True)
class Highlight:
    """A span of a document's text, in code points, and the id of the element that marks it."""

    id: str
    start: int
    end: int


def highlighted(text: str, highlights: Iterable[Highlight]) -> str:
    """``text`` escaped, each highlight in a ``<mark>`` with its id; highlights may overlap.

    Raises ValueError for a highlight that is empty or leaves the text.
    """
    marks = sorted(highlights, key=lambda h: (h.start, -h.end))
    for mark in marks:
        if not 0 <= mark.start < mark.end <= len(text):
            raise ValueError(f"{mark.id} at {mark.start}-{mark.end} leaves {len(text)} characters")
    cuts = sorted({0, len(text), *(m.start for m in marks), *(m.end for m in marks)})
    return "".join(_segment(text, start, end, marks) for start, end in pairwise(cuts))


def _segment(text: str, start: int, end: int, marks: Sequence[Highlight]) -> str:
    """One stretch of text that no highlight begins or ends inside."""
    shown = escape(text[start:end])
    if not any(mark.start <= start < mark.end for mark in marks):
        return shown
    ids = [mark.id for mark in marks if mark.start == start]
    opening = "".join(f'<mark id="{escape(name)}" tabindex="-1">' for name in ids) or "<mark>"
    return opening + shown + "</mark>" * max(1, len(ids))


def status(text: str, is_busy: bool = False) -> str:
    """A small line: what is being done, or which answerer answered."""
    return f'<p class="{"busy" if is_busy else "notice"}">{escape(text)}</p>'


def failure(message: str) -> str:
    """One line that says what failed and what to do."""
    return f'<p class="failure" role="alert">{escape(message)}</p>'


def answer(
    question: str,
    language: str,
    intro: str,
    sentences: Iterable[AnswerSentence],
    citations: Sequence[Citation],
    words: Labels,
    draft: str = "",
) -> str:
    """The question, the answer's opening words and its sentences with their citation chips.

    ``draft`` is what a model is writing and nobody has checked yet; no screen reader says it.
    """
    by_number = {citation.n: citation for citation in citations}
    body = "".join(_sentence(sentence, language, by_number, words) for sentence in sentences)
    unfinished = f'<p class="draft" aria-hidden="true">{escape(draft)}</p>' if draft else ""
    opening = f'<p class="intro">{escape(intro)}</p>' if intro else ""
    return (
        f'<article id="answer" class="answer" tabindex="-1" lang="{escape(language)}">'
        f'<h2 aria-label="{escape(words.answer)}: {escape(question)}">{escape(question)}</h2>'
        f"{opening}{body}{unfinished}</article>"
    )


def _sentence(
    sentence: AnswerSentence, language: str, citations: dict[int, Citation], words: Labels
) -> str:
    """A sentence that quotes its source word for word is in the source's language."""
    cited = [citations[n] for n in sentence.citations]
    spoken = next((c.lang for c in cited if c.quote == sentence.text), language)
    chips = "".join(f" {_chip(citation, words)}" for citation in cited)
    doubt = words.doubtful.get(sentence.verdict, "")
    if doubt:
        chips += f' <span class="verdict {sentence.verdict}">{escape(doubt)}</span>'
    return f'<p class="sentence" lang="{escape(spoken)}">{escape(sentence.text)}{chips}</p>'


def _chip(citation: Citation, words: Labels) -> str:
    """The link ``[n]`` to the highlight of citation n."""
    name = escape(f"{words.source} {citation.n}: {citation.title}")
    return (
        f'<a class="chip" href="#quote-{citation.n}" title="{name}" aria-label="{name}">'
        f"[{citation.n}]</a>"
    )


def sources(citations: Sequence[Citation], documents: dict[str, Document], words: Labels) -> str:
    """A card for each cited document: its quotes, and its whole text with them highlighted."""
    if not citations:
        return ""
    by_document: dict[str, list[Citation]] = {}
    for citation in citations:
        by_document.setdefault(citation.doc, []).append(citation)
    cards = (_source(documents[name], cited, words) for name, cited in by_document.items())
    return _panel(words.sources, cards)


def _source(document: Document, cited: Sequence[Citation], words: Labels) -> str:
    lang = escape(document.lang)
    quotes = "".join(
        f'<div class="quote">{_chip(c, words)} <q lang="{lang}">{escape(c.quote)}</q></div>'
        for c in cited
    )
    marks = [Highlight(f"quote-{c.n}", c.start, c.end) for c in cited]
    return _card(document, quotes, marks, words)


def nearest(hits: Sequence[Hit], words: Labels) -> str:
    """The passages nearest to a question that was refused, labelled as no answer."""
    if not hits:
        return ""
    cards = (_near(n, hit, words) for n, hit in enumerate(hits[:NEAREST_SHOWN], 1))
    return _panel(words.nearest, cards)


def _near(n: int, hit: Hit, words: Labels) -> str:
    passage, document = hit.passage, hit.document
    shown = f'<div class="quote" lang="{escape(document.lang)}">{escape(passage.text)}</div>'
    marks = [Highlight(f"near-{n}", passage.start, passage.end)]
    return _card(document, shown, marks, words)


def _panel(title: str, cards: Iterable[str]) -> str:
    return (
        f'<section id="sources" class="sources" aria-label="{escape(title)}">'
        f"<h2>{escape(title)}</h2>{''.join(cards)}</section>"
    )


def _card(document: Document, quotes: str, marks: Sequence[Highlight], words: Labels) -> str:
    lang, title = escape(document.lang), escape(document.title)
    whole = escape(f"{words.whole}: {document.title}")
    return (
        f'<article class="card"><h3 lang="{lang}">{title}</h3>{_facts(document)}{quotes}'
        f'<details data-doc="{escape(document.id)}">'
        f'<summary aria-label="{whole}">{escape(words.whole)}</summary>'
        f'<div class="whole" lang="{lang}" tabindex="0" role="region" aria-label="{title}">'
        f"{highlighted(document.text, marks)}</div>{_origin(document)}"
        f'<a class="back" href="#answer">{escape(words.back)}</a></details></article>'
    )


def _facts(document: Document) -> str:
    day = document.date.isoformat() if document.date else ""
    language = LANGUAGE_NAMES.get(document.lang, document.lang)
    facts = (
        escape(document.publisher),
        f'<time datetime="{day}">{day}</time>' if day else "",
        f'<span lang="{escape(document.lang)}">{escape(language)}</span>',
    )
    return f'<p class="facts">{" · ".join(filter(None, facts))}</p>'


def _origin(document: Document) -> str:
    """Where the document comes from, as text: a link would leave the machine."""
    day = document.source_date.isoformat() if document.source_date else ""
    origin = ", ".join(filter(None, (document.source_title, day, document.source_url)))
    return f'<p class="facts origin">{escape(origin)}</p>' if origin else ""
