"""The login: who gets in, how far, for how long, and who is kept out."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import openai
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from members import PASSWORD
from playwright.sync_api import Browser, expect

from rag.errors import SettingsError
from rag.gazette import Gazette
from rag.model import LANGUAGES
from rag.settings import load_settings
from rag.users.store import Users
from ui.app import serve
from ui.i18n import words
from ui.listening import is_local
from ui.login.gate import BY_ADDRESS, BY_NAME, WINDOW, Gate, Locked
from ui.login.guard import COOKIE, Guard
from ui.login.routes import inside, router
from ui.origin import Below, KnownHosts, SameOrigin
from ui.who import person_of

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

EVERYWHERE = [
    "/",
    "/?view=x",
    "/config",
    "/config/",
    "/theme.css",
    "/login/",
    "/logout/",
    "/page/",
    "/page/../config",
    "/page/..%2fconfig",
    "//login",
    "/LOGIN",
    "/none",
    "/gradio_api/login_check",
    "/gradio_api/queue/data?session_hash=x",
    "/gradio_api/heartbeat/x",
    "/gradio_api/file=x",
    "/assets/index.js",
    "/v1",
    "/v1/models",
]


@pytest.fixture(scope="module")
def address(own: Gazette, serving: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """The real server over a data folder that has users."""
    with serving(own) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A browser's state without a browser."""
    with httpx.Client(base_url=address, trust_env=False) as client:
        yield client


def log_in(client: httpx.Client, name: str = "ilaha", password: str = PASSWORD, **more: str):
    return client.post("/login", data={"name": name, "password": password, **more})


class Site(TestClient):
    """Login and guard around one page that says who asks for it."""

    def __init__(self, gazette: Gazette, local: bool = True, root: str = "") -> None:
        app, gate = FastAPI(openapi_url=None), Gate(gazette)
        app.add_middleware(Guard, gazette=gazette, gate=gate, is_local=local)
        app.add_middleware(SameOrigin)
        app.add_middleware(KnownHosts, names=("testserver",), every_address=False)
        app.add_middleware(Below, root_path=root)
        app.include_router(router(gazette, gate))

        @app.api_route("/who", methods=["GET", "POST"])
        def who(request: Request) -> dict[str, object]:
            person = person_of(request)
            return {"name": person.name, "may_edit": person.may_edit}

        super().__init__(app, follow_redirects=False)


@pytest.fixture
def site(own: Gazette) -> Site:
    return Site(own)


# Getting in


def test_without_a_session_nothing_is_answered(client: httpx.Client):
    for path in EVERYWHERE:
        for method in ("GET", "POST"):
            response = client.request(method, path)
            assert response.status_code == 401, (method, path)
            assert not response.headers.get("set-cookie")
    assert client.post("/gradio_api/queue/join", json={}).text == words("login", "en")["ended"]


def test_gradios_own_login_is_never_reached(client: httpx.Client):
    log_in(client)
    assert client.get("/config").json()["mode"] == "blocks"
    for method, path in (("POST", "/login/"), ("GET", "/logout"), ("GET", "/logout/")):
        response = client.request(method, path)
        assert (response.status_code, response.text) == (405, "Method Not Allowed")


def test_a_page_leads_to_the_login_and_back_to_where_one_wanted_to_go(client: httpx.Client):
    page = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "fr"}
    response = client.get("/?conversation=ab12&q=д", headers=page)
    assert response.status_code == 303
    to = response.headers["location"]
    assert urlsplit(to).path == "/login"
    shown = client.get(to, headers=page)
    assert 'lang="fr"' in shown.text and "Mot de passe" in shown.text
    (wanted,) = parse_qs(urlsplit(to).query)["next"]
    response = log_in(client, next=wanted)
    assert (response.status_code, response.headers["location"]) == (
        303,
        "/?conversation=ab12&q=%D0%B4",
    )
    assert client.get(response.headers["location"], headers=page).status_code == 200
    assert client.get("/login").headers["location"] == "/"


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client: httpx.Client):
    said = log_in(client).headers["set-cookie"]
    assert said.startswith(f"{COOKIE}=")
    assert {part.strip() for part in said.split(";")[1:]} == {
        "HttpOnly",
        "Path=/",
        "SameSite=lax",
    }


