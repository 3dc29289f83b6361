"""A small corpus with one hostile document, a real server over it, a real Chromium."""

import asyncio
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from rag.embedding import Embedder
from rag.gazette import Gazette, corpus_folder
from ui.app import build_app

SHIPPED = (
    "en/2025-12-18-nabiyev-us-visit-openai-nvidia-apple-meta.md",
    "en/2025-12-26-trans-caspian-cable-launch-third-quarter-2026.md",
    "fr/2025-12-18-azerbaidjan-deux-ministres-rencontres-ia-souveraine.md",
)
HOSTILE = """\
Quillan <img src=x onerror="document.title='owned'"> ${7*7} {{7*7}}

The lighthouse of Port Quillan is kept by <img src=x onerror="document.title='owned'"> Marta \
Elling and ${document.title='owned'} six cats, ${7*7} and {{7*7}} in all. \
<script>document.title='owned'</script> <style>body{background:url(http://leak.invalid/a)}</style>

The lamp of the lighthouse <iframe src="http://leak.invalid/b"></iframe> burns oil. \
</mark></div><img src="http://leak.invalid/c">

The stairs of the lighthouse ![x](http://leak.invalid/d) have 199 steps, [wrote](//leak.invalid/e) \
**Jonas** <http://leak.invalid/f> of www.leak.invalid.
"""
CHROMIUM = os.environ.get("GAZETTE_TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def small(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, _settings_of_the_tests: None
) -> Iterator[Gazette]:
    """The façade over a few shipped documents and the hostile one."""
    from rag.settings import load_settings

    folder = tmp_path_factory.mktemp("press")
    for name in SHIPPED:
        shutil.copy(corpus_folder() / name, folder)
    (folder / "hostile.txt").write_text(HOSTILE)
    settings = load_settings(home=folder.with_name("press-data"), answerer="extractive")
    with Gazette(settings) as gazette:
        report = gazette.sync([folder])
        assert len(report.added) == len(SHIPPED) + 1
        yield gazette


class Serving:
    """The server in a thread. Built inside its event loop: Gradio else leaves loops unclosed."""

    def __init__(self, gazette: Gazette) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self._gazette = gazette
        self._server: uvicorn.Server | None = None

    @property
    def started(self) -> bool:
        return bool(self._server and self._server.started)

    async def run(self) -> None:
        config = uvicorn.Config(
            build_app(self._gazette), log_level="warning", ws="none", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        await self._server.serve(sockets=[self.listening])

    def stop(self) -> None:
        if self._server:
            self._server.should_exit = True


@contextmanager
def served(gazette: Gazette) -> Iterator[str]:
    """Serve ``gazette`` for real, on a free port: the address."""
    serving = Serving(gazette)
    thread = threading.Thread(target=asyncio.run, args=(serving.run(),))
    with serving.listening:
        thread.start()
        while thread.is_alive() and not serving.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{serving.listening.getsockname()[1]}"
        serving.stop()
        thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def serving() -> Callable[[Gazette], AbstractContextManager[str]]:
    """``with serving(gazette) as address:``"""
    return served


@pytest.fixture(scope="module")
def address(small: Gazette) -> Iterator[str]:
    """Where the small corpus is served."""
    with served(small) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page of its own session, and what it asked for and complained of."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def send(self, question: str) -> None:
        """Type a question and press Enter, without waiting."""
        box = self.page.locator("#question textarea")
        box.fill(question)
        box.press("Enter")

    def ask(self, question: str) -> None:
        """Ask a first question, and wait until the answer is finished."""
        self.send(question)
        self.page.locator("#answer h2, #status .failure").first.wait_for()
        self.finish()

    def finish(self) -> None:
        """Wait until nothing is being sought any more."""
        self.page.locator("#status .busy").wait_for(state="detached", timeout=60_000)


@pytest.fixture
def tabs(chromium: Browser, address: str) -> Iterator[list[Tab]]:
    """Two browsers side by side that share nothing."""
    opened = [_tab(chromium, address) for _ in range(2)]
    yield opened
    for tab in opened:
        tab.page.context.close()


@pytest.fixture
def tab(chromium: Browser, address: str) -> Iterator[Tab]:
    opened = _tab(chromium, address)
    yield opened
    opened.page.context.close()


def _tab(chromium: Browser, address: str) -> Tab:
    page = chromium.new_context(reduced_motion="reduce").new_page()
    tab = Tab(page, address)
    page.on("request", lambda request: tab.requests.append(request.url))
    page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    page.on("console", lambda said: tab.complaints.append(said.text) if said.type == "error" else 0)
    page.goto(address)
    page.locator("#question textarea").wait_for()
    return tab
