"""Retrieval: a question to ranked passages, by meaning and by words, weighed against each other.

An embedder places texts of one language near each other, so a plain cosine prefers passages in the
question's language to passages that answer it. The mean vector of each language is therefore taken
out before comparing (docs/retrieval.md has the measurements).
"""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from rag.embedding import Matrix, Vector
from rag.index.reader import Candidate
from rag.index.store import Index
from rag.index.words import question_terms, terms_of
from rag.model import Clue, Filters, Hit, Retrieval, Span
from rag.text.folding import Token, same_name, tokens
from rag.text.language import identify
from rag.text.stopwords import is_stop_word

_CANDIDATES = 40
"""Passages that the dense search proposes for each language, and the lexical search in all."""
_SAMPLE = 300
"""Passages of a language from which its mean and its spread are taken."""
_PRIOR = 3
"""Plain sentences of a language count in its mean as much as this many passages: with few passages
the mean would be their subject, not their language."""

# Weights of the ranking, chosen on the development questions (docs/retrieval.md).
_CENTRED = 10.0
_SPREAD = 0.6
_HUB = 2.0
_LEXICAL = 1.0
_AGREEMENT = 0.6
"""Share of the question's words from which a passage gains by them. Below it words only mislead:
they favour passages in the question's language."""
_NEIGHBOURS = 10
"""Passages next to one whose cosines with it tell how much of a hub it is."""
_CLUE = 0.5
"""What a passage gains by a person or a date that the question names: the questions have too few of
them for a fit, so it decides only between passages that are otherwise near each other."""
_LATER = timedelta(days=7)
"""After what it tells of, an article may still appear."""
_WITHIN_A_NAME = (" ", "-", "’", "'")
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
    def names(self) -> tuple[Token, ...]:
        """The words that are written as names."""
        return tuple(word for word in self.words if is_name(word, self.text))

    @property
    def unknown_names(self) -> tuple[Token, ...]:
        """Those of them that stand nowhere in the corpus."""
        pairs = zip(self.words, self.weights, strict=True)
        return tuple(word for word, weight in pairs if not weight and is_name(word, self.text))


def is_name(word: Token, text: str) -> bool:
    """Whether ``word`` of ``text`` is written as a name: a capital no sentence start explains."""
    if text.isupper() or not word.is_capitalised:
        return False
    before = text[: word.span.start].rstrip(" \t\n\"'«“„(—-¿¡•")
    return (bool(before) and before[-1] not in ".!?:") or not word.text[1:].islower()


def whole_names(words: Sequence[Token], text: str) -> list[str]:
    """``words`` of ``text`` as it has them: those side by side are one name, of several words."""
    spans: list[Span] = []
    for word in words:
        if spans and text[spans[-1].end : word.span.start] in _WITHIN_A_NAME:
            spans[-1] = Span(spans[-1].start, word.span.end)
        else:
            spans.append(word.span)
    return [text[span.start : span.end] for span in spans]


def names_in(text: str) -> list[Token]:
    """The words of ``text`` that are written as names."""
    return [token for token in tokens(text) if is_name(token, text) and not is_stop_word(token)]


class _Languages:
    """Mean vector of each language and the spread of cosines around it, from a sample."""

    def __init__(self, sample: Mapping[str, Matrix], background: Mapping[str, Vector]) -> None:
        self._sample = sample
        self._means = dict(background)
        for lang, rows in sample.items():
            total = rows.sum(axis=0) + _PRIOR * background[lang]
            self._means[lang] = total / (len(rows) + _PRIOR)
        centred = [self.centred(rows, lang) for lang, rows in sample.items()]
        self._pool = np.concatenate([*centred, next(iter(background.values()))[None][:0]])

    def mean(self, lang: str) -> Vector:
        """The mean of a language; of one without passages, of plain sentences in it."""
        return self._means[lang]

    def centred(self, vectors: Matrix, lang: str) -> Matrix:
        """``vectors`` (n, dimension) of one language without what it adds, L2-normalised."""
        moved = vectors - self.mean(lang)
        norms = np.linalg.norm(moved, axis=-1, keepdims=True)
        centred: Matrix = moved / np.maximum(norms, 1e-9)
        return centred

    def levels(self, vector: Vector) -> dict[str, tuple[float, float]]:
        """(mean, standard deviation) of a question's cosine with passages, by language."""
        all_cosines = np.concatenate([rows @ vector for rows in self._sample.values()])
        spread = float(all_cosines.std()) or 1.0
        found = {}
        for lang, rows in self._sample.items():
            cosines = rows @ vector
            weight = len(rows) / (len(rows) + _PRIOR)
            mean = float(self.mean(lang) @ vector)
            found[lang] = (mean, weight * float(cosines.std()) + (1 - weight) * spread or 1.0)
        return found

    def hubness(self, centred: Matrix) -> Vector:
        """How near each of ``centred`` (n, dimension) is to its neighbours, (n,).

        A hub is near to everything, and so to any question: its nearness says less (Lample et al.,
        Word Translation Without Parallel Data, ICLR 2018, where it is taken off the cosine).
        In a small sample what is missing counts as far away.
        """
        count = min(_NEIGHBOURS, len(self._pool) - 1)
        if count < 1:
            return np.zeros(len(centred), np.float32)
        # One more than asked for: the passage itself, or one as near, is the first.
        nearest = np.partition(centred @ self._pool.T, -count - 1, axis=1)[:, -count - 1 :]
        hubness: Vector = (nearest.sum(axis=1) - nearest.max(axis=1)) / _NEIGHBOURS
        return hubness


