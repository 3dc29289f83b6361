"""Texts of strangers are data wherever the page shows them: documents, titles, questions, names."""

import datetime
import re
from dataclasses import replace

import pytest
from browsing import Tab
from playwright.sync_api import expect
from press import (
    HOSTILE,
    HOSTILE_PUBLISHER,
    HOSTILE_TITLE,
    LEAK,
    LIGHTHOUSE,
    OWNED,
    QUAY,
    QUESTION,
    RIGHT_TO_LEFT,
    SCRIPT,
)

from rag.gazette import Gazette

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

SIGNS = ("<img src=x onerror=", "<script>", "${7*7}", "{{7*7}}")
FOREIGN = ":is(img, script, style, iframe, object, embed, link, meta, base, form[action^='http'])"
PARTS = ":is(#left, #centre, #right, dialog, #preview, #documents)"


def check_harmless(tab: Tab) -> None:
    """Nothing of what is shown became part of the page, ran, or was computed."""
    assert tab[f"{PARTS} {FOREIGN}"].count() == 0
    assert tab[f"{PARTS} :is([onerror], [onload], [onclick], [style*='url'])"].count() == 0
    assert tab[f"{PARTS} a:is([href^='http'], [href^='javascript:'], [href^='//'])"].count() == 0
    assert tab.page.title() == "Gazette"
    shown = tab["body"].inner_text()
    assert not re.search(r"\b49\b", shown)
    assert RIGHT_TO_LEFT not in shown


def card_of_the_lighthouse(tab: Tab):
    return tab[".card"].filter(has=tab.page.locator("h3", has_text="onerror")).first


def test_a_documents_text_title_and_publisher_are_shown_and_never_run(tab: Tab):
    tab.ask(LIGHTHOUSE)
    card = card_of_the_lighthouse(tab)
    if not card.is_visible():
        tab[".others summary"].click()
    title, facts = card.locator("h3").inner_text(), card.locator(".facts").inner_text()
    for text in ("<img src=x onerror=", "${7*7}", "{{7*7}}"):
        assert text in title
    assert "<script>" in facts and "${7*7}" in facts
    check_harmless(tab)
    card.locator(".open").click()
    whole = tab["#reading .whole"].inner_text()
    for text in (*SIGNS, f"{LEAK}/b", f"{LEAK}/c", f"{LEAK}/d", "javascript:alert"):
        assert text in whole
    assert "onerror" in tab["#reading h2"].inner_text()
    check_harmless(tab)
    tab.page.keyboard.press("Escape")


def test_a_sentence_quoted_from_it_is_shown_and_never_run(tab: Tab):
    tab.ask(LIGHTHOUSE)
    answer = tab[".answer"].inner_text()
    assert "Marta Elling" in answer
    for text in SIGNS:
        assert text in answer
    tab[".chip"].first.focus()
    expect(tab["#preview q"]).to_contain_text("onerror=")
    check_harmless(tab)


def test_a_question_is_shown_and_never_run_and_so_is_the_conversation_it_names(tab: Tab):
    question = f"Marta {OWNED} {SCRIPT} ${{7*7}} {{{{7*7}}}} {RIGHT_TO_LEFT}keeps the lighthouse?"
    tab.ask(question)
    asked = tab[".asked"].inner_text()
    entry = tab[".conversations .current"]
    for text in SIGNS:
        assert text in asked
    assert "onerror=" in entry.inner_text()  # its title is cut after some words
    for name in ("data-rename", "data-delete"):
        assert "onerror" in (entry.locator(f"[{name}]").get_attribute("aria-label") or "")
    check_harmless(tab)
    tab.reload()
    assert "<script>" in tab[".asked"].inner_text()
    check_harmless(tab)
    tab["li.current"].hover()
    tab["li.current [data-delete]"].click()
    expect(tab["#deleting h2"]).to_contain_text("onerror=")
    check_harmless(tab)
    tab.page.keyboard.press("Escape")


def test_a_title_is_shown_and_never_run(tab: Tab):
    tab.ask(QUESTION)
    tab["li.current"].hover()
    tab["li.current [data-rename]"].click()
    tab["#renaming input"].fill(f"{OWNED} {SCRIPT} ${{7*7}} $& $1 {{title}} {RIGHT_TO_LEFT}x")
    tab["#renaming input"].press("Enter")
    entry = tab["li.current a"]
    expect(entry).to_contain_text("onerror=")
    for text in ("<script>", "${7*7}", "$& $1 {title}"):
        assert text in entry.inner_text()
    tab["li.current"].hover()
    tab["li.current [data-delete]"].click()
    expect(tab["#deleting h2"]).to_contain_text("$& $1 {title}")
    check_harmless(tab)
    tab.page.keyboard.press("Escape")


def test_words_that_are_looked_for_are_data_too(tab: Tab):
    tab.ask(QUESTION)
    for words in (
        f"{OWNED}{SCRIPT} nowhere",
        "%_'\"; drop table conversations",
        "* OR NEAR(",
        "\\",
    ):
        tab["#find"].fill(words)
        expect(tab[".conversations"]).to_contain_text("No conversation has these words.")
        check_harmless(tab)
    tab["#find"].fill("")
    expect(tab[".conversations li"].first).to_be_visible()


