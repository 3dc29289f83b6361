"""Sabotage: what must turn the gate red does. A gate that cannot fail is no gate."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.gate import BASELINE, Verdict, judge, read_baseline
from eval.questions import suites
from eval.run import Choice, Opened, run
from rag.answering import grounds
from rag.gazette import Gazette
from rag.model import AnswerEvent, AnswerSentence, Cited, Finished
from rag.retrieval import Retriever

SAMPLE = Choice(sample=30)
Gate = Callable[[Gazette], Verdict]


@pytest.fixture
def gate(reader: Gazette, tmp_path: Path) -> Gate:
    """The gate's verdict on a sample of the questions about the corpus."""
    documents = {document.id: document for document in reader.documents()}

    def verdict(gazette: Gazette) -> Verdict:
        opened = Opened(suites()[0], gazette, documents)
        found = run([opened], gazette.settings, SAMPLE, tmp_path)
        return judge(found.rows, read_baseline(BASELINE), {}, is_whole=False)

    return verdict


def checks(verdict: Verdict) -> set[str]:
    return {finding.check for finding in verdict.findings}


def test_without_sabotage_it_is_green(gate: Gate, reader: Gazette):
    verdict = gate(reader)
    assert verdict.is_green, verdict.findings
    assert verdict.difference.compared == 30


def test_shuffled_passages_turn_it_red(
    gate: Gate, reader: Gazette, monkeypatch: pytest.MonkeyPatch
):
    ranked = Retriever._ranked
    generator = random.Random(0)

    def shuffled(self: Retriever, *given: object):  # type: ignore[no-untyped-def]
        found = ranked(self, *given)  # type: ignore[arg-type]
        return generator.sample(found, len(found))

    monkeypatch.setattr(Retriever, "_ranked", shuffled)
    assert checks(gate(reader)) == {"baseline"}


def test_stripped_citations_turn_it_red(gate: Gate, reader: Gazette):
    class Stripped(Gazette):
        def ask(self, *given: object, **more: object) -> Iterator[AnswerEvent]:
            for event in reader.ask(*given, **more):  # type: ignore[arg-type]
                match event:
                    case Cited(sentence, _):
                        yield Cited(bare(sentence), ())
                    case Finished(answer):
                        sentences = tuple(map(bare, answer.sentences))
                        yield Finished(replace(answer, sentences=sentences, citations=()))
                    case _:
                        yield event

    def bare(sentence: AnswerSentence) -> AnswerSentence:
        return replace(sentence, citations=())

    verdict = gate(Stripped(reader.settings, reader.embedder))
    assert checks(verdict) == {"invariant"}
    assert all("a sentence carries no citation" in one.message for one in verdict.findings)


def test_refusal_switched_off_turns_it_red(
    gate: Gate, reader: Gazette, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(grounds, "THRESHOLD", 0.0)
    assert checks(gate(reader)) == {"baseline"}


def test_random_embeddings_turn_it_red(
    gate: Gate, reader: Gazette, monkeypatch: pytest.MonkeyPatch
):
    generator = np.random.default_rng(0)

    def random_vector(text: str) -> np.ndarray:
        vector = generator.standard_normal(reader.embedder.dimension).astype(np.float32)
        return vector / np.linalg.norm(vector)

    monkeypatch.setattr(reader.embedder, "embed_query", random_vector)
    assert checks(gate(reader)) == {"baseline"}


def test_one_wrong_letter_in_one_quote_turns_it_red(gate: Gate, reader: Gazette):
    class Misquoting(Gazette):
        def ask(self, *given: object, **more: object) -> Iterator[AnswerEvent]:
            for event in reader.ask(*given, **more):  # type: ignore[arg-type]
                if isinstance(event, Finished) and event.answer.citations:
                    first, *rest = event.answer.citations
                    wrong = replace(first, quote=first.quote.replace("a", "á"))
                    event = Finished(replace(event.answer, citations=(wrong, *rest)))
                yield event

    verdict = gate(Misquoting(reader.settings, reader.embedder))
    assert checks(verdict) == {"invariant"}
    assert "is not in its document there" in verdict.findings[0].message