class Retriever:
    """Searches one index. Safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: tuple[int, _Languages] | None = None
        # Kept: the same passages come up for question after question.
        self._terms_of = lru_cache(maxsize=1024)(index.embedder.latent_terms)

    def prepare(self, question: str, language: str = "") -> Question:
        """Embed and analyse ``question``; its language is identified where it is not given."""
        words = tuple(token for token in tokens(question) if not is_stop_word(token))
        return Question(
            text=question,
            language=language or identify(question),
            vector=self._index.embedder.embed_query(question),
            words=words,
            weights=self._weights(words),
        )

    def retrieve(
        self, question: Question, n: int, filters: Filters, clues: Sequence[Clue] = ()
    ) -> Retrieval:
        """The ``n`` best passages for ``question`` among those that satisfy ``filters``.

        Those that fit ``clues`` that are no filters gain by them.
        """
        began = time.perf_counter()
        nearest, notice = self._index.nearest(question.vector, _CANDIDATES, filters)
        terms = question_terms(question.words)
        worded = self._index.catalog.matching(terms, _CANDIDATES, filters)
        ids = dict.fromkeys([i for i, _ in nearest] + [i for i, _ in worded])
        ranked = self._ranked(question, self._index.catalog.candidates(ids, filters), clues)[:n]
        held = self._index.catalog.passages(candidate.id for candidate, *_ in ranked)
        hits = (
            Hit(*held[candidate.id], score=score, dense=dense, centred=centred, lexical=lexical)
            for candidate, score, dense, centred, lexical in ranked
            if candidate.id in held
        )
        return Retrieval(
            question=question.text,
            language=question.language,
            hits=tuple(hits),
            unknown_names=tuple(whole_names(question.unknown_names, question.text)),
            notice=notice,
            seconds=time.perf_counter() - began,
        )

    def sentence_vectors(self, hits: Sequence[Hit]) -> list[tuple[Hit, Span, Vector]]:
        """Every sentence of ``hits`` with its language-centred vector."""
        held = self._index.catalog.sentence_vectors(hit.passage.id for hit in hits)
        languages = self._languages()
        found: list[tuple[Hit, Span, Vector]] = []
        for hit in hits:
            if hit.passage.id in held:
                rows = languages.centred(held[hit.passage.id], hit.document.lang)
                found.extend((hit, *pair) for pair in zip(hit.passage.sentences, rows, strict=True))
        return found

    def covered_terms(self, question: Question, hit: Hit) -> float | None:
        """Share (0 to 1) of the question's latent terms, by weight, that the passage has.

        None when the embedder has no latent terms.
        """
        asked = self._index.embedder.latent_terms(question.text)
        if not asked:
            return None
        held = self._terms_of(f"{hit.document.title}\n{hit.passage.text}")
        return sum(w for term, w in asked.items() if term in held) / sum(asked.values())

    def centred_question(self, question: Question) -> Vector:
        """The question's vector without what its language adds."""
        return self._languages().centred(question.vector, question.language)

    def centred_text(self, text: str, lang: str) -> Vector:
        """The vector of a text that a model wrote, without what its language adds."""
        vector = self._index.embedder.embed_passages([text])[0]
        return self._languages().centred(vector, lang)

    def _ranked(
        self, question: Question, candidates: Sequence[Candidate], clues: Sequence[Clue]
    ) -> list[tuple[Candidate, float, float, float, float]]:
        """(candidate, score, cosine, centred cosine, lexical share), best first."""
        languages = self._languages()
        asked = languages.centred(question.vector, question.language)
        levels = languages.levels(question.vector)
        if not candidates:
            return []
        centred = np.stack([languages.centred(one.vector, one.lang) for one in candidates])
        nearness, hubness = centred @ asked, languages.hubness(centred)
        found = []
        for one, near, hub in zip(candidates, nearness, hubness, strict=True):
            cosine = float(one.vector @ question.vector)
            mean, deviation = levels.get(one.lang, (cosine, 1.0))
            z = (cosine - mean) / deviation
            lexical = lexical_share(question, one.text, one.title)
            score = _CENTRED * float(near) + _SPREAD * z - _HUB * float(hub)
            score += _LEXICAL * max(0.0, lexical - _AGREEMENT)
            score += _CLUE * sum(_fits(clue, one) for clue in clues if not clue.is_filter)
            found.append((one, score, cosine, float(near), lexical))
        return sorted(found, key=lambda row: (-row[1], row[0].id))

    def _weights(self, words: Sequence[Token]) -> tuple[float, ...]:
        by_word = [terms_of(word) for word in words]
        counts = self._index.catalog.document_counts(t for terms in by_word for t in terms)
        total = self._index.catalog.count()[1]
        weights = []
        for word, terms in zip(words, by_word, strict=True):
            most = max(counts.get(term, 0) for term in terms)
            is_known = counts.get(terms[0], 0) or (most and self._is_spelled_otherwise(word))
            weights.append(math.log1p(total / most) if is_known else 0.0)
        return tuple(weights)

    def _is_spelled_otherwise(self, word: Token) -> bool:
        """Whether the name that ``word`` is stands in the corpus in another spelling."""
        found = self._index.catalog.matching(terms_of(word)[1:], _CANDIDATES)
        texts = self._index.catalog.candidates((i for i, _ in found), Filters())
        return any(holds(word, f"{one.title}\n{one.text}") for one in texts)

    def _languages(self) -> _Languages:
        revision = self._index.catalog.revision()
        known = self._known
        if known is None or known[0] != revision:
            sample = self._index.catalog.sample(_SAMPLE)
            if not sample and known:  # the last document went while a question is answered
                return known[1]
            known = self._known = (revision, _Languages(sample, self._index.background()))
        return known[1]


