"""The page as its readers meet it: a real server and a real Chromium."""

import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from rag.answering.citations import Numbering
from rag.errors import SettingsError
from rag.gazette import Gazette
from rag.model import (
    Answer,
    AnswerEvent,
    AnswerSentence,
    Cited,
    Finished,
    Retrieval,
    Retrieved,
)
from ui.app import serve
from ui.headers import HEADERS

NABIYEV = "What did Nabiyev discuss with OpenAI?"
LIGHTHOUSE = "Who keeps the lighthouse of Port Quillan?"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


@pytest.fixture
def refusing(monkeypatch):
    """No confidence is enough."""
    monkeypatch.setattr("rag.answering.grounds.THRESHOLD", 2.0)


@pytest.fixture
def slow(small, monkeypatch) -> threading.Semaphore:
    """Answers of two sentences, the second held back until the semaphore is released."""
    gate = threading.Semaphore(0)

    def ask(question: str) -> Iterator[AnswerEvent]:
        found = small.search(question)
        yield Retrieved(found)
        numbering = Numbering()
        for hit in found.hits[:2]:
            span = hit.passage.sentences[0]
            numbers, new = numbering.cite([(hit, span)])
            yield Cited(AnswerSentence(hit.document.text[span.start : span.end], numbers), new)
            gate.acquire(timeout=20)
        yield Finished(answer_of(found, numbering))

    monkeypatch.setattr(small, "ask", ask)
    return gate


def answer_of(found: Retrieval, numbering: Numbering) -> Answer:
    return Answer(
        found.question,
        found.language,
        "extractive",
        intro="",
        sentences=(),
        citations=numbering.citations,
        refused=False,
        passages=found.hits,
    )


def test_a_question_gets_an_answer_with_its_sources(tab):
    tab.ask(NABIYEV)
    expect(tab.page.locator("#answer h2")).to_have_text(NABIYEV)
    expect(tab.page.locator("#answer .sentence").first).to_have_text(re.compile(r"\w+.* \[1\]"))
    expect(tab.page.locator("#answer .chip").first).to_have_text("[1]")
    card = tab.page.locator("#sources .card").first
    expect(card.locator("h3")).to_contain_text(re.compile("OpenAI|Azerba"))
    expect(card.locator(".facts").first).to_contain_text("La Gazette · 2025-12-18 · ")
    assert not tab.complaints


def test_a_chip_opens_the_document_at_the_quote(tab):
    tab.ask(NABIYEV)
    mark = tab.page.locator("#quote-1")
    expect(mark).not_to_be_visible()
    tab.page.locator("#answer .chip").first.click()
    expect(mark).to_be_visible()
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()
    quote = tab.page.locator("#sources .quote q").first
    assert mark.text_content() == quote.text_content()


def test_a_chip_works_by_keyboard(tab):
    tab.ask(NABIYEV)
    tab.page.locator("#answer .chip").first.focus()
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#quote-1")).to_be_focused()
    expect(tab.page.locator("#quote-1")).to_be_in_viewport()


def test_the_whole_document_is_there(tab, small: Gazette):
    tab.ask(NABIYEV)
    title = tab.page.locator("#sources h3").first.text_content()
    assert title
    document, _ = small.document(title)
    assert tab.page.locator("#sources .whole").first.text_content() == document.text


def test_a_document_stays_open_while_more_sentences_come(tab, slow):
    tab.send(NABIYEV)
    tab.page.locator("#answer .chip").first.click()
    expect(tab.page.locator("#quote-1")).to_be_focused()
    slow.release(2)
    tab.finish()
    expect(tab.page.locator("#quote-2")).to_have_count(1)
    expect(tab.page.locator("#quote-1")).to_be_in_viewport()
    expect(tab.page.locator("#quote-1")).to_be_focused()


def test_stop_keeps_what_was_answered(tab, slow):
    tab.send(NABIYEV)
    expect(tab.page.locator("#answer .sentence")).to_have_count(1)
    tab.page.get_by_role("button", name="Stop").click()
    expect(tab.page.locator("#status")).to_have_text("Stopped.")
    slow.release(2)
    tab.page.wait_for_timeout(500)
    expect(tab.page.locator("#answer .sentence")).to_have_count(1)
    expect(tab.page.get_by_role("button", name="Ask")).to_be_visible()


def test_a_refusal_says_so_and_shows_the_nearest_passages_as_such(tab, refusing):
    tab.ask("Quelle est la hauteur de la tour Eiffel ?")
    expect(tab.page.locator("#answer .intro")).to_contain_text("Le corpus ne répond pas")
    expect(tab.page.locator("#answer .sentence")).to_have_count(0)
    expect(tab.page.locator("#sources h2")).to_contain_text("ils ne répondent pas")
    expect(tab.page.locator("#sources .card")).to_have_count(3)
    tab.page.locator("#sources summary").first.click()
    expect(tab.page.locator("#near-1")).to_be_in_viewport()


