"""Made-up documents, hits and events, for tests of what is drawn of them."""

import datetime

from rag.model import AnswerSentence, Citation, Cited, Document, Hit, Passage, Retrieval, Span

TEXT = "The quay is 380 metres long. It cost 4.2 million crowns. İstanbul & <b>Bakı</b> 😀 watched."
FIRST, SECOND = Span(0, 28), Span(29, 56)


def document(text: str = TEXT, **known: object) -> Document:
    given = {"title": "A quay", "lang": "en", "publisher": "Harbour News", **known}
    return Document("press/quay.md", text=text, date=datetime.date(2025, 3, 10), **given)


def hit(id: int = 1, text: str = TEXT, **known: object) -> Hit:
    """The whole of a document as one passage."""
    passage = Passage(id, "press/quay.md", 0, len(text), text, (FIRST, SECOND))
    return Hit(passage, document(text, **known), 1.0, 0.9, 0.5, 0.4)


def citation(n: int, span: Span = FIRST, passage: int = 1, **known: object) -> Citation:
    given = {
        "title": "A quay",
        "publisher": "Harbour News",
        "date": datetime.date(2025, 3, 10),
        "lang": "en",
        "quote": TEXT[span.start : span.end],
        **known,
    }
    return Citation(n, "press/quay.md", start=span.start, end=span.end, passage=passage, **given)


def found(*hits: Hit, question: str = "How long is the quay?") -> Retrieval:
    return Retrieval(question, "en", hits)


def quoted(n: int, span: Span = FIRST) -> Cited:
    """A sentence quoted word for word."""
    one = citation(n, span)
    return Cited(AnswerSentence(one.quote, (n,)), (one,))
