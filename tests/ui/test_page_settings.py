"""Language and theme: changed without a reload, remembered, and nothing else is."""

import pytest
from browsing import Tab
from playwright.sync_api import expect
from press import QUESTION

from rag.model import LANGUAGES
from ui.i18n import words

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

DARK = "() => document.body.classList.contains('dark')"


@pytest.fixture(autouse=True)
def _as_it_was(tab: Tab):
    yield
    tab.page.context.clear_cookies()
    tab.page.evaluate("localStorage.clear()")
    tab.go()


def test_the_language_changes_without_a_reload_and_keeps_the_conversation(tab: Tab):
    tab.ask(QUESTION)
    tab.page.evaluate("window.marked = true")
    for language in ("fr", "az", "ru", "tr", "en"):
        tab["#language"].select_option(language)
        said = words("page", language)
        expect(tab.button(said["ask"])).to_be_visible()
        expect(tab[".views [data-act=new]"]).to_have_text(said["new"])
        expect(tab["#right h2"]).to_have_text(said["sources"])
        expect(tab["html"]).to_have_attribute("lang", language)
        expect(tab["#language"]).to_have_value(language)
        expect(tab[".asked"]).to_have_text(QUESTION)
        expect(tab[".card.cited .verdict"].first).to_have_text(said["verbatim"])
    assert tab.page.evaluate("window.marked")


def test_the_language_is_remembered_and_the_first_screen_speaks_it(tab: Tab):
    tab["#language"].select_option("az")
    expect(tab[".welcome h2"]).to_have_text(words("page", "az")["welcome"])
    tab.reload()
    expect(tab[".welcome h2"]).to_have_text(words("page", "az")["welcome"])
    expect(tab[".examples button"]).to_have_count(4)
    cookies = {c["name"]: c for c in tab.page.context.cookies()}
    assert cookies["gazette_language"]["value"] == "az"
    assert cookies["gazette_language"]["sameSite"] == "Strict"


def test_what_is_typed_and_ticked_outlives_a_change_of_language(tab: Tab):
    tab["details.filters summary"].click()
    tab["details.filters"].get_by_label("Türkçe").check()
    tab["#ask"].fill("half a question")
    tab["#language"].select_option("tr")
    expect(tab.button(words("page", "tr")["ask"])).to_be_visible()
    expect(tab["#ask"]).to_have_value("half a question")
    expect(tab["details.filters input[value=tr]"]).to_be_checked()
    expect(tab[".chosen .tag"]).to_have_count(1)


def test_a_question_that_is_edited_is_said_to_be_in_the_other_language_too(tab: Tab):
    tab.ask(QUESTION)
    tab.button("Edit the question").click()
    tab["#language"].select_option("tr")
    expect(tab["#composer .editing span"]).to_have_text(words("page", "tr")["editing"])
    expect(tab["#composer .editing"]).to_be_visible()
    tab.button(words("page", "tr")["cancel"], "#composer").click()
    expect(tab["#composer .editing"]).to_be_hidden()


def test_a_text_half_pasted_and_what_became_of_a_file_outlive_a_change_of_language(tab: Tab):
    tab.page.goto(f"{tab.address}/#documents")
    expect(tab["#documents tr[data-doc]"].first).to_be_visible()
    empty = {"name": "empty.md", "mimeType": "text/markdown", "buffer": b""}
    tab["#documents input[type=file]"].set_input_files(empty)
    expect(tab[".library-file.library-failed"]).to_have_count(1)
    tab[".library-paste summary"].click()
    tab[".library-paste [name=title]"].fill("Half a title")
    tab[".library-paste [name=text]"].fill("Half a text")
    tab[".library-search [name=words]"].fill("quay")
    for language in ("fr", "az"):
        tab["#language"].select_option(language)
        expect(tab["#documents h2"].first).to_have_text(words("documents", language)["heading"])
    expect(tab[".library-file.library-failed"]).to_contain_text("empty.md")
    expect(tab[".library-paste [name=title]"]).to_have_value("Half a title")
    expect(tab[".library-paste [name=text]"]).to_have_value("Half a text")
    expect(tab[".library-paste [name=text]"]).to_be_visible()
    expect(tab[".library-search [name=words]"]).to_have_value("quay")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_browsers_own_language_is_spoken_from_the_start(another, language):
    tab = another(locale=language)
    expect(tab[".welcome h2"]).to_have_text(words("page", language)["welcome"])
    expect(tab["html"]).to_have_attribute("lang", language)


def test_another_language_of_the_browser_is_answered_in_english(another):
    expect(another(locale="de")[".welcome h2"]).to_have_text(words("page", "en")["welcome"])


def test_the_theme_changes_at_once_and_is_remembered(tab: Tab):
    light = tab["body"].evaluate("body => getComputedStyle(body).backgroundColor")
    tab["#theme"].select_option("dark")
    tab.page.wait_for_function(DARK)
    dark = tab["body"].evaluate("body => getComputedStyle(body).backgroundColor")
    assert light != dark
    tab.reload()
    assert tab.page.evaluate(DARK)
    expect(tab["#theme"]).to_have_value("dark")
    assert tab.page.evaluate("localStorage.length") == 1
    tab["#theme"].select_option("light")
    assert not tab.page.evaluate(DARK)


def test_without_a_choice_the_theme_is_the_systems(tab: Tab):
    assert not tab.page.evaluate(DARK)
    tab.page.emulate_media(color_scheme="dark")
    tab.page.wait_for_function(DARK)
    tab["#theme"].select_option("light")
    assert not tab.page.evaluate(DARK)
    tab.page.emulate_media(color_scheme="light")


def test_reduced_motion_is_respected(tab: Tab):
    tab.ask(QUESTION)
    assert tab.page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")
    moving = tab.page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((one) => {
          const style = getComputedStyle(one);
          const seconds = (text) => Math.max(...text.split(",").map(parseFloat));
          return seconds(style.transitionDuration) > 0.01
            || (style.animationName !== "none" && seconds(style.animationDuration) > 0.01);
        }).map((one) => `${one.tagName}.${one.className}`)"""
    )
    assert moving == []
    assert tab["#talk"].evaluate("one => getComputedStyle(one).scrollBehavior") == "auto"


def test_the_status_tells_who_answers_from_how_much(tab: Tab, kept):
    overview = kept.overview()
    status = tab[".status"]
    expect(status).to_contain_text("Answers by quotation")
    expect(status).to_contain_text(
        f"Documents: {overview.documents} · passages: {overview.passages}"
    )
    expect(status).to_contain_text("Last sync:")
    expect(status).to_contain_text("Nothing leaves this machine.")