def test_a_page_is_not_kept_in_the_browsers_cache(client: httpx.Client):
    log_in(client)
    assert client.get("/").headers["cache-control"] == "no-store"
    assert "no-store" not in client.get("/theme.css").headers.get("cache-control", "")


@pytest.mark.parametrize(
    ("name", "may_edit"), [("ILAHA", True), ("tural", False)], ids=["editor", "reader"]
)
def test_a_request_says_who_sends_it(site: Site, name: str, may_edit: bool):
    log_in(site, name)
    known = "Ilaha" if may_edit else "tural"
    assert site.get("/who").json() == {"name": known, "may_edit": may_edit}


def test_a_name_in_a_cookie_or_header_is_believed_by_nobody(site: Site):
    site.cookies.set(COOKIE, "Ilaha")
    for headers in ({"X-Forwarded-User": "Ilaha"}, {"Authorization": f"Bearer ilaha:{PASSWORD}"}):
        assert site.get("/who", headers=headers).status_code == 401


@pytest.mark.parametrize("name", ["ilaha", "nobody", '"><script>alert(1)</script>', "x" * 500])
def test_a_wrong_password_is_told_without_saying_what_was_wrong(site: Site, name: str):
    response = log_in(site, name, "not the password")
    assert response.status_code == 401
    assert words("login", "en")["wrong"] in response.text
    assert 'role="alert"' in response.text
    assert "<script>alert" not in response.text
    assert "not the password" not in response.text
    assert not response.headers.get("set-cookie")
    assert site.get("/who").status_code == 401


@pytest.mark.parametrize("body", [b"", b"name", b"\xff\xfe", b"a&" * 50, b"name=" + b"x" * 99_999])
def test_a_form_that_is_none_of_ours_is_a_wrong_one(site: Site, body: bytes):
    assert site.post("/login", content=body).status_code == 401


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_of_the_interface(site: Site, language: str):
    shown = site.get("/login", headers={"Cookie": f"gazette_language={language}"}).text
    said = words("login", language)
    assert f'<html lang="{language}">' in shown
    assert all(said[name] in shown for name in ("title", "name", "password", "enter"))


# Going on from there


@pytest.mark.parametrize("next", ["/", "/?conversation=ab", "/documents/text?doc=a%20b", "/a//b"])
def test_the_way_back_may_be_any_page_of_the_server(next: str):
    assert inside(next) == next


@pytest.mark.parametrize(
    "next",
    [
        "",
        "x",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "/../elsewhere",
        "/a/%2e%2e/%2E./elsewhere",
        "/%252e%252e/elsewhere",
        "/ä",
    ],
)
def test_and_never_lead_elsewhere(site: Site, next: str):
    assert inside(next) == "/"
    response = log_in(site, next=next)
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert response.headers.get_list("set-cookie") == [response.headers["set-cookie"]]


# Getting out


def test_the_logout_ends_the_session_for_good(site: Site):
    log_in(site)
    token = site.cookies[COOKIE]
    response = site.post("/logout")
    assert (response.status_code, response.headers["location"]) == (303, "/login")
    assert COOKIE not in site.cookies
    site.cookies.set(COOKIE, token)
    assert site.get("/who").status_code == 401


def test_a_new_login_ends_the_session_before_it(site: Site):
    log_in(site)
    token = site.cookies[COOKIE]
    log_in(site, "tural")
    assert site.get("/who").json()["name"] == "tural"
    site.cookies.clear()
    site.cookies.set(COOKIE, token)
    assert site.get("/who").status_code == 401


def test_an_expired_session_is_none(own: Gazette, client: httpx.Client):
    earlier = datetime.now(UTC) - timedelta(hours=2, minutes=1)
    token = Users(own.settings.home, now=lambda: earlier).log_in("ilaha", PASSWORD)
    assert token
    client.cookies.set(COOKIE, token)
    join = {"fn_index": 0, "session_hash": "x", "data": []}
    response = client.post("/gradio_api/queue/join", json=join)
    assert (response.status_code, response.text) == (401, words("login", "en")["ended"])
    assert client.get("/gradio_api/queue/data?session_hash=x").status_code == 401
    assert client.get("/", headers={"Accept": "text/html"}).status_code == 303


