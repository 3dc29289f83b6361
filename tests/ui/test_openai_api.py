"""Gazette as OpenAI-style clients meet it: a real server, the official client, a real stand-in."""

import asyncio
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from html import escape
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from ollama_server import OllamaServer

from rag.embedding import Embedder
from rag.gazette import Gazette
from rag.model import AnswerEvent, Filters
from rag.settings import load_settings
from ui import running
from ui.headers import HEADERS
from ui.openai import requests
from ui.openai.markdown import inert, paragraph, spoken
from ui.openai.routes import router

NABIYEV = "What did Nabiyev discuss with OpenAI?"
CABLE = "When will the Trans-Caspian cable be launched?"
LENGTH = "How long will the cable under the Caspian be?"
STEPS = "How many steps have the stairs of the lighthouse of Port Quillan?"
SENTENCE = "The cable will be 380 kilometres long [1]."

UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff]+")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


def opened(address: str) -> openai.OpenAI:
    """The official client, which asks once and knows of no proxy."""
    return openai.OpenAI(
        base_url=f"{address}/v1",
        api_key="any",
        max_retries=0,
        timeout=30,
        http_client=openai.DefaultHttpxClient(trust_env=False),
    )


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    with opened(address) as client:
        yield client


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer() as server:
        yield server


@pytest.fixture(scope="module")
def modelled(
    small_home: Path,
    embedder: Embedder,
    ollama: OllamaServer,
    serving: Callable[[Gazette], AbstractContextManager[str]],
) -> Iterator[openai.OpenAI]:
    """The client of a Gazette whose answers a model writes."""
    settings = load_settings(home=small_home, ollama_hosts=ollama.host, answerer="ollama")
    with (
        Gazette(settings, embedder) as gazette,
        serving(gazette) as address,
        opened(address) as client,
    ):
        yield client


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No confidence is enough."""
    monkeypatch.setattr("rag.answering.grounds.THRESHOLD", 2.0)


@pytest.fixture
def asked(small: Gazette, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the façade was asked, which answers as ever."""
    seen: list[dict[str, Any]] = []
    answering = small.ask

    def ask(question: str, filters: Filters, **more: Any) -> Iterator[AnswerEvent]:
        seen.append({"question": question, "filters": filters, **more})
        return answering(question, filters, **more)

    monkeypatch.setattr(small, "ask", ask)
    return seen


def said(question: str, *earlier: str) -> list[Any]:
    """A conversation: questions and answers in turn, then the question."""
    roles = ("user", "assistant") * len(earlier)
    turns = [{"role": role, "content": text} for role, text in zip(roles, earlier, strict=False)]
    return [*turns, {"role": "user", "content": question}]


def whole(client: openai.OpenAI, question: str, **more: Any) -> Any:
    return client.chat.completions.create(model="gazette", messages=said(question), **more)


def streamed(client: openai.OpenAI, question: str, **more: Any) -> list[Any]:
    messages = said(question)
    with client.chat.completions.create(
        model="gazette", messages=messages, stream=True, **more
    ) as stream:
        return list(stream)


