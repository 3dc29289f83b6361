"""Conversations: kept, found, named, deleted, reopened by their link, exported, liked."""

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from browsing import Tab
from playwright.sync_api import expect
from press import LIGHTHOUSE, QUAY, QUESTION, WHO

from rag.gazette import Gazette

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


@pytest.fixture
def stored(kept: Gazette) -> Callable[[str], str]:
    """``stored(question)``: the id of a conversation that somebody else's tab has left."""

    def store(question: str, title: str = "") -> str:
        answer = kept.answer(question)
        id = kept.conversations.append(answer, datetime.datetime.now(datetime.UTC)).conversation
        if title:
            kept.conversations.rename(id, title)
        return id

    return store


def entry(tab: Tab, title: str):
    return tab[".conversations li"].filter(has_text=title)


def turn_to(tab: Tab, title: str, question: str) -> None:
    """Open the conversation called ``title``, which begins with ``question``."""
    entry(tab, title).locator("a").click()
    expect(tab[".asked"]).to_have_text(question)


def test_an_answer_is_kept_and_listed_by_its_question(tab: Tab, kept: Gazette):
    tab.ask("How long is the quay of Port Quillan, in metres?")
    current = tab[".conversations [aria-current=page]"]
    expect(current).to_contain_text("How long is the quay of Port Quillan, in metres?")
    assert tab.conversation == current.get_attribute("data-open")
    (turn,) = kept.conversations.get(tab.conversation).turns
    assert turn.question == "How long is the quay of Port Quillan, in metres?"
    assert [s.text for s in turn.answer.sentences] == [
        re.sub(r"(\s+\d+)+$", "", text) for text in tab[".sentence"].all_text_contents()
    ]


def test_a_reload_shows_the_same_turns_with_their_sources(tab: Tab):
    tab.ask(QUESTION)
    tab.ask(WHO)
    parts = (".sentence", ".tag", ".notice", ".card h3", ".card .passage", ".card .verdict")
    shown = {part: tab[part].all_text_contents() for part in parts}
    tab.reload()
    expect(tab[".asked"]).to_have_text([QUESTION, WHO])
    assert {part: tab[part].all_text_contents() for part in parts} == shown
    tab["#turn-0 .chip"].first.click()
    expect(tab["#quote-0-1"]).to_be_focused()
    expect(tab["#quote-0-1"]).to_have_text(QUAY)


def test_a_link_opens_the_conversation_in_another_browser_of_the_same_user(
    tab: Tab, stored, another
):
    other = another(f"/?c={stored(QUESTION)}")
    expect(other[".asked"]).to_have_text(QUESTION)
    expect(other["#quote-0-1"]).to_have_text(QUAY)
    other.ask(WHO)
    expect(other[".asked"]).to_have_text([QUESTION, WHO])
    expect(other["#turn-1 .sentence"].first).to_contain_text("Ada Brink")


@pytest.mark.parametrize("id", ["0" * 18, "none", "%3Cscript%3E", "x" * 500])
def test_a_link_to_nothing_is_told_and_shows_the_first_screen(tab: Tab, id):
    tab.go(f"/?c={id}")
    expect(tab[".welcome"]).to_be_visible()
    expect(tab["#part-live .failure"]).to_be_visible()
    assert tab.conversation == ""


def test_back_and_forward_go_through_the_conversations(tab: Tab, stored):
    first, second = stored(QUESTION, "First one"), stored(WHO, "Second one")
    tab.reload()
    turn_to(tab, "First one", QUESTION)
    turn_to(tab, "Second one", WHO)
    assert tab.conversation == second
    tab.page.go_back()
    expect(tab[".asked"]).to_have_text(QUESTION)
    assert tab.conversation == first
    tab.page.go_forward()
    expect(tab[".asked"]).to_have_text(WHO)


