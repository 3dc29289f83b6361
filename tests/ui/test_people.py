"""Two people at once: each has a browser, conversations and rights of their own."""

import re
from collections.abc import Iterator

import pytest
from browsing import Tab
from members import PASSWORD
from playwright.sync_api import Browser, expect
from press import QUESTION, WHO

from rag.gazette import Gazette

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


@pytest.fixture(scope="module")
def kept(people: Gazette) -> Gazette:
    """The quay with an editor and a reader."""
    return people


@pytest.fixture(scope="module")
def two(chromium: Browser, where: str) -> Iterator[tuple[Tab, Tab]]:
    """Ilaha, who edits, and Tural, who reads: each at the first screen."""
    tabs = tuple(log_in(chromium, where, name) for name in ("Ilaha", "tural"))
    yield tabs
    for tab in tabs:
        tab.close()


@pytest.fixture(autouse=True)
def _all_is_well(two: tuple[Tab, Tab]) -> Iterator[None]:
    for tab in two:
        tab.complaints.clear()
        tab.begin()
    yield
    for tab in two:
        tab.check()


def log_in(chromium: Browser, where: str, name: str) -> Tab:
    tab = Tab.opened(chromium, where, path=None)
    tab.page.goto(where)
    tab.page.get_by_label("User name").fill(name)
    tab.page.get_by_label("Password").fill(PASSWORD)
    tab.page.keyboard.press("Enter")
    tab.ready()
    return tab


def test_each_sees_their_own_conversations_only(two):
    ilaha, tural = two
    ilaha.send(QUESTION)
    tural.send(WHO)
    ilaha.finish()
    tural.finish()
    expect(ilaha[".asked"]).to_have_text([QUESTION])
    expect(tural[".asked"]).to_have_text([WHO])
    for tab in two:
        tab.reload()
    expect(ilaha[".conversations"]).to_contain_text(QUESTION)
    expect(ilaha[".conversations"]).not_to_contain_text(WHO)
    expect(tural[".conversations"]).to_contain_text(WHO)
    expect(tural[".conversations"]).not_to_contain_text(QUESTION)
    tural["#find"].fill(QUESTION)
    expect(tural[".conversations"]).to_contain_text("No conversation has these words.")
    tural["#find"].fill("")


def test_the_link_of_one_is_refused_to_the_other(two):
    ilaha, tural = two
    ilaha.ask(QUESTION)
    path = f"/?c={ilaha.conversation}"
    tural.go(path)
    expect(tural[".welcome"]).to_be_visible()
    expect(tural["#part-live .failure"]).to_be_visible()
    assert "380" not in tural["body"].inner_text()
    assert tural.conversation == ""
    for query in (
        f"export?conversation={ilaha.conversation}&format=json",
        f"text?doc=quay/none.md&version={'0' * 64}&conversation={ilaha.conversation}&turn=0",
    ):
        response = tural.page.request.get(f"{tural.address}/{query}")
        assert response.status == 404
        assert "380" not in response.text()


def test_what_one_sends_about_the_others_conversation_changes_nothing(two, kept: Gazette):
    ilaha, tural = two
    ilaha.ask(QUESTION)
    id = ilaha.conversation
    for event in (
        f"gazette.send('rename', {{ id: '{id}', title: 'stolen' }})",
        f"gazette.send('remove', {{ id: '{id}' }})",
        f"gazette.send('open', {{ id: '{id}' }})",
        f"gazette.send('ask', {{ question: 'And what did it cost?', conversation: '{id}' }})",
    ):
        tural.page.evaluate(event)
        expect(tural[":is(#part-live .failure, .turn [role=alert])"].first).to_contain_text(
            "This conversation does not exist"
        )
        tural.go()
    stored = kept.conversations.get(id, "Ilaha")
    assert (stored.title, len(stored.turns)) == (QUESTION, 1)


def test_who_is_logged_in_is_shown_and_may_log_out(two, chromium: Browser, where: str):
    ilaha, _ = two
    expect(ilaha[".person"]).to_contain_text("Ilaha")
    leaving = log_in(chromium, where, "ilaha")
    leaving.button("Log out").click()
    expect(leaving.page.get_by_label("Password")).to_be_visible()
    leaving.page.go_back()
    leaving.page.goto(where)
    expect(leaving.page.get_by_label("Password")).to_be_visible()
    leaving.close()


def test_a_session_that_has_ended_is_told_in_words(two, chromium: Browser, where: str):
    tab = log_in(chromium, where, "tural")
    tab.page.context.clear_cookies()
    tab.send(QUESTION)
    expect(tab["body"]).to_contain_text("Log in to continue")
    tab.close()


def test_only_an_editor_is_offered_changes_of_the_documents(two):
    ilaha, tural = two
    for tab in two:
        tab[".views [data-act=documents]"].click()
        expect(tab["#documents tr[data-doc]"].first).to_be_visible()
    assert ilaha["#documents input[type=file]"].count() == 1
    assert ilaha["#documents [data-act=delete]"].count()
    assert tural["#documents input[type=file]"].count() == 0
    assert tural["#documents [data-act=delete]"].count() == 0
    response = tural.page.request.post(
        f"{tural.address}/documents/delete", data={"ids": ["quay/ferry.md"]}
    )
    assert response.status == 403


def test_what_an_editor_takes_in_is_answered_to_the_reader_at_once(two):
    ilaha, tural = two
    ilaha[".views [data-act=documents]"].click()
    held = int(re.search(r"Documents: (\d+)", ilaha[".status"].inner_text())[1])
    ilaha["#documents input[type=file]"].set_input_files(
        {
            "name": "tower.txt",
            "mimeType": "text/plain",
            "buffer": b"The tower of Vellmouth\n\nThe tower of Vellmouth has 91 bells.",
        }
    )
    expect(ilaha["#documents .library-done"]).to_be_visible()
    expect(ilaha[".status"]).to_contain_text(f"Documents: {held + 1} ")
    tural.ask("How many bells does the tower of Vellmouth have?")
    expect(tural[".answer .sentence"].first).to_contain_text("91 bells")
    ilaha["#documents tr"].filter(has_text="tower.txt").locator("[data-act=delete]").click()
    ilaha["#documents dialog [value=delete]"].click()
    expect(ilaha["#documents table"]).not_to_contain_text("tower.txt")
    expect(ilaha[".status"]).to_contain_text(f"Documents: {held} ")
    tural.reload()
    expect(tural[".card .verdict.gone"].first).to_be_visible()
    tural[".card .open"].first.click()
    expect(tural["#reading .whole"]).to_contain_text("91 bells")
    tural.page.keyboard.press("Escape")
    tural[".views [data-act=new]"].click()
    expect(tural[".welcome"]).to_be_visible()
    tural.ask("How many bells does the tower of Vellmouth have, again?")
    assert "91 bells" not in tural[".answer"].inner_text()
