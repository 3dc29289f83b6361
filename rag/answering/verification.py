"""Verification: whether the passages that a sentence cites bear it out. No second LLM is asked.

What must stand in a passage is checked there: numbers, dates, names, quoted words. What cannot be
checked so is judged by nearness of meaning, shared words, and whether one denies what the other
says. The weights are fitted on labelled pairs (docs/answers.md).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rag.embedding import Matrix, Vector
from rag.model import Hit, Span, Verdict
from rag.text.atoms import Atom, Atoms, Name
from rag.text.folding import Token, term, tokens
from rag.text.polarity import denies, negations
from rag.text.stopwords import is_stop_word


@dataclass(frozen=True)
class Source:
    """What a sentence may cite: a passage, its sentences, and their vectors."""

    text: str
    lang: str
    head: str
    """Title, date and publisher: what the passage is known to be about."""
    sentences: tuple[Span, ...]
    """Spans in ``text``."""
    vectors: Matrix
    """(sentences, dimension) without what their language adds, L2-normalised."""

    @classmethod
    def from_hit(cls, hit: Hit, vectors: Sequence[Vector]) -> "Source":
        """The passage of a hit, with the vectors of its sentences; without them it has none."""
        document, passage = hit.document, hit.passage
        spans = tuple(Span(s - passage.start, e - passage.start) for s, e in passage.sentences)
        if len(vectors) != len(spans):
            spans, vectors = (), ()
        head = f"{document.title}\n{document.date or ''}\n{document.publisher}"
        rows = np.array(vectors, np.float32).reshape(len(spans), -1)
        return cls(passage.text, document.lang, head, spans, rows)

    @cached_property
    def atoms(self) -> Atoms:
        """What can be checked in it."""
        return Atoms.of(f"{self.head}\n{self.text}", self.lang)

    def sentence(self, index: int) -> str:
        """One of its sentences."""
        span = self.sentences[index]
        return self.text[span.start : span.end]


@dataclass(frozen=True, slots=True)
class Signals:
    """What is measured of a sentence and the passages it cites."""

    meaning: float
    """Best cosine with a sentence of a passage, without what languages add, -1 to 1."""
    values: float
    """1 when it states a number, a date or a quotation that no passage holds, else 0."""
    names: float
    """Share (0 to 1) of its names that no passage holds; 1 when one is lacking in its own language,
    where a name is not translated."""
    unsaid: float
    """Share (0 to 1) of its content words that passages in its own language lack; 0 when none is in
    its language, where other words say the same."""
    opposed: float
    """1 when it denies and the nearest sentence does not, or the other way round; else 0."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a sentence, and the sentences that bear it out, best first."""

    verdict: Verdict
    support: float
    """How sure it is, 0 to 1, that the passages bear it out."""
    quotes: tuple[tuple[int, int], ...] = ()
    """(source, sentence) by index, one for each source that is near enough."""
    missing: tuple[str, ...] = ()
    """Numbers, dates, names and quoted words that no source holds."""


# Fitted by ``python -m eval.bench.verdicts`` on the development pairs; not set by hand.
_WEIGHTS = (1.41, -2.01, -1.85, -0.76, -1.59)
_BIAS = 0.09
SUPPORTED = 0.6
"""Support from which a sentence is supported."""
WEAK = 0.4
"""Support from which it is weak rather than unsupported."""
_BESIDE = 0.1
"""How far in meaning under the best a further source's sentence may lie to be quoted too."""


def judge(
    text: str, lang: str, vector: Vector, sources: Sequence[Source], question: str = ""
) -> Judgement:
    """The verdict on ``text``, of which ``vector`` is the vector without what ``lang`` adds.

    Without sources it is unsupported. What ``question`` takes wrongly for granted may be repeated
    to be denied: "not 900 kilometres, but 380".
    """
    if not sources:
        return Judgement("unsupported", 0.0)
    atoms, nearest = Atoms.of(text, lang), [source.vectors @ vector for source in sources]
    denied = _denied(atoms, lang, question, sources)
    support = chance(_signals(atoms, lang, nearest, sources, denied))
    verdict: Verdict = "unsupported"
    if support >= WEAK:
        verdict = "supported" if support >= SUPPORTED else "weak"
    best = max(float(near.max()) for near in nearest)
    quotes = [
        (index, int(near.argmax()))
        for index, near in enumerate(nearest)
        if float(near.max()) >= best - _BESIDE
    ]
    missing = atoms.missing_from([source.atoms for source in sources])
    if denied:
        missing.remove(text[slice(*denied.span)])
    return Judgement(verdict, support, tuple(quotes), tuple(missing))