def test_an_edit_that_is_left_by_going_back_replaces_nothing(tab: Tab, stored, kept: Gazette):
    first, second = stored(QUESTION, "Left one"), stored(WHO, "Edited one")
    tab.reload()
    turn_to(tab, "Left one", QUESTION)
    turn_to(tab, "Edited one", WHO)
    tab.button("Edit the question").click()
    tab.page.go_back()
    expect(tab[".asked"]).to_have_text(QUESTION)
    expect(tab["#composer .editing"]).to_be_hidden()
    tab.ask(LIGHTHOUSE)
    expect(tab[".asked"]).to_have_text([QUESTION, LIGHTHOUSE])
    questions = {id: kept.conversations.get(id).turns[0].question for id in (first, second)}
    assert questions == {first: QUESTION, second: WHO}


def test_a_turn_of_another_tab_is_shown_and_not_taken_for_ones_own(
    tab: Tab, another, kept: Gazette
):
    tab.ask(QUESTION)
    other = another(f"/?c={tab.conversation}")
    other.ask(WHO)
    tab.ask(LIGHTHOUSE)
    expect(tab[".asked"]).to_have_text([QUESTION, WHO, LIGHTHOUSE])
    tab["#turn-2"].get_by_role("button", name="Good answer", exact=True).click()
    expect(tab["#turn-2 [data-act=like]"]).to_have_attribute("aria-pressed", "true")
    turns = kept.conversations.get(tab.conversation).turns
    assert [bool(turn.feedback) for turn in turns] == [False, False, True]


@pytest.mark.parametrize("button", ["Retry", "Good answer"])
def test_what_is_done_to_a_turn_takes_none_along_that_another_tab_has_added(
    tab: Tab, another, kept: Gazette, button
):
    tab.ask(QUESTION)
    other = another(f"/?c={tab.conversation}")
    other.ask(WHO)
    tab.button(button).click()
    expect(tab["#part-live .failure"]).to_contain_text("has changed meanwhile")
    expect(tab[".asked"]).to_have_text([QUESTION, WHO])
    turns = kept.conversations.get(tab.conversation).turns
    assert [(turn.question, turn.feedback) for turn in turns] == [(QUESTION, None), (WHO, None)]
    tab["#turn-1"].get_by_role("button", name=button, exact=True).click()
    expect(tab["#part-live .failure"]).to_have_count(0)
    tab.finish()
    expect(tab[".asked"]).to_have_text([QUESTION, WHO])


def test_an_answer_that_another_tab_asked_for_again_is_not_taken_for_the_one_before(
    tab: Tab, another, kept: Gazette
):
    tab.ask(QUESTION)
    other = another(f"/?c={tab.conversation}")
    other.button("Retry").click()
    other.finish()
    tab.button("Good answer").click()
    expect(tab["#part-live .failure"]).to_contain_text("has changed meanwhile")
    (turn,) = kept.conversations.get(tab.conversation).turns
    assert turn.feedback is None
    tab.button("Good answer").click()
    expect(tab["[data-act=like]"]).to_have_attribute("aria-pressed", "true")


def test_a_new_conversation_begins_empty(tab: Tab):
    tab.ask(QUESTION)
    tab[".views [data-act=new]"].click()
    expect(tab[".welcome"]).to_be_visible()
    expect(tab[".card"]).to_have_count(0)
    expect(tab["#ask"]).to_be_focused()
    assert tab.conversation == ""
    tab.ask("And how much did it cost?")
    expect(tab[".turn"]).to_have_count(1)


def test_conversations_are_found_by_their_words(tab: Tab, stored):
    stored(WHO, "Écluse of the north")
    stored(QUESTION, "Something else")
    tab["#find"].fill("ecluse")
    expect(tab[".conversations li"]).to_have_count(1)
    expect(tab[".conversations li"]).to_contain_text("Écluse of the north")
    tab["#find"].fill("no such words")
    expect(tab[".conversations [role=status]"]).to_have_text("No conversation has these words.")
    tab["#find"].fill("")
    expect(entry(tab, "Something else").first).to_be_visible()


