"""Filters: what is ticked limits the answers, is shown as tags, and can be dropped again."""

import datetime
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import Tab
from playwright.sync_api import expect
from press import QUESTION

from rag.gazette import Gazette
from rag.model import AnswerEvent, AskedWith, Filters

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

WAIT = 30
"""Seconds at most, for what the test itself lets go on."""


@pytest.fixture
def panel(tab: Tab):
    """The panel, opened by keyboard."""
    tab["details.filters summary"].focus()
    tab.page.keyboard.press("Enter")
    panel = tab["details.filters .panel"]
    expect(panel).to_be_visible()
    return panel


def shown_languages(tab: Tab) -> set[str]:
    return set(tab[".sources .facts span:last-child"].all_text_contents())


def shown_publishers(tab: Tab) -> set[str]:
    return set(tab[".sources .facts span:first-child"].all_text_contents())


def limits(tab: Tab, turn: int = 0) -> list[str]:
    """The filters that the page shows a turn was asked with."""
    return tab[f"#turn-{turn} .limits .tag span:first-child"].all_text_contents()


def test_a_language_limits_the_answer_and_is_dropped_by_its_tag(tab: Tab, panel):
    panel.get_by_label("русский").press("Space")
    expect(tab["details.filters summary"]).to_have_text("Filters (1)")
    tag = tab.button("No longer limit to “русский”")
    expect(tag).to_be_visible()
    tab.ask("Какова длина причала Порт-Квиллана?")
    expect(tab[".card"].first).to_be_visible()
    assert shown_languages(tab) == {"русский"}
    tag.click()
    expect(tab["details.filters summary"]).to_have_text("Filters")
    expect(tab["details.filters summary"]).to_be_focused()
    expect(panel.get_by_label("русский")).not_to_be_checked()
    tab.ask("How long is the quay of Port Quillan, then?")
    assert len(set(tab["#sources-1 .facts span:last-child"].all_text_contents())) > 1


def test_a_publisher_limits_the_answer(tab: Tab, panel):
    panel.get_by_label("Le Courrier").check()
    tab.ask(QUESTION)
    assert shown_publishers(tab) == {"Le Courrier"}


def test_dates_limit_the_answer_on_both_sides(tab: Tab, panel):
    panel.get_by_label("From").fill("2025-03-12")
    panel.get_by_label("To").fill("2025-03-13")
    expect(tab[".chosen .tag"]).to_have_count(2)
    tab.ask(QUESTION)
    assert shown_languages(tab) == {"русский", "azərbaycanca"}


def test_filters_together_that_nothing_satisfies_are_told(tab: Tab, panel):
    panel.get_by_label("Türkçe").check()
    panel.get_by_label("Le Courrier").check()
    tab.ask(QUESTION)
    expect(tab[".refusal"]).to_contain_text("No document satisfies these filters.")
    expect(tab[".card"]).to_have_count(0)


def test_all_filters_are_cleared_at_once(tab: Tab, panel):
    panel.get_by_label("Türkçe").check()
    panel.get_by_label("Le Courrier").check()
    panel.get_by_label("From").fill("2025-01-01")
    expect(tab[".chosen .tag"]).to_have_count(3)
    tab.button("Clear all").click()
    expect(tab[".chosen .tag"]).to_have_count(0)
    expect(panel.get_by_label("Türkçe")).not_to_be_checked()
    expect(panel.get_by_label("From")).to_have_value("")


def test_the_panel_closes_by_esc_and_by_a_click_elsewhere(tab: Tab, panel):
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()
    expect(tab["details.filters summary"]).to_be_focused()
    tab["details.filters summary"].click()
    expect(panel).to_be_visible()
    tab[".welcome h2"].click()
    expect(panel).not_to_be_visible()


def test_filters_stay_for_the_next_question_and_for_a_retry(tab: Tab, panel):
    panel.get_by_label("français").check()
    tab.ask(QUESTION)
    tab.button("Retry").click()
    tab.finish()
    assert shown_languages(tab) == {"français"}
    tab.ask("How much did the quay of Port Quillan cost?")
    assert set(tab["#sources-1 .facts span:last-child"].all_text_contents()) == {"français"}


