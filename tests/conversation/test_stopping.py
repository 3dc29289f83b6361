"""An answer that is stopped: what was told of it is stored, and whoever stopped it learns where."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import REPOSITORY
from ollama_server import OllamaServer

from rag.conversation.store import Conversations
from rag.embedding import Embedder
from rag.gazette import Gazette
from rag.model import STOPPED, Answer, AnswerEvent, Cited, Intro, Kept, Notice, Retrieved
from rag.settings import load_settings

Converse = Callable[..., tuple[str, Answer]]
QUESTION = "How long is the cable under the Caspian?"
REPLY = "The cable will be 380 kilometres long [1]. It costs 50.6 million dollars [2]. And"


class Told(list[tuple[Answer, Kept | Notice]]):
    """What ``on_stop`` was called with."""

    def __call__(self, answer: Answer, where: Kept | Notice) -> None:
        self.append((answer, where))


def stopped_at(
    gazette: Gazette, kind: type[AnswerEvent], *arguments: str, **how: object
) -> list[AnswerEvent]:
    """Read the answer to ``QUESTION`` up to the first event of a kind, and stop there."""
    events = gazette.converse(QUESTION, *arguments, **how)  # type: ignore[arg-type]
    read = []
    for event in events:
        read.append(event)
        if isinstance(event, kind):
            break
    events.close()
    return read


def test_what_was_told_is_stored_and_who_stopped_learns_where(asked: Gazette):
    told = Told()
    read = stopped_at(asked, Cited, on_stop=told)
    ((given, where),) = told
    (one,) = asked.conversations.listed()
    (turn,) = asked.conversations.get(one.id).turns
    assert where == Kept(one.id, 0, turn.asked_at)
    assert turn.answer == given
    assert [Cited(given.sentences[0], given.citations)] == read[-1:]
    assert Intro(given.intro) in read
    assert given.question == QUESTION
    assert (given.answerer, given.refused) == ("extractive", False)
    assert given.notices[-1] == STOPPED
    assert given.told[-1] == "stopped before its end"
    documents = {hit.passage.id: hit.document for hit in given.passages}
    for citation in given.citations:
        text = documents[citation.passage].text
        assert text[citation.start : citation.end] == citation.quote


def test_opening_words_are_an_answer_too_and_no_refusal(asked: Gazette):
    told = Told()
    stopped_at(asked, Intro, on_stop=told)
    ((given, _),) = told
    assert given.text == "Here is what the documents say:"
    assert (given.sentences, given.refused) == ((), False)
    id = asked.conversations.last()
    assert [turn.answer for turn in asked.conversations.get(id).turns] == [given]
    conversation = asked.conversations.get(id)
    assert "<bdi>Stopped before its end.</bdi>" in asked.export(conversation, "html")
    assert "*Stopped before its end.*" in asked.export(conversation, "markdown")
    (turn,) = json.loads(asked.export(conversation, "json"))["turns"]
    assert turn["notices"] == ["stopped before its end"]


def test_a_refusal_that_was_told_stays_one(asked: Gazette):
    events = asked.converse("Who is the president of the Moon?")
    assert any(isinstance(event, Intro) for event in events)
    events.close()
    (turn,) = asked.conversations.get(asked.conversations.last()).turns
    assert turn.answer.refused
    assert turn.answer.intro.startswith("The corpus does not answer this question.")


def test_before_a_word_was_told_nothing_is_stored(asked: Gazette):
    told = Told()
    stopped_at(asked, Retrieved, on_stop=told)
    assert told == asked.conversations.listed() == []


def test_an_answer_that_was_stored_whole_is_not_stored_again(asked: Gazette):
    told = Told()
    stopped_at(asked, Kept, on_stop=told)
    assert told == []
    (turn,) = asked.conversations.get(asked.conversations.last()).turns
    assert STOPPED not in turn.answer.notices


def test_without_keeping_nothing_is_stored(asked: Gazette):
    told = Told()
    stopped_at(asked, Cited, keep=False, on_stop=told)
    assert told == asked.conversations.listed() == []


def test_asked_again_a_turn_stands_until_a_word_of_the_new_answer_was_told(
    asked: Gazette, converse: Converse
):
    kept, given = converse(QUESTION)
    _, later = converse("And what does it cost?", kept)
    stopped_at(asked, Retrieved, kept, at=0)
    assert [turn.answer for turn in asked.conversations.get(kept).turns] == [given, later]
    stopped_at(asked, Cited, kept, at=0)
    (turn,) = asked.conversations.get(kept).turns
    assert turn.answer.notices[-1] == STOPPED


def test_who_stopped_learns_that_it_is_not_kept(asked: Gazette, converse: Converse):
    kept, _ = converse(QUESTION)
    told = Told()
    events = asked.converse(QUESTION, kept, on_stop=told)
    assert any(isinstance(event, Cited) for event in events)
    asked.conversations.delete(kept)
    events.close()
    ((given, where),) = told
    assert given.sentences
    assert isinstance(where, Notice)
    assert where.text.startswith(f"this answer is not kept: no conversation is '{kept}'")


# A model writes


@pytest.fixture(scope="module")
def server() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


@pytest.fixture
def written(copied: Path, embedder: Embedder, server: OllamaServer) -> Iterator[Gazette]:
    """The small index, answered by a model that falls silent in its third sentence."""
    server.configure(reply=REPLY, between=0.0, way="stalls", after=len(REPLY))
    settings = load_settings(home=copied, answerer="ollama", ollama_hosts=server.host, keep=True)
    with Gazette(settings, embedder) as opened:
        yield opened


def test_of_a_model_s_answer_the_judged_sentences_are_stored_and_the_model_stops(
    written: Gazette, server: OllamaServer
):
    told = Told()
    stopped_at(written, Cited, on_stop=told)
    ((given, _),) = told
    assert given.answerer == "ollama"
    assert [sentence.text for sentence in given.sentences] == [
        "The cable will be 380 kilometres long."
    ]
    assert given.told == (f"answered by stand-in:4b on {server.host}", STOPPED.text)
    chat = [one for one in server.settled() if one.path == "/api/chat"]
    assert [one.left for one in chat] == [True]


def test_interrupted_in_the_terminal_it_is_stored_as_well(copied: Path, server: OllamaServer):
    server.configure(reply=REPLY, between=0.0, way="stalls", after=len(REPLY))
    env = {"GAZETTE_HOME": str(copied), "GAZETTE_OLLAMA_HOSTS": server.host, "GAZETTE_KEEP": "true"}
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "rag.cli", "ask", QUESTION],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **env},
    ) as child:
        assert child.stdout
        said = iter(child.stdout.readline, "")
        assert any("380 kilometres long" in line for line in said)
        child.send_signal(signal.SIGINT)
        _, complaint = child.communicate(timeout=60)
    assert child.returncode == 130
    assert complaint.endswith("gazette: stopped; what was finished is kept\n")
    store = Conversations(copied)
    (turn,) = store.get(store.last()).turns
    store.close()
    assert turn.answer.sentences[0].text == "The cable will be 380 kilometres long."
    assert turn.answer.notices[-1] == STOPPED