def test_a_conversation_is_renamed_in_a_dialog(tab: Tab, stored, kept: Gazette):
    id = stored(QUESTION, "Old name")
    tab.reload()
    entry(tab, "Old name").hover()
    tab.button("Rename “Old name”").click()
    field = tab["#renaming"].get_by_label("New title")
    expect(field).to_be_focused()
    expect(field).to_have_value("Old name")
    field.fill("  A better   name ")
    field.press("Enter")
    expect(entry(tab, "A better name")).to_be_visible()
    assert kept.conversations.get(id).title == "A better name"
    entry(tab, "A better name").hover()
    tab.button("Rename “A better name”").click()
    tab.page.keyboard.press("Escape")
    expect(tab["#renaming"]).not_to_be_visible()
    expect(tab.button("Rename “A better name”")).to_be_focused()
    assert kept.conversations.get(id).title == "A better name"


def test_a_conversation_is_deleted_once_that_is_confirmed(tab: Tab, kept: Gazette):
    tab.ask(LIGHTHOUSE)
    id = tab.conversation
    tab["li.current"].hover()
    tab["li.current [data-delete]"].click()
    expect(tab["#deleting"]).to_have_accessible_name(f"Delete “{LIGHTHOUSE}”")
    tab.button("Cancel", "#deleting").click()
    assert kept.conversations.get(id)
    tab["li.current"].hover()
    tab["li.current [data-delete]"].click()
    tab.button("Delete", "#deleting").click()
    expect(tab[".welcome"]).to_be_visible()
    expect(tab[f"[data-open='{id}']"]).to_have_count(0)
    assert id not in [one.id for one in kept.conversations.listed()]
    assert tab.conversation == ""


def test_the_list_is_worked_by_keyboard(tab: Tab, stored):
    stored(WHO, "By keyboard")
    tab["#find"].fill("By keyboard")
    expect(tab[".conversations li"]).to_have_count(1)
    for expected in ("By keyboard", "Rename “By keyboard”", "Delete “By keyboard”"):
        tab.page.keyboard.press("Tab")
        assert expected in tab.focused()
    tab.page.keyboard.press("Enter")
    expect(tab["#deleting"]).to_be_visible()
    tab.page.keyboard.press("Escape")
    assert "Delete “By keyboard”" in tab.focused()


def test_the_document_as_it_was_is_shown_with_a_word_that_it_has_changed_or_gone(
    tab: Tab, kept: Gazette
):
    answer = kept.answer(QUESTION)
    old = {hit.document.id: hit.document for hit in answer.passages}
    then = {
        "quay/harbour.md": replace(old["quay/harbour.md"], text=f"{QUAY} It was so then."),
        "quay/quai.md": replace(old["quay/quai.md"], id="quay/lost.md"),
    }
    hits = []
    for hit in answer.passages:
        document = then.get(hit.document.id, hit.document)
        passage = replace(hit.passage, doc=document.id)
        if document.id == "quay/harbour.md":
            passage = replace(passage, text=document.text, start=0, end=len(document.text))
        hits.append(replace(hit, document=document, passage=passage))
    citation = replace(answer.citations[0], start=0, end=len(QUAY))
    sentence = replace(answer.sentences[0], citations=(citation.n,))
    answer = replace(answer, passages=tuple(hits), citations=(citation,), sentences=(sentence,))
    kept_as = kept.conversations.append(answer, datetime.datetime.now(datetime.UTC))
    tab.go(f"/?c={kept_as.conversation}")
    card = tab[".card.cited"].first
    expect(card.locator(".verdict.changed")).to_have_text("This document has changed since.")
    card.locator(".open").click()
    expect(tab["#reading .notice"]).to_have_text("This document has changed since.")
    expect(tab["#reading .whole"]).to_have_text(f"{QUAY} It was so then.")
    expect(tab["#reading mark"]).to_have_text(QUAY)
    tab.page.keyboard.press("Escape")
    tab[".others summary"].click()
    gone = tab[".card"].filter(has=tab.page.locator("h3", has_text="Un nouveau quai"))
    expect(gone.locator(".verdict.gone")).to_have_text("This document is no longer in the corpus.")
    gone.locator(".open").click()
    expect(tab["#reading .whole"]).to_contain_text("Le quai de Port Quillan mesure 380 mètres.")
    tab.page.keyboard.press("Escape")