def text_of(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def post(address: str, content: bytes, kind: str = "application/json") -> httpx.Response:
    url = f"{address}/v1/chat/completions"
    return httpx.post(url, content=content, headers={"Content-Type": kind}, trust_env=False)


def test_the_example_of_the_documentation_runs(address, monkeypatch, capsys):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    page = (Path(__file__).parents[2] / "docs" / "openai.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example.replace("http://127.0.0.1:7860", address), names)
    names["client"].close()
    assert re.search(r"\[1\].*\*\*Sources\*\*.*^1 .*\d+ \d+$", capsys.readouterr().out, re.S | re.M)


# Models


def test_there_is_one_model(client):
    (model,) = client.models.list()
    assert (model.id, model.object, model.owned_by) == ("gazette", "model", "gazette")
    assert client.models.retrieve("gazette") == model


def test_another_model_is_not_found(client):
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-4': use gazette"):
        client.models.retrieve("gpt-4")


# Answers


def test_an_answer_is_cited_and_its_sources_are_numbered_at_its_end(client, small):
    done = whole(client, NABIYEV)
    assert (done.object, done.model, done.usage) == ("chat.completion", "gazette", None)
    assert done.id.startswith("chatcmpl-")
    (choice,) = done.choices
    assert (choice.index, choice.finish_reason, choice.message.role) == (0, "stop", "assistant")
    body, sources = choice.message.content.split("\n\n**Sources**\n\n")
    for sentence in done.gazette["sentences"]:
        marks = "".join(f" [{n}]" for n in sentence["citations"])
        assert marks and paragraph(sentence["text"]) + marks in body.split("\n\n")
    for citation in done.citations:
        document, _ = small.document(citation["doc"])
        assert document.text[citation["start"] : citation["end"]] == citation["quote"]
        about = f"{document.publisher}, {document.date}, {document.lang}"
        assert f"[{citation['n']}] {inert(document.title)} ({about})" in sources.split("\n\n")
    assert done.gazette["refused"] is False
    assert done.gazette["answerer"] == "extractive"
    assert done.gazette["sentences"][0]["citations"] == [1]
    assert done.gazette["sentences"][0]["verdict"] == "supported"


def test_a_streamed_answer_is_the_same_in_pieces(client):
    done, chunks = whole(client, NABIYEV), streamed(client, NABIYEV)
    assert text_of(chunks) == done.choices[0].message.content
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    *before, last = chunks
    assert [chunk.choices[0].finish_reason for chunk in before] == [None] * len(before)
    assert last.choices[0].finish_reason == "stop"
    assert (last.citations, last.gazette) == (done.citations, done.gazette)


def test_a_citation_comes_with_the_sentence_that_brings_it(client):
    chunks = streamed(client, NABIYEV)
    new = [chunk for chunk in chunks[:-1] if hasattr(chunk, "citations")]
    assert [one for chunk in new for one in chunk.citations] == chunks[-1].citations
    for chunk in new:
        assert all(f"[{one['n']}]" in chunk.choices[0].delta.content for one in chunk.citations)


def test_a_stream_is_server_sent_events(address):
    body = json.dumps({"model": "gazette", "messages": said(NABIYEV), "stream": True}).encode()
    response = post(address, body)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    lines = response.text.split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    assert all(json.loads(line.removeprefix("data: "))["id"] for line in lines[:-2])


def test_the_asynchronous_client_is_served_as_well(address):
    async def ask() -> tuple[str, str]:
        http = openai.DefaultAsyncHttpxClient(trust_env=False)
        async with openai.AsyncOpenAI(
            base_url=f"{address}/v1", api_key="any", max_retries=0, http_client=http
        ) as client:
            done, stream = await asyncio.gather(
                client.chat.completions.create(model="gazette", messages=said(CABLE)),
                client.chat.completions.create(model="gazette", messages=said(CABLE), stream=True),
            )
            chunks = [chunk async for chunk in stream]
        return done.choices[0].message.content or "", text_of(chunks)

    whole_text, pieces = asyncio.run(ask())
    assert whole_text == pieces
    assert "2026" in pieces


def test_a_refusal_is_text_and_its_nearest_passages_are_no_sources(client, refusing):
    done = whole(client, "Quelle est la hauteur de la tour Eiffel ?")
    text = done.choices[0].message.content
    assert text.startswith("Le corpus ne répond pas à cette question.")
    assert "**Passages les plus proches (ils ne répondent pas) :**\n\n- " in text
    assert "Sources" not in text and not re.search(r"\[\d", text)
    assert (done.gazette["refused"], done.citations) == (True, [])
    assert done.choices[0].message.refusal is None


def test_a_follow_up_is_read_with_the_turns_before_it(client, asked):
    first = whole(client, NABIYEV).choices[0].message.content
    messages = said("And when did he do that?", NABIYEV, first)
    messages[:0] = [{"role": "system", "content": "Answer in verse."}]
    done = client.chat.completions.create(model="gazette", messages=messages)
    (turn,) = asked[-1]["history"]
    assert turn.question == NABIYEV
    assert "Nabiyev" in turn.answer and "OpenAI" in turn.answer
    assert not re.search(r"\[\d|Sources|Here is what|\\", turn.answer)
    assert "Nabiyev" in done.gazette["understood"]["question"]
    note = f"> understood as: {done.gazette['understood']['question']}"
    assert inert(note[2:]) in done.choices[0].message.content


def test_parts_of_text_are_one_text(client, asked):
    parts = [{"type": "text", "text": "What did Nabiyev"}, {"type": "text", "text": "discuss?"}]
    client.chat.completions.create(
        model="gazette", messages=[{"role": "user", "content": parts}], temperature=0.3, top_p=1
    )
    assert asked[0]["question"] == "What did Nabiyev\ndiscuss?"


def test_filters_come_in_the_extra_body(client, asked):
    limits = {"langs": ["fr"], "publishers": ["La Gazette"], "since": "2025-12-18"}
    question = "Qui Nabiyev a-t-il rencontré chez OpenAI ?"
    done = whole(client, question, extra_body={"gazette": {**limits, "literal": True}})
    assert {one["lang"] for one in done.citations} == {"fr"}
    assert asked[0]["filters"].since.isoformat() == "2025-12-18"
    assert asked[0]["literal"] is True


def test_words_of_a_question_that_limit_the_documents_are_told(client):
    done = whole(client, "What did Nabiyev discuss with OpenAI, according to La Gazette?")
    (clue,) = done.gazette["understood"]["clues"]
    assert clue["publisher"] == "La Gazette"
    assert "\n> understood as: " in done.choices[0].message.content
    assert "only documents published by La Gazette" in done.choices[0].message.content


# What documents may not do


def rendered(text: str) -> str:
    """As a careless client shows it: Markdown, tables, and HTML as it stands."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)


def test_a_document_brings_no_image_link_or_html_into_a_client(client):
    done = whole(client, STEPS)
    text = done.choices[0].message.content
    assert "199 steps" in text and "leak" in text
    page = rendered(text)
    assert set(re.findall(r"<(\w+)", page)) <= {"p", "strong", "ul", "li", "blockquote"}
    assert page.count("<strong>") == 1
    assert not re.search(r"https?://|www\.|\w//\w|\w\.invalid", text)
    assert any("![x](http://leak.invalid/d)" in one["quote"] for one in done.citations)


@pytest.mark.parametrize(
    "address",
    "http://a.example/b HTTPS://A.EXAMPLE www.a.example www.1a.example a.example/b ftp://10.0.0.1/ "
    "//a.example b@a.example mailto:b@localhost".split(),
)
def test_an_address_is_taken_apart_so_that_no_client_makes_a_link_of_it(address: str):
    shown = inert(f"See {address}.")
    assert shown.replace("\u2060", "") == f"See {address}."
    assert not re.search(r"//|www\.|\w\.[a-z]|\.[a-z]{2}|\w@|mailto:", shown, re.IGNORECASE)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(" ab1.)#-+=>&;lt<![]()*_`~\\|:/@\n\t"), max_size=40) | st.text())
def test_what_is_shown_of_a_text_is_the_text(text: str):
    page = rendered(f"Before\n\n{paragraph(text)}")
    line = " ".join(UNSHOWN.sub(" ", text).split())
    escaped = escape(line, quote=False).replace('"', "&quot;")
    shown = f"<p>{escaped}</p>\n" if line else ""
    assert page.replace("\u2060", "") == f"<p>Before</p>\n{shown}"
    assert spoken(paragraph(text)) == line


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        ("Intro:\n\nIt is 3 km\\* long. [1] [2]\n\n**Sources**\n\n[1] A (en)", "It is 3 km* long."),
        ("Il a \\[dit] &lt;a>. [3] (weak)\n\n> noted\n\n**Sources**", "Il a [dit] <a>."),
        ("Нет ответа.\n\n**Ближайшие фрагменты (ответа в них нет):**\n\n- A", "Нет ответа."),
        ("Another model's\n\n**Overview**\n\nwords", "Another model's\n**Overview**\nwords"),
    ],
)
def test_an_earlier_reply_is_read_as_it_was_said(reply: str, left: str):
    assert spoken(reply) == left


# A model's answers


def test_only_what_is_verified_of_a_models_words_is_sent(modelled, ollama):
    ollama.configure(reply=f"{SENTENCE} It was built by Siemens [1].", between=0.002)
    chunks = streamed(modelled, LENGTH)
    assert "The cable will be 380 kilometres long. [1]" in text_of(chunks)
    assert "Siemens" not in "".join(chunk.to_json() for chunk in chunks)
    assert chunks[-1].gazette["answerer"] == "ollama"
    assert any("left out" in notice for notice in chunks[-1].gazette["notices"])
    assert re.search(r"\n\n> 1 sentence\(s\) of stand-in:4b left out", text_of(chunks))
    assert "“The cable will be 380 kilometres long, and its capacity" in text_of(chunks)


def test_while_a_model_is_silent_the_client_is_told_that_work_goes_on(
    modelled, ollama, monkeypatch
):
    monkeypatch.setattr(running, "BEAT", 0.05)
    ollama.configure(reply=SENTENCE, first=0.5)
    body = json.dumps({"model": "gazette", "messages": said(LENGTH), "stream": True}).encode()
    response = post(str(modelled.base_url).removesuffix("/v1/"), body)
    assert response.text.count(": working\n\n") > 3
    assert "380 kilometres" in text_of(streamed(modelled, LENGTH))


def test_while_a_model_writes_one_long_sentence_the_client_is_told_that_work_goes_on(
    modelled, ollama, monkeypatch
):
    monkeypatch.setattr(running, "BEAT", 0.3)
    streamed(modelled, LENGTH)  # The first question waits for the embedder
    ollama.configure(reply=f"{'on and ' * 40}{SENTENCE}", between=0.03)
    body = json.dumps({"model": "gazette", "messages": said(LENGTH), "stream": True}).encode()
    response = post(str(modelled.base_url).removesuffix("/v1/"), body)
    assert response.text.count(": working\n\n") > 5


def test_a_model_that_fails_at_once_is_a_status(modelled, ollama):
    ollama.configure(way="lacks")
    for asking in (whole, streamed):
        with pytest.raises(openai.InternalServerError, match="no chat model|not found") as caught:
            asking(modelled, LENGTH)
        assert (caught.value.status_code, caught.value.code) == (503, "answerer_unavailable")


def test_a_model_that_fails_later_ends_the_stream_with_an_error(modelled, ollama):
    ollama.configure(way="dies", after=1)
    with pytest.raises(openai.APIError, match=r"Ollama at .* failed .*run gazette doctor"):
        streamed(modelled, LENGTH)


@pytest.mark.parametrize("way", ["endless", "silent"])
def test_a_client_that_leaves_a_stream_stops_the_model(modelled, ollama, way):
    ollama.configure(way=way, paths=["/api/chat"], reply="on and on ", between=0.02)
    ollama.forget()
    messages = said(LENGTH)
    stream = modelled.chat.completions.create(model="gazette", messages=messages, stream=True)
    assert next(iter(stream)).choices[0].delta.role == "assistant"
    assert chat_of(ollama).ended is None
    stream.close()
    assert chat_of(ollama, ended=True).left


def test_a_client_that_leaves_before_its_answer_stops_the_model(modelled, ollama, monkeypatch):
    monkeypatch.setattr(running, "BEAT", 0.5)
    ollama.configure(way="endless", reply="on and on ", between=0.02)
    ollama.forget()
    with pytest.raises(openai.APITimeoutError):
        whole(modelled, LENGTH, timeout=1.5)
    assert chat_of(ollama, ended=True).left


def chat_of(server: OllamaServer, ended: bool = False) -> Any:
    """The one chat that the model was asked for, once it has begun, or ended."""
    for _ in range(500):
        found = server.requests("/api/chat")
        if found and bool(found[0].ended) >= ended:
            (chat,) = found
            return chat
        threading.Event().wait(0.01)
    raise TimeoutError(f"no such chat in {server.requests()}")


# Many at once


def test_clients_at_once_get_their_own_answers(client):
    questions = [NABIYEV, STEPS] * running.AT_ONCE
    with ThreadPoolExecutor(len(questions)) as pool:
        answers = pool.map(lambda question: text_of(streamed(client, question)), questions)
    for question, text in zip(questions, answers, strict=True):
        assert ("OpenAI" in text, "199" in text) == (question == NABIYEV, question == STEPS)


def test_others_are_served_while_an_answer_is_made(client, small, monkeypatch):
    gate, answering = threading.Event(), small.ask

    def ask(*given: Any, **more: Any) -> Iterator[AnswerEvent]:
        gate.wait(20)
        yield from answering(*given, **more)

    monkeypatch.setattr(small, "ask", ask)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(whole, client, NABIYEV)
        assert client.models.retrieve("gazette").id == "gazette"
        assert not waiting.done()
        gate.set()
        assert waiting.result(20).citations


# What cannot be answered


def test_what_cannot_be_read_is_told_with_the_remedy(client):
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    for more, line, param in [
        ({"messages": []}, "messages: Tuple should have at least 1 item", "messages"),
        ({"messages": said("Hm?", "So?", "Yes.")[:2]}, "end with the user's", "messages[1].role"),
        ({"messages": [{"role": "user", "content": [image]}]}, "'image_url' cannot be read", None),
        ({"messages": [{"role": "user", "content": 5}]}, "give a text, or a list of parts", None),
        ({"messages": [{"role": "king", "content": "Hm?"}]}, "should be 'system'", None),
        ({"messages": said(" ?! ")}, "the question is empty", "messages"),
        ({"messages": said("why " * 600)}, "at most 2,000 are taken: shorten it", "messages"),
        ({"messages": said("why", *["a"] * 1000)}, "at most 1000 items", "messages"),
        ({"n": 2}, "n = 2: one answer is given; leave n out", "n"),
        ({"stream": "yes"}, "stream: Input should be a valid boolean", "stream"),
        ({"extra_body": {"gazette": {"lang": ["fr"]}}}, "gazette.lang: Extra", "gazette.lang"),
        ({"extra_body": {"gazette": {"langs": ["xx"]}}}, "'xx': use some of fr", "gazette.langs"),
        ({"extra_body": {"gazette": {"since": "May"}}}, "since: .*valid date", "gazette.since"),
        (
            {"extra_body": {"gazette": {"since": "2026-01-02", "until": "2026-01-01"}}},
            "since 2026-01-02 lies after until 2026-01-01: exchange them",
            "gazette.since",
        ),
        ({"extra_body": {"gazette": {"publishers": ["X"]}}}, "no document is published", None),
        ({"extra_body": {"gazette": {"documents": ["x.md"]}}}, "no document is 'x.md'", None),
    ]:
        with pytest.raises(openai.BadRequestError, match=line) as caught:
            client.chat.completions.create(**{"model": "gazette", "messages": said("Hm?"), **more})
        assert caught.value.type == "invalid_request_error"
        assert isinstance(caught.value.body, dict)
        assert "\n" not in caught.value.body["message"]
        assert param is None or caught.value.param == param


def test_an_answer_is_asked_of_no_other_model(client):
    with pytest.raises(openai.NotFoundError, match="no model 'gpt-4': use gazette") as caught:
        client.chat.completions.create(model="gpt-4", messages=said(NABIYEV))
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def test_what_is_not_served_is_told(client):
    with pytest.raises(openai.NotFoundError, match="POST /v1/embeddings is not served: POST /v1/c"):
        client.embeddings.create(model="gazette", input="Hm?")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"\xff"', b'{"a": "\\ud800"}', b"[" * 10_000, b"null"]
)
def test_a_body_that_is_no_request_is_told(address, body):
    response = post(address, body)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert re.search("the body|model", error["message"])


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_only_json_is_taken_so_that_no_page_of_another_site_can_ask(address, kind):
    body = json.dumps({"model": "gazette", "messages": said(NABIYEV)}).encode()
    response = post(address, body, kind)
    assert response.status_code == 415
    assert response.json()["error"]["message"].endswith("send application/json")


def test_a_page_of_another_site_is_given_no_leave(address):
    asking = {"Origin": "http://other.example", "Access-Control-Request-Method": "POST"}
    url = f"{address}/v1/chat/completions"
    preflight = httpx.options(url, headers=asking, trust_env=False)
    listed = httpx.get(f"{address}/v1/models", headers=asking, trust_env=False)
    assert (preflight.status_code, listed.status_code) == (404, 200)
    for response in (preflight, listed):
        assert not any(name.startswith("access-control") for name in response.headers)


def test_a_strange_host_name_is_turned_away(address):
    response = httpx.get(
        f"{address}/v1/models", headers={"Host": "rebound.example"}, trust_env=False
    )
    assert response.status_code == 400


def test_a_request_that_is_too_long_is_told(client):
    with pytest.raises(openai.APIStatusError, match="more than 2,000,000 bytes") as caught:
        whole(client, "why " * (requests.MAX_BYTES // 4))
    assert caught.value.status_code == 413


def test_an_index_that_is_missing_is_told(home):
    app = FastAPI()
    app.include_router(router(Gazette(load_settings())))
    with TestClient(app) as http:
        body = {"model": "gazette", "messages": said(NABIYEV)}
        response = http.post("/v1/chat/completions", json=body)
    assert response.status_code == 503
    assert response.headers["x-should-retry"] == "false"
    error = response.json()["error"]
    assert (error["type"], error["code"]) == ("server_error", "index_unavailable")
    assert "run gazette sync FOLDER" in error["message"]


@pytest.mark.parametrize("asking", [whole, streamed])
def test_a_defect_is_told_in_one_line_and_logged(client, small, monkeypatch, caplog, asking):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(small, "ask", broken)
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(openai.InternalServerError, match=r"internal error \(RuntimeError\)") as told,
    ):
        asking(client, NABIYEV)
    assert "secret" not in str(told.value)
    assert "secret detail" in caplog.text