def test_whoever_is_removed_is_out_at_once(own: Gazette, site: Site):
    own.users.add("guest", PASSWORD)
    log_in(site, "guest")
    assert site.get("/who").status_code == 200
    own.remove_user("guest")
    assert site.get("/who").status_code == 401


# Guessing


def test_after_five_wrong_passwords_not_even_the_right_one_is_taken(client: httpx.Client, own):
    own.users.add("victim", PASSWORD)
    for _ in range(BY_NAME):
        assert log_in(client, "victim", "wrong").status_code == 401
    response = log_in(client, "VICTIM")
    assert response.status_code == 429
    assert "Try again in 5 min; until then even the right password is refused" in response.text
    assert 290 <= int(response.headers["retry-after"]) <= 300
    key = {"Authorization": f"Bearer victim:{PASSWORD}"}
    refused = client.get("/v1/models", headers=key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert "try again in 5 min" in refused.json()["error"]["message"]
    assert log_in(client).status_code == 303


def tried(gate: Gate, name: str, right: bool = False, address: str = "192.0.2.1") -> bool | None:
    """Whether a password was taken; raises Locked when none is."""
    return asyncio.run(gate.tried(lambda *_: right or None, name, "", address))


def test_the_lock_opens_when_its_time_is_over(small: Gazette, monkeypatch: pytest.MonkeyPatch):
    gate, now = Gate(small), time.time()
    monkeypatch.setattr("time.time", lambda: now)
    for _ in range(BY_NAME):
        assert not tried(gate, "ilaha")
    now += WINDOW - 1
    with pytest.raises(Locked) as locked:
        tried(gate, "ilaha", right=True)
    assert (locked.value.seconds, locked.value.minutes) == (1, 1)
    now += 2
    assert tried(gate, "ilaha", right=True)


def test_a_right_password_makes_the_wrong_ones_before_it_good(small: Gazette):
    gate = Gate(small)
    for _ in range(3):
        for _ in range(BY_NAME - 1):
            assert not tried(gate, "ilaha")
        assert tried(gate, "ILAHA", right=True)


@pytest.mark.parametrize(
    ("address", "same"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::ffff"), ("", "")],
)
def test_one_address_cannot_go_through_many_names(small: Gazette, address: str, same: str):
    gate = Gate(small)
    for n in range(BY_ADDRESS):
        assert not tried(gate, f"name{n}", address=address)
    with pytest.raises(Locked):
        tried(gate, "ilaha", right=True, address=same)
    assert tried(gate, "ilaha", right=True, address="2001:db8:1::1")


def test_what_is_remembered_of_failures_stays_small(small: Gazette):
    gate = Gate(small)
    for n in range(200):
        for name in (f"name{n}", f"no name {n}" * 50):
            with suppress(Locked):
                tried(gate, name)
    assert gate.remembered <= 1 + BY_ADDRESS


def test_a_burst_does_not_outrun_the_count(small: Gazette):
    checked = []

    def check(name: str, password: str) -> None:
        time.sleep(0.01)
        checked.append(password)

    async def burst() -> list[object]:
        gate = Gate(small)
        all_ = [gate.tried(check, "ilaha", f"guess {n}", "192.0.2.1") for n in range(12)]
        return await asyncio.gather(*all_, return_exceptions=True)

    found = asyncio.run(burst())
    assert len(checked) == BY_NAME
    assert sum(isinstance(one, Locked) for one in found) == 12 - BY_NAME


# Other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:8000"},
        {"Origin": "http://testserver@evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    ],
)
def test_another_sites_page_gets_nothing_done(site: Site, headers: dict[str, str]):
    assert site.post("/login", headers=headers).status_code == 403
    log_in(site)
    response = site.post("/who", headers=headers)
    assert response.status_code == 403
    assert response.text == "refused: this request comes from a page of another server"
    assert site.get("/who", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
     {"Origin": "http://TestServer:80"}, {"Sec-Fetch-Site": "none"}],
)  # fmt: skip
def test_our_own_page_and_no_page_do(site: Site, headers: dict[str, str]):
    log_in(site)
    assert site.post("/who", headers=headers).status_code == 200


def test_other_sites_are_refused_where_nobody_logs_in_too(small: Gazette):
    site = Site(small)
    assert site.post("/who").json() == {"name": "", "may_edit": True}
    assert site.post("/who", headers={"Origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("host", "server", "every", "status"),
    [
        ("press.example.org:8443", "10.0.0.7", False, 200),
        ("PRESS.example.org", "10.0.0.7", False, 200),
        ("10.0.0.7:7860", "10.0.0.7", True, 200),
        ("[fe80::1]:7860", "fe80::1", True, 200),
        ("10.0.0.7:7860", "::ffff:10.0.0.7", True, 200),
        ("10.0.0.7:7860", "10.0.0.7", False, 400),
        ("10.0.0.8:7860", "10.0.0.7", True, 400),
        ("evil.example", "10.0.0.7", True, 400),
        ("press.example.org.evil.example", "10.0.0.7", True, 400),
        ("press.example.org@evil.example", "10.0.0.7", True, 400),
        ("[", "10.0.0.7", True, 400),
        ("", "10.0.0.7", True, 400),
    ],
)
def test_the_server_goes_by_its_names_and_addresses_only(host, server, every, status):
    app = FastAPI()
    app.add_middleware(KnownHosts, names=("press.example.org",), every_address=every)
    app.get("/")(lambda: "here")

    async def reached(scope, receive, send):
        await app({**scope, "server": (server, 7860)}, receive, send)

    response = TestClient(reached).get("/", headers={"Host": host})
    assert response.status_code == status
    if status == 400:
        assert "gazette chat --name NAME" in response.text


# Who needs users


def test_without_users_this_machines_user_is_let_in_and_nobody_else(small: Gazette):
    assert Site(small).get("/who").json() == {"name": "", "may_edit": True}
    assert Site(small).get("/login").headers["location"] == "/"
    stranger = Site(small, local=False)
    assert stranger.get("/who").status_code == 401
    assert log_in(stranger).status_code == 401


def test_the_first_user_closes_a_server_that_runs(small: Gazette, embedder, home: Path):
    gazette = Gazette(load_settings(home=home), embedder)
    site = Site(gazette)
    assert site.get("/who").status_code == 200
    gazette.users.add("ilaha", PASSWORD)
    assert site.get("/who").status_code == 401
    log_in(site)
    assert site.get("/who").json()["name"] == "ilaha"


def test_where_users_cannot_be_read_nobody_gets_in(home: Path):
    home.mkdir()
    (home / "users.db").write_bytes(b"no database" * 1000)
    site = Site(Gazette(load_settings()))
    for path in ("/who", "/login", "/v1/models"):
        response = site.get(path)
        assert response.status_code == 503
        assert "users.db is damaged" in response.text


@pytest.mark.parametrize(
    ("host", "names", "root", "local"),
    [
        ("127.0.0.1", (), "", True),
        ("127.0.0.9", (), "", True),
        ("::1", (), "", True),
        ("localhost", (), "", True),
        ("127.0.0.1", ("press.example",), "", False),
        ("127.0.0.1", (), "/gazette", False),
        ("0.0.0.0", (), "", False),
        ("192.0.2.1", (), "", False),
        ("press.example", (), "", False),
    ],
)
def test_what_others_may_reach_is_not_local(host, names, root, local):
    assert is_local(host, names, root) == local


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"host": "0.0.0.0"}, "with 0.0.0.0 others than you .* gazette user add NAME"),
        ({"names": ["press.example"]}, "with --name others than you .* gazette user add NAME"),
        ({"root_path": "/gazette"}, "with --root-path others than you .* gazette user add"),
        ({"names": ["https://press.example"]}, "--name 'https://press.example' is no name"),
        ({"names": ["*"]}, "--name '\\*' is no name of a host: .*--name press.example.org"),
        ({"root_path": "gazette/"}, "--root-path 'gazette/' is no path: .*--root-path /gazette"),
        ({"root_path": "/../x"}, "--root-path '/../x' is no path"),
    ],
)
def test_the_server_is_not_opened_to_others_without_users(small: Gazette, how, said):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SettingsError, match=said):
        serve(small, **{"host": "127.0.0.1", "port": port, "browser": False, **how})


