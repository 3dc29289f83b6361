"""The page opens in whatever order its files arrive."""

import httpx
import pytest
from browsing import Tab
from playwright.sync_api import Route, expect
from press import QUESTION

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


@pytest.mark.parametrize("name", ["early.js", "turn.css"])
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


SEEN = """() => {
  window.seen = new Set();
  const look = () => {
    if (document.body) seen.add(getComputedStyle(document.body).backgroundColor);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def test_a_theme_chosen_against_the_systems_is_the_only_one_seen(chromium, where: str):
    tab = Tab.opened(chromium, where, color_scheme="dark")
    dark = tab["body"].evaluate("body => getComputedStyle(body).backgroundColor")
    tab["#theme"].select_option("light")
    tab.page.add_init_script(f"({SEEN})()")
    tab.reload()
    seen = tab.page.evaluate("[...seen]")
    assert len(seen) == 1 and seen != [dark]
    tab.check()
    tab.close()


@pytest.mark.parametrize("accepted", ["gzip, deflate, br", "identity"])
def test_the_head_is_the_pages_own_from_the_beginning(where: str, accepted: str):
    answer = httpx.get(where, headers={"accept-encoding": accepted})
    head = answer.text.partition("</head>")[0]
    assert head.count('<script src="page/early.js">') == 1
    assert "og:" not in head and "twitter:" not in head and "https://" not in head
    assert int(answer.headers["content-length"]) == len(answer.content)
    bare = httpx.head(where, headers={"accept-encoding": accepted})
    assert (bare.status_code, bare.content) == (200, b"")
    assert bare.headers["content-length"] == answer.headers["content-length"]


def test_no_browser_asks_for_an_icon_at_the_hosts_root_where_nobody_is_logged_in(where: str):
    """Below a root path the session's cookie is not sent there: 401, in every reader's console."""
    head = httpx.get(where).text.partition("</head>")[0]
    assert '<link rel="icon" href="data:,">' in head
