"""Widths and looks: nothing scrolls sideways, and each state is left as a picture to look at."""

from pathlib import Path

import pytest
from browsing import Tab
from playwright.sync_api import expect
from press import OWNED, QUESTION, SCRIPT, WHO

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
SIZES = ((1440, 900), (1024, 768), (390, 844))


def first(tab: Tab) -> None:
    expect(tab[".welcome"]).to_be_visible()


def answer(tab: Tab) -> None:
    tab.ask("According to Harbour News, how long is the quay of Port Quillan?")
    tab.ask("Какова длина причала?")


def refusal(tab: Tab) -> None:
    tab.ask("Quelle est la recette du soufflé au fromage de Napoléon III ?")
    expect(tab[".refusal"]).to_be_visible()


def failure(tab: Tab) -> None:
    tab.ask("?!")


def reading(tab: Tab) -> None:
    tab.ask(QUESTION)
    tab[".card .open"].first.click()
    expect(tab["#reading mark"].first).to_be_focused()


def filters(tab: Tab) -> None:
    tab["details.filters summary"].click()
    tab["details.filters input[value=fr]"].check()
    tab["details.filters input[value='Harbour News']"].check()


def documents(tab: Tab) -> None:
    tab.page.goto(f"{tab.address}/#documents")
    expect(tab["#documents tr[data-doc]"].first).to_be_visible()


def long_words(tab: Tab) -> None:
    tab.ask(f"{'Donaudampfschifffahrt' * 8} {OWNED} {SCRIPT} lighthouse?")


def disliking(tab: Tab) -> None:
    tab.ask(QUESTION)
    tab.button("Bad answer").click()


STATES = (first, answer, refusal, failure, reading, filters, documents, long_words, disliking)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_no_width_scrolls_sideways(tab: Tab, state, theme):
    tab.page.emulate_media(color_scheme=theme)
    state(tab)
    wide = []
    for width, height in SIZES:
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.page.screenshot(path=PICTURES / f"{state.__name__}-{theme}-{width}.png")
        wide += overflowing(tab, width)
    tab.page.emulate_media(color_scheme="light")
    assert wide == []


def overflowing(tab: Tab, width: int) -> list[str]:
    """What is wider than its window, or than its own box where that scrolls."""
    found = tab.page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll(
          "#left, #centre, #talk, #right, #documents, dialog[open] .content, .panel")]
          .filter((one) => one.checkVisibility?.() !== false
            && one.scrollWidth > one.clientWidth + 1 && one.clientWidth
            && getComputedStyle(one).overflowX !== "visible" || one.scrollWidth > innerWidth)
          .map((one) => `${one.id || one.className || one.tagName} ${one.scrollWidth}`)"""
    )
    return [f"{width}: {one}" for one in found]


def test_titles_have_the_most_room_of_the_documents_whatever_a_publisher_is_called(tab: Tab):
    documents(tab)
    expect(tab["#documents"]).to_contain_text(SCRIPT)
    widths = [cell.bounding_box()["width"] for cell in tab["#documents thead th"].all()]
    assert widths[1] == max(widths) > sum(widths) / 3


def test_the_first_screen_has_its_four_examples_in_sight_on_a_phone(tab: Tab):
    tab.page.set_viewport_size({"width": 390, "height": 844})
    expect(tab["#ask"]).to_be_in_viewport()
    expect(tab[".welcome h2"]).to_be_in_viewport()
    expect(tab[".examples button"].first).to_be_in_viewport()


def test_on_a_phone_the_menu_holds_what_the_left_column_does(tab: Tab):
    tab.page.set_viewport_size({"width": 390, "height": 844})
    new = tab[".views [data-act=new]"]
    expect(new).not_to_be_visible()
    menu = tab.button("Menu")
    menu.click()
    expect(menu).to_have_attribute("aria-expanded", "true")
    for one in (new, tab["#find"], tab["#language"], tab[".status"]):
        expect(one).to_be_visible()
    for theme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=theme)
        tab.page.screenshot(path=PICTURES / f"menu-{theme}-390.png")
    tab.page.emulate_media(color_scheme="light")
    tab.page.keyboard.press("Escape")
    expect(new).not_to_be_visible()
    expect(menu).to_be_focused()


def test_on_a_phone_sources_come_below_the_answer_and_a_chip_leads_there_and_back(tab: Tab):
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.ask(QUESTION)
    answer, sources = tab["#talk"].bounding_box(), tab["#right"].bounding_box()
    assert answer and sources and sources["y"] >= answer["y"] + answer["height"] - 1
    tab[".chip"].first.click()
    expect(tab["#quote-0-1"]).to_be_in_viewport()
    tab[".card.cited .back"].first.click()
    expect(tab["#turn-0"]).to_be_focused()
    expect(tab[".asked"]).to_be_in_viewport()


def test_what_has_the_focus_is_not_hidden_behind_the_composer(tab: Tab):
    tab.page.set_viewport_size({"width": 390, "height": 600})
    tab.ask(QUESTION)
    tab.ask(WHO)
    composer = tab["#composer"]
    for chip in tab[".chip"].all():
        chip.focus()
        box, bar = chip.bounding_box(), composer.bounding_box()
        assert box and bar
        assert box["y"] + box["height"] <= bar["y"] + 1


def test_controls_are_large_enough_for_a_finger_on_a_phone(tab: Tab):
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.ask(QUESTION)
    small = tab.page.evaluate(
        """() => [...document.querySelectorAll("button, summary, select, .chip, .back")]
          .filter((one) => one.checkVisibility() && !one.closest("#documents"))
          .map((one) => [one.ariaLabel || one.textContent.trim(), one.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
          .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
    )
    assert small == []


def test_a_chip_stays_on_the_line_of_the_word_before_it(tab: Tab):
    tab.ask(QUESTION)
    alone = tab.page.evaluate(
        """() => {
          const talk = document.querySelector("#talk"), widths = [];
          const sentence = document.querySelector(".sentence"), text = sentence.firstChild;
          const end = document.createRange();
          end.setStart(text, text.length - 2);
          end.setEnd(text, text.length - 1);
          for (let width = 200; width < 700; width += 3) {
            talk.style.maxWidth = `${width}px`;
            const line = [...end.getClientRects()].at(-1);
            const chip = sentence.querySelector(".chip").getBoundingClientRect();
            if (chip.top >= line.bottom) widths.push(width);
          }
          talk.style.maxWidth = "";
          return widths;
        }"""
    )
    assert alone == []
