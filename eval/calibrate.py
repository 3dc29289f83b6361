"""Fit the refusal's weights: ``python -m eval.calibrate`` prints what refusal.py should hold.

Development questions about the shipped corpus only, without follow-up turns, which mean nothing by
themselves. Two logistic models with weights of at least 0 (a better signal never
speaks for a refusal): the subject, fitted on answerable questions and far ones, and what fits the
question, fitted on answerable ones and near misses. The threshold refuses 5% of the answerable.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.optimize import minimize

from eval.questions import Question, load, suites
from rag.gazette import Gazette
from rag.settings import load_settings

FALSE_REFUSALS = 0.05
"""Share of answerable development questions that the threshold may refuse."""
_RIDGE = 0.001
_SUBJECT = ("concepts", "meaning")
_FITTING = ("names", "kind")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """A question and the signals of its answer."""

    question: Question
    signals: dict[str, float | None]


def fit(yes: Floats, no: Floats) -> Floats:
    """Weights, the bias last, of a logistic model of rows ``yes`` against rows ``no``.

    Both sides count alike, whatever their numbers of rows.
    """
    signs = np.concatenate([np.ones(len(yes)), -np.ones(len(no))])
    shares = np.where(signs > 0, 0.5 / len(yes), 0.5 / len(no))
    rows = np.concatenate([yes, no])

    def loss(weights: Floats) -> float:
        logits = rows @ weights[:-1] + weights[-1]
        fitting = float(np.sum(shares * np.logaddexp(0.0, -signs * logits)))
        return fitting + _RIDGE * float(np.sum(weights[:-1] ** 2))

    width = rows.shape[1]
    bounds = [(0.0, None)] * width + [(None, None)]
    found: Floats = minimize(loss, np.zeros(width + 1), bounds=bounds).x
    return found


def rows_of(measured: Sequence[Measured], names: Sequence[str]) -> Floats:
    """(questions, names) the named signals."""
    return np.array([[one.signals[name] for name in names] for one in measured])


def chances(measured: Sequence[Measured], subject: Floats, fitting: Floats) -> Floats:
    """Confidence of each, as rag/answering/refusal.py computes it."""
    product = np.ones(len(measured))
    for names, weights in ((_SUBJECT, subject), (_FITTING, fitting)):
        logits = rows_of(measured, names) @ weights[:-1] + weights[-1]
        product *= 1.0 / (1.0 + np.exp(-logits))
    return product


def main() -> None:
    """Measure the development questions, fit, and print weights and threshold."""
    with Gazette(load_settings(answerer="extractive")) as gazette:
        documents = {document.id: document for document in gazette.documents()}
        questions = [
            question
            for question in load(suites()[0].files, documents)
            if question.split == "development" and not question.history
        ]
        asked = track(questions, "asking", console=Console(stderr=True), transient=True)
        measured = [Measured(q, gazette.answer(q.question).signals) for q in asked]
    answerable = [one for one in measured if one.question.is_answerable]
    refused = [one for one in measured if not one.question.is_answerable]
    far = [one for one in refused if any("far" in name for name in one.question.categories)]
    near = [one for one in refused if one not in far]
    subject = fit(rows_of(answerable, _SUBJECT), rows_of(far, _SUBJECT))
    fitting = fit(rows_of(answerable, _FITTING), rows_of(near, _FITTING))
    threshold = float(np.quantile(chances(answerable, subject, fitting), FALSE_REFUSALS))
    plain = fit(rows_of(answerable, ("meaning",)), rows_of(far, ("meaning",)))
    print(f"_ON_SUBJECT = ({', '.join(f'{weight:.2f}' for weight in subject)})")
    print(f"_ON_SUBJECT_BY_MEANING = ({', '.join(f'{weight:.2f}' for weight in plain)})")
    print(f"_FITTING = ({', '.join(f'{weight:.2f}' for weight in fitting)})")
    print(f"THRESHOLD = {threshold:.3f}")
    for name, group in (("answerable", answerable), ("far", far), ("near miss", near)):
        share = float(np.mean(chances(group, subject, fitting) < threshold))
        print(f"{name}: {share:.2f} of {len(group)} refused")


if __name__ == "__main__":
    main()
