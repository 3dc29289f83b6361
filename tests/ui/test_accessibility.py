"""Accessibility: axe finds nothing serious, and the keyboard alone is enough."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import Tab
from playwright.sync_api import expect
from press import QUESTION, WHO

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

WIDTHS = (1440, 1024, 390)
_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_OURS = """() => {
  const one = document.activeElement;
  return { id: one.id, tag: one.tagName, name: one.ariaLabel || one.textContent.trim(),
    outline: getComputedStyle(one).outlineStyle !== "none"
      || getComputedStyle(one).boxShadow !== "none"
      || getComputedStyle(one.parentElement).outlineStyle !== "none"
      || getComputedStyle(one.parentElement).boxShadow !== "none" };
}"""


def first_screen(tab: Tab) -> None:
    expect(tab[".welcome"]).to_be_visible()


def answer(tab: Tab) -> None:
    tab["details.filters summary"].click()
    tab["details.filters"].get_by_label("English").check()
    tab.ask("According to Harbour News, how long is the quay of Port Quillan?")
    tab.page.evaluate("document.querySelectorAll('.others').forEach(d => { d.open = true })")


def filters(tab: Tab) -> None:
    tab["details.filters summary"].click()
    tab["details.filters input[type=checkbox]"].first.check()
    expect(tab[".chosen .tag"]).to_be_visible()


def dialog(tab: Tab) -> None:
    tab.ask(QUESTION)
    tab[".card .open"].first.click()
    expect(tab["#reading .whole"]).to_be_visible()


def why(tab: Tab) -> None:
    tab.ask(QUESTION)
    tab.button("Bad answer").click()
    expect(tab["#disliking"]).to_be_visible()


def documents(tab: Tab) -> None:
    tab.page.goto(f"{tab.address}/#documents")
    expect(tab["#documents tr[data-doc]"].first).to_be_visible()
    tab["#documents .library-paste summary"].click()


def failure(tab: Tab) -> None:
    tab.ask("?!")
    expect(tab[".turn [role=alert]"]).to_be_visible()


STATES = (first_screen, answer, filters, dialog, why, documents, failure)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing_serious(tab: Tab, state, theme):
    tab.page.emulate_media(color_scheme=theme)
    state(tab)
    found = []
    for width in WIDTHS:
        tab.page.set_viewport_size({"width": width, "height": 844})
        found += [f"{width}: {one}" for one in serious(tab)]
    tab.page.emulate_media(color_scheme="light")
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_menu_of_a_phone(tab: Tab, theme):
    tab.page.emulate_media(color_scheme=theme)
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.button("Menu").click()
    expect(tab[".views [data-act=new]"]).to_be_visible()
    found = serious(tab)
    tab.page.keyboard.press("Escape")
    tab.page.emulate_media(color_scheme="light")
    assert found == []


def serious(tab: Tab) -> list[str]:
    """What axe calls serious or critical, one line a place."""
    response = Axe().run(tab.page, options=_OPTIONS).response
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['html'][:120]}"
        for one in response["violations"]
        for node in one["nodes"]
        if one["impact"] in ("serious", "critical")
    ]


def test_axe_is_able_to_find_something(tab: Tab):
    tab.page.evaluate(
        """() => document.querySelector(".welcome").insertAdjacentHTML("beforeend",
        '<p class="planted" style="color:#bbb;background:#fff">pale</p><button></button>')"""
    )
    found = " ".join(serious(tab))
    tab.page.evaluate(
        "document.querySelectorAll('.planted, .planted + button').forEach(p => p.remove())"
    )
    assert "color-contrast" in found and "button-name" in found


def test_tab_reaches_every_control_in_its_order_and_shows_where_it_is(tab: Tab):
    tab.ask(QUESTION)
    tab.page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    tab.page.evaluate("document.querySelector('.skip').focus()")
    reached, unseen = [], []
    for _ in range(120):
        now = tab.page.evaluate(_OURS)
        reached.append(now["name"] or now["id"])
        if not now["outline"]:
            unseen.append(now)
        tab.page.keyboard.press("Tab")
        if tab.page.evaluate("document.activeElement.matches('.skip, body')"):
            break
    order = [
        "Skip to the question",
        "New conversation",
        "Documents",
        "Search conversations",
        "Rename",
        "français",
        "Source 1: A new quay for Port Quillan",
        "Copy with sources",
        "Retry",
        "Edit the question",
        "Good answer",
        "Bad answer",
        "Question",
        "Open document: A new quay for Port Quillan",
    ]
    known = {"language": "Language", "ask": "Question", "find": "Search conversations"}
    names = [known.get(name, name) for name in reached]
    at = -1
    for wanted in order:
        later = [i for i, name in enumerate(names) if i > at and name.startswith(wanted)]
        assert later, f"{wanted!r} is not reached after {names[: at + 1]}: {names}"
        at = later[0]
    assert unseen == []


@pytest.mark.parametrize("width", WIDTHS)
def test_a_question_is_asked_read_and_followed_by_keyboard_alone(tab: Tab, width: int):
    tab.page.set_viewport_size({"width": width, "height": 844})
    press, type_ = tab.page.keyboard.press, tab.page.keyboard.type
    tab.page.evaluate("document.querySelector('.skip').focus()")
    press("Enter")
    expect(tab["#ask"]).to_be_focused()
    type_(QUESTION)
    press("Enter")
    tab.finish()
    expect(tab["#ask"]).to_be_focused()
    tab[".chip"].first.focus()
    press("Enter")
    expect(tab["#quote-0-1"]).to_be_focused()
    press("Tab")
    assert tab.focused() == "Open document: A new quay for Port Quillan"
    press("Space")
    expect(tab["#reading mark"].first).to_be_focused()
    press("Escape")
    assert tab.focused() == "Open document: A new quay for Port Quillan"


def test_a_skip_link_is_seen_once_it_has_the_focus(tab: Tab):
    tab["#find"].focus()
    skip = tab[".skip"]
    assert (skip.bounding_box() or {"x": -1})["x"] < 0 or not _is_seen(skip)
    skip.focus()
    assert _is_seen(skip)


def _is_seen(one) -> bool:
    return one.evaluate(
        """one => { const box = one.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && box.top >= 0 && box.left >= 0 }"""
    )


def test_every_part_has_its_landmark_and_every_level_its_heading(tab: Tab):
    tab.ask(QUESTION)
    tab.ask(WHO)
    for role, name in (("navigation", "Conversations"), ("region", "Status")):
        expect(tab.page.get_by_role(role, name=name)).to_have_count(1)
    assert tab.page.get_by_role("main").count() == 1
    expect(tab.page.get_by_role("region", name="Sources of question 2")).to_be_visible()
    levels = [int(h.evaluate("h => h.tagName[1]")) for h in tab["h1, h2, h3"].all()]
    assert levels[0] == 1 and levels.count(1) == 1
    assert re.fullmatch(r"1[123]*", "".join(map(str, levels)))


def test_enlarged_text_of_200_percent_scrolls_nothing_sideways(tab: Tab):
    tab.ask(QUESTION)
    tab.page.set_viewport_size({"width": 640, "height": 450})
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 640