def test_a_conversation_is_exported_in_three_formats(tab: Tab):
    expect(tab[".exports"]).not_to_be_visible()
    tab.ask(QUESTION)
    tab[".exports summary"].click()
    for name, kind in (("Markdown", "md"), ("HTML", "html"), ("JSON", "json")):
        with tab.page.expect_download() as download:
            tab[".exports"].get_by_role("link", name=name).click()
        assert download.value.suggested_filename == f"gazette-{tab.conversation}.{kind}"
        text = download.value.path().read_text(encoding="utf-8")
        assert QUESTION in text and QUAY in text
        if kind == "json":
            assert json.loads(text)
    tab.page.keyboard.press("Escape")
    expect(tab[".exports a"].first).not_to_be_visible()


def test_the_link_is_copied(tab: Tab):
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.ask(QUESTION)
    tab.button("Copy link").click()
    expect(tab["#part-live p"]).to_have_text("Copied.")
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{tab.address}/?c={tab.conversation}"


def test_an_export_of_nothing_or_in_no_format_is_refused_in_words(tab: Tab, stored):
    for query, status, said in (
        ({"conversation": "none", "format": "json"}, 404, "This conversation does not exist"),
        ({"conversation": stored(QUESTION), "format": "exe"}, 422, "markdown"),
    ):
        response = tab.page.request.get(f"{tab.address}/export", params=query)
        assert response.status == status
        assert said in response.text()


def test_a_like_is_stored_shown_again_and_taken_back(tab: Tab, kept: Gazette):
    tab.ask(QUESTION)
    like = tab.button("Good answer")
    expect(like).to_have_attribute("aria-pressed", "false")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    expect(tab["#part-live p"]).to_have_text("Noted, on this machine.")
    stored = kept.conversations.get(tab.conversation).turns[0].feedback
    assert stored and stored.liked is True
    tab.reload()
    expect(like).to_have_attribute("aria-pressed", "true")
    like.click()
    expect(like).to_have_attribute("aria-pressed", "false")
    expect(tab["#part-live p"]).to_have_text("Feedback taken back.")
    assert kept.conversations.get(tab.conversation).turns[0].feedback is None


def test_a_dislike_asks_for_the_reason(tab: Tab, kept: Gazette):
    tab.ask(QUESTION)
    dislike = tab.button("Bad answer")
    dislike.click()
    expect(tab["#disliking"]).to_have_accessible_name("What is wrong with it?")
    tab.page.keyboard.press("Escape")
    assert kept.conversations.get(tab.conversation).turns[0].feedback is None
    dislike.click()
    tab["#disliking"].get_by_label("The quote is not the right one").check()
    tab["#disliking"].get_by_label("Comment").fill("It is <b>longer</b>.")
    tab.button("Send", "#disliking").click()
    expect(dislike).to_have_attribute("aria-pressed", "true")
    stored = kept.conversations.get(tab.conversation).turns[0].feedback
    assert stored
    assert (stored.liked, stored.reason, stored.comment) == (
        False,
        "citation",
        "It is <b>longer</b>.",
    )


def test_an_earlier_turn_can_be_liked_too(tab: Tab, kept: Gazette):
    tab.ask(QUESTION)
    tab.ask(WHO)
    tab["#turn-0"].get_by_role("button", name="Good answer").click()
    expect(tab["#turn-0"].get_by_role("button", name="Good answer")).to_have_attribute(
        "aria-pressed", "true"
    )
    first, second = kept.conversations.get(tab.conversation).turns
    assert first.feedback and first.feedback.liked
    assert second.feedback is None
