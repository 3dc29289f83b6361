"""Floors: the whole trial on the shipped corpus, a little under what is reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from rich.console import Console

from eval.trial import Outcome, evidence_recall, shows_right_sentence, table


@dataclass(frozen=True)
class Trial:
    """The outcomes, and the table that a failure shows."""

    outcomes: Sequence[Outcome]
    figures: str

    def share(
        self, measure: Callable[[Outcome], float], split: str, category: str = ""
    ) -> tuple[float, str]:
        """Mean of ``measure`` in a split: of what is answerable, or of a category."""
        chosen = [
            outcome
            for outcome in self.outcomes
            if outcome.question.split == split
            and (category in outcome.question.categories if category else _answerable(outcome))
        ]
        assert len(chosen) >= 15
        mean = sum(map(measure, chosen)) / len(chosen)
        return mean, f"{mean:.3f} of {len(chosen)}\n{self.figures}"


def _answerable(outcome: Outcome) -> bool:
    return outcome.question.is_answerable


def recall_at_5(outcome: Outcome) -> float:
    return evidence_recall(outcome, 5)


def is_refused(outcome: Outcome) -> float:
    return float(outcome.answer.refused)


def is_answered(outcome: Outcome) -> float:
    return float(not outcome.answer.refused)


@pytest.fixture(scope="module")
def asked(trial: list[Outcome]) -> Trial:
    console = Console(width=130, record=True, quiet=True)
    with console.capture() as captured:
        console.quiet = False
        console.print(table(trial))
    return Trial(trial, captured.get())


@pytest.mark.parametrize(("split", "floor"), [("development", 0.80), ("sealed", 0.70)])
def test_evidence_is_among_the_first_five_passages(asked: Trial, split: str, floor: float):
    recall, figures = asked.share(recall_at_5, split)
    assert recall >= floor, figures


@pytest.mark.parametrize(("split", "floor"), [("development", 0.68), ("sealed", 0.58)])
def test_the_right_sentence_is_shown(asked: Trial, split: str, floor: float):
    share, figures = asked.share(shows_right_sentence, split)
    assert share >= floor, figures


@pytest.mark.parametrize(("split", "ceiling"), [("development", 0.12), ("sealed", 0.18)])
def test_few_answerable_questions_are_refused(asked: Trial, split: str, ceiling: float):
    share, figures = asked.share(is_refused, split)
    assert share <= ceiling, figures


@pytest.mark.parametrize(("split", "ceiling"), [("development", 0.20), ("sealed", 0.25)])
def test_few_far_questions_are_answered(asked: Trial, split: str, ceiling: float):
    share, figures = asked.share(is_answered, split, "not in the corpus, far")
    assert share <= ceiling, figures


def test_a_failure_would_show_the_figures(asked: Trial):
    assert "development, answerable" in asked.figures
    assert "asked in az" in asked.figures
