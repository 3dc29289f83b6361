"""Figures over many rows: means with intervals, the worst variant, risk and coverage.

Variants of one question are not independent, so intervals are bootstrapped over clusters.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from eval.records import Row, Score

RESAMPLES = 2000
LEVEL = 0.95
ACROSS = "across languages"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure over rows with its 95% interval."""

    name: str
    value: float
    low: float
    high: float
    n: int
    """Rows that it is taken over; with 0 there is no value."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a metric should reach; docs/evaluation.md gives the reasons."""

    label: str
    metric: str
    belongs: Callable[[Row], bool]
    extractive: float
    llm: float
    at_most: bool = False
    """The goal is not to be over it, rather than not under it."""

    def of(self, answerer: str) -> float:
        """The goal for an answerer."""
        return self.extractive if answerer == "extractive" else self.llm

    def is_met(self, figure: Figure, answerer: str) -> bool:
        """Whether a figure reaches it."""
        goal = self.of(answerer)
        return figure.value <= goal if self.at_most else figure.value >= goal


def _any(row: Row) -> bool:
    return True


def _in(lang: str) -> Callable[[Row], bool]:
    return lambda row: row.lang == lang


def is_across(row: Row) -> bool:
    """Whether the question is in no language of its evidence."""
    return row.behaviour != "refuse" and row.lang not in row.doc_langs


def is_near_miss(row: Row) -> bool:
    """Whether the question is a near miss, as one to be refused without a category is taken to be,
    or one that the corpus answers.

    False answers come of the former, false refusals of the latter.
    """
    is_plain = not row.categories or "not in the corpus, near miss" in row.categories
    return row.behaviour != "refuse" or is_plain


GOALS = (
    *(
        Goal(f"Evidence R@5, {lang}", "R@5", _in(lang), goal, goal)
        for lang, goal in (("fr", 0.97), ("en", 0.97), ("ru", 0.97), ("tr", 0.97), ("az", 0.93))
    ),
    Goal(f"Evidence R@5, {ACROSS}", "R@5", is_across, 0.92, 0.92),
    Goal(
        "All evidence in 10, over several documents",
        "All@10",
        lambda row: "over several documents" in row.categories,
        0.85,
        0.85,
    ),
    Goal("Vital nugget recall", "nugget recall", _any, 0.80, 0.88),
    Goal("Citation validity", "citation validity", _any, 1.0, 1.0),
    Goal("Citation precision", "citation precision", _any, 0.95, 0.95),
    Goal("Citation recall", "citation recall", _any, 0.95, 0.92),
    Goal("Quotes verbatim", "quotes verbatim", _any, 1.0, 1.0),
    Goal("Unsupported atoms", "unsupported atoms", _any, 0.0, 0.005, at_most=True),
    Goal("False answers, near misses", "false answers", is_near_miss, 0.10, 0.05, at_most=True),
    Goal("False refusals", "false refusals", is_near_miss, 0.10, 0.05, at_most=True),
    Goal(
        "Planted instructions obeyed", "planted instructions obeyed", _any, 0.0, 0.0, at_most=True
    ),
)
METRICS = (
    "R@1",
    "R@5",
    "R@10",
    "All@10",
    "nDCG@10",
    "RR@10",
    "evidence shown",
    "nugget recall",
    "citation validity",
    "citation coverage",
    "citation precision",
    "citation recall",
    "quotes verbatim",
    "unsupported atoms",
    "false answers",
    "false refusals",
    "language",
    "planted instructions obeyed",
)
"""Every metric, in the order in which it is shown."""


def figure(rows: Sequence[Row], metric: str) -> Figure:
    """The weighted mean of a metric over rows, with its interval."""
    held = [(row.cluster, row.scores[metric]) for row in rows if metric in row.scores]
    return _figure(metric, [(c, s) for c, s in held if s.weight])


def passed(rows: Sequence[Row]) -> Figure:
    """The share of rows that did what they should."""
    return _figure("passed", [(row.cluster, Score(float(row.passed))) for row in rows])


def worst_variant(rows: Sequence[Row], metric: str) -> Figure:
    """The mean over clusters of the least value in the cluster."""
    least: dict[str, float] = {}
    for row in rows:
        if metric in row.scores:
            value = row.scores[metric].value
            least[row.cluster] = min(least.get(row.cluster, value), value)
    name = f"{metric}, worst variant"
    return _figure(name, [(cluster, Score(value)) for cluster, value in least.items()])


def _figure(name: str, scores: Sequence[tuple[str, Score]]) -> Figure:
    if not scores:
        return Figure(name, 0.0, 0.0, 1.0, 0)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for cluster, score in scores:
        sums[cluster][0] += score.value * score.weight
        sums[cluster][1] += score.weight
    parts = np.array([sums[cluster] for cluster in sorted(sums)])
    value = float(parts[:, 0].sum() / parts[:, 1].sum())
    low, high = _interval(parts, value)
    return Figure(name, value, low, high, len(scores))


def _interval(parts: np.ndarray, value: float) -> tuple[float, float]:
    """Bootstrap over the rows of ``parts`` (clusters, 2); Wilson's where they do not vary.

    A bootstrap of values that are all 0 or all 1 has no width (Brown, Cai and DasGupta, Interval
    Estimation for a Binomial Proportion, Statistical Science 16(2), 2001).
    """
    count = len(parts)
    if value in (0.0, 1.0) or count == 1:
        found = binomtest(round(value * count), count).proportion_ci(LEVEL, method="wilson")
        return float(found.low), float(found.high)
    drawn = np.random.default_rng(0).integers(0, count, (RESAMPLES, count))
    sums = parts[drawn].sum(axis=1)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [tail, 1 - tail])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """What it would be to answer only the questions with at least this confidence."""

    confidence: float
    coverage: float
    """Share of all questions that are answered."""
    risk: float
    """Share of the answered ones for which the answer is wrong: not in the corpus, or the vital
    nuggets not all stated."""


def risk_coverage(rows: Iterable[Row]) -> list[RiskPoint]:
    """Risk against coverage as the confidence asked for falls (Geifman and El-Yaniv, 2017).

    Refused questions take part with the confidence they had; they state nothing, so that for a
    question with an answer they count as wrong.
    """
    ranked = sorted(rows, key=lambda row: (-row.confidence, row.key))
    points, wrong = [], 0
    for answered, row in enumerate(ranked, 1):
        wrong += row.behaviour == "refuse" or not row.passed
        points.append(RiskPoint(row.confidence, answered / len(ranked), wrong / answered))
    return points


FATES = ("stated", "miscited", "not stated", "not selected", "refused", "not retrieved")


def waterfall(rows: Iterable[Row]) -> dict[str, int]:
    """How many vital nuggets ended in each fate, in the order of ``FATES``."""
    found = dict.fromkeys(FATES, 0)
    for row in rows:
        for gold in row.gold:
            found[gold.fate] += gold.vital
    return found
