"""A real Chromium, and what it tells of how fast a page is."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

PROGRAM = os.environ.get("GAZETTE_TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""The tests use them too."""
_PATIENCE = 120_000
"""Milliseconds that an answer may take."""
_SETTLING = 500
"""Milliseconds from when a page is drawn until it is asked, as a reader would."""
_USABLE = """(selectors) => {
  const isDrawn = (one) => document.querySelector(one)?.checkVisibility();
  const look = () => {
    if (document.body && selectors.every(isDrawn)) window.usable = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
"""Notes when everything named is drawn, in milliseconds from the navigation's beginning."""
_ANSWER = """(wanted) => {
  const seen = window.seen = {};
  addEventListener("keydown", ({ timeStamp }) => { seen.enter ??= timeStamp }, true);
  new MutationObserver(() => {
    for (const [name, selector] of Object.entries(wanted)) {
      if (name in seen || !document.querySelector(selector)) continue;
      seen[name] = 0;
      requestAnimationFrame(() => { seen[name] = performance.now() });
    }
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["class"] });
}"""
"""Notes when Enter was pressed, and the frame in which a source and text were first drawn.

An element may become what is looked for by its class alone.
"""
_BOX = "#ask"
_FIRST_SCREEN = (f"body[data-view=chat] {_BOX}", ".welcome")
"""The view is set by the script that reads the keys: from then on Enter asks."""
_WANTED = {"source": "#part-sources .card", "text": "#part-turn :is(.sentence, .draft)"}
_FINISHED = "#part-turn .turn:not([data-busy])"

Seconds = float


@dataclass(frozen=True, slots=True)
class Drawn:
    """When an answer was drawn, from the key that asked for it."""

    source: Seconds
    text: Seconds


@dataclass(frozen=True, slots=True)
class Worked:
    """Of the browser's main thread: while an answer streams, and for as long without."""

    streaming: Seconds
    idle: Seconds


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visitor(browser: Browser) -> Iterator[Page]:
    """A tab without cookies and cache, in English, in which nothing moves."""
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", device_scale_factor=1)
    try:
        yield context.new_page()
    finally:
        context.close()


def opened(
    browser: Browser, address: str, box: str = _BOX, drawn: Sequence[str] = _FIRST_SCREEN
) -> tuple[Seconds, Seconds]:
    """Navigation until all of ``drawn`` is there; at the first visit, and at the next one.

    RuntimeError when ``box`` then takes no typing.
    """
    with visitor(browser) as page:
        page.add_init_script(f"({_USABLE})({json.dumps(drawn)})")
        page.goto(address)
        first = _usable(page)
        page.locator(box).press("a")
        if page.locator(box).input_value() != "a":
            raise RuntimeError(f"{box} of {address} takes no typing")
        page.reload()
        return first, _usable(page)


def _usable(page: Page) -> Seconds:
    page.wait_for_function("window.usable")
    return float(page.evaluate("window.usable")) / 1000


def drawn(browser: Browser, address: str, question: str) -> Drawn:
    """Ask in a fresh tab. RuntimeError when no answer with sources comes."""
    with _ready(browser, address, question) as page:
        page.evaluate(_ANSWER, _WANTED)
        _ask(page)
        seen: dict[str, float] = page.evaluate("window.seen")
        if not all(seen.get(name) for name in _WANTED):
            raise RuntimeError(f"no answer was drawn: {page.locator('#part-turn').inner_text()}")
        return Drawn(*((seen[name] - seen["enter"]) / 1000 for name in ("source", "text")))


def worked(browser: Browser, address: str, question: str) -> Worked:
    """Ask in a fresh tab, and let it rest afterwards for as long as the answer took."""
    with _ready(browser, address, question) as page:
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable")
        began, before = time.perf_counter(), _tasks(tools)
        _ask(page)
        took, after = time.perf_counter() - began, _tasks(tools)
        page.wait_for_timeout(1000 * took)
        return Worked(after - before, _tasks(tools) - after)


@contextmanager
def _ready(browser: Browser, address: str, question: str) -> Iterator[Page]:
    """A tab in whose box the question stands."""
    with visitor(browser) as page:
        page.goto(address)
        for selector in _FIRST_SCREEN:
            page.locator(selector).wait_for()
        page.locator(_BOX).fill(question)
        page.wait_for_timeout(_SETTLING)
        yield page


def _ask(page: Page) -> None:
    page.locator(_BOX).press("Enter")
    page.locator(_FINISHED).wait_for(timeout=_PATIENCE)


def _tasks(tools: CDPSession) -> Seconds:
    """What the main thread has worked so far."""
    told = tools.send("Performance.getMetrics")["metrics"]
    return next(float(one["value"]) for one in told if one["name"] == "TaskDuration")
