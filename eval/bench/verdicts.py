"""Fit the weights of verification: ``python -m eval.bench.verdicts`` prints what it should hold.

Labelled pairs of a sentence and the passage it cites, half of them changed so that the passage no
longer bears them out; fitted on the development pairs, precision and recall also of the sealed.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from eval.calibrate import Floats, fit
from rag.answering.verification import SUPPORTED, WEAK, Signals, Source, chance, measure
from rag.gazette import Gazette
from rag.model import Filters
from rag.retrieval import Retriever
from rag.settings import load_settings
from rag.text.sentences import sentence_spans

PAIRS = Path(__file__).parents[1] / "verdicts" / "pairs.jsonl"


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence as a model may write it, and the passage it cites."""

    id: str
    split: str
    passage: str
    passage_lang: str
    sentence: str
    sentence_lang: str
    is_supported: bool
    kind: str


def read_pairs(path: Path = PAIRS) -> list[Pair]:
    """Every labelled pair."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        Pair(
            id=raw["id"],
            split=raw["split"],
            passage=raw["passage"],
            passage_lang=raw["passage_lang"],
            sentence=raw["sentence"],
            sentence_lang=raw["sentence_lang"],
            is_supported=raw["label"] == "supported",
            kind=raw["kind"],
        )
        for raw in map(json.loads, lines)
    ]


def signals_of(pairs: Sequence[Pair], retriever: Retriever) -> list[Signals]:
    """What verification measures of each pair."""
    found = []
    for pair in pairs:
        spans = tuple(sentence_spans(pair.passage, pair.passage_lang))
        rows = [
            retriever.centred_text(pair.passage[s.start : s.end], pair.passage_lang) for s in spans
        ]
        source = Source(pair.passage, pair.passage_lang, "", spans, np.array(rows))
        vector = retriever.centred_text(pair.sentence, pair.sentence_lang)
        found.append(measure(pair.sentence, pair.sentence_lang, vector, [source]))
    return found


def fitted(pairs: Sequence[Pair], found: Sequence[Signals]) -> Floats:
    """Weights and bias from the development pairs; signals that speak against count as lacks."""
    rows = np.array([_upward(one) for one in found])
    chosen = np.array([pair.split == "development" for pair in pairs])
    labels = np.array([pair.is_supported for pair in pairs])
    return fit(rows[chosen & labels], rows[chosen & ~labels])


def _upward(one: Signals) -> tuple[float, ...]:
    meaning, *against = astuple(one)
    return meaning, *(-value for value in against)


def table(pairs: Sequence[Pair], found: Sequence[Signals]) -> Table:
    """Precision and recall of the verdicts, and what share of each kind is accepted."""
    shown = Table(box=None, header_style="bold")
    for name in ("pairs", "n", "supported", "weak", "unsupported"):
        shown.add_column(name, justify="left" if name == "pairs" else "right")
    groups: dict[str, list[float]] = defaultdict(list)
    for pair, one in zip(pairs, found, strict=True):
        side = "held" if pair.is_supported else "not held"
        groups[f"{pair.split}, {side}"].append(chance(one))
        groups[f"{side}: {pair.kind}"].append(chance(one))
    for name, chances in sorted(groups.items()):
        held = np.array(chances)
        shares = (held >= SUPPORTED, (held >= WEAK) & (held < SUPPORTED), held < WEAK)
        shown.add_row(name, str(len(held)), *(f"{share.mean():.2f}" for share in shares))
    return shown


def precision_recall(
    pairs: Sequence[Pair], found: Sequence[Signals], split: str, threshold: float
) -> tuple[float, float]:
    """Of the sentences accepted from ``threshold``, the share that holds; of those that hold,
    the share accepted."""
    accepted = [
        (pair.is_supported, chance(one) >= threshold)
        for pair, one in zip(pairs, found, strict=True)
        if pair.split == split
    ]
    right = sum(held and taken for held, taken in accepted)
    return right / max(1, sum(t for _, t in accepted)), right / sum(h for h, _ in accepted)


def main() -> None:
    """Measure the pairs, fit, and print weights and verdicts."""
    with Gazette(load_settings(answerer="extractive")) as gazette:
        retriever = gazette._searcher(Filters())
        pairs = read_pairs()
        found = signals_of(pairs, retriever)
    *weights, bias = fitted(pairs, found)
    signs = (1, -1, -1, -1, -1)
    said = ", ".join(f"{w * s:.2f}" for w, s in zip(weights, signs, strict=True))
    print(f"_WEIGHTS = ({said})\n_BIAS = {bias:.2f}")
    Console(width=100).print(table(pairs, found))
    for split in ("development", "sealed"):
        for name, threshold in (("supported", SUPPORTED), ("supported or weak", WEAK)):
            precision, recall = precision_recall(pairs, found, split, threshold)
            print(f"{split}, {name}: precision {precision:.2f}, recall {recall:.2f}")


if __name__ == "__main__":
    main()
