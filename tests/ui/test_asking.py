"""Asking: an answer with its sources, a refusal, a reading that is taken back, a failure."""

import logging
import re

import pytest
from browsing import Tab
from playwright.sync_api import expect
from press import LIGHTHOUSE, QUAY, QUESTION, WHO

from rag.gazette import Gazette

NABIYEV = "What did Nabiyev discuss with OpenAI?"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No confidence is enough."""
    monkeypatch.setattr("rag.answering.grounds.THRESHOLD", 2.0)


def test_a_question_gets_an_answer_with_its_sources_beside_it(tab: Tab):
    tab.ask(QUESTION)
    expect(tab[".asked"]).to_have_text(QUESTION)
    expect(tab["#ask"]).to_have_value("")
    sentence = tab[".answer .sentence"].first
    expect(sentence).to_have_text(re.compile(r"^The quay of Port Quillan is 380 metres long\.\s1"))
    card = tab[".card.cited"].first
    expect(card.locator("h3")).to_have_text("1 A new quay for Port Quillan")
    expect(card.locator(".facts span")).to_have_text(["Harbour News", "English"])
    expect(card.locator(".facts time")).to_have_text("10 Mar 2025")
    expect(card.locator("mark").first).to_have_text(QUAY)
    expect(card.locator(".verdict")).to_have_text("word for word")
    expect(tab.button("Open document: A new quay for Port Quillan").first).to_be_visible()
    answer, sources = tab["#talk"].bounding_box(), tab["#right"].bounding_box()
    assert answer and sources and sources["x"] >= answer["x"] + answer["width"]


def test_every_quote_shown_is_the_documents_letter_for_letter(tab: Tab, kept: Gazette):
    tab.ask(NABIYEV)
    assert tab[".card.cited mark"].count()
    for card in tab[".card.cited"].all():
        text = kept.document(card.locator(".open").get_attribute("data-doc") or "")[0].text
        for mark in card.locator("mark").all():
            assert (mark.text_content() or "") in text


def test_an_example_is_asked_with_one_click(tab: Tab):
    expect(tab[".examples button"]).to_have_count(4)
    example = tab[".examples button"].first
    question = example.text_content() or ""
    example.click()
    expect(tab[".asked"]).to_have_text(question)
    tab.finish()
    expect(tab[".answer .sentence"].first).to_be_visible()
    expect(tab[".welcome"]).to_have_count(0)


def test_a_second_question_follows_the_first_and_sources_go_with_the_turn_in_view(tab: Tab):
    tab.ask(QUESTION)
    tab.ask(WHO)
    expect(tab[".turn"]).to_have_count(2)
    expect(tab["#sources-1"]).to_be_visible()
    expect(tab["#sources-0"]).not_to_be_visible()
    tab["#turn-0 .chip"].first.click()
    expect(tab["#sources-0"]).to_be_visible()
    expect(tab["#sources-1"]).not_to_be_visible()
    expect(tab["#quote-0-1"]).to_be_focused()


def test_shift_enter_begins_a_line_and_enter_sends(tab: Tab):
    tab["#ask"].press_sequentially("How long is")
    tab["#ask"].press("Shift+Enter")
    tab["#ask"].press_sequentially("the quay of Port Quillan?")
    expect(tab["#ask"]).to_have_value("How long is\nthe quay of Port Quillan?")
    tab["#ask"].press("Enter")
    tab.finish()
    expect(tab[".answer .sentence"].first).to_contain_text("380 metres")


def test_a_blank_question_is_not_sent(tab: Tab):
    for text in ("", "   ", "\n"):
        tab["#ask"].fill(text)
        tab.button("Ask").click()
    expect(tab[".welcome"]).to_be_visible()
    assert tab["body"].get_attribute("data-asking") is None


def test_a_question_of_signs_alone_is_told_in_one_line(tab: Tab):
    tab.ask("?!")
    failure = tab[".turn [role=alert]"]
    expect(failure).to_contain_text("No answer")
    expect(failure).to_contain_text("The question has no words: write what you want to know.")
    expect(tab[".turn .sentence"]).to_have_count(0)
    tab.ask(QUESTION)
    expect(tab[".answer .sentence"].first).to_contain_text("380 metres")


def test_a_failure_is_told_in_the_readers_language(another):
    tab = another(locale="fr-FR")
    tab.ask("?!")
    failure = tab[".turn [role=alert]"]
    expect(failure).to_contain_text("Pas de réponse")
    expect(failure).to_contain_text("La question ne contient aucun mot")
    expect(failure.locator("[lang=en]")).to_have_count(0)


def test_a_refusal_looks_like_one_and_shows_the_nearest_passages_as_such(tab: Tab, refusing):
    tab.ask("Quelle est la hauteur de la tour Eiffel ?")
    expect(tab[".refusal .stamp"]).to_have_text("Not in the corpus")
    expect(tab[".refusal"]).to_contain_text("Le corpus ne répond pas")
    expect(tab[".sentence"]).to_have_count(0)
    expect(tab[".chip"]).to_have_count(0)
    expect(tab[".sources h2"]).to_have_text("Nearest passages: they do not answer it")
    expect(tab[".sources .card"]).to_have_count(3)
    expect(tab[".sources .verdict"]).to_have_count(0)
    assert tab.spoken == "Not in the corpus"


def test_what_was_read_into_a_question_is_taken_back_and_put_back(tab: Tab):
    tab.ask("According to Harbour News, how long is the quay of Port Quillan?")
    tag = tab[".tag[data-tag=ignoring]"]
    expect(tag).to_have_attribute("aria-pressed", "true")
    expect(tag).to_contain_text("only Harbour News")
    expect(tag.locator("q")).to_contain_text("Harbour News")
    assert set(tab[".sources .facts span:first-child"].all_text_contents()) == {"Harbour News"}
    tag.click()
    expect(tab[".tag.off[data-tag=ignoring]"]).to_have_count(1)
    tab.finish()
    expect(tab[".turn"]).to_have_count(1)
    expect(tag).to_have_attribute("aria-pressed", "false")
    assert len(set(tab[".sources .facts span:first-child"].all_text_contents())) > 1
    tag.click()
    expect(tab[".tag:not(.off)[data-tag=ignoring]"]).to_have_count(1)
    tab.finish()
    assert set(tab[".sources .facts span:first-child"].all_text_contents()) == {"Harbour News"}


def test_a_follow_up_says_how_it_was_understood_and_can_stand_alone(tab: Tab):
    tab.ask(QUESTION)
    tab.ask("And how much did it cost?")
    tag = tab["#turn-1 .tag[data-tag=follows]"]
    expect(tag).to_contain_text("Understood as:")
    expect(tag).to_contain_text("quay of Port Quillan")
    tag.click()
    expect(tab["#turn-1 .tag.off[data-tag=follows]"]).to_have_count(1)
    tab.finish()
    expect(tab[".turn"]).to_have_count(2)
    expect(tag).to_have_attribute("aria-pressed", "false")


def test_an_edited_question_replaces_its_turn_and_those_after_it(tab: Tab):
    tab.ask(QUESTION)
    tab.ask(WHO)
    tab["#turn-0"].get_by_role("button", name="Edit the question").click()
    expect(tab["#ask"]).to_be_focused()
    expect(tab["#ask"]).to_have_value(QUESTION)
    expect(tab["#composer .editing"]).to_contain_text("those after it will be replaced")
    tab.ask(LIGHTHOUSE)
    expect(tab[".asked"]).to_have_text([LIGHTHOUSE])
    expect(tab["#composer .editing"]).not_to_be_visible()


def test_an_edit_can_be_left(tab: Tab):
    tab.ask(QUESTION)
    tab.button("Edit the question").click()
    tab.button("Cancel", "#composer").click()
    expect(tab["#ask"]).to_have_value("")
    tab.ask(WHO)
    expect(tab[".asked"]).to_have_text([QUESTION, WHO])


def test_retry_asks_again_in_its_place(tab: Tab):
    tab.ask(QUESTION)
    conversation = tab.conversation
    tab.button("Retry").click()
    expect(tab[".turn[data-busy]"]).to_have_count(0)
    tab.finish()
    expect(tab[".asked"]).to_have_text([QUESTION])
    expect(tab[".answer .sentence"].first).to_contain_text("380 metres")
    assert tab.conversation == conversation


def test_a_copy_holds_the_answer_with_its_sources(tab: Tab):
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.ask(QUESTION)
    tab.button("Copy with sources").click()
    expect(tab["#part-live p"]).to_have_text("Copied.")
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{QUESTION}\n")
    assert f"{QUAY} [1]" in copied
    assert f"[1] A new quay for Port Quillan, Harbour News, 2025-03-10\n“{QUAY}”" in copied


def test_a_defect_is_told_in_one_line_and_logged(
    tab: Tab, kept: Gazette, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(kept, "converse", broken)
    with caplog.at_level(logging.ERROR):
        tab.ask(QUESTION)
    expect(tab["[role=alert]"]).to_contain_text("Internal error (RuntimeError)")
    assert "secret detail" not in tab.page.content()
    assert "secret detail" in caplog.text
    monkeypatch.undo()
    tab.button("Retry").click()
    expect(tab[".answer .sentence"].first).to_contain_text("380 metres")
    tab.finish()


def test_an_event_that_fails_is_told_and_leaves_the_page_as_it_is(
    tab: Tab, kept: Gazette, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    tab.ask(QUESTION)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(kept.conversations, "listed", broken)
    with caplog.at_level(logging.ERROR):
        tab["#find"].fill("quay")
        expect(tab["#part-live .failure"]).to_contain_text("Internal error (RuntimeError)")
    expect(tab[".asked"]).to_have_text([QUESTION])
    assert "secret detail" in caplog.text
