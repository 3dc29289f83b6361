"""Evidence selection: the sentences of retrieved passages that bear on a question.

A sentence is judged in its context: by its passage's rank, by its own meaning under the document's
title, by the question's words that it holds, and by whether it has the kind of thing asked for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.embedding import Embedder, Vector
from rag.model import Hit, Span
from rag.retrieval import Question, Retriever
from rag.text.folding import number_key, tokens

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
    """Cosine of question and sentence in its context."""
    words: float
    """Share (0 to 1) of the question's word weight in the sentence, its title counting half."""
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


def evidence_for(question: Question, hits: Sequence[Hit], embedder: Embedder) -> list[Evidence]:
    """Every sentence of ``hits`` that can be evidence, best first."""
    pairs = [(hit, span) for hit in hits for span in hit.passage.sentences if _is_statement(hit, span)]
    if not pairs:
        return []
    texts = [f"{hit.document.title}\n{_text(hit, span)}" for hit, span in pairs]
    vectors = embedder.embed_passages(texts)
    meanings = vectors @ question.vector
    levels = (float(np.mean(meanings)), float(np.std(meanings)) or 1.0)
    found = [
        _scored(question, hit, span, vector, float(meaning), levels)
        for (hit, span), vector, meaning in zip(pairs, vectors, meanings, strict=True)
    ]
    return sorted(found, key=lambda e: (-e.score, e.hit.passage.doc, e.span.start))


def _text(hit: Hit, span: Span) -> str:
    return hit.document.text[span.start : span.end]


def _scored(
    question: Question,
    hit: Hit,
    span: Span,
    vector: Vector,
    meaning: float,
    levels: tuple[float, float],
) -> Evidence:
    text = _text(hit, span)
    words = Retriever.lexical_share(question, text, hit.document.title)
    kind = kind_of(question.text, question.language, text)
    score = 0.5 * hit.score + (meaning - levels[0]) / levels[1] + 1.0 * words + 0.7 * (kind - 0.5)
    return Evidence(hit, span, text, vector, meaning, words, kind, score)


def _is_statement(hit: Hit, span: Span) -> bool:
    """Whether the sentence says something: not a heading, not a scrap."""
    text = _text(hit, span)
    if sum(c.isalnum() for c in text) < _MIN_LETTERS:
        return False
    return not is_heading(hit.document.text, span)


def is_heading(text: str, span: Span) -> bool:
    """Whether the span is a paragraph of its own, short and without a final stop."""
    alone = text[: span.start].endswith("\n\n") or span.start == 0
    alone = alone and (text[span.end :].startswith("\n\n") or span.end == len(text))
    ends = text[span.end - 1] in ".!…;:»”\"’)"
    return alone and not ends and span.end - span.start < 120 and text[span.start] != "•"


# What kind of thing is asked for

_COUNT = re.compile(
    r"\b(how (many|much|long|old|large|big|far|fast|high)|what (share|percentage|number|amount|size)|"
    r"combien|quel(le)? (est le |est la )?(montant|nombre|part|puissance|capacité|longueur|somme|coût|prix|taille|superficie)|"
    r"neç[əe]|nə qədər|ne qeder|hansı (məbləğ|həcm)|"
    r"сколько|какова (сумма|мощность|доля|длина|стоимость)|какой объ[её]м|скольки\w*|"
    r"kaç|ne kadar|yüzde kaç|kaçıncı)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(when|what (date|day|month|year)|which (year|month|day|quarter)|by when|"
    r"quand|à quelle (date|échéance)|quel (jour|mois)|en quelle année|quelle année|"
    r"nə vaxt|ne vaxt|nə zaman|hansı (il|tarix|ay)\w*|"
    r"когда|в как(ом|ой) (году|месяце|день)|какого числа|к какому сроку|"
    r"ne zaman|hangi (yıl|tarih|ay)\w*)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(19|20)\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\bQ[1-4]\b|"
    r"\b(january|february|march|april|june|july|august|september|october|november|december|"
    r"janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|trimestre|"
    r"yanvar|fevral|mart|aprel|iyun|iyul|avqust|sentyabr|oktyabr|noyabr|dekabr|rüb|"
    r"январ|феврал|март|апрел|мая|июн|июл|август|сентябр|октябр|ноябр|декабр|квартал|"
    r"ocak|şubat|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık|çeyre|yarı)",
    re.IGNORECASE,
)


def kind_of(question: str, language: str, text: str) -> float:
    """Whether ``text`` holds the kind of thing asked for: 1 yes, 0 no, 0.5 no kind is asked for."""
    if _TIME.search(question):
        return 1.0 if _DATE.search(text) else 0.0
    if _COUNT.search(question):
        return 1.0 if any(c.isdigit() for c in text) else 0.0
    return 0.5
