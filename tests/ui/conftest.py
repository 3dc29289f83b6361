"""Small corpora with hostile documents, real servers over them, a real Chromium."""

import asyncio
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from browsing import Tab
from members import PASSWORD
from ollama_server import OllamaServer
from playwright.sync_api import Browser, expect, sync_playwright
from press import DOCUMENTS

from eval.bench.browser import FLAGS
from eval.bench.browser import PROGRAM as CHROMIUM
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
expect.set_options(timeout=20_000)  # milliseconds, since machines may be busy


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

    def __init__(self, gazette: Gazette, **how: Any) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self._gazette = gazette
        self._how = how
        self._server: uvicorn.Server | None = None

    @property
    def started(self) -> bool:
        return bool(self._server and self._server.started)

    async def run(self) -> None:
        config = uvicorn.Config(
            build_app(self._gazette, **self._how),
            log_level="warning",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        await self._server.serve(sockets=[self.listening])

    def stop(self) -> None:
        if self._server:
            self._server.should_exit = True


@contextmanager
def served(gazette: Gazette, **how: Any) -> Iterator[str]:
    """Serve ``gazette`` for real, on a free port: the address. ``how`` is for ``build_app``."""
    serving = Serving(gazette, **how)
    thread = threading.Thread(target=asyncio.run, args=(serving.run(),))
    with serving.listening:
        thread.start()
        while thread.is_alive() and not serving.started:
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{serving.listening.getsockname()[1]}"
        finally:  # or a test that fails would wait for the thread for ever
            serving.stop()
            thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def serving() -> Callable[..., AbstractContextManager[str]]:
    """``with serving(gazette) as address:``"""
    return served


def with_users(gazette: Gazette) -> None:
    """Add an editor and a reader, whose passwords are quick to check."""
    from rag.users.passwords import Passwords
    from rag.users.store import Users

    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    gazette._users = Users(gazette.settings.home, passwords=cheap)
    gazette.users.add("Ilaha", PASSWORD, "editor")
    gazette.users.add("tural", PASSWORD)


@pytest.fixture(scope="module")
def own(
    small: Gazette, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gazette]:
    """The small corpus in a data folder of the module's own, with an editor and a reader."""
    from rag.settings import load_settings

    home = Path(shutil.copytree(small.settings.home, tmp_path_factory.mktemp("own") / "data"))
    with Gazette(load_settings(home=home, answerer="extractive"), embedder) as gazette:
        with_users(gazette)
        yield gazette


@pytest.fixture(scope="session")
def quay(small: Gazette, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the small corpus and the documents of ``press``. Copy it to change it."""
    from rag.settings import load_settings

    base = tmp_path_factory.mktemp("quay")
    home = Path(shutil.copytree(small.settings.home, base / "data"))
    folder = base / "quay"
    folder.mkdir()
    for name, data in DOCUMENTS.items():
        (folder / name).write_bytes(data)
    with Gazette(load_settings(home=home), embedder) as gazette:
        assert len(gazette.sync([folder]).added) == len(DOCUMENTS)
    return home


@pytest.fixture(scope="session")
def opened(
    quay: Path, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Gazette]]:
    """``with opened(**settings) as gazette:`` a copy of the quay's data folder that keeps talks."""
    from rag.settings import load_settings

    def open_copy(**settings: Any) -> Gazette:
        home = Path(shutil.copytree(quay, tmp_path_factory.mktemp("kept") / "data"))
        given = {"answerer": "extractive", "keep": True, **settings}
        return Gazette(load_settings(home=home, **given), embedder)

    return open_copy


@pytest.fixture(scope="module")
def kept(opened: Callable[..., AbstractContextManager[Gazette]]) -> Iterator[Gazette]:
    """The façade over the quay, a data folder of the module's own; it keeps conversations."""
    with opened() as gazette:
        yield gazette


@pytest.fixture(scope="module")
def people(opened: Callable[..., AbstractContextManager[Gazette]]) -> Iterator[Gazette]:
    """The same with an editor and a reader, who must log in."""
    with opened() as gazette:
        with_users(gazette)
        yield gazette


@pytest.fixture(scope="module")
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer() as running:
        yield running


@pytest.fixture(scope="module")
def address(small: Gazette) -> Iterator[str]:
    """Where the small corpus is served."""
    with served(small) as address:
        yield address


@pytest.fixture(scope="module")
def where(kept: Gazette) -> Iterator[str]:
    """Where the module's quay is served; a module may serve another."""
    with served(kept) as address:
        yield address


@contextmanager
def launched(*flags: str) -> Iterator[Browser]:
    """The real Chromium, with more flags."""
    if not Path(CHROMIUM).exists():
        reason = f"no browser at {CHROMIUM}: install chromium, or name it in GAZETTE_TEST_CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def launching() -> Callable[..., AbstractContextManager[Browser]]:
    """``with launching("--a-flag") as browser:``"""
    return launched


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser; one a module, since its event loop holds the thread."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def used(chromium: Browser, where: str) -> Iterator[Tab]:
    """The tab that the tests of a module take turns in: loading a page is dear."""
    tab = Tab.opened(chromium, where)
    yield tab
    tab.close()


PICTURES = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Leave a picture of what a failing test saw."""
    report = yield
    tab = getattr(item, "funcargs", {}).get("used")
    if report.when == "call" and report.failed and tab:
        tab.page.screenshot(path=PICTURES / f"failed-{item.name[:80]}.png")
    return report


@pytest.fixture
def tab(used: Tab) -> Iterator[Tab]:
    """A tab at the first screen; nothing may go wrong in it."""
    used.complaints.clear()
    used.requests.clear()
    used.begin()
    yield used
    used.check()


@pytest.fixture
def another(chromium: Browser, where: str) -> Iterator[Callable[..., Tab]]:
    """``another(path, **context)``: one more tab that shares nothing with the others."""
    tabs: list[Tab] = []

    def open_tab(path: str = "/", **how: object) -> Tab:
        tabs.append(Tab.opened(chromium, where, path, **how))
        return tabs[-1]

    yield open_tab
    for tab in tabs:
        tab.check()
        tab.close()
