"""Evidence selection: the sentences of retrieved passages that bear on a question.

A sentence is judged in its context: by its passage's score first, then by its own meaning and by
whether it has the kind of thing that is asked for (docs/retrieval.md has the measurements).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.kinds import kind_asked
from rag.embedding import Vector
from rag.model import Hit, Span
from rag.retrieval import Question, Retriever
from rag.text.folding import number_key, tokens

# Weights of a sentence's score, its passage's counting 1; chosen on the development questions.
_MEANING = 2.0
_KIND = 1.5
_MIN_LETTERS = 12
"""A shorter sentence is a heading or a scrap, not evidence."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage, scored against a question."""

    hit: Hit
    span: Span
    text: str
    vector: Vector
    meaning: float
    """Cosine of question and sentence, both without what their language adds."""
    kind: float
    """1 when it holds the kind of thing asked for, 0 when not, 0.5 when no kind is asked for."""
    score: float

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers it states."""
        return numbers_in(self.text)


def numbers_in(text: str) -> frozenset[str]:
    """The numbers of a text, each in one form."""
    return frozenset(number_key(t.text) for t in tokens(text) if t.text[0].isdigit())


def evidence_for(question: Question, hits: Sequence[Hit], retriever: Retriever) -> list[Evidence]:
    """Every sentence of ``hits`` that can be evidence, best first."""
    asked = retriever.centred_question(question)
    found = []
    for hit, span, vector in retriever.sentence_vectors(hits):
        if _is_statement(hit, span):
            found.append(_scored(question, hit, span, vector, float(vector @ asked)))
    return sorted(found, key=lambda e: (-e.score, e.hit.passage.doc, e.span.start))


def _scored(question: Question, hit: Hit, span: Span, vector: Vector, meaning: float) -> Evidence:
    text = hit.document.text[span.start : span.end]
    kind = kind_of(question.text, text, hit.document.lang)
    score = hit.score + _MEANING * meaning + _KIND * kind
    return Evidence(hit, span, text, vector, meaning, kind, score)


def _is_statement(hit: Hit, span: Span) -> bool:
    """Whether the sentence says something: not a heading, not a scrap."""
    text = hit.document.text[span.start : span.end]
    if sum(c.isalnum() for c in text) < _MIN_LETTERS:
        return False
    return not is_heading(hit.document.text, span)


def is_heading(text: str, span: Span) -> bool:
    """Whether the span is a paragraph of its own, short and without a final stop."""
    alone = text[: span.start].endswith("\n\n") or span.start == 0
    alone = alone and (text[span.end :].startswith("\n\n") or span.end == len(text))
    ends = text[span.end - 1] in '.!…;:»”"’)'
    return alone and not ends and span.end - span.start < 120 and text[span.start] != "•"


def kind_of(question: str, text: str, lang: str) -> float:
    """Whether ``text``, in ``lang``, holds the kind of thing asked for.

    1 yes, 0 no, 0.5 when no kind is asked for.
    """
    kind = kind_asked(question)
    if kind is None:
        return 0.5
    return float(kind.is_in(text, lang))
