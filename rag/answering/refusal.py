"""Refusal: whether what was found answers the question, by signals calibrated on questions.

No single signal tells: cosines of answerable and unanswerable questions overlap. A logistic model
of several does better; its weights come from ``python -m eval.calibrate`` and are not set by hand.
"""

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

from rag.answering.evidence import Evidence
from rag.model import Retrieval
from rag.retrieval import Question, holds


@dataclass(frozen=True, slots=True)
class Signals:
    """What is measured of a question and its evidence, each about 0 to 1 or a z-score."""

    dense: float
    """z-score of the best passage's cosine over unrelated passages."""
    margin: float
    """How far the best passage's fused score lies above the tenth's, or the last's."""
    words: float
    """Share of the question's word weight in the best passage and its title."""
    meaning: float
    """Cosine of question and best sentence in its context."""
    unknown_names: float
    """Share of the question's names that stand nowhere in the corpus."""
    missing_names: float
    """Share of the question's names that the best evidence's document does not have."""
    kind: float
    """Whether the best sentence holds the kind of thing asked for."""


WEIGHTS = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
BIAS = 1.0
THRESHOLD = 0.5


def signals(question: Question, retrieval: Retrieval, evidence: Sequence[Evidence]) -> Signals:
    """Measure the signals; ``retrieval`` and ``evidence`` must not be empty."""
    hits, best = retrieval.hits, evidence[0]
    names = question.names
    share = 1.0 / len(names) if names else 0.0
    document = best.hit.document
    missing = [n for n in names if not holds(n, f"{document.title}\n{document.text}")]
    return Signals(
        dense=max(hit.dense_z for hit in hits),
        margin=hits[0].score - hits[-1].score,
        words=best.hit.lexical,
        meaning=best.meaning,
        unknown_names=share * len(question.unknown_names),
        missing_names=share * len(missing),
        kind=best.kind,
    )


def confidence(found: Signals) -> float:
    """Probability, 0 to 1, that the evidence answers the question."""
    logit = BIAS + sum(w * x for w, x in zip(WEIGHTS, astuple(found), strict=True))
    return 1.0 / (1.0 + math.exp(-logit))


def names() -> tuple[str, ...]:
    """The signals' names, in the order of the weights."""
    return tuple(field.name for field in fields(Signals))
