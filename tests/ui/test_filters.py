"""Filters: what is ticked limits the answers, is shown as tags, and can be dropped again."""

import pytest
from browsing import Tab
from playwright.sync_api import expect
from press import QUESTION

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


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
    tab.button("No longer limit to “A new quay for Port Quillan”").click()
    tab.button("Retry").click()
    expect(tab[".sources .open[data-doc='quay/harbour.md']"]).to_have_count(0)
    tab.finish()
    docs = {b.get_attribute("data-doc") for b in tab[".sources .open"].all()}
    assert docs == {"quay/quai.md"}
