"""A browser's tab as a test holds it: what it asks, what it was told, what it complained of."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from ui.who import LANGUAGE_COOKIE

WAIT = 30_000
"""Milliseconds: what a busy machine may need."""
_IS_USABLE = """() => Boolean(document.querySelector("#ask"))
  && !("asking" in document.body.dataset)
  && document.body.dataset.view !== "documents"
  && !document.querySelector("#composer .editing:not([hidden])")
  && !document.querySelector("dialog[open]")"""
_CUT_OFF = re.compile(r"^AbortError|^Unexpected error Connection errored out")
_IS_DONE = "() => !('asking' in document.body.dataset)"


@dataclass
class Tab:
    """A page, and all that its context asked for and complained of."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def opened(cls, browser: Browser, address: str, path: str | None = "/", **how: object) -> "Tab":
        """A tab of a context of its own, made as ``how`` says; blank when ``path`` is None."""
        look = {"reduced_motion": "reduce", "locale": "en", "color_scheme": "light"}
        context = browser.new_context(**{**look, **how})
        context.set_default_timeout(WAIT)
        tab = cls(context.new_page(), address)
        tab._listen(context)
        if path is not None:
            tab.go(path)
        return tab

    def _listen(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )

    def go(self, path: str = "/") -> None:
        """Load the page, and wait until it can be used."""
        before = len(self.complaints)
        self.page.goto(self.address + path, wait_until="commit")
        # What Gradio says of its own streams when a page is left while it holds one
        told = (said for said in self.complaints[before:] if not _CUT_OFF.search(said))
        self.complaints[before:] = told
        self.ready()

    def ready(self) -> None:
        """Wait until the page can be used."""
        self.page.locator("#ask").wait_for()
        self.page.locator(".welcome, .turn, #part-live .failure").first.wait_for()

    def reload(self) -> None:
        """Load the same address again."""
        self.go(self.page.url.removeprefix(self.address))

    def begin(self) -> None:
        """A new conversation with nothing set, as a fresh page shows it; loaded where need be."""
        self.page.set_viewport_size({"width": 1440, "height": 900})
        if self._has_language():
            self.page.context.clear_cookies(name=LANGUAGE_COOKIE)
            return self.go()
        if not self.page.evaluate(_IS_USABLE) or self["#part-live .failure"].count():
            return self.go()
        self.page.evaluate("document.querySelector('[data-act=unfilter]').click()")
        self.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = false })")
        self["#ask"].fill("")
        if not self[".welcome"].count():
            self.page.locator(".views [data-act=new]").click()
            self[".welcome"].wait_for()
        return None

    def _has_language(self) -> bool:
        return any(one["name"] == LANGUAGE_COOKIE for one in self.page.context.cookies())

    def close(self) -> None:
        self.page.context.close()

    def __getitem__(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def button(self, name: str, within: str = "body") -> Locator:
        """The button of that very name."""
        return self[within].get_by_role("button", name=name, exact=True)

    def send(self, question: str) -> None:
        """Type a question and press Enter, without waiting."""
        self["#ask"].fill(question)
        self["#ask"].press("Enter")

    def ask(self, question: str) -> None:
        """Ask, and wait until the answer is finished."""
        self.send(question)
        self.finish()

    def finish(self) -> None:
        """Wait until nothing is being answered any more."""
        self.page.wait_for_function(_IS_DONE)

    def focused(self) -> str:
        """The text or name of what has the focus."""
        return str(
            self.page.evaluate(
                """() => { const at = document.activeElement;
                return at.ariaLabel || at.textContent.trim() || at.id || at.tagName }"""
            )
        )

    @property
    def spoken(self) -> str:
        """What was last read aloud, or told in the failure's place."""
        return self["#part-live p"].text_content() or ""

    @property
    def conversation(self) -> str:
        """The id in the address; "" on the first screen."""
        found = re.search(r"[?&]c=(\w+)", self.page.url)
        return found[1] if found else ""

    @property
    def strangers(self) -> set[str]:
        """Hosts other than the server that were asked for anything."""
        asked = {urlsplit(url).netloc for url in self.requests if url.startswith(("http", "ws"))}
        return asked - {urlsplit(self.address).netloc}

    def check(self) -> None:
        """Nothing but the server was asked, nothing failed, nothing of the talk stays behind."""
        assert self.complaints == [], self.complaints
        assert self.strangers == set(), self.strangers
        kept = self.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
        assert re.fullmatch(r'\{("gazette-theme":"(light|dark|system)")?\}', kept), kept
