"""Ranking metrics, against cases computed by hand."""

import math

import pytest

from eval.questions import Evidence, Nugget
from eval.ranking import bearing_on, ranking_scores
from rag.model import Passage, Span

INDEX = [
    Passage(number, doc, start, start + 100, "", (Span(start, start + 100),))
    for number, (doc, start) in enumerate(
        [("a", 0), ("a", 100), ("a", 200), ("b", 0), ("b", 100), ("c", 0), ("c", 100), ("c", 200)]
        + [("d", place) for place in range(0, 1200, 100)]
    )
]


def passage(doc: str, start: int) -> Passage:
    return next(p for p in INDEX if (p.doc, p.start) == (doc, start))


def nugget(name: str, *spans: tuple[str, int, int]) -> Nugget:
    return Nugget(name, True, "text", {}, tuple(Evidence(*span) for span in spans))


def scores(nuggets: list[Nugget], *ranked: tuple[str, int]) -> dict[str, float]:
    found = ranking_scores(
        nuggets,
        [passage(*one) for one in ranked],
        lambda doc: [p for p in INDEX if p.doc == doc],
    )
    assert {score.weight for score in found.values()} == {1.0}
    return {name: score.value for name, score in found.items()}


def test_every_metric_of_one_nugget_found_at_the_second_place():
    found = scores([nugget("n1", ("b", 10, 60))], ("a", 0), ("b", 0), ("c", 0))
    assert found == {
        "R@1": 0.0,
        "R@5": 1.0,
        "R@10": 1.0,
        "All@10": 1.0,
        "nDCG@10": pytest.approx(1 / math.log2(3), abs=1e-6),
        "RR@10": 0.5,
    }


def test_recall_counts_nuggets_not_passages():
    """Two nuggets; the first five passages hold one of them twice, the sixth the other."""
    twice = nugget("n1", ("a", 0, 50), ("a", 100, 150))
    late = nugget("n2", ("c", 210, 260))
    order = [("a", 0), ("a", 100), ("b", 0), ("b", 100), ("c", 0), ("c", 200)]
    found = scores([twice, late], *order)
    assert (found["R@1"], found["R@5"], found["R@10"], found["All@10"]) == (0.5, 0.5, 1.0, 1.0)


def test_one_of_several_evidence_spans_is_enough():
    found = scores([nugget("n1", ("a", 0, 50), ("b", 0, 50), ("c", 0, 50))], ("b", 0))
    assert found["R@1"] == found["All@10"] == 1.0


def test_the_ideal_ranking_knows_what_was_not_found():
    """One of two relevant passages, at the first place: 1 / (1 + 1 / log2(3))."""
    found = scores([nugget("n1", ("a", 0, 50), ("b", 0, 50))], ("a", 0))
    assert found["nDCG@10"] == pytest.approx(1 / (1 + 1 / math.log2(3)), abs=1e-6)


def test_a_passage_that_bears_on_two_nuggets_is_one_relevant_passage():
    found = scores([nugget("n1", ("a", 0, 50)), nugget("n2", ("a", 50, 100))], ("a", 0))
    assert found["nDCG@10"] == found["R@1"] == 1.0


def test_what_stands_after_the_tenth_is_not_seen():
    ranked = [("d", place) for place in range(0, 1100, 100)]
    found = scores([nugget("n1", ("d", 1000, 1100))], *ranked)
    assert set(found.values()) == {0.0}


def test_a_question_for_which_nothing_was_found_scores_nothing():
    assert set(scores([nugget("n1", ("a", 0, 50))]).values()) == {0.0}


def test_half_of_a_span_is_enough_and_less_is_not():
    inside = [p.start for p in bearing_on(Evidence("a", 50, 150), INDEX)]
    assert inside == [0, 100]
    assert [p.start for p in bearing_on(Evidence("a", 60, 150), INDEX)] == [100]


def test_a_span_cut_in_three_is_borne_out_by_the_largest_part():
    """90, 100 and 60 of 250 code points lie in the three passages."""
    assert [p.start for p in bearing_on(Evidence("a", 10, 260), INDEX)] == [100]
    assert bearing_on(Evidence("z", 0, 5), []) == []
