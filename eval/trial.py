"""The trial: what is measured of the answers to the first questions. ``python -m eval.trial``.

A first version: the metrics of retrieval and of evidence shown, and the pair of false answers and
false refusals. Answers come from the façade, so what is measured is what is shown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console
from rich.progress import track
from rich.table import Table

from eval.questions import FOLDER, Nugget, Question, load
from rag.gazette import Gazette
from rag.model import LANGUAGES, Answer, Hit
from rag.settings import load_settings

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, the passages retrieved for it and its answer."""

    question: Question
    hits: tuple[Hit, ...]
    """The first ten."""
    answer: Answer


def evidence_recall(outcome: Outcome, k: int) -> float:
    """Share of vital nuggets of which half an evidence span lies in one of the first k passages."""
    passages = [(hit.passage.doc, hit.passage.start, hit.passage.end) for hit in outcome.hits[:k]]
    return _share(outcome.question.vital, passages)


def shown_recall(outcome: Outcome) -> float:
    """Share of vital nuggets of which half an evidence span lies in a shown quote."""
    quotes = [(c.doc, c.start, c.end) for c in outcome.answer.citations]
    return _share(outcome.question.vital, quotes)


def shows_right_sentence(outcome: Outcome) -> bool:
    """Whether a shown quote holds evidence of a vital nugget."""
    return shown_recall(outcome) > 0


def reciprocal_rank(outcome: Outcome) -> float:
    """1 over the rank of the first passage, of ten, with evidence of a vital nugget; else 0."""
    for rank in range(1, len(outcome.hits) + 1):
        if evidence_recall(outcome, rank) > 0:
            return 1.0 / rank
    return 0.0


def _share(nuggets: Sequence[Nugget], spans: Sequence[tuple[str, int, int]]) -> float:
    def covered(nugget: Nugget) -> bool:
        return any(
            doc == e.doc and 2 * (min(end, e.end) - max(start, e.start)) >= e.end - e.start
            for e in nugget.evidence
            for doc, start, end in spans
        )

    return sum(map(covered, nuggets)) / len(nuggets)


def run(gazette: Gazette, questions: Iterable[Question]) -> list[Outcome]:
    """Ask every question."""
    return [
        Outcome(q, gazette.search(q.question, n=_DEPTH).hits, gazette.answer(q.question))
        for q in questions
    ]


def table(outcomes: Sequence[Outcome]) -> Table:
    """Figures by group of questions."""
    shown = Table(box=None, header_style="bold", padding=(0, 1))
    headers = "n", "R@1", "R@5", "R@10", "MRR", "right shown", "nuggets", "false refusals"
    for name in ("questions", *headers, "false answers"):
        shown.add_column(name, justify="left" if name == "questions" else "right")
    for name, belongs in _groups():
        group = [outcome for outcome in outcomes if belongs(outcome.question)]
        if group:
            shown.add_row(name, *_figures(group))
    return shown


def _groups() -> list[tuple[str, Callable[[Question], bool]]]:
    groups: list[tuple[str, Callable[[Question], bool]]] = []
    for split in ("development", "sealed"):
        groups.append((f"{split}, answerable", partial(_is_answerable_in, split)))
        kinds = ("near miss", "far", "false premise")
        groups.extend((f"{split}, {kind}", partial(_is_of_kind, split, kind)) for kind in kinds)
    groups.append(("across languages", lambda q: q.is_cross_language))
    groups.append(("one language", lambda q: q.is_answerable and not q.is_cross_language))
    groups.extend((f"asked in {lang}", partial(_is_asked_in, lang)) for lang in LANGUAGES)
    return groups


def _is_answerable_in(split: str, question: Question) -> bool:
    return question.split == split and question.is_answerable


def _is_of_kind(split: str, kind: str, question: Question) -> bool:
    if question.split != split or question.is_answerable:
        return False
    return any(kind in name for name in question.categories)


def _is_asked_in(lang: str, question: Question) -> bool:
    return question.is_answerable and question.lang == lang


def _figures(group: Sequence[Outcome]) -> list[str]:
    n = len(group)
    answered = sum(not outcome.answer.refused for outcome in group)
    if not group[0].question.is_answerable:
        return [str(n), *["–"] * 7, f"{answered / n:.2f}"]
    means = [sum(evidence_recall(o, k) for o in group) / n for k in (1, 5, 10)]
    means.append(sum(map(reciprocal_rank, group)) / n)
    means.append(sum(map(shows_right_sentence, group)) / n)
    means.append(sum(map(shown_recall, group)) / n)
    return [str(n), *(f"{mean:.2f}" for mean in means), f"{1 - answered / n:.2f}", "–"]


def main() -> None:
    """Run all questions and print the table."""
    console = Console(width=130)
    with Gazette(load_settings(answerer="extractive")) as gazette:
        documents = {document.id: document for document in gazette.documents()}
        questions = load(sorted(FOLDER.glob("*.jsonl")), documents)
        asked = track(questions, "asking", console=Console(stderr=True), transient=True)
        outcomes = run(gazette, asked)
    console.print(table(outcomes))
    sentences = [len(o.answer.sentences) for o in outcomes if not o.answer.refused]
    console.print(f"sentences shown a question: {sum(sentences) / max(1, len(sentences)):.2f}")


if __name__ == "__main__":
    main()