def test_documents_are_chosen_in_their_table(tab: Tab, panel):
    panel.get_by_role("link", name="Choose documents…").click()
    rows = tab["#documents tr[data-doc]"]
    expect(rows.first).to_be_visible()
    for name in ("harbour", "quai"):
        tab[f"#documents tr[data-doc='quay/{name}.md'] input[type=checkbox]"].check()
        expect(tab["#documents"]).to_be_visible()
    tab["#documents .library-chosen a"].click()
    expect(tab["#ask"]).to_be_visible()
    expect(tab[".chosen .tag"]).to_have_count(2)
    tab.ask(QUESTION)
    assert "Un nouveau quai à Port Quillan" in " ".join(tab[".sources h3"].all_text_contents())
    docs = {b.get_attribute("data-doc") for b in tab[".sources .open"].all()}
    assert docs == {"quay/harbour.md", "quay/quai.md"}
    tab.reload()
    assert limits(tab) == ["A new quay for Port Quillan", "Un nouveau quai à Port Quillan"]
    tab.button("Ask again without “A new quay for Port Quillan”").click()
    expect(tab[".sources .open[data-doc='quay/harbour.md']"]).to_have_count(0)
    tab.finish()
    expect(tab[".turn"]).to_have_count(1)
    assert limits(tab) == ["Un nouveau quai à Port Quillan"]
    docs = {b.get_attribute("data-doc") for b in tab[".sources .open"].all()}
    assert docs == {"quay/quai.md"}


def test_documents_are_chosen_for_the_conversation_that_is_open(tab: Tab, panel):
    tab.ask(QUESTION)
    conversation = tab.conversation
    tab[".views [data-act=documents]"].click()
    tab["#documents tr[data-doc='quay/quai.md'] input[type=checkbox]"].check()
    tab["#documents .library-chosen a"].click()
    expect(tab["#ask"]).to_be_focused()
    expect(tab[".chosen .tag"]).to_have_count(1)
    expect(tab[".asked"]).to_have_text([QUESTION])
    assert tab.conversation == conversation


def test_what_is_dropped_beside_the_question_is_no_longer_ticked_in_the_table(tab: Tab, panel):
    panel.get_by_role("link", name="Choose documents…").click()
    box = tab["#documents tr[data-doc='quay/quai.md'] input[type=checkbox]"]
    box.check()
    tab["#documents .library-chosen a"].click()
    tab.button("No longer limit to “Un nouveau quai à Port Quillan”").click()
    tab[".views [data-act=documents]"].click()
    expect(tab["#documents .library-chosen"]).to_be_hidden()
    expect(box).not_to_be_checked()
    box.check()
    tab["#documents .library-chosen a"].click()
    expect(tab[".chosen .tag"]).to_have_count(1)


# What a turn was asked with


def test_a_turn_shows_its_filters_while_it_is_answered_and_after_in_the_interfaces_language(
    tab: Tab, panel, kept: Gazette, monkeypatch: pytest.MonkeyPatch
):
    panel.get_by_label("français").check()
    panel.get_by_label("From").fill("2025-03-01")
    goes_on = threading.Event()
    converse = kept.converse

    def slowly(*given: Any, **how: Any) -> Iterator[AnswerEvent]:
        assert goes_on.wait(WAIT)
        yield from converse(*given, **how)

    monkeypatch.setattr(kept, "converse", slowly)
    tab.send(QUESTION)
    expect(tab[".limits .tag:disabled"]).to_have_count(2)
    assert limits(tab) == ["français", "from 1 Mar 2025"]
    goes_on.set()
    tab.finish()
    expect(tab[".limits .tag:enabled"]).to_have_count(2)
    tab[".conversations"].wait_for()
    tab["#language"].select_option("ru")
    expect(tab[".limits .tag"].nth(1)).to_contain_text("с 1 мар. 2025")
    expect(tab[".limits .tag"].first).to_have_accessible_name("Спросить ещё раз без «français»")
    tab["#language"].select_option("en")
    expect(tab[".limits .tag"].nth(1)).to_contain_text("from 1 Mar 2025")


