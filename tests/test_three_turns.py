"""Conversations of three turns in each language, by rules and with a model."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml
from ollama_server import OllamaServer

from rag.gazette import Gazette
from rag.model import Answer, Turn
from rag.settings import load_settings

TODAY = date(2026, 3, 15)


@dataclass(frozen=True)
class Recorded:
    question: str
    by_rules: str | None
    rewritten: str | None
    quote: str
    written: str


RECORDED = {
    lang: [Recorded(**turn) for turn in turns]
    for lang, turns in yaml.safe_load(
        Path(__file__).with_name("three_turns.yaml").read_text()
    ).items()
}


@pytest.fixture(scope="module")
def server() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


def talked(gazette: Gazette, turns: list[Recorded]) -> list[Answer]:
    """The answers, each question asked with the turns before it."""
    answers: list[Answer] = []
    for turn in turns:
        history = [Turn(answer.question, answer.text) for answer in answers]
        answers.append(gazette.answer(turn.question, history=history, today=TODAY))
    return answers


def understood(answer: Answer) -> str | None:
    return answer.understood.question if answer.understood else None


def check_quotes(answer: Answer, gazette: Gazette) -> None:
    assert answer.citations
    for citation in answer.citations:
        document, _ = gazette.document(citation.doc)
        assert document.text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize("lang", RECORDED)
def test_by_rules_each_turn_is_understood_and_answered_with_the_recorded_quote(
    reader: Gazette, lang: str
):
    for answer, turn in zip(talked(reader, RECORDED[lang]), RECORDED[lang], strict=True):
        assert (answer.language, understood(answer)) == (lang, turn.by_rules)
        check_quotes(answer, reader)
        quotes = [" ".join(citation.quote.split()) for citation in answer.citations]
        assert any(turn.quote in quote for quote in quotes), quotes


@pytest.mark.parametrize("lang", RECORDED)
def test_a_model_rewrites_each_follow_up_and_its_sentence_is_shown_with_a_quote(
    server: OllamaServer, reader: Gazette, corpus_home: Path, lang: str
):
    turns = RECORDED[lang]
    replies = {
        f"</earlier>\n\n.*{re.escape(t.question)}$": t.rewritten or t.question for t in turns
    }
    replies |= {
        f"</passage>\n\n.*{re.escape(t.rewritten or t.question)}$": t.written for t in turns
    }
    server.configure(replies=replies, between=0.0)
    settings = load_settings(home=corpus_home, ollama_hosts=server.host, answerer="ollama")
    with Gazette(settings, reader.embedder) as gazette:
        answers = talked(gazette, turns)
    for answer, turn in zip(answers, turns, strict=True):
        assert (answer.answerer, understood(answer)) == ("ollama", turn.rewritten), answer.told
        assert [sentence.text for sentence in answer.sentences] == [turn.written], answer.told
        check_quotes(answer, reader)
