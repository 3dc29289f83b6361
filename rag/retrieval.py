"""Retrieval: a question to ranked passages, by meaning and by words, weighed against each other."""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.embedding import Matrix, Vector
from rag.index.store import Index
from rag.index.words import question_terms, terms_of
from rag.model import Filters, Hit, Retrieval
from rag.text.folding import Token, same_name, tokens
from rag.text.language import identify
from rag.text.stopwords import is_stop_word

_CANDIDATES = 60
"""Passages that each of the two searches proposes."""
_SAMPLE = 600
"""Passages that a question is compared with to learn what an unrelated one scores."""
_LEXICAL_WEIGHT = 2.0
"""Standard deviations of cosine that a passage with every word of the question is worth."""
_TITLE_SHARE = 0.5
"""What a word of the question counts when only the document's title has it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question made ready: its language, content words, their weights, its vector."""

    text: str
    language: str
    vector: Vector
    words: tuple[Token, ...]
    """Content words, in order."""
    weights: tuple[float, ...]
    """Inverse document frequency of each word; 0 for a word the corpus does not have."""

    @property
    def unknown_names(self) -> tuple[str, ...]:
        """Names that stand nowhere in the corpus."""
        pairs = zip(self.words, self.weights, strict=True)
        return tuple(word.text for word, weight in pairs if weight == 0 and is_name(word, self.text))


def is_name(word: Token, text: str) -> bool:
    """Whether a word of ``text`` is written as a name: a capital that no sentence start explains."""
    if text.isupper() or not word.is_capitalised:
        return False
    before = text[: word.span.start].rstrip(" \t\n\"'«“„(—-¿¡•")
    return bool(before) and before[-1] not in ".!?:" or not word.text[1:].islower()


class Retriever:
    """Searches one index. Safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._background: tuple[int, Matrix, list[str]] = (-1, np.empty((0, 0), np.float32), [])

    def prepare(self, question: str) -> Question:
        """Embed and analyse ``question``."""
        words = tuple(token for token in tokens(question) if not is_stop_word(token))
        return Question(
            text=question,
            language=identify(question),
            vector=self._index.embedder.embed_query(question),
            words=words,
            weights=self._weights(words),
        )

    def retrieve(self, question: Question, n: int, filters: Filters) -> Retrieval:
        """The ``n`` best passages for ``question`` among those that satisfy ``filters``."""
        began = time.perf_counter()
        nearest, notice = self._index.nearest(question.vector, _CANDIDATES, filters)
        terms = question_terms(question.words)
        worded = self._index.catalog.matching(terms, _CANDIDATES * (4 if filters else 1))
        ids = list(dict.fromkeys([i for i, _ in nearest] + [i for i, _ in worded]))
        hits = self._scored(question, ids, filters)
        hits.sort(key=lambda hit: (-hit.score, hit.passage.doc, hit.passage.start))
        return Retrieval(
            question=question.text,
            language=question.language,
            hits=tuple(hits[:n]),
            unknown_names=question.unknown_names,
            notice=notice,
            seconds=time.perf_counter() - began,
        )

    def _scored(self, question: Question, ids: Sequence[int], filters: Filters) -> list[Hit]:
        held_ids, vectors = self._index.catalog.vectors(ids=ids, filters=filters)
        if not held_ids:
            return []
        held = self._index.catalog.passages(held_ids)
        cosines = dict(zip(held_ids, (vectors @ question.vector).tolist(), strict=True))
        levels = self._levels(question.vector)
        hits = []
        for i, (passage, document) in held.items():
            mean, deviation = levels.get(document.lang, levels[""])
            z = (cosines[i] - mean) / deviation
            lexical = self.lexical_share(question, passage.text, document.title)
            score = z + _LEXICAL_WEIGHT * lexical
            hits.append(Hit(passage, document, score, cosines[i], z, lexical))
        return hits

    def _weights(self, words: Sequence[Token]) -> tuple[float, ...]:
        by_word = [terms_of(word) for word in words]
        counts = self._index.catalog.document_counts(t for terms in by_word for t in terms)
        total = self._index.catalog.count()[1]
        return tuple(
            math.log1p(total / most) if (most := max(counts.get(t, 0) for t in terms)) else 0.0
            for terms in by_word
        )

    @staticmethod
    def lexical_share(question: Question, passage: str, title: str = "") -> float:
        """Share (0 to 1) of the weight of the question's known words that the passage has."""
        total = sum(question.weights)
        if not total:
            return 0.0
        in_passage, in_title = _Bag(passage), _Bag(title)
        found = 0.0
        for word, weight in zip(question.words, question.weights, strict=True):
            found += weight * max(in_passage.has(word), _TITLE_SHARE * in_title.has(word))
        return found / total

    @staticmethod
    def holds(word: Token, text: str) -> bool:
        """Whether a word, or a spelling of the name it is, stands in ``text``."""
        return _Bag(text).has(word) > 0

    def _levels(self, vector: Vector) -> dict[str, tuple[float, float]]:
        """Mean and deviation of the cosine with passages of a language, and of all under ""."""
        revision = self._index.catalog.revision()
        if self._background[0] != revision:
            self._background = (revision, *self._sample())
        _, matrix, langs = self._background
        cosines = matrix @ vector
        levels = {"": (float(cosines.mean()), float(cosines.std()) or 1.0)}
        for lang in set(langs):
            of_lang = cosines[[one == lang for one in langs]]
            if len(of_lang) >= 20:
                levels[lang] = (float(of_lang.mean()), float(of_lang.std()) or 1.0)
        return levels

    def _sample(self) -> tuple[Matrix, list[str]]:
        count = self._index.catalog.count()[1]
        ids, matrix = self._index.catalog.vectors(every=max(1, count // _SAMPLE))
        documents = self._index.catalog.passages(ids)
        return matrix, [documents[i][1].lang for i in ids]


class _Bag:
    """The words of a text, to be looked up by the words of a question."""

    def __init__(self, text: str) -> None:
        found = tokens(text)
        self._terms = {term for token in found for term in terms_of(token)[:1]}
        self._names = [token.folded for token in found if token.is_capitalised]

    def has(self, word: Token) -> float:
        if terms_of(word)[0] in self._terms:
            return 1.0
        return 1.0 if word.is_capitalised and _any_same(word.folded, self._names) else 0.0


def _any_same(name: str, names: Iterable[str]) -> bool:
    return any(same_name(name, other) for other in names)

