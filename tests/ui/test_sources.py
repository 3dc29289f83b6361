"""Sources: from a sentence to its quote, the quote in its card, the card's whole document."""

import datetime
import re
from dataclasses import replace

import pytest
from browsing import Tab
from playwright.sync_api import expect
from press import COST, HARBOUR, QUAY, QUESTION

from rag.gazette import Gazette
from rag.model import AnswerSentence

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


def test_a_chip_leads_to_its_quote(tab: Tab):
    tab.ask(QUESTION)
    chip = tab[".chip"].first
    expect(chip).to_have_accessible_name("Source 1: A new quay for Port Quillan")
    chip.click()
    mark = tab["#quote-0-1"]
    expect(mark).to_be_focused()
    expect(mark).to_be_in_viewport()
    expect(mark).to_have_text(QUAY)


def test_a_chip_works_by_keyboard(tab: Tab):
    tab.ask(QUESTION)
    tab[".chip"].first.focus()
    tab.page.keyboard.press("Enter")
    expect(tab["#quote-0-1"]).to_be_focused()


def test_hover_and_focus_preview_the_quote(tab: Tab):
    tab.ask(QUESTION)
    chip, preview = tab[".chip"].first, tab["#preview"]
    expect(preview).not_to_be_visible()
    chip.hover()
    expect(preview).to_be_visible()
    expect(preview.locator("q")).to_have_text(QUAY)
    expect(preview).to_contain_text("A new quay for Port Quillan · Harbour News · 10 Mar 2025")
    expect(chip).to_have_accessible_description(re.compile(re.escape(QUAY)))
    tab["#ask"].hover()
    expect(preview).not_to_be_visible()
    chip.focus()
    expect(preview.locator("q")).to_have_text(QUAY)
    tab.page.keyboard.press("Escape")
    expect(preview).not_to_be_visible()
    expect(chip).to_be_focused()


def test_a_preview_lies_inside_the_window(tab: Tab):
    tab.ask(QUESTION)
    tab.page.set_viewport_size({"width": 390, "height": 500})
    for chip in tab[".chip"].all():
        chip.scroll_into_view_if_needed()
        chip.focus()
        box = tab["#preview"].bounding_box()
        assert box
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert box["y"] >= 0 and box["y"] + box["height"] <= 500


def test_the_whole_document_opens_at_the_quote_and_esc_gives_the_focus_back(tab: Tab):
    tab.ask(QUESTION)
    button = tab.button("Open document: A new quay for Port Quillan").first
    button.click()
    dialog = tab["#reading"]
    expect(dialog).to_be_visible()
    expect(dialog).to_have_accessible_name("A new quay for Port Quillan")
    expect(dialog.locator(".whole")).to_have_text(HARBOUR.strip())
    marks = dialog.locator("mark")
    expect(marks.first).to_have_text(QUAY)
    expect(marks.first).to_be_in_viewport()
    expect(marks.first).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(button).to_be_focused()


def test_the_dialog_marks_every_quote_of_its_card(tab: Tab, kept: Gazette):
    answer = kept.answer(QUESTION)
    text = kept.document("quay/harbour.md")[0].text
    first = answer.citations[0]
    start = text.index(COST)
    second = replace(first, n=2, quote=COST, start=start, end=start + len(COST))
    two = replace(
        answer,
        citations=(first, second),
        sentences=(AnswerSentence(QUAY, (1,)), AnswerSentence(COST, (2,))),
    )
    stored = kept.conversations.append(two, datetime.datetime.now(datetime.UTC))
    tab.go(f"/?c={stored.conversation}")
    card = tab[".card.cited"]
    expect(card.locator("mark")).to_have_text([QUAY, COST])
    expect(card.locator(".number")).to_have_text(["1", "2"])
    card.locator(".open").click()
    expect(tab["#reading mark"]).to_have_text([QUAY, COST])
    tab["#reading"].get_by_role("button", name="Close").click()
    expect(card.locator(".open")).to_be_focused()
    tab[".chip"].nth(1).click()
    expect(tab["#quote-0-2"]).to_be_focused()
    expect(tab["#quote-0-2"]).to_have_text(COST)


def test_the_dialog_closes_by_its_button_and_by_a_click_beside_it(tab: Tab):
    tab.ask(QUESTION)
    button = tab[".card .open"].first
    for close in (
        lambda: tab["#reading"].get_by_role("button", name="Close").click(),
        lambda: tab.page.mouse.click(5, 5),
    ):
        button.click()
        expect(tab["#reading .whole"]).to_be_visible()
        close()
        expect(tab["#reading"]).not_to_be_visible()
        expect(button).to_be_focused()


def test_the_focus_stays_inside_the_dialog(tab: Tab):
    tab.ask(QUESTION)
    tab[".card .open"].first.click()
    expect(tab["#reading .whole"]).to_be_visible()
    for _ in range(6):
        tab.page.keyboard.press("Tab")
        assert tab.page.evaluate(
            """document.activeElement === document.body
            || Boolean(document.activeElement.closest("#reading"))"""
        )


def test_what_was_read_and_not_cited_is_folded_away(tab: Tab):
    tab.ask(QUESTION)
    others = tab["#sources-0 .others"]
    count = others.locator(".card").count()
    expect(others.locator("summary")).to_have_text(f"Also read, not cited ({count})")
    expect(others.locator(".card").first).not_to_be_visible()
    others.locator("summary").click()
    expect(others.locator(".card").first).to_be_visible()
    expect(others.locator(".card .number")).to_have_count(0)


def test_a_passage_keeps_the_language_of_its_document(tab: Tab):
    tab.ask("Quelle est la longueur du quai de Port Quillan ?")
    card = tab[".card"].filter(has=tab.page.locator("h3", has_text="Новый причал"))
    expect(card.locator("blockquote")).to_have_attribute("lang", "ru")
    expect(card.locator("h3")).to_have_attribute("lang", "ru")
    expect(tab[".asked"]).to_have_attribute("lang", "fr")


@pytest.mark.parametrize(
    ("doc", "marks", "said"),
    [
        ("quay/none.md", "", "no longer among the documents"),
        ("../../etc/passwd", "", "no longer among the documents"),
        ("quay/harbour.md", "0-999999", "0-999999"),
        ("quay/harbour.md", "5-5", "5-5"),
        ("quay/harbour.md", "<b>", "<b>"),
    ],
)
def test_a_text_that_is_not_there_is_told_as_plain_text(tab: Tab, doc, marks, said):
    response = tab.page.request.get(f"{tab.address}/text", params={"doc": doc, "marks": marks})
    assert response.status == 404
    assert response.headers["content-type"].startswith("text/plain")
    assert said in response.text()


def test_a_text_marks_code_points_and_escapes_all_else(tab: Tab, kept: Gazette):
    start = kept.document("quay/harbour.md")[0].text.index(COST)
    marks = f"{start}-{start + len(COST)}"
    html = tab.page.request.get(
        f"{tab.address}/text", params={"doc": "quay/harbour.md", "marks": marks}
    ).text()
    assert f'<mark id="mark-0" tabindex="-1">{COST}</mark>' in html