@pytest.mark.parametrize(
    ("question", "line"),
    [(" ?! ", "the question is empty"), ("why " * 600, "characters, at most 2,000")],
)
def test_a_question_that_cannot_be_taken_is_told_in_one_line(tab, question, line):
    tab.ask(question)
    expect(tab.page.locator("#status .failure")).to_contain_text(line)
    expect(tab.page.locator("#answer")).to_have_count(0)


def test_a_defect_is_told_in_one_line_and_logged(tab, small, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(small, "ask", broken)
    with caplog.at_level(logging.ERROR):
        tab.ask(NABIYEV)
    expect(tab.page.locator("#status .failure")).to_contain_text("Internal error (RuntimeError)")
    assert "secret detail" not in tab.page.content()
    assert "secret detail" in caplog.text


def test_hostile_markup_is_shown_and_never_run(tab):
    tab.ask(LIGHTHOUSE)
    tab.page.locator("#answer .chip").first.click()
    expect(tab.page.locator("#quote-1")).to_be_visible()
    shown = tab.page.locator("#sources .whole").first.text_content() or ""
    for text in ("<img src=x onerror=", "${7*7}", "{{7*7}}", "<script>", "leak.invalid/b"):
        assert text in shown
    assert "49" not in shown
    assert tab.page.title() == "Gazette"
    assert tab.page.locator("#columns :is(img, script, style, iframe)").count() == 0
    assert not tab.complaints


def test_a_hostile_question_is_shown_and_never_run(tab):
    question = "Marta <img src=x onerror=\"document.title='owned'\"> ${7*7} lighthouse?"
    tab.ask(question)
    expect(tab.page.locator("#answer h2")).to_have_text(question)
    assert tab.page.title() == "Gazette"


def test_nothing_is_asked_of_any_other_host(tab):
    tab.ask(LIGHTHOUSE)
    tab.page.locator("#answer .chip").first.click()
    tab.page.wait_for_timeout(500)
    asked = {urlsplit(url).netloc for url in tab.requests if url.startswith(("http", "ws"))}
    assert asked == {urlsplit(tab.address).netloc}


def test_nothing_is_kept_in_the_browser(tab):
    tab.ask(NABIYEV)
    kept = tab.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "Nabiyev" not in kept


def test_two_browsers_at_once_do_not_mix(tabs):
    about = {NABIYEV: re.compile("OpenAI|Nabiyev"), LIGHTHOUSE: re.compile("lighthouse")}
    for questions in ([NABIYEV, LIGHTHOUSE], [LIGHTHOUSE, NABIYEV]) * 2:
        for tab, question in zip(tabs, questions, strict=True):
            tab.send(question)
        for tab, question, other in zip(tabs, questions, reversed(questions), strict=True):
            expect(tab.page.locator("#answer h2")).to_have_text(question)
            tab.finish()
            expect(tab.page.locator("#answer .sentence").first).to_have_text(about[question])
            assert not about[other].search(tab.page.locator("#answer").inner_text())


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_no_width_scrolls_sideways(tab, width):
    tab.page.set_viewport_size({"width": width, "height": 844})
    tab.ask(NABIYEV)
    tab.page.locator("#answer .chip").first.click()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    answer = tab.page.locator("#answer").bounding_box()
    sources = tab.page.locator("#sources").bounding_box()
    assert answer
    assert sources
    assert (sources["x"] > answer["x"] + answer["width"]) == (width > 900)


@pytest.mark.parametrize("path", ["/", "/config", "/theme.css", "/gradio_api/info", "/none"])
def test_every_response_has_the_security_headers(address, path):
    response = httpx.get(f"{address}{path}", trust_env=False)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_a_strange_host_name_is_turned_away(address):
    response = httpx.get(address, headers={"Host": "rebound.example"}, trust_env=False)
    assert response.status_code == 400


def test_no_event_is_a_public_endpoint(address):
    found = httpx.get(f"{address}/gradio_api/info", trust_env=False).json()
    assert found == {"named_endpoints": {}, "unnamed_endpoints": {}}


def test_a_port_in_use_is_told_with_the_remedy(small):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} .* in use .*--port {port + 1}"):
            serve(small, "127.0.0.1", port, browser=False)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_no_interface_is_told_with_the_remedy(small, host):
    with pytest.raises(SettingsError, match=f"{host} is no address of this machine .*--host"):
        serve(small, host, 7860, browser=False)


def test_ctrl_c_ends_it_cleanly(small):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "GAZETTE_HOME": str(small.settings.home),
    }
    command = [sys.executable, "-m", "rag.cli", "chat", "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout
        address = f"http://127.0.0.1:{port}"
        said = f"Gazette is at {address}, for chat clients at {address}/v1\n"
        assert running.stdout.readline() == said
        assert httpx.get(address, trust_env=False).status_code == 200
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (0, "", "")
