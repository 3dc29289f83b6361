"""Figures, against cases computed by hand."""

import pytest
from rows import row

from eval.figures import (
    FATES,
    GOALS,
    METRICS,
    figure,
    passed,
    risk_coverage,
    waterfall,
    worst_variant,
)
from eval.records import Score


def test_a_mean_is_over_the_rows_that_the_metric_applies_to():
    rows = [row("a", scores={"R@5": 1.0}), row("b", scores={"R@5": 0.5}), row("c")]
    found = figure(rows, "R@5")
    assert (found.value, found.n) == (0.75, 2)
    assert found.low <= 0.75 <= found.high


def test_a_ratio_adds_up_on_both_sides():
    one = row("a", scores={})
    rows = [
        row("a"),
        row("b"),
    ]
    scores = [Score(1.0, 1.0), Score(0.25, 4.0)]
    held = [
        type(one)(**{**_fields(r), "scores": {"citation precision": s}})
        for r, s in zip(rows, scores, strict=True)
    ]
    assert figure(held, "citation precision").value == pytest.approx(2 / 5)


def _fields(one: object) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}  # type: ignore[attr-defined]


def test_what_there_was_nothing_to_measure_in_is_left_out():
    empty = type(row())(**{**_fields(row()), "scores": {"citation recall": Score(0.0, 0.0)}})
    assert figure([empty], "citation recall").n == 0


def test_without_rows_the_interval_is_everything():
    found = figure([], "R@5")
    assert (found.n, found.low, found.high) == (0, 0.0, 1.0)


def test_variants_of_one_question_are_one_draw():
    """Ten variants that fail together tell no more than one: the interval is as wide."""
    alone = [row(f"q{i}", passed=i % 2 == 0, cluster=f"q{i}") for i in range(10)]
    tenfold = [
        row(f"q{i}-{v}", passed=i % 2 == 0, cluster=f"q{i}") for i in range(10) for v in range(10)
    ]
    few, many = passed(alone), passed(tenfold)
    assert (few.value, few.low, few.high) == (many.value, many.low, many.high)
    assert many.n == 100


def test_an_interval_of_what_never_fails_is_wilsons():
    """10 of 10: Wilson's lower bound is 1 / (1 + 3.8415 / 10)."""
    found = passed([row(f"q{i}") for i in range(10)])
    assert found.value == found.high == 1.0
    assert found.low == pytest.approx(1 / (1 + 3.8415 / 10), abs=1e-3)


def test_the_same_rows_give_the_same_interval():
    rows = [row(f"q{i}", passed=i % 3 > 0) for i in range(30)]
    assert passed(rows) == passed(rows[::-1])


def test_the_worst_variant_is_the_least_of_each_cluster():
    rows = [
        row("a-en", cluster="a", scores={"nugget recall": 1.0}),
        row("a-fr", cluster="a", scores={"nugget recall": 0.5}),
        row("b-en", cluster="b", scores={"nugget recall": 1.0}),
        row("c-en", cluster="c"),
    ]
    found = worst_variant(rows, "nugget recall")
    assert (found.value, found.n) == (0.75, 2)


def test_risk_rises_as_more_is_answered():
    """Right, wrong, right, not in the corpus, by falling confidence."""
    rows = [
        row("a", confidence=0.9),
        row("b", confidence=0.8, passed=False),
        row("c", confidence=0.7),
        row("d", confidence=0.1, behaviour="refuse", refused=True),
    ]
    found = [(p.confidence, p.coverage, p.risk) for p in risk_coverage(rows[::-1])]
    assert found == [
        (0.9, 0.25, 0.0),
        (0.8, 0.5, 0.5),
        (0.7, 0.75, pytest.approx(1 / 3)),
        (0.1, 1.0, 0.5),
    ]


def test_the_waterfall_counts_vital_nuggets_by_fate():
    rows = [row("a", fates=("stated", "not selected")), row("b", fates=("stated",))]
    assert waterfall(rows) == {**dict.fromkeys(FATES, 0), "stated": 2, "not selected": 1}


def test_a_goal_is_met_from_its_side():
    by_label = {goal.label: goal for goal in GOALS}
    recall, wrong = by_label["Vital nugget recall"], by_label["False answers, near misses"]
    high = figure([row(scores={"nugget recall": 0.85})], "nugget recall")
    assert recall.is_met(high, "extractive") and not recall.is_met(high, "ollama")
    rare = figure(
        [row(f"q{i}", scores={"false answers": float(i == 0)}) for i in range(20)], "false answers"
    )
    assert wrong.is_met(rare, "extractive") and wrong.is_met(rare, "ollama")
    often = figure([row(scores={"false answers": 1.0})], "false answers")
    assert not wrong.is_met(often, "extractive")


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.label)
def test_every_goal_is_of_a_metric_that_is_shown(goal):
    assert goal.metric in METRICS


def test_each_language_has_its_own_goal():
    langs = {goal.label: goal for goal in GOALS if goal.metric == "R@5"}
    mine = [row("a", lang="az"), row("b", lang="fr", doc_langs=("fr",))]
    assert [r.id for r in mine if langs["Evidence R@5, az"].belongs(r)] == ["a"]
    assert [r.id for r in mine if langs["Evidence R@5, fr"].belongs(r)] == ["b"]
    assert [r.id for r in mine if langs["Evidence R@5, across languages"].belongs(r)] == ["a"]
