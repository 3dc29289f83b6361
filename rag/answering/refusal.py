"""Refusal: whether what was found answers the question, by signals calibrated on questions.

No single signal tells: cosines of answerable and unanswerable questions overlap, and a near miss is
often nearer to its passages than an answerable question (docs/evaluation.md has the figures).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.evidence import Evidence
from rag.model import Retrieval
from rag.retrieval import Question


@dataclass(frozen=True, slots=True)
class Signals:
    """What is measured of a question and its evidence; each is better the higher it is."""

    meaning: float
    """Best language-centred cosine of the question with a passage."""
    names: float
    """Share of the question's names that stand somewhere in the corpus; 1 when it has none."""
    kind: float
    """1 when the best sentence holds the kind of thing asked for or none is asked for, else 0."""


# Fitted by ``python -m eval.calibrate`` on the development questions; not set by hand.
_ON_SUBJECT = (9.11, -2.47)
"""Weight of ``meaning`` and bias, fitted on answerable questions and far ones."""
_FITTING = (0.23, 2.76, -2.83)
"""Weights of ``names`` and ``kind`` and bias, fitted on answerable questions and near misses."""
THRESHOLD = 0.213
"""Confidence under which the answer is a refusal."""


def signals(question: Question, retrieval: Retrieval, evidence: Sequence[Evidence]) -> Signals:
    """Measure the signals; neither ``retrieval.hits`` nor ``evidence`` may be empty."""
    names, unknown = question.names, question.unknown_names
    return Signals(
        meaning=max(hit.centred for hit in retrieval.hits),
        names=1.0 - len(unknown) / len(names) if names else 1.0,
        kind=float(evidence[0].kind > 0),
    )


def confidence(found: Signals) -> float:
    """How sure it is, 0 to 1, that the evidence answers the question.

    The chance that the corpus knows the subject times the chance that the evidence fits what is
    asked about it: one signal that fails is enough to refuse, which a sum of signals would not do.
    """
    weight, bias = _ON_SUBJECT
    names, kind, other_bias = _FITTING
    on_subject = _logistic(weight * found.meaning + bias)
    return on_subject * _logistic(names * found.names + kind * found.kind + other_bias)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))