def lexical_share(question: Question, passage: str, title: str = "") -> float:
    """Share (0 to 1) of the weight of the question's known words that the passage has."""
    total = sum(question.weights)
    if not total:
        return 0.0
    in_passage, in_title = _bag(passage), _bag(title)
    found = 0.0
    for word, weight in zip(question.words, question.weights, strict=True):
        found += weight * max(in_passage.has(word), _TITLE_SHARE * in_title.has(word))
    return found / total


def holds(word: Token, text: str) -> bool:
    """Whether a word, or a spelling of the name it is, stands in ``text``."""
    return _bag(text).has(word) > 0


class _Bag:
    """The words of a text, to be looked up by the words of a question."""

    def __init__(self, text: str) -> None:
        found = tokens(text)
        self._terms = {terms_of(token)[0] for token in found}
        self._names = {token.folded for token in found if token.is_capitalised}

    def has(self, word: Token) -> float:
        if terms_of(word)[0] in self._terms:
            return 1.0
        return 1.0 if word.is_capitalised and _any_same(word.folded, self._names) else 0.0


@lru_cache(maxsize=1024)
def _bag(text: str) -> _Bag:
    """The words of a text, kept: the same passages come up for question after question."""
    return _Bag(text)


def _any_same(name: str, names: Iterable[str]) -> bool:
    return any(same_name(name, other) for other in names)


def _fits(clue: Clue, candidate: Candidate) -> bool:
    """Whether a passage names the clue's person, or its document is of the clue's days."""
    if clue.person:
        return all(
            holds(word, f"{candidate.title}\n{candidate.text}") for word in tokens(clue.person)
        )
    if candidate.date is None or clue.kind != "time":
        return False
    last = clue.until + _LATER if clue.until else date.max
    return (clue.since or date.min) <= candidate.date <= last
