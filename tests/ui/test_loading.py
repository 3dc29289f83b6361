"""The page opens in whatever order its files arrive."""

import pytest
from browsing import Tab
from playwright.sync_api import Route, expect
from press import QUESTION

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


@pytest.mark.parametrize("name", ["early.js", "page.css"])
def test_the_page_opens_though_a_file_of_it_comes_late(chromium, where: str, name: str):
    tab = Tab.opened(chromium, where, path=None)

    def late(route: Route) -> None:
        tab.page.wait_for_timeout(1500)
        route.continue_()

    tab.page.route(f"**/page/{name}", late)
    tab.go()
    tab.ask(QUESTION)
    expect(tab[".sentence"].first).to_contain_text("380 metres")
    tab.check()
    tab.close()
