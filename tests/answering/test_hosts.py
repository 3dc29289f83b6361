"""Several Ollama servers, the choice of a model, stopping, pulling, and other LLMs."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import Ran
from llama_index.core.llms import (
    CompletionResponse,
    CompletionResponseGen,
    CustomLLM,
    LLMMetadata,
)
from ollama_server import OllamaServer

from rag.answering.hosts import Hosts
from rag.errors import AnswererError
from rag.gazette import Gazette
from rag.model import Answer, Retrieved, Turn, Writing
from rag.settings import load_settings

QUESTION = "How long is the cable under the Caspian?"
WHOLE = "The cable will be 380 kilometres long."


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[OllamaServer, OllamaServer]]:
    with OllamaServer() as one, OllamaServer() as other:
        yield one, other


@pytest.fixture
def pair(servers: tuple[OllamaServer, OllamaServer]) -> tuple[OllamaServer, OllamaServer]:
    for server in servers:
        server.configure(reply=WHOLE, load=0.0)
        server.forget()
    return servers


def both(home: Path, pair: tuple[OllamaServer, OllamaServer], **settings: Any) -> Gazette:
    hosts = f"{pair[0].host},{pair[1].host}"
    return Gazette(load_settings(home=home, ollama_hosts=hosts, **settings))


def chats(server: OllamaServer) -> int:
    return len(server.requests("/api/chat"))


# Several servers


def test_the_first_server_answers_where_nothing_speaks_for_another(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    with both(small_home, pair) as gazette:
        answer = gazette.answer(QUESTION)
    assert f"answered by stand-in:4b on {pair[0].host}" in answer.told
    assert (chats(pair[0]), chats(pair[1])) == (1, 0)


def test_a_server_that_has_the_model_loaded_goes_first(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    with Gazette(load_settings(home=small_home, ollama_hosts=pair[1].host)) as warming:
        warming.answer(QUESTION)
    with both(small_home, pair) as gazette:
        answer = gazette.answer(QUESTION)
    assert f"answered by stand-in:4b on {pair[1].host}" in answer.told


def test_a_server_at_work_is_passed_over(pair: tuple[OllamaServer, OllamaServer]):
    hosts = Hosts(load_settings(ollama_hosts=f"{pair[0].host},{pair[1].host}"))
    choices, _ = hosts.choices()
    with hosts.working(choices) as first, hosts.working(choices) as second:
        assert (first.host, second.host) == (pair[0].host, pair[1].host)
        with hosts.working(choices):
            assert [choice.host for choice in hosts.choices()[0]] == [pair[1].host, pair[0].host]
    assert [choice.host for choice in hosts.choices()[0]] == [pair[0].host, pair[1].host]


def test_a_server_that_fails_before_it_writes_is_replaced_and_told(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    pair[0].configure(way="error", reply=WHOLE)
    with both(small_home, pair) as gazette:
        first, second = gazette.answer(QUESTION), gazette.answer(QUESTION)
    for answer in (first, second):
        assert [sentence.text for sentence in answer.sentences] == [WHOLE]
    told = f"Ollama at {pair[0].host} failed"
    assert any(told in n and "another server was asked instead" in n for n in first.told)
    assert first.told.index(f"answered by stand-in:4b on {pair[1].host}") > 0
    assert f"answered by stand-in:4b on {pair[1].host}" in second.told  # the other is shunned
    assert chats(pair[0]) == 1


def test_a_server_that_fails_half_way_is_not_replaced_in_silence(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    pair[0].configure(way="dies", after=24, reply=f"{WHOLE} And so on and on and on and on.")
    with both(small_home, pair) as gazette:
        answer = gazette.answer(QUESTION)
    assert [sentence.text for sentence in answer.sentences] == [WHOLE]
    assert any(f"Ollama at {pair[0].host} failed" in notice for notice in answer.told)
    assert chats(pair[1]) == 0


def test_servers_that_are_away_are_passed_over_and_all_named_when_none_is_left(small_home: Path):
    with socket.socket() as one, socket.socket() as other:
        hosts = []
        for held in (one, other):  # bound, and nothing listens
            held.bind(("127.0.0.1", 0))
            hosts.append(f"http://127.0.0.1:{held.getsockname()[1]}")
        with Gazette(load_settings(home=small_home, ollama_hosts=",".join(hosts))) as gazette:
            answer = gazette.answer(QUESTION)
    assert answer.answerer == "extractive"
    (told,) = (notice for notice in answer.told if "answered by quotation" in notice)
    assert all(f"no Ollama at {host}: start it with `ollama serve`" in told for host in hosts)


# The model


def test_the_loaded_model_is_taken_and_said(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    models = {"newest:8b": ["completion"], "older:4b": ["completion"], "vectors:1b": ["embedding"]}
    pair[0].configure(reply=WHOLE, load=0.0, models=models)
    host = pair[0].host
    with Gazette(load_settings(home=small_home, ollama_hosts=host)) as gazette:
        answer = gazette.answer(QUESTION)
    assert f"answered by newest:8b on {host}, the newest that can chat" in answer.told
    pair[0].configure(reply=WHOLE, load=0.0, models=models)  # nothing is loaded now
    older = load_settings(home=small_home, ollama_hosts=host, ollama_model="older:4b")
    with Gazette(older) as gazette:
        assert f"answered by older:4b on {host}" in gazette.answer(QUESTION).told
    with Gazette(load_settings(home=small_home, ollama_hosts=host)) as gazette:
        answer = gazette.answer(QUESTION)
    assert f"answered by older:4b on {host}, which is loaded" in answer.told


def test_the_model_is_kept_loaded_as_long_as_was_asked(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    host = pair[0].host
    with Gazette(
        load_settings(home=small_home, ollama_hosts=host, ollama_keep_alive="2h")
    ) as gazette:
        gazette.answer(QUESTION)
    assert pair[0].requests("/api/chat")[0].body["keep_alive"] == "2h"


def test_what_a_model_can_do_is_asked_once(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    with Gazette(load_settings(home=small_home, ollama_hosts=pair[0].host)) as gazette:
        for _ in range(2):
            gazette.answer(QUESTION)
    assert len(pair[0].requests("/api/show")) == 1


def test_a_model_that_needs_more_tokens_than_was_reckoned_gets_shorter_prompts(
    corpus_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    question = "What did Nabiyev discuss with OpenAI?"
    settings = load_settings(home=corpus_home, ollama_hosts=pair[0].host, ollama_num_ctx=2048)
    with Gazette(settings) as gazette:
        gazette.answer(question, passages=50)
        hosts = gazette._choice().hosts
        assert hosts.characters_per_token("stand-in:4b") == 2.0  # it reads fewer than reckoned
        hosts.counted("stand-in:4b", 1500, 1000)
        gazette.answer(question, passages=50)
    first, second = (
        sum(len(message["content"]) for message in request.body["messages"])
        for request in pair[0].requests("/api/chat")
    )
    assert second < first < 2 * 2048


# Stopping


@pytest.mark.parametrize("after", [Retrieved, Writing])
def test_who_stops_reading_stops_the_server(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer], after: type
):
    pair[0].configure(way="endless", reply=f"{WHOLE} ", between=0.02, load=0.0)
    with Gazette(load_settings(home=small_home, ollama_hosts=pair[0].host)) as gazette:
        with closing(gazette.ask(QUESTION)) as events:  # type: ignore[type-var]
            for event in events:
                if isinstance(event, after):
                    break
        asked = [r for r in pair[0].settled() if r.path == "/api/chat"]
    assert all(request.left for request in asked)
    assert bool(asked) == (after is Writing)


def test_a_server_is_left_at_once_though_it_has_not_written_yet(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    pair[0].configure(way="silent", reply=WHOLE)
    settings = load_settings(
        home=small_home, ollama_hosts=pair[0].host, ollama_first_token_timeout=0.3
    )
    with Gazette(settings) as gazette:
        gazette.answer(QUESTION)
    (chat,) = (r for r in pair[0].settled() if r.path == "/api/chat")
    assert chat.left


def test_who_leaves_while_a_follow_up_is_rewritten_stops_the_server(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    pair[0].configure(way="silent", paths=["/api/chat"])
    said = [Turn(QUESTION, WHOLE)]
    with Gazette(load_settings(home=small_home, ollama_hosts=pair[0].host)) as gazette:
        events = gazette.ask("And what does it cost?", history=said)
        assert next(events) == Writing("")
        events.close()  # type: ignore[attr-defined]
        (chat,) = (r for r in pair[0].settled() if r.path == "/api/chat")
    assert chat.left


def test_a_server_that_failed_at_the_rewriting_is_not_waited_for_again(
    small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    pair[0].configure(way="silent", paths=["/api/chat"])
    settings = load_settings(
        home=small_home, ollama_hosts=pair[0].host, ollama_first_token_timeout=0.6
    )
    with Gazette(settings) as gazette:
        answer = gazette.answer("And what does it cost?", history=[Turn(QUESTION, WHOLE)])
    assert (chats(pair[0]), answer.answerer) == (1, "extractive")
    assert any("read by rules, not by the model" in notice for notice in answer.told)


# Pulling


def test_a_model_is_pulled_and_can_answer_then(
    cli: Callable[..., Ran], small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    pair[0].configure(models={}, library=["small:1b"], reply=WHOLE)
    host = pair[0].host
    done = cli("pull", "small:1b", home=small_home, GAZETTE_OLLAMA_HOSTS=host)
    assert (done.code, done.out) == (0, "")
    assert f"{host}: success" in done.err and f"{host} has small:1b" in done.err
    said = cli("ask", QUESTION, home=small_home, GAZETTE_OLLAMA_HOSTS=host)
    assert f"answered by small:1b on {host}" in said.err


def test_a_model_that_nobody_knows_is_named(
    cli: Callable[..., Ran], small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    host = pair[0].host
    done = cli("pull", "nonesuch", home=small_home, GAZETTE_OLLAMA_HOSTS=host)
    assert done.code == 6
    assert f"gazette: Ollama at {host} " in done.err and "'nonesuch'" in done.err


def test_a_download_that_ends_early_is_no_success(
    cli: Callable[..., Ran], small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    pair[0].configure(way="cut", paths=["/api/pull"], library=["small:1b"])
    done = cli("pull", "small:1b", home=small_home, GAZETTE_OLLAMA_HOSTS=pair[0].host)
    assert done.code == 6 and "run gazette pull small:1b again" in done.err
    away = cli("pull", home=small_home)
    assert away.code == 6 and "start it with `ollama serve`" in away.err


# Other LLMs


class Scripted(CustomLLM):
    """An LLM of LlamaIndex's that streams what it is told, a word at a time."""

    reply: str = WHOLE
    pause: float = 0.0
    fails: bool = False

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(context_window=4096, model_name="scripted")

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        return CompletionResponse(text=self.reply)

    def stream_complete(
        self, prompt: str, formatted: bool = False, **_: Any
    ) -> CompletionResponseGen:
        assert "<passage number=" in prompt
        text = ""
        for word in self.reply.split(" "):
            time.sleep(self.pause)
            if self.fails:
                raise RuntimeError("the model has gone")
            text, delta = f"{text} {word}", f"{' ' if text else ''}{word}"
            yield CompletionResponse(text=text, delta=delta)