# Below a path


@pytest.mark.parametrize("before", ["", "/gazette"], ids=["cut off by the proxy", "left there"])
def test_below_a_path_everything_stays_below_it(own: Gazette, before: str):
    site = Site(own, local=False, root="/gazette")
    response = site.get(f"{before}/who?a=b", headers={"Accept": "text/html"})
    assert response.headers["location"] == "/gazette/login?next=/who%3Fa%3Db"
    response = site.post(
        f"{before}/login", data={"name": "ilaha", "password": PASSWORD, "next": "/who?a=b"}
    )
    assert response.headers["location"] == "/gazette/who?a=b"
    assert "Path=/gazette;" in response.headers["set-cookie"]
    token = response.headers["set-cookie"].split(";")[0]
    assert site.get(f"{before}/who", headers={"Cookie": token}).json()["name"] == "Ilaha"
    out = site.post(f"{before}/logout", headers={"Cookie": token})
    assert out.headers["location"] == "/gazette/login"
    assert "Path=/gazette;" in out.headers["set-cookie"]


def test_over_https_the_cookie_stays_there(own: Gazette):
    site = Site(own)
    site.base_url = "https://testserver"
    assert "Secure" in log_in(site).headers["set-cookie"]
    assert site.post("/who", headers={"Origin": "https://testserver"}).status_code == 200


