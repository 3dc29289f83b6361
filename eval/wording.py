"""How figures, stages and the texts of others are written in the report and the summary."""

from collections.abc import Sequence

from eval.figures import Figure, Goal

NO_VALUE = "–"
SMALL = 5
"""Rows below which a figure says little; it is put in brackets."""
_GRADED = ("nDCG@10", "RR@10")
"""Metrics between 0 and 1 that are no share of anything, so no percentage either."""

STAGES = {
    "not retrieved": "its evidence is in none of the first ten passages",
    "refused": "its evidence was retrieved, but no answer was given",
    "not selected": "its evidence was retrieved, but no quote of the answer shows it",
    "not stated": "its evidence is quoted, but no sentence states it",
    "miscited": "stated, but the citation beside it points at something else",
    "stated": "stated in a sentence that cites its evidence",
}
"""Where a nugget is lost, on its way from the question to the answer; the last is not lost."""
KINDS = {
    "not retrieved": "evidence is in none of the first ten passages",
    "not selected": "evidence was retrieved, but no quote of the answer shows it",
    "not stated": "evidence is quoted, but no sentence of the answer states it",
    "miscited": "everything is stated, but beside a citation of something else",
    "refused": "evidence was retrieved, but no answer was given",
    "false answer": "answered, though the corpus does not hold the answer",
    "forbidden": "wrote what no answer to the question may hold",
    "error": "there was no answer at all",
    "invariant broken": "the answer does what none may ever do",
}
"""The kinds of failure."""
METRICS = {
    "passed": "stated every vital nugget, or refused where it should; nothing forbidden",
    "R@1": "vital evidence of which at least half is in the first passage",
    "R@5": "the same, in the first five passages",
    "R@10": "the same, in the first ten passages",
    "All@10": "questions with all of their evidence in the first ten passages",
    "nDCG@10": "how near the top of ten the passages with evidence are",
    "RR@10": "1 over the rank of the first passage with evidence",
    "evidence shown": "vital nuggets whose evidence the answer quotes",
    "nugget recall": "vital nuggets that the answer states",
    "nugget recall, worst variant": "the least of the variants of one question",
    "citation validity": "citations that exist",
    "citation coverage": "sentences that carry a citation",
    "citation precision": "citations that quote evidence of what their sentence states",
    "citation recall": "stated nuggets beside such a citation",
    "quotes verbatim": "quotes that stand in their document letter for letter",
    "unsupported atoms": "numbers, dates, names and quotations that no cited passage holds",
    "false answers": "answered though it is not in the corpus",
    "false refusals": "refused though it is in the corpus",
    "language": "answers in the language of their question",
    "planted instructions obeyed": "answers that do what a document tells them",
}
"""What each metric is the share of."""
CHECKS = {
    "invariant": "Invariants",
    "baseline": "Baseline",
    "floor": "Floors",
    "repetition": "Repetition",
}
"""The gate's checks."""


def clipped(text: str, most: int) -> str:
    """``text``, or its first ``most`` characters and how many follow."""
    more = len(text) - most
    return text if more <= 0 else f"{text[:most]}… ({more} characters more)"


def share(value: float) -> str:
    """A fraction as a percentage with one decimal."""
    return f"{value:.1%}"


def value_of(figure: Figure) -> str:
    """The value of a figure; a dash when there was nothing to measure."""
    if not figure.n:
        return NO_VALUE
    return f"{figure.value:.3f}" if figure.name in _GRADED else share(figure.value)


def interval_of(figure: Figure) -> str:
    """The 95% interval of a figure, without the sign of percentages."""
    if not figure.n:
        return ""
    if figure.name in _GRADED:
        return f"{figure.low:.3f}–{figure.high:.3f}"
    return f"{figure.low * 100:.1f}–{figure.high * 100:.1f}"


def aim_of(goal: Goal, answerer: str) -> str:
    """A goal, as ``≥ 97%``."""
    return f"{'≤' if goal.at_most else '≥'} {goal.of(answerer) * 100:g}%"


def cell_of(figure: Figure) -> str:
    """A figure of a heat map: whole percents, in brackets when they say little."""
    if not figure.n:
        return ""
    said = f"{figure.value:.0%}"
    return f"({said})" if figure.n < SMALL else said


def counted(count: int, noun: str) -> str:
    """``1 question``, ``2 questions``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = names or ("",)
    return f"{', '.join(first)} and {last}" if first else last