def scripted(home: Path, answerer: str = "auto", **options: Any) -> Answer:
    settings = load_settings(
        home=home,
        answerer=answerer,
        llm=f"{__name__}.Scripted",
        llm_options=options,
        ollama_first_token_timeout=1.0,
    )
    with Gazette(settings) as gazette:
        return gazette.answer(QUESTION)


def test_any_llm_of_llama_index_answers_by_its_import_path(small_home: Path):
    answer = scripted(small_home)
    assert (answer.answerer, [s.text for s in answer.sentences]) == ("llm", [WHOLE])
    assert answer.citations[0].quote.startswith(WHOLE[:-1])
    assert answer.told[0] == f"answered by scripted ({__name__}.Scripted)"


@pytest.mark.parametrize(
    ("options", "said"),
    [({"fails": True}, "the model has gone"), ({"pause": 3.0}, "wrote nothing within 1 s")],
)
def test_its_failures_are_told_and_the_documents_answer(
    small_home: Path, options: dict[str, Any], said: str
):
    answer = scripted(small_home, **options)
    assert answer.answerer == "extractive"
    assert any(said in notice for notice in answer.told)
    with pytest.raises(AnswererError, match=said):
        scripted(small_home, "llm", **options)


@pytest.mark.parametrize(
    ("path", "options", "said"),
    [
        ("no_such_package.Llm", {}, "cannot be imported"),
        ("Scripted", {}, "cannot be imported"),
        (".here.Llm", {}, "cannot be imported"),
        ("pathlib.Path", {}, "is no LlamaIndex LLM"),
        (f"{__name__}.Scripted", {"pause": "long"}, "cannot be made"),
    ],
)
def test_a_path_that_names_no_llm_is_told_or_refused(
    small_home: Path, path: str, options: dict[str, Any], said: str
):
    with Gazette(load_settings(home=small_home, llm=path, llm_options=options)) as gazette:
        answer = gazette.answer(QUESTION)
    assert answer.answerer == "extractive"
    assert any(f"GAZETTE_LLM = {path} {said}" in notice for notice in answer.told)
    settings = load_settings(home=small_home, llm=path, llm_options=options, answerer="llm")
    with Gazette(settings) as gazette, pytest.raises(AnswererError, match=said):
        gazette.answer(QUESTION)


def test_the_doctor_says_which_would_answer(
    cli: Callable[..., Ran], small_home: Path, pair: tuple[OllamaServer, OllamaServer]
):
    hosts = f"{pair[0].host},{pair[1].refusing}"
    said = cli("doctor", home=small_home, GAZETTE_OLLAMA_HOSTS=hosts)
    models = "chat models: stand-in:4b; stand-in:4b answers"
    assert f"version 0.33.3 at {pair[0].host}, {models}" in said.out
    assert f"no Ollama at {pair[1].refusing}" in said.out
    named = cli("doctor", home=small_home, GAZETTE_LLM=f"{__name__}.Scripted")
    assert f"LLM: scripted of {__name__}.Scripted, 4096 tokens" in named.out