# Chat clients


def chat_client(address: str, key: str) -> openai.OpenAI:
    http = openai.DefaultHttpxClient(trust_env=False)
    return openai.OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0, http_client=http)


def test_a_chat_client_gives_name_and_password_as_its_key(address: str):
    with chat_client(address, f"tural:{PASSWORD}") as client:
        said = client.chat.completions.create(
            model="gazette",
            messages=[{"role": "user", "content": "What did Nabiyev discuss with OpenAI?"}],
        )
    assert "[1]" in (said.choices[0].message.content or "")


@pytest.mark.parametrize("key", ["any", "tural", "tural:wrong password", f":{PASSWORD}", "é:x"])
def test_any_other_key_is_refused_in_the_clients_own_words(address: str, key: str):
    response = httpx.get(
        f"{address}/v1/models", headers={b"Authorization": f"Bearer {key}".encode()},
        trust_env=False,
    )  # fmt: skip
    assert response.status_code == 401
    error = response.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_api_key")
    assert "NAME:PASSWORD" in error["message"]
    assert "wrong" not in error["message"]


def test_the_official_client_calls_it_an_authentication_error(address: str):
    with (
        chat_client(address, "sk-none") as client,
        pytest.raises(openai.AuthenticationError, match="gazette user add"),
    ):
        client.models.list()


def test_a_page_may_ask_v1_with_its_session(client: httpx.Client):
    log_in(client)
    assert client.get("/v1/models").json()["data"][0]["id"] == "gazette"


# In a browser


def test_in_a_browser_one_logs_in_by_keyboard_and_out_again(chromium: Browser, address: str):
    complaints: list[str] = []
    context = chromium.new_context(java_script_enabled=True, locale="tr")
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else 0)
    page.goto(f"{address}/?conversation=none")
    expect(page.get_by_label("Kullanıcı adı")).to_be_focused()
    page.keyboard.type("ilaha")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Parola")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#ask").wait_for()
    assert page.url == f"{address}/?conversation=none"
    assert complaints == []
    out = page.evaluate("fetch('logout', {method: 'POST'}).then((done) => done.url)")
    assert out == f"{address}/login"
    page.goto(address)
    expect(page.get_by_role("button", name="Giriş yap")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_needs_no_javascript_and_fits_every_width(
    chromium: Browser, address: str, scheme, tmp_path: Path
):
    context = chromium.new_context(java_script_enabled=False, color_scheme=scheme, locale="fr")
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Nom d’utilisateur").fill("nobody")
    page.get_by_label("Mot de passe").fill("not the password")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_have_text(words("login", "fr")["wrong"])
    for width in (390, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=tmp_path / f"login-{scheme}-{width}.png")
        box = page.locator("main").bounding_box()
        assert box
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert abs(box["x"] * 2 + box["width"] - width) < 2
    context.close()
