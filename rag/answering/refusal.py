"""Refusal: whether what was found answers the question, by signals calibrated on questions.

No single signal tells: cosines of answerable and unanswerable questions overlap, and a near miss is
often nearer to its passages than an answerable question (docs/evaluation.md has the figures).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.evidence import Evidence
from rag.model import Retrieval
from rag.retrieval import Question, Retriever


@dataclass(frozen=True, slots=True)
class Signals:
    """What is measured of a question and its evidence; each is better the higher it is."""

    concepts: float | None
    """Share of the question's latent terms in the best passage; None when there are none."""
    meaning: float
    """Best language-centred cosine of the question with a passage."""
    names: float
    """Share of the question's names that stand somewhere in the corpus; 1 when it has none."""
    kind: float
    """1 when the best sentence holds the kind of thing asked for or none is asked for, else 0."""


# Fitted by ``python -m eval.calibrate`` on the development questions; not set by hand.
_ON_SUBJECT = (7.76, 6.65, -3.38)
"""Weights of ``concepts`` and ``meaning`` and bias, fitted on answerable questions and far ones."""
_ON_SUBJECT_BY_MEANING = (8.91, -2.41)
"""Weight of ``meaning`` and bias, for embedders without latent terms."""
_FITTING = (0.27, 1.97, -2.06)
"""Weights of ``names`` and ``kind`` and bias, fitted on answerable questions and near misses."""
THRESHOLD = 0.206
"""Confidence under which the answer is a refusal."""


def signals(
    question: Question, retrieval: Retrieval, evidence: Sequence[Evidence], retriever: Retriever
) -> Signals:
    """Measure the signals; neither ``retrieval.hits`` nor ``evidence`` may be empty."""
    names, unknown = question.names, question.unknown_names
    return Signals(
        concepts=retriever.covered_terms(question, retrieval.hits[0]),
        meaning=max(hit.centred for hit in retrieval.hits),
        names=1.0 - len(unknown) / len(names) if names else 1.0,
        kind=float(evidence[0].kind > 0),
    )


def confidence(found: Signals) -> float:
    """How sure it is, 0 to 1, that the evidence answers the question.

    The chance that the corpus knows the subject times the chance that the evidence fits what is
    asked about it: one signal that fails is enough to refuse, which a sum of signals would not do.
    """
    if found.concepts is None:
        subject = _logistic(_ON_SUBJECT_BY_MEANING, found.meaning)
    else:
        subject = _logistic(_ON_SUBJECT, found.concepts, found.meaning)
    return subject * _logistic(_FITTING, found.names, found.kind)


def _logistic(weights: Sequence[float], *values: float) -> float:
    *slopes, bias = weights
    logit = bias + sum(w * x for w, x in zip(slopes, values, strict=True))
    return 1.0 / (1.0 + math.exp(-logit))
