"""A model's answer as it comes: sources, then text; stopped, asked again, cut off, hostile."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from browsing import Tab
from ollama_script import tokens_of
from ollama_server import OllamaServer
from playwright.sync_api import expect
from press import LEAK, OWNED, QUAY, QUESTION, RIGHT_TO_LEFT, SCRIPT, WHO

from rag.gazette import Gazette
from rag.model import STOPPED
from rag.wording import notice_words
from ui.i18n import words

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

FIRST = "The quay of Port Quillan is 380 metres long [1]."
SECOND = "It has twelve berths for fishing boats and two for ferries [1]."
THIRD = "Jonas Vell presented the figures on 10 March 2025 [1]."
REPLY = f"{FIRST} {SECOND} {THIRD}"
IN_THE_SECOND = len(tokens_of(f"{FIRST} It has twelve"))
"""Tokens after which a sentence is whole and the next is begun."""
HALTED = {"reply": REPLY, "way": "stalls", "after": IN_THE_SECOND, "between": 0.0}


@pytest.fixture(scope="module")
def kept(
    opened: Callable[..., AbstractContextManager[Gazette]], ollama: OllamaServer
) -> Iterator[Gazette]:
    """The quay, about which a model writes; what it makes up is marked."""
    with opened(answerer="ollama", ollama_hosts=ollama.host, unsupported="mark") as gazette:
        assert gazette.search(QUESTION).hits[0].document.id == "quay/harbour.md"
        yield gazette


@pytest.fixture
def halted(ollama: OllamaServer, tab: Tab) -> Iterator[Tab]:
    """A tab in which one sentence is written and the second hangs in its middle."""
    ollama.configure(**HALTED)
    tab.send(QUESTION)
    expect(tab[".sentence"]).to_have_count(1)
    yield tab
    if tab["body"].get_attribute("data-asking") is not None:
        tab.button("Stop").click()
        tab.finish()


def test_sources_come_before_any_text(tab: Tab, ollama: OllamaServer):
    ollama.configure(reply=REPLY, way="silent")
    tab.send(QUESTION)
    expect(tab[".card"].first).to_be_visible()
    expect(tab["#right h2"]).to_have_text("Passages found")
    expect(tab[".sentence"]).to_have_count(0)
    expect(tab[".turn .busy"]).to_have_text("Writing and checking…")
    expect(tab["#part-live p"]).to_have_text("Writing and checking…")
    tab.button("Stop").click()
    tab.finish()
    expect(tab["#part-live p"]).to_have_text("Stopped before its end.")
    expect(tab.button("Ask")).to_be_visible()
    assert tab.conversation == ""


def test_text_streams_while_it_is_checked(halted: Tab):
    expect(halted[".sentence"]).to_have_text(re.compile(r"^The quay .* 380 metres long\.\s1$"))
    draft = halted[".draft"]
    expect(draft).to_have_text(re.compile("^It has twelve"))
    expect(draft).to_have_attribute("aria-hidden", "true")
    expect(halted.button("Stop")).to_be_visible()
    expect(halted.button("Ask")).not_to_be_visible()
    expect(halted[".actions"]).to_have_count(0)


def test_a_chip_works_in_the_middle_of_a_stream(halted: Tab):
    halted[".chip"].hover()
    expect(halted["#preview q"]).to_have_text(QUAY)
    halted[".chip"].click()
    expect(halted["#quote-0-1"]).to_be_focused()
    halted[".card .open"].first.click()
    expect(halted["#reading mark"].first).to_be_focused()
    halted.page.keyboard.press("Escape")


def test_the_focus_stays_where_it_is_while_text_comes(tab: Tab, ollama: OllamaServer):
    ollama.configure(reply=REPLY, between=0.06)
    tab.send(QUESTION)
    expect(tab[".sentence"]).to_have_count(1)
    tab[".chip"].first.focus()
    expect(tab[".sentence"]).to_have_count(2)
    expect(tab[".chip"].first).to_be_focused()
    tab[".chip"].first.press("Enter")
    expect(tab["#quote-0-1"]).to_be_focused()
    tab.finish()
    expect(tab[".sentence"]).to_have_count(3)
    expect(tab["#quote-0-1"]).to_be_focused()


def test_a_document_stays_open_while_text_comes_and_gives_the_focus_back(
    tab: Tab, ollama: OllamaServer
):
    ollama.configure(reply=REPLY, between=0.06)
    tab.send(QUESTION)
    expect(tab[".sentence"]).to_have_count(1)
    tab[".card .open"].first.click()
    expect(tab["#reading mark"].first).to_be_focused()
    tab.finish()
    expect(tab["#reading mark"].first).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(tab[".card .open"].first).to_be_focused()


def test_stop_keeps_what_was_written_and_a_reload_shows_it(halted: Tab, kept: Gazette):
    halted.button("Stop").click()
    halted.finish()
    for _ in range(2):
        expect(halted[".asked"]).to_have_text([QUESTION])
        expect(halted[".sentence"]).to_have_text([re.compile("380 metres long")])
        expect(halted[".draft"]).to_have_count(0)
        expect(halted[".notice"].filter(has_text="Stopped before its end.")).to_have_count(1)
        expect(halted[".card.cited"]).to_have_count(1)
        expect(halted.button("Good answer")).to_be_visible()
        assert halted.conversation
        halted.reload()
    (turn,) = kept.conversations.get(halted.conversation).turns
    assert STOPPED in turn.answer.notices


def test_a_stopped_answer_is_asked_again_in_its_place(halted: Tab, ollama, kept: Gazette):
    halted.button("Stop").click()
    halted.finish()
    ollama.configure(reply=REPLY)
    halted.button("Retry").click()
    expect(halted[".sentence"]).to_have_count(3)
    halted.finish()
    expect(halted[".asked"]).to_have_text([QUESTION])
    expect(halted[".notice"].filter(has_text="Stopped")).to_have_count(0)
    assert len(kept.conversations.get(halted.conversation).turns) == 1


def test_while_one_is_answered_no_other_is_sent(halted: Tab):
    halted["#ask"].fill(WHO)
    halted["#ask"].press("Enter")
    expect(halted["#ask"]).to_have_value(WHO)
    expect(halted[".asked"]).to_have_text([QUESTION])


def test_another_conversation_is_opened_in_the_middle_of_an_answer(halted: Tab, kept: Gazette):
    before = {one.id for one in kept.conversations.listed()}
    halted[".views [data-act=new]"].click()
    expect(halted[".welcome"]).to_be_visible()
    expect(halted.button("Ask")).to_be_visible()
    until = time.monotonic() + 10
    while not (new := {one.id for one in kept.conversations.listed()} - before):
        assert time.monotonic() < until, "what was written is not kept"
        halted.page.wait_for_timeout(50)
    (turn,) = kept.conversations.get(new.pop()).turns
    assert STOPPED in turn.answer.notices
    expect(halted[".welcome"]).to_be_visible()
    assert halted.conversation == ""


def test_after_a_failure_that_was_told_an_answer_can_be_stopped(tab: Tab, ollama: OllamaServer):
    tab.go("/?c=nothing")
    expect(tab["#part-live .failure"]).to_be_visible()
    ollama.configure(**HALTED)
    tab.send(QUESTION)
    expect(tab[".sentence"]).to_have_count(1)
    tab.button("Stop").click()
    tab.finish()
    expect(tab[".turn.stopped"]).to_have_count(1)


def test_after_going_back_in_the_middle_of_an_answer_one_can_ask_again(
    tab: Tab, ollama: OllamaServer
):
    ollama.configure(reply=REPLY)
    tab.ask(QUESTION)
    earlier = tab.conversation
    tab[".views [data-act=new]"].click()
    expect(tab[".welcome"]).to_be_visible()
    ollama.configure(**HALTED)
    tab.send(WHO)
    expect(tab[".sentence"]).to_have_count(1)
    tab.page.go_back()
    expect(tab["#part-live p"]).to_have_attribute("data-conversation", earlier)
    expect(tab[".asked"]).to_have_text([QUESTION])
    expect(tab.button("Ask")).to_be_visible()
    ollama.configure(reply=REPLY)
    tab.ask(QUESTION)
    expect(tab[".asked"]).to_have_text([QUESTION, QUESTION])
    assert tab.conversation == earlier


def test_the_language_may_change_in_the_middle_of_an_answer(tab: Tab, ollama: OllamaServer):
    ollama.configure(reply=REPLY, between=0.0)
    tab.ask(QUESTION)
    ollama.configure(reply=REPLY, between=0.03)
    tab.send(QUESTION)
    expect(tab[".turn[data-busy] .draft"]).to_be_visible()
    tab["#language"].select_option("az")
    tab.finish()
    said = words("page", "az")
    for name in ("retry", "copy_all"):
        expect(tab.button(said[name])).to_have_count(2)
    expect(tab["#right h2"]).to_have_text([said["sources"]] * 2)
    expect(tab["#part-live p"]).to_have_text(said["finished"])


def test_the_language_changes_while_the_model_says_nothing(halted: Tab):
    said = words("page", "tr")
    expect(halted["#right h2"]).to_have_text("Sources")
    halted["#language"].select_option("tr")
    expect(halted["#right h2"]).to_have_text(said["sources"])
    expect(halted["#part-live p"]).to_have_text(said["writing"])
    expect(halted[".turn[data-busy] .draft"]).to_be_visible()
    halted.button(said["stop"]).click()
    halted.finish()
    expect(halted["#part-live p"]).to_have_text(notice_words()["stopped"]["tr"])
    expect(halted[".notice"].last).to_have_text(notice_words()["stopped"]["tr"])


def test_a_tab_that_is_closed_stops_the_model_and_keeps_what_was_written(
    another, ollama: OllamaServer, kept: Gazette, chromium, where: str
):
    ollama.configure(**HALTED)
    ollama.forget()
    before = {one.id for one in kept.conversations.listed()}
    tab = Tab.opened(chromium, where)
    tab.send(QUESTION)
    expect(tab[".sentence"]).to_have_count(1)
    tab.close()
    asked = ollama.settled(seconds=20)
    assert any(one.path == "/api/chat" and one.left for one in asked)
    until = time.monotonic() + 10
    while not (new := {one.id for one in kept.conversations.listed()} - before):
        assert time.monotonic() < until, "what was written is not kept"
        time.sleep(0.05)
    assert QUAY in kept.conversations.get(new.pop()).turns[0].answer.text.replace(" [1]", "")


def test_two_tabs_at_once_do_not_mix(tab: Tab, another, ollama: OllamaServer):
    ferry = "Ada Brink commands the ferry from Port Quillan to Saint-Hilaire [1]."
    ollama.configure(reply=REPLY, replies={"Who commands": ferry}, between=0.03)
    other = another()
    tab.send(QUESTION)
    other.send(WHO)
    tab.finish()
    other.finish()
    expect(tab[".sentence"].first).to_contain_text("380 metres")
    expect(other[".asked"]).to_have_text([WHO])
    assert "380" not in other[".answer"].inner_text()
    assert "ferry" not in tab[".asked"].inner_text()
    assert tab.conversation != other.conversation


def test_what_no_passage_bears_out_is_marked_as_such(tab: Tab, ollama: OllamaServer):
    ollama.configure(reply=f"{FIRST} It was paid for by 77 admirals of Norway [1].")
    tab.ask(QUESTION)
    marked = tab[".sentence.unsupported"]
    expect(marked).to_have_count(1)
    expect(marked).to_contain_text("77 admirals")
    expect(marked.locator(".verdict")).to_have_text("not supported by the documents")
    expect(marked.locator(".chip")).to_have_count(0)
    expect(tab[".sentence"].first.locator(".verdict")).to_have_count(0)
    expect(tab[".notice"].filter(has_text="Sentences marked")).to_contain_text(": 1")


def test_what_is_read_aloud_goes_with_the_answer(tab: Tab, ollama: OllamaServer):
    ollama.configure(reply=REPLY, first=0.4)
    tab.page.evaluate(
        """() => { window.said = [];
        new MutationObserver(() => {
          const text = document.querySelector("#part-live p").textContent;
          if (text !== window.said.at(-1)) window.said.push(text);
        }).observe(document.querySelector("#part-live"),
          { childList: true, subtree: true, characterData: true }) }"""
    )
    tab.ask(QUESTION)
    expect(tab["#part-live p"]).to_have_text("The answer is complete.")
    said = [text for text in tab.page.evaluate("window.said") if text]
    assert said == [
        "Searching the documents…",
        "Writing and checking…",
        "The answer is complete.",
    ]
    assert tab["#part-live [role=status]"].count() == 1
    expect(tab["#turn-0 .answer"]).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("way", ["error", "gone", "html"])
def test_a_model_that_cannot_answer_is_told_in_words_and_retry_works(tab: Tab, ollama, way):
    ollama.configure(way=way)
    tab.ask(QUESTION)
    failure = tab[".turn [role=alert]"]
    expect(failure).to_contain_text("No answer")
    expect(failure).to_contain_text(
        re.compile(r"could not answer \(\w+|does not answer \(http://127")
    )
    expect(tab[".card"].first).to_be_visible()
    assert tab.conversation == ""
    ollama.configure(reply=REPLY)
    tab.button("Retry").click()
    expect(tab[".sentence"]).to_have_count(3)
    tab.finish()
    expect(tab[".asked"]).to_have_text([QUESTION])
    expect(tab["[role=alert]"]).to_have_count(0)


def test_a_model_that_breaks_off_leaves_its_checked_sentences_and_a_word(tab: Tab, ollama):
    ollama.configure(reply=REPLY, way="dies", after=IN_THE_SECOND)
    tab.ask(QUESTION)
    expect(tab[".sentence"]).to_have_text([re.compile("380 metres long")])
    expect(tab[".draft"]).to_have_count(0)
    said = notice_words()["model_cut_off"]["en"].format(model="stand-in:4b")
    expect(tab[".notice"].filter(has_text=said)).to_have_count(1)


def test_the_status_names_the_model(tab: Tab, ollama: OllamaServer):
    ollama.configure()
    tab.reload()
    expect(tab[".status"]).to_contain_text("Answers by stand-in:4b")


# What a model writes is data


def test_hostile_output_is_shown_and_never_run(tab: Tab, ollama: OllamaServer):
    hostile = (
        f"{OWNED} {SCRIPT} ${{7*7}} {{{{7*7}}}} ![x]({LEAK}/m.png) [go](javascript:alert`1`) "
        f'<a href="{LEAK}">a</a> </p></article><img src="{LEAK}/x"> {RIGHT_TO_LEFT}desrever'
    )
    ollama.configure(reply=f"{FIRST} {hostile} [1].")
    tab.ask(QUESTION)
    shown = tab[".answer"].inner_text()
    for text in ("<img src=x onerror=", "<script>", "${7*7}", "{{7*7}}", "javascript:alert"):
        assert text in shown
    assert RIGHT_TO_LEFT not in shown and "[U+202E]desrever" in shown
    assert "49" not in shown
    assert tab[":is(#talk, #right) :is(img, script, style, iframe, [href^='http'])"].count() == 0
    assert tab["a[href^='javascript:']"].count() == 0
    assert tab.page.title() == "Gazette"
    tab.reload()
    expect(tab[".answer"]).to_contain_text("<script>")
    assert tab.page.title() == "Gazette"


def test_hostile_output_is_harmless_as_a_draft_too(tab: Tab, ollama: OllamaServer):
    begun = f"{FIRST} Then {OWNED} {SCRIPT} ${{7*7}} {RIGHT_TO_LEFT}"
    ollama.configure(reply=begun + " x" * 50, way="stalls", after=len(tokens_of(begun)) + 10)
    tab.send(QUESTION)
    expect(tab[".draft"]).to_contain_text(f"{SCRIPT} ${{7*7}}")
    expect(tab[".draft"]).to_contain_text("x x")
    assert RIGHT_TO_LEFT not in tab[".draft"].inner_text()
    assert tab["#talk :is(img, script)"].count() == 0
    tab.button("Stop").click()
    tab.finish()
    assert tab.page.title() == "Gazette"


def test_a_line_of_a_megabyte_from_the_model_is_cut_and_the_page_lives(tab: Tab, ollama):
    ollama.configure(reply=f"{FIRST} " + "endless" * 150_000, first=0.0, between=0.0)
    tab.ask(QUESTION)
    expect(tab[".sentence"].first).to_contain_text("380 metres long")
    assert len(tab["#talk"].inner_text()) < 20_000
    assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ollama.configure(reply=REPLY)
    tab.ask("How many berths does the quay of Port Quillan have?")
    expect(tab["#turn-1 .sentence"].first).to_be_visible()