def measure(text: str, lang: str, vector: Vector, sources: Sequence[Source]) -> Signals:
    """Measure the signals; ``sources`` may not be empty."""
    nearest = [source.vectors @ vector for source in sources]
    return _signals(Atoms.of(text, lang), lang, nearest, sources)


def _denied(atoms: Atoms, lang: str, question: str, sources: Sequence[Source]) -> Atom | None:
    """What the question takes for granted, no source holds, and the sentence denies; or None.

    Every negation must be of that, the atom next to it (before it where verbs come last), and
    another of its kind be stated instead, which a source holds and the question does not: that
    something did not happen, no passage bears out by being silent.
    """
    if not question:
        return None
    next_to = [_next_to(span, atoms, lang) for span in negations(atoms.text, lang)]
    if not next_to or any(atom is None or atom != next_to[0] for atom in next_to):
        return None
    asked, held, found = Atoms.of(question, lang), [s.atoms for s in sources], next_to[0]
    if found is None or not asked.holds(found) or any(h.holds(found) for h in held):
        return None
    instead = [atom for atom in atoms if type(atom) is type(found) and not asked.holds(atom)]
    return found if any(h.holds(atom) for h in held for atom in instead) else None


def _next_to(negation: Span, atoms: Atoms, lang: str) -> Atom | None:
    """The number, date, name or quotation that a negation is of."""
    if lang in ("az", "tr"):
        before = [atom for atom in atoms if atom.span.start < negation.start]
        return before[-1] if before else None
    return next((atom for atom in atoms if atom.span.start >= negation.start), None)


def _signals(
    atoms: Atoms,
    lang: str,
    nearest: Sequence[Vector],
    sources: Sequence[Source],
    denied: Atom | None = None,
) -> Signals:
    """The signals; ``nearest`` has the cosines with each source's sentences.

    What is ``denied`` need not stand in a source, and the denial is of that.
    """
    text = atoms.text
    index = int(np.argmax([near.max() for near in nearest]))
    best = sources[index].sentence(int(nearest[index].argmax()))
    held = [source.atoms for source in sources]
    stated = [atom for atom in atoms if atom != denied]
    names = [atom for atom in stated if isinstance(atom, Name)]
    values = [atom for atom in stated if not isinstance(atom, Name)]

    lost = [not any(h.holds(name) for h in held) for name in names]
    own = [source for source in sources if source.lang == lang]
    return Signals(
        meaning=float(nearest[index].max()),
        values=float(any(not any(h.holds(value) for h in held) for value in values)),
        names=float(any(lost)) if own else sum(lost) / max(1, len(lost)),
        unsaid=1.0 - _shared(text, "\n".join(s.text for s in own)) if own else 0.0,
        opposed=float(not denied and denies(text, lang) != denies(best, sources[index].lang)),
    )


def chance(found: Signals) -> float:
    """The chance, 0 to 1, that the passages bear the sentence out."""
    values = (found.meaning, found.values, found.names, found.unsaid, found.opposed)
    logit = _BIAS + sum(w * x for w, x in zip(_WEIGHTS, values, strict=True))
    return 1.0 / (1.0 + math.exp(-logit))


def _shared(text: str, source: str) -> float:
    held = {term(word.folded) for word in tokens(source)}
    words = [term(word.folded) for word in tokens(text) if _is_content(word)]
    return sum(word in held for word in words) / len(words) if words else 1.0


def _is_content(word: Token) -> bool:
    return not is_stop_word(word) and len(word.folded) > 2