def test_a_line_of_a_megabyte_in_a_document_is_read_without_a_sideways_scroll(
    tab: Tab, kept: Gazette
):
    answer = kept.answer(QUESTION)
    hit = next(h for h in answer.passages if h.document.id == "quay/harbour.md")
    text = f"{QUAY} " + "endless" * 150_000
    document = replace(hit.document, text=text)
    passage = replace(hit.passage, start=0, end=len(text), text=text)
    citation = replace(answer.citations[0], start=0, end=len(QUAY), quote=QUAY)
    long = replace(
        answer,
        passages=(replace(hit, document=document, passage=passage),),
        citations=(citation,),
        sentences=(replace(answer.sentences[0], citations=(citation.n,)),),
    )
    stored = kept.conversations.append(long, datetime.datetime.now(datetime.UTC))
    tab.go(f"/?c={stored.conversation}")
    expect(tab[".card mark"]).to_have_text(QUAY)
    tab[".card .open"].click()
    expect(tab["#reading mark"]).to_be_focused()
    assert len(tab["#reading .whole"].text_content() or "") == len(text)
    for box in ("document.documentElement", "document.querySelector('#reading .content')"):
        assert tab.page.evaluate(f"{box}.scrollWidth <= {box}.clientWidth"), box
    tab.page.keyboard.press("Escape")


def test_a_question_of_a_megabyte_is_refused_in_words(tab: Tab):
    tab["#ask"].evaluate("(box, text) => { box.value = text }", "x" * 1_000_000)
    tab["#ask"].press("Enter")
    failure = tab[":is([role=alert], #part-live .failure)"].first
    expect(failure).to_contain_text(re.compile("characters"))
    assert len(tab["body"].inner_text()) < 20_000
    tab.finish()
    tab["#ask"].fill("")


@pytest.mark.parametrize(
    ("name", "sent", "told"),
    [
        ("find", {"words": "x" * 2000}, "cannot be used"),
        ("open", {"id": "x", "surprise": 1}, "cannot be used"),
        ("ask", {"question": "x", "at": "y"}, "cannot be used"),
        ("feedback", {"position": 99, "liked": True}, "does not exist"),
    ],
)
def test_what_the_script_sends_is_checked(tab: Tab, name, sent, told):
    tab.page.evaluate("([name, sent]) => gazette.send(name, sent)", [name, sent])
    expect(tab["#part-live .failure"]).to_contain_text(told)


def test_the_list_of_filters_shows_names_as_data(tab: Tab):
    tab["details.filters summary"].click()
    name = (
        tab["details.filters label"]
        .filter(has_text="onerror")
        .or_(tab["details.filters label"].filter(has_text="<script>"))
    )
    name.first.click()
    tag = tab[".chosen .tag"]
    expect(tag).to_contain_text("<script>")
    tab.ask(LIGHTHOUSE)
    expect(tab[".card"].first).to_be_visible()
    check_harmless(tab)
    tag.click()
    tab.reload()
    limit = tab[".limits .tag"]
    expect(limit).to_contain_text("<script>document.title='owned'</script> ${7*7}")
    assert "<script>" in (limit.get_attribute("aria-label") or "")
    check_harmless(tab)
    tab.button("Retry").click()
    tab.finish()
    tab.button("Edit the question").click()
    expect(tag).to_contain_text("<script>")  # the very name came back from the page
    expect(tab["details.filters input:checked"]).to_have_count(1)
    check_harmless(tab)
    tab.button("Cancel", "#composer").click()
    limit.click()
    expect(limit).to_have_count(0)
    tab.finish()


def test_the_exports_of_hostile_texts_hold_no_markup_of_theirs(tab: Tab):
    tab.ask(LIGHTHOUSE)
    response = tab.page.request.get(
        f"{tab.address}/export", params={"conversation": tab.conversation, "format": "html"}
    )
    assert response.headers["content-disposition"].startswith("attachment")
    html = response.text()
    assert "&lt;script&gt;" in html and "&lt;img src=x onerror=" in html
    assert "<script>document" not in html and "<img src=x" not in html
    assert f'src="{LEAK}' not in html and f'href="{LEAK}' not in html


def test_a_hostile_name_cannot_reach_other_files(tab: Tab):
    for path in (
        "/page/../app.py",
        "/page/%2e%2e/app.py",
        "/page/..%2fhandlers.py",
        "/page//etc/passwd",
    ):
        response = tab.page.request.get(tab.address + path)
        assert "import" not in response.text()[:2000] or response.status == 404


def test_the_texts_of_these_tests_are_what_they_claim(kept: Gazette):
    document, _ = kept.document("quay/hostile.md")
    assert "onerror" in document.title and "${7*7}" in document.title
    assert "<script>" in document.publisher
    assert document.text.startswith(HOSTILE[:60])
    assert HOSTILE_TITLE and HOSTILE_PUBLISHER
