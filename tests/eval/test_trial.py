"""The trial's metrics, against cases computed by hand."""

import pytest

from eval.questions import Evidence, Nugget, Question
from eval.trial import (
    Outcome,
    evidence_recall,
    reciprocal_rank,
    run,
    shown_recall,
    shows_right_sentence,
    table,
)
from rag.gazette import Gazette
from rag.model import Answer, AnswerSentence, Citation, Document, Hit, Passage, Span


def nugget(*spans: tuple[str, int, int], vital: bool = True) -> Nugget:
    return Nugget("n", vital, "text", {}, tuple(Evidence(*span) for span in spans))


def hit(doc: str, start: int, end: int) -> Hit:
    passage = Passage(1, doc, start, end, "", (Span(start, end),))
    return Hit(passage, Document(doc, "", "", "en"), score=0.0, dense=0.0, centred=0.0, lexical=0.0)


def outcome(
    nuggets: list[Nugget],
    hits: list[tuple[str, int, int]],
    quotes: tuple[tuple[str, int, int], ...] = (),
    question: str = "Q?",
    **changes: object,
) -> Outcome:
    fields: dict[str, object] = {
        "id": "q",
        "cluster": "c",
        "split": "development",
        "lang": "en",
        "doc_langs": ("fr",),
        "categories": ("single fact",),
        "question": question,
        "behaviour": "answer" if nuggets else "refuse",
        "nuggets": tuple(nuggets),
    }
    cited = tuple(
        Citation(n, doc, "", "", None, "en", "", start, end, 1)
        for n, (doc, start, end) in enumerate(quotes, 1)
    )
    sentences = tuple(AnswerSentence("", (citation.n,)) for citation in cited)
    answer = Answer(
        question, "en", "extractive", "", sentences, cited, refused=not cited, passages=()
    )
    asked = Question(**{**fields, **changes})  # type: ignore[arg-type]
    return Outcome(asked, tuple(hit(*one) for one in hits), answer)


# Evidence recall


def test_a_passage_covers_evidence_when_it_has_at_least_half_of_it():
    evidence = [nugget(("a", 100, 200))]
    for passage, expected in (
        (("a", 0, 149), 0.0),
        (("a", 0, 150), 1.0),
        (("a", 150, 400), 1.0),
        (("a", 151, 400), 0.0),
        (("a", 120, 175), 1.0),
        (("a", 0, 400), 1.0),
        (("a", 200, 400), 0.0),
        (("b", 100, 200), 0.0),
    ):
        assert evidence_recall(outcome(evidence, [passage]), 5) == expected, passage


def test_halves_in_two_passages_do_not_add_up():
    evidence = [nugget(("a", 0, 100))]
    assert evidence_recall(outcome(evidence, [("a", 0, 40), ("a", 40, 80)]), 5) == 0.0


def test_any_one_span_of_a_nugget_is_enough():
    evidence = [nugget(("a", 0, 100), ("b", 0, 50))]
    assert evidence_recall(outcome(evidence, [("b", 0, 50)]), 1) == 1.0


def test_recall_is_the_share_of_vital_nuggets_within_the_first_k():
    evidence = [
        nugget(("a", 0, 10)),
        nugget(("b", 0, 10)),
        nugget(("c", 0, 10)),
        nugget(("d", 0, 10), vital=False),
    ]
    one = outcome(evidence, [("x", 0, 10), ("a", 0, 10), ("d", 0, 10), ("b", 0, 10)])
    assert [evidence_recall(one, k) for k in (1, 2, 3, 4, 9)] == [
        pytest.approx(x) for x in (0, 1 / 3, 1 / 3, 2 / 3, 2 / 3)
    ]


def test_the_reciprocal_rank_is_that_of_the_first_passage_with_evidence():
    evidence = [nugget(("a", 0, 10)), nugget(("b", 0, 10))]
    assert reciprocal_rank(outcome(evidence, [("b", 0, 10), ("a", 0, 10)])) == 1.0
    assert reciprocal_rank(outcome(evidence, [("x", 0, 10)] * 3 + [("a", 0, 10)])) == 0.25
    assert reciprocal_rank(outcome(evidence, [("x", 0, 10)])) == 0.0
    assert reciprocal_rank(outcome(evidence, [])) == 0.0


# What is shown


def test_what_is_shown_is_measured_by_the_quotes_and_not_by_the_passages():
    evidence = [nugget(("a", 0, 10)), nugget(("b", 0, 10))]
    hits = [("a", 0, 100), ("b", 0, 100)]
    nothing = outcome(evidence, hits)
    assert shown_recall(nothing) == 0.0
    assert not shows_right_sentence(nothing)
    half = outcome(evidence, hits, quotes=(("x", 0, 10), ("a", 0, 10)))
    assert shown_recall(half) == 0.5
    assert shows_right_sentence(half)
    whole = outcome(evidence, hits, quotes=(("b", 5, 40), ("a", 0, 10)))
    assert shown_recall(whole) == 1.0


# The table


def row(outcomes: list[Outcome], name: str) -> list[str]:
    shown = table(outcomes)
    columns = [list(column.cells) for column in shown.columns]
    place = columns[0].index(name)
    return [str(column[place]) for column in columns[1:]]


def test_a_row_holds_the_means_of_its_group():
    evidence = [nugget(("a", 0, 10))]
    found = outcome(evidence, [("a", 0, 10)], quotes=(("a", 0, 10),))
    late = outcome(evidence, [("x", 0, 10)] * 5 + [("a", 0, 10)], quotes=(("x", 0, 10),))
    refused = outcome(evidence, [("x", 0, 10)])
    lost = outcome(evidence, [], quotes=(("x", 0, 10),))
    expected = ["4", "0.25", "0.25", "0.50", "0.29", "0.25", "0.25", "0.25", "–"]
    assert row([found, late, refused, lost], "development, answerable") == expected


def test_an_answer_to_what_is_not_in_the_corpus_is_a_false_one():
    far = {"categories": ("not in the corpus, far",)}
    near = {"categories": ("not in the corpus, near miss",)}
    outcomes = [
        outcome([], [], quotes=(("a", 0, 10),), **far),
        outcome([], [], **far),
        outcome([], [], **near),
        outcome([], [], quotes=(("a", 0, 10),), **near, split="sealed"),
    ]
    assert row(outcomes, "development, far")[-1] == "0.50"
    assert row(outcomes, "development, near miss")[-1] == "0.00"
    assert row(outcomes, "sealed, near miss")[-1] == "1.00"


def test_a_question_is_across_languages_when_no_evidence_is_in_its_own():
    evidence = [nugget(("a", 0, 10))]
    across = outcome(evidence, [], lang="ru", doc_langs=("fr", "en"))
    at_home = outcome(evidence, [], lang="en", doc_langs=("fr", "en"))
    assert across.question.is_cross_language
    assert not at_home.question.is_cross_language
    assert not outcome([], [], lang="en", doc_langs=()).question.is_cross_language
    assert row([across, at_home], "across languages")[0] == "1"
    assert row([across, at_home], "one language")[0] == "1"
    assert row([across, at_home], "asked in ru")[0] == "1"


def test_a_run_keeps_ten_passages_and_the_answer_of_the_facade(reader: Gazette):
    asked = outcome([], [], question="When was the bridge opened?").question
    (found,) = run(reader, [asked])
    assert found.question is asked
    assert len(found.hits) == 10
    assert found.answer.question == asked.question
    assert found.answer.passages == found.hits[: len(found.answer.passages)]