def test_after_a_reload_retry_and_tags_ask_with_what_the_answer_came_of(
    tab: Tab, panel, kept: Gazette
):
    panel.get_by_label("Harbour News").check()
    panel.get_by_label("Le Courrier").check()
    tab.ask(f"According to Harbour News, {QUESTION.lower()}")
    tab[".tag[data-tag=ignoring]"].click()
    tab.finish()
    tab.reload()
    expect(tab[".chosen .tag"]).to_have_count(0)  # of the next question
    assert limits(tab) == ["Harbour News", "Le Courrier"]
    expect(tab[".tag.off[data-tag=ignoring]"]).to_have_count(1)
    tab.button("Retry").click()
    tab.finish()
    assert shown_publishers(tab) == {"Harbour News", "Le Courrier"}
    tab.button("Ask again without “Harbour News”").click()
    expect(tab[".limits .tag"]).to_have_count(1)
    tab.finish()
    assert shown_publishers(tab) == {"Le Courrier"}
    (turn,) = kept.conversations.get(tab.conversation).turns
    taken_back = ("According to Harbour News",)
    assert turn.asked_with == AskedWith(Filters(publishers=("Le Courrier",)), taken_back)
    tab[".tag.off[data-tag=ignoring]"].click()
    expect(tab[".tag:not(.off)[data-tag=ignoring]"]).to_have_count(1)
    tab.finish()
    tab.button("Ask again without “Le Courrier”").click()
    expect(tab[".limits"]).to_have_count(0)
    tab.finish()
    assert shown_publishers(tab) == {"Harbour News"}


def test_that_a_question_stands_alone_outlives_a_reload(tab: Tab):
    tab.ask(QUESTION)
    tab.ask("And how much did it cost?")
    tab["#turn-1 .tag[data-tag=follows]"].click()
    expect(tab["#turn-1 .tag.off[data-tag=follows]"]).to_have_count(1)
    tab.finish()
    tab.reload()
    tab["#turn-1"].get_by_role("button", name="Retry").click()
    tab.finish()
    expect(tab["#turn-1 .tag.off[data-tag=follows]"]).to_have_count(1)
    tab["#turn-1 .tag.off[data-tag=follows]"].click()
    expect(tab["#turn-1 .tag:not(.off)[data-tag=follows]"]).to_contain_text("quay of Port Quillan")
    tab.finish()


def test_an_edited_question_brings_its_filters_along_and_leaves_them_when_it_is_left(
    tab: Tab, panel, kept: Gazette
):
    panel.get_by_label("français").check()
    panel.get_by_label("To").fill("2025-03-31")
    tab.ask(QUESTION)
    tab["details.filters summary"].click()
    tab.button("Clear all").click()
    panel.get_by_label("Türkçe").check()
    tab.button("Edit the question").click()
    expect(panel.get_by_label("français")).to_be_checked()
    expect(panel.get_by_label("To")).to_have_value("2025-03-31")
    expect(panel.get_by_label("Türkçe")).not_to_be_checked()
    tab.button("Cancel", "#composer").click()
    expect(panel.get_by_label("Türkçe")).to_be_checked()
    expect(tab[".chosen .tag"]).to_have_count(1)
    tab.button("Edit the question").click()
    tab.button("No longer limit to “To 31 Mar 2025”").click()
    tab.ask("How much did the quay of Port Quillan cost?")
    assert limits(tab) == ["français"]
    assert shown_languages(tab) == {"français"}
    (turn,) = kept.conversations.get(tab.conversation).turns
    assert turn.asked_with == AskedWith(Filters(langs=("fr",)))
    expect(panel.get_by_label("français")).to_be_checked()


def test_a_chosen_document_that_is_gone_is_named_by_its_id_and_can_be_dropped(
    tab: Tab, kept: Gazette
):
    filters = Filters(docs=("quay/gone.md", "quay/harbour.md"))
    answer, now = kept.answer(QUESTION), datetime.datetime.now(datetime.UTC)
    stored = kept.conversations.append(answer, now, asked_with=AskedWith(filters))
    tab.go(f"/?c={stored.conversation}")
    assert limits(tab) == ["quay/gone.md", "A new quay for Port Quillan"]
    tab.button("Retry").click()
    expect(tab[".turn [role=alert]"]).to_contain_text("quay/gone.md")
    tab.finish()
    tab.button("Ask again without “quay/gone.md”").click()
    expect(tab[".answer .sentence"].first).to_contain_text("380 metres")
    tab.finish()
    (turn,) = kept.conversations.get(stored.conversation).turns  # in its place, for all the failure
    assert turn.asked_with == AskedWith(Filters(docs=("quay/harbour.md",)))
    assert limits(tab) == ["A new quay for Port Quillan"]
