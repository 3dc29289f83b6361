"""What can go wrong with an Ollama server, and what the user is told: one clear line each."""

import re
import socket
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from ollama_server import OllamaServer

from rag.errors import AnswererError
from rag.gazette import Gazette
from rag.model import Answer, AnswerEvent, Writing
from rag.settings import load_settings

QUESTION = "How long is the cable under the Caspian?"
WHOLE = "The cable will be 380 kilometres long."


@pytest.fixture(scope="module")
def server() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


def asked(home: Path, host: str, **settings: Any) -> Answer:
    with Gazette(load_settings(home=home, ollama_hosts=host, **settings)) as gazette:
        return gazette.answer(QUESTION)


SLOW = ("silent", "crawl", "stalls")
SHORT = {"ollama_first_token_timeout": 2.0, "ollama_silence_timeout": 2.0}


def told(answer: Answer, pattern: str) -> bool:
    return any(re.search(pattern, notice) for notice in answer.told)


# Answers that are whole


@pytest.mark.parametrize(
    "script",
    [
        {},
        {"way": "drip"},
        {"way": "loads", "load": 1.0},
        {"way": "thinks"},
        {"way": "thinks_inline"},
        {"way": "miscites", "mark": 9},
        {"way": "overflows", "num_ctx": 64},  # the size that is needed is always asked for
    ],
    ids=lambda script: script.get("way", "whole"),
)
def test_what_comes_whole_however_slowly_is_shown_with_its_quote(
    server: OllamaServer, small_home: Path, script: dict[str, Any]
):
    server.configure(reply="The cable will be 380 kilometres long.", **script)
    answer = asked(small_home, server.host)
    assert (answer.answerer, [s.text for s in answer.sentences]) == ("ollama", [WHOLE])
    assert answer.citations[0].quote.startswith(WHOLE[:-1])


# Failures before anything could be shown: the documents' own sentences, announced

FAILURES = {
    "lacks": r"answered by quotation: Ollama at \S+ has no chat model: `gazette pull ",
    "gone": r"failed \(.*not found",
    "error": r"failed \(ResponseError.*model runner has unexpectedly stopped.*run gazette doctor",
    "busy": r"failed \(ResponseError.*busy",
    "html": r"failed \(JSONDecodeError",
    "redirect": r"failed \(ResponseError",
    "broken": r"failed \(",
    "cut": r"cut its answer off: ask again",
    "dies": r"failed \(RemoteProtocolError",
    "half": r"failed \(|cut its answer off",
    "fails": r"failed \(ResponseError",
    "silent": r"wrote nothing within 2 s: use a smaller model or raise GAZETTE_OLLAMA_FIRST_TOKEN",
    "crawl": r"wrote nothing within 2 s: ",
    "stalls": r"fell silent for 2 s: ask again, or raise GAZETTE_OLLAMA_SILENCE_TIMEOUT",
}


@pytest.mark.parametrize("way", FAILURES)
def test_a_failure_is_told_and_the_documents_answer(
    server: OllamaServer, small_home: Path, way: str
):
    paths = ["/api/chat", "/api/generate"]
    server.configure(way=way, paths=paths, elsewhere=server.host)
    answer = asked(small_home, server.host, **SHORT if way in SLOW else {})
    assert told(answer, FAILURES[way]), answer.told
    assert answer.answerer == "extractive"
    assert answer.sentences and all(s.citations for s in answer.sentences)
    if way != "lacks":
        assert told(answer, "answered with the documents' own sentences instead")
    assert all("\n" not in notice for notice in answer.told)


def test_a_redirect_is_not_followed(server: OllamaServer, small_home: Path):
    server.configure(way="redirect", paths=["/api/chat"], elsewhere=f"{server.host}/elsewhere")
    server.forget()
    assert asked(small_home, server.host).answerer == "extractive"
    paths = [request.path for request in server.settled()]
    assert "/api/chat" in paths and not any("elsewhere" in path for path in paths)


def test_a_server_that_is_away_is_told_and_the_documents_answer(small_home: Path):
    with socket.socket() as held:  # bound, and nothing listens
        held.bind(("127.0.0.1", 0))
        host = f"http://127.0.0.1:{held.getsockname()[1]}"
        answer = asked(small_home, host)
    assert told(answer, f"no Ollama at {host}: start it with `ollama serve`")
    assert answer.answerer == "extractive"


@pytest.mark.parametrize("way", ["error", "cut", "silent"])
def test_who_insists_on_the_model_gets_the_error(server: OllamaServer, small_home: Path, way: str):
    server.configure(way=way)
    with pytest.raises(AnswererError, match=FAILURES[way]):
        asked(small_home, server.host, answerer="ollama", **SHORT)


# Failures half way, and models that do as they like


@pytest.mark.parametrize(
    ("way", "said"),
    [("cut", "cut its answer off"), ("dies", r"failed \(RemoteProtocolError")],
)
def test_a_failure_after_a_whole_sentence_keeps_it(
    server: OllamaServer, small_home: Path, way: str, said: str
):
    reply = f"{WHOLE} Its capacity will reach 400 terabits per second. And so on and so on."
    server.configure(way=way, after=24, reply=reply)
    answer = asked(small_home, server.host)
    assert answer.answerer == "ollama"
    assert answer.sentences[0].text == WHOLE
    assert answer.citations[0].quote.startswith(WHOLE[:-1])
    assert told(answer, said)


@pytest.mark.parametrize("way", ["endless", "rambles"])
def test_a_reply_without_end_is_cut_and_the_server_stops(
    server: OllamaServer, small_home: Path, way: str
):
    server.configure(way=way, reply=f"{WHOLE} ", between=0.0)
    server.forget()
    answer = asked(small_home, server.host)
    assert answer.sentences
    chat = [request for request in server.settled() if request.path == "/api/chat"][-1]
    assert chat.left or way == "rambles"


@pytest.mark.parametrize("way", ["silent", "stalls", "thinks"])
def test_who_leaves_a_model_that_says_nothing_yet_stops_it(
    server: OllamaServer, small_home: Path, way: str
):
    server.configure(way=way, paths=["/api/chat"], thinking="so and so " * 500, between=0.02)
    server.forget()
    with Gazette(load_settings(home=small_home, ollama_hosts=server.host)) as gazette:
        events = cast("Generator[AnswerEvent]", gazette.ask(QUESTION))
        next(event for event in events if isinstance(event, Writing))
        events.close()
    chat = [request for request in server.settled() if request.path == "/api/chat"][-1]
    assert chat.left


def test_a_planted_instruction_that_is_obeyed_is_not_shown(server: OllamaServer, small_home: Path):
    server.configure(way="obeys", planted="obey", canary="CANARY-4D1E is 4711 metres high.")
    answer = asked(small_home, server.host)
    assert "CANARY" not in answer.text
    assert told(answer, "left out: the passages do not bear them out")


def test_an_answer_in_another_language_is_told(server: OllamaServer, small_home: Path):
    server.configure(way="strays", foreign="Kablo 380 kilometre uzunluğunda olacak [1].")
    answer = asked(small_home, server.host)
    assert told(answer, "stand-in:4b answered in tr, not in en")


def test_a_server_that_reads_less_than_was_sent_is_told(server: OllamaServer, small_home: Path):
    server.configure(way="forgets", window=64)
    answer = asked(small_home, server.host)
    assert told(answer, r"read only \d+ tokens, less than was sent")
