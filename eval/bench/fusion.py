"""Ways to rank passages, compared on the trial questions: ``python -m eval.bench.fusion``.

It looks inside the retrieval on purpose, to take one part of the ranking at a time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from rich.console import Console
from rich.progress import track
from rich.table import Table

from eval.questions import Question, load, suites
from eval.ranking import DEPTH, ranking_scores
from rag.embedding import embedder_from_name
from rag.index.home import current
from rag.index.store import Index
from rag.index.words import question_terms
from rag.model import Filters, Hit
from rag.retrieval import Retriever
from rag.settings import load_settings

_DEEP = 1000
_RRF = 60
"""The constant of reciprocal rank fusion (Cormack et al., SIGIR 2009)."""

Ranking = Callable[[Sequence[Hit], Mapping[int, float]], list[Hit]]


def _by(key: Callable[[Hit], float]) -> Ranking:
    return lambda hits, _: sorted(hits, key=key, reverse=True)


def _by_words(hits: Sequence[Hit], bm25: Mapping[int, float]) -> list[Hit]:
    found = [hit for hit in hits if hit.passage.id in bm25]
    return sorted(found, key=lambda hit: -bm25[hit.passage.id])


def _by_rrf(hits: Sequence[Hit], bm25: Mapping[int, float]) -> list[Hit]:
    scores: dict[int, float] = {}
    for ranking in (_by(lambda hit: hit.dense)(hits, bm25), _by_words(hits, bm25)):
        for rank, hit in enumerate(ranking, 1):
            scores[hit.passage.id] = scores.get(hit.passage.id, 0.0) + 1.0 / (_RRF + rank)
    return sorted(hits, key=lambda hit: -scores[hit.passage.id])


RANKINGS: dict[str, Ranking] = {
    "cosine alone": _by(lambda hit: hit.dense),
    "words alone (BM25)": _by_words,
    "both by blind rank fusion": _by_rrf,
    "cosine without languages": _by(lambda hit: hit.centred),
    "as shipped": _by(lambda hit: hit.score),
}


def compare(retriever: Retriever, index: Index, questions: Sequence[Question]) -> Table:
    """Mean figures of every ranking, with the ratio of R@5 to the first one's."""
    found = []
    for question in track(questions, "asking", console=Console(stderr=True), transient=True):
        prepared = retriever.prepare(question.question)
        hits = retriever.retrieve(prepared, _DEEP, Filters()).hits
        bm25 = dict(index.catalog.matching(question_terms(prepared.words), _DEEP))
        found.append((question, hits, bm25))
    table = Table(box=None, header_style="bold")
    for name in ("ranking", "R@1", "R@5", "R@10", "MRR", "R@5 across languages", "R@5 to first"):
        table.add_column(name, justify="left" if name == "ranking" else "right")
    baseline = 0.0
    for name, ranking in RANKINGS.items():
        scored = [(q, scores_of(q, ranking(hits, bm25), index)) for q, hits, bm25 in found]
        figures = [
            _mean(scores[m] for _, scores in scored) for m in ("R@1", "R@5", "R@10", "RR@10")
        ]
        figures.append(_mean(scores["R@5"] for q, scores in scored if q.is_cross_language))
        baseline = baseline or figures[1]
        table.add_row(name, *(f"{one:.3f}" for one in figures), f"{figures[1] / baseline:.2f}")
    return table


def scores_of(question: Question, hits: Sequence[Hit], index: Index) -> dict[str, float]:
    """The ranking scores of hits, best first."""
    ranked = [hit.passage for hit in hits[:DEPTH]]
    scores = ranking_scores(question.vital, ranked, index.catalog.passages_of)
    return {name: score.value for name, score in scores.items()}


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def main() -> None:
    """Compare on the answerable development questions; the sealed ones are not for tuning."""
    settings = load_settings()
    folder = current(settings.home)
    if folder is None:
        raise SystemExit("nothing is indexed: run gazette sync first")
    index = Index(folder, embedder_from_name(settings.embedder))
    documents = {document.id: document for document in index.catalog.documents()}
    questions = load(suites()[0].files, documents)
    tuned = (q for q in questions if q.split == "development" and not q.history)
    chosen = [q for q in tuned if q.is_answerable]
    Console(width=110).print(f"{len(chosen)} questions")
    Console(width=110).print(compare(Retriever(index), index, chosen))


if __name__ == "__main__":
    main()
