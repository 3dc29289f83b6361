"""Ranking metrics of one question, computed by ir-measures (https://ir-measur.es).

What is ranked is passages, what counts is nuggets: a passage bears on a nugget when it covers at
least half of one of its evidence spans.
"""

from collections.abc import Callable, Sequence

import ir_measures
from ir_measures import RR, Measure, Qrel, ScoredDoc, Success, nDCG

from eval.questions import Evidence, Nugget
from eval.records import Score
from rag.model import Passage

DEPTH = 10
"""Passages that are looked at."""
_RECALL = {f"R@{k}": Success @ k for k in (1, 5, DEPTH)}
_RANK = {"nDCG@10": nDCG @ DEPTH, "RR@10": RR @ DEPTH}

PassagesOf = Callable[[str], Sequence[Passage]]


def ranking_scores(
    vital: Sequence[Nugget], ranked: Sequence[Passage], passages_of: PassagesOf
) -> dict[str, Score]:
    """Scores of ``ranked``, best first, for nuggets of which one at least is given.

    R@k is the share of vital nuggets that the first k passages bear out: the mean over nuggets of
    Success@k. All@10 is 1 when ten bear out all of them. nDCG@10 and RR@10 take a passage as
    relevant when it bears on any; nDCG's ideal ranking knows every such passage of the index.
    """
    relevant = {
        nugget.id: {
            _key(passage)
            for evidence in nugget.evidence
            for passage in bearing_on(evidence, passages_of(evidence.doc))
        }
        for nugget in vital
    }
    found = _computed(_RECALL, relevant, ranked)
    found |= _computed(_RANK, {"any": set().union(*relevant.values())}, ranked)
    found["All@10"] = float(found[f"R@{DEPTH}"] == 1.0)
    return {name: Score(round(value, 6)) for name, value in found.items()}


def bearing_on(evidence: Evidence, passages: Sequence[Passage]) -> list[Passage]:
    """The passages that cover at least half of a span; of one cut in more parts, the largest."""
    found = [p for p in passages if evidence.is_in(p.doc, p.start, p.end)]
    shared = {p: evidence.shared(p.doc, p.start, p.end) for p in passages}
    return found or sorted(filter(shared.get, passages), key=lambda p: (-shared[p], p.start))[:1]


def _computed(
    measures: dict[str, Measure], relevant: dict[str, set[str]], ranked: Sequence[Passage]
) -> dict[str, float]:
    """The means over topics, given with their relevant passages, that share one ranking.

    A topic for which nothing was found scores 0 and stays in the mean.
    """
    run = [
        ScoredDoc(topic, _key(passage), float(-rank))
        for topic in relevant
        for rank, passage in enumerate(ranked)
    ]
    qrels = [Qrel(topic, key, 1) for topic, keys in relevant.items() for key in sorted(keys)]
    values = ir_measures.calc_aggregate(list(measures.values()), qrels, run)
    return {name: float(values[measure]) for name, measure in measures.items()}


def _key(passage: Passage) -> str:
    return f"{passage.doc}:{passage.start}-{passage.end}"
