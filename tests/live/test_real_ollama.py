"""Against a real Ollama server, when GAZETTE_TEST_OLLAMA names one; any small model will do."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.metrics import broken_invariants
from eval.questions import Question
from rag.gazette import Gazette
from rag.model import Finished, Writing
from rag.settings import load_settings

HOST = os.environ.get("GAZETTE_TEST_OLLAMA", "")

pytestmark = pytest.mark.skipif(not HOST, reason="GAZETTE_TEST_OLLAMA names no server")

QUESTIONS = {
    "en": "what did Nabiyev discuss with OpenAI?",
    "fr": "Quand le câble transcaspien sera-t-il mis en service ?",
    "az": "Firebird Ermənistana nə qədər sərmayə qoyacaq?",
    "ru": "Почему Казахстан не запустил суперкомпьютеры в 2024 году?",
    "tr": "Turkcell ve Google veri merkezine ne kadar yatıracak?",
}


@pytest.fixture(scope="module")
def live(corpus_home: Path) -> Iterator[Gazette]:
    settings = load_settings(
        home=corpus_home, answerer="ollama", ollama_hosts=HOST, ollama_first_token_timeout=600.0
    )
    with Gazette(settings) as gazette:
        yield gazette


@pytest.mark.parametrize("lang", QUESTIONS)
def test_an_answer_streams_and_breaks_no_invariant(live: Gazette, lang: str):
    events = list(live.ask(QUESTIONS[lang]))
    assert any(isinstance(event, Writing) for event in events)
    last = events[-1]
    assert isinstance(last, Finished)
    documents = {document.id: document for document in live.documents()}
    question = Question(id="q", question=QUESTIONS[lang], lang=lang, behaviour="refuse")
    assert broken_invariants(question, last.answer, documents) == ()
    assert last.answer.language == lang


def test_what_the_corpus_does_not_hold_is_refused(live: Gazette):
    assert live.answer("Who won the Tour de France in 2023?").refused
