"""What a tab's events do to each other when they come at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from ollama_server import OllamaServer
from press import LIGHTHOUSE, QUESTION, WHO
from starlette.requests import Request

from rag.gazette import Gazette
from rag.model import Kept
from rag.wording import notice_words
from ui.handlers import Page, Parts
from ui.i18n import words
from ui.opened import Open
from ui.running import Threads
from ui.who import LANGUAGE_COOKIE

REPLY = "The quay of Port Quillan is 380 metres long [1]. It has twelve berths for ships [1]."
SILENT = {"reply": REPLY, "way": "stalls", "after": 16, "between": 0.0}
"""A model that writes a sentence and hangs in the second."""


@pytest.fixture(scope="module")
def kept(
    opened: Callable[..., AbstractContextManager[Gazette]], ollama: OllamaServer
) -> Iterator[Gazette]:
    with opened(answerer="ollama", ollama_hosts=ollama.host, unsupported="mark") as gazette:
        yield gazette


def told_to(language: str) -> Request:
    cookie = f"{LANGUAGE_COOKIE}={language}".encode()
    return Request({"type": "http", "headers": [(b"cookie", cookie)], "state": {}})


ENGLISH, TURKISH = told_to("en"), told_to("tr")


class Tab:
    """A tab's page without a browser: every picture is taken when the test asks for it."""

    def __init__(self, gazette: Gazette) -> None:
        self.page, self.open, self.gazette = Page(gazette, Threads()), Open(), gazette
        self.send("load")

    def send(self, name: str, request: Request = ENGLISH, **sent: Any) -> Parts:
        if name == "load":
            return self.page.load(sent, self.open, request)
        return self.page.safely(getattr(self.page, name), sent, self.open, request)

    def ask(self, question: str, **more: Any) -> Any:
        sent = {"question": question, "conversation": self.open.id, **more}
        return self.page.ask(sent, self.open, ENGLISH)

    @property
    def shown(self) -> list[str]:
        return [view.question for view in self.open.views]

    def questions(self, id: str) -> list[str]:
        return [turn.question for turn in self.gazette.conversations.get(id).turns]


def at_once(script: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(script(), 60))


async def to_the_end(pictures: Any) -> Parts:
    last: Parts = {}
    async for picture in pictures:
        last = picture
    return last


async def until(pictures: Any, text: str) -> Parts:
    async for picture in pictures:
        if text in picture.get("turn", ""):
            return picture
    raise AssertionError(f"the answer ended without {text!r}")


@pytest.fixture
def two(kept: Gazette, ollama: OllamaServer) -> tuple[Tab, str, str]:
    """A tab, and two conversations of two turns each; the tab shows the first."""
    ollama.configure(reply=REPLY, between=0.0)
    ids = []
    for questions in ((QUESTION, WHO), (LIGHTHOUSE, WHO)):
        id = ""
        for question in questions:
            *_, where, _ = kept.converse(question, id)
            assert isinstance(where, Kept)
            id = where.conversation
        ids.append(id)
    tab = Tab(kept)
    tab.send("open", id=ids[0])
    return tab, ids[0], ids[1]


@pytest.fixture
def tab(kept: Gazette, ollama: OllamaServer) -> Tab:
    """A tab at the first screen, whose model writes one sentence and hangs."""
    ollama.configure(**SILENT)
    return Tab(kept)


@pytest.mark.parametrize("pictures", [0, 1, 2])
def test_a_question_never_goes_into_a_conversation_that_is_opened_meanwhile(two, pictures: int):
    tab, first, second = two

    async def script() -> None:
        asked = tab.ask(QUESTION, at=0)
        for _ in range(pictures):
            await anext(asked)
        tab.send("open", id=second)
        last = await to_the_end(asked)
        if pictures:  # else the question came after: it turns back
            assert (tab.open.id, tab.shown) == (second, [LIGHTHOUSE, WHO])
            assert LIGHTHOUSE in last["thread"] and WHO in last["turn"]

    at_once(script)
    assert tab.questions(second) == [LIGHTHOUSE, WHO]
    assert tab.questions(first)[0] == QUESTION


def test_what_another_tab_did_is_not_shown_in_a_conversation_opened_meanwhile(two, monkeypatch):
    tab, first, second = two
    list(tab.gazette.converse(WHO, first))  # another tab's
    stored = tab.page._stored

    def slow(id: str, user: str) -> Any:
        found = stored(id, user)
        monkeypatch.undo()
        tab.send("open", id=second)
        return found

    monkeypatch.setattr(tab.page, "_stored", slow)
    tab.send("feedback", position=0, liked=True)
    assert (tab.open.id, tab.shown) == (second, [LIGHTHOUSE, WHO])
    assert [turn.feedback for turn in tab.gazette.conversations.get(second).turns] == [None, None]


def test_the_first_screen_stays_when_it_is_opened_while_a_stopped_answer_is_stored(
    tab: Tab,
):
    async def script() -> None:
        asked = tab.ask(QUESTION)
        await until(asked, "380 metres")
        closing = asyncio.create_task(to_the_end(asked))
        tab.send("stop")
        await asyncio.sleep(0.1)
        assert not closing.done()
        tab.send("open")
        assert "welcome" in (await closing)["thread"]

    at_once(script)
    assert tab.shown == []


def test_a_stop_that_comes_before_the_answer_begins_is_heeded(kept: Gazette, ollama: OllamaServer):
    tab = Tab(kept)
    ollama.configure(reply=REPLY, between=0.5)

    async def script() -> None:
        asked = tab.ask(QUESTION)
        await anext(asked)
        tab.send("stop")
        last = await to_the_end(asked)
        assert "data-busy" not in last["turn"]
        assert notice_words()["stopped"]["en"] in last["turn"]

    at_once(script)


@pytest.mark.parametrize("text", ["", "380 metres"])
def test_another_language_is_spoken_at_once_whenever_it_comes(tab: Tab, text: str):
    async def script() -> None:
        asked = tab.ask(QUESTION)
        await until(asked, text)
        drawn = tab.send("reload", TURKISH)
        assert "turn" not in drawn and words("page", "tr")["new"] in drawn["left"]
        picture = await anext(asked)  # the model is silent: no event brings it
        assert words("page", "tr")["stop"] in drawn["composer"]
        assert 'lang="tr"' in picture["live"]
        if text:
            assert words("page", "tr")["sources"] in picture["sources"]
        tab.send("stop")
        last = await to_the_end(asked)
        assert notice_words()["stopped"]["tr"] in last["turn"]

    at_once(script)


def test_an_answer_that_nobody_hears_any_more_is_drawn_like_any_other(
    tab: Tab,
):
    async def script() -> None:
        asked = tab.ask(QUESTION)
        await until(asked, "380 metres")
        await asked.aclose()  # the line broke

    at_once(script)
    drawn = tab.send("reload", TURKISH)
    assert notice_words()["stopped"]["tr"] in drawn["turn"]
    assert "data-busy" not in drawn["turn"]
