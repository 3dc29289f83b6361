"""Gazette below a path behind the real nginx, with the very file that the documentation shows."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest
from members import PASSWORD
from playwright.sync_api import expect

from rag.gazette import Gazette
from rag.model import AnswerEvent, Finished
from ui.headers import HEADERS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")

SITE = Path(__file__).parents[2] / "docs" / "nginx.conf"
NAME = "press.example.org"
MAIN = """\
daemon off;
pid {folder}/pid;
error_log stderr;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def program(name: str, package: str) -> str:
    """Where a program is; without it the test is skipped, and fails in CI."""
    found = os.environ.get(f"GAZETTE_TEST_{name.upper()}") or shutil.which(
        name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    )
    if not found:
        said = f"{name} is not installed (Debian: apt-get install {package})"
        pytest.fail(said) if os.environ.get("CI") else pytest.skip(said)
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def put(text: str, old: str, new: str) -> str:
    """``text`` with ``old``, which must stand there once, replaced."""
    assert text.count(old) == 1, old
    return text.replace(old, new)


@contextmanager
def nginx(folder: Path, gazette: str) -> Iterator[str]:
    """The real nginx with the site of the documentation before ``gazette``: its address."""
    command = program("nginx", "nginx")
    key, certificate, port = folder / "key.pem", folder / "certificate.pem", free_port()
    asked = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    made = [program("openssl", "openssl"), "req", "-x509", "-days", "2", *asked, *subject]
    made += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    site = SITE.read_text()
    site = put(site, "listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
    site = put(site, "/etc/ssl/certs/press.example.org.pem", str(certificate))
    site = put(site, "/etc/ssl/private/press.example.org.key", str(key))
    site = put(site, "http://127.0.0.1:7860;", f"{gazette};")
    (folder / "site.conf").write_text(site)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    started = [command, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(started, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not _answers(port):
            time.sleep(0.02)
        assert running.poll() is None, running.stderr and running.stderr.read()
        try:
            yield f"https://{NAME}:{port}"
        finally:
            running.terminate()
            _, said = running.communicate(timeout=20)
    assert not re.findall(r"\[(?:warn|crit|alert|emerg)\].*", said), said


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def address(
    own: Gazette,
    serving: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("nginx")
    with serving(own, names=[NAME], root_path="/gazette") as behind, nginx(folder, behind) as front:
        yield front


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    """A client to which the name means this machine."""
    host = address.removeprefix("https://")
    here = address.replace(NAME, "127.0.0.1")
    with httpx.Client(
        base_url=here, headers={"Host": host}, verify=False, trust_env=False
    ) as client:
        yield client


def log_in(client: httpx.Client, **headers: str) -> httpx.Response:
    form = {"name": "tural", "password": PASSWORD, "next": "/?a=b"}
    return client.post("/gazette/login", data=form, headers=headers)


def test_the_login_stays_below_the_path_and_its_cookie_within_https(client, address):
    response = client.get("/gazette")
    assert (response.status_code, response.headers["location"]) == (301, f"{address}/gazette/")
    response = client.get("/gazette/?a=b", headers={"Accept": "text/html"})
    assert response.status_code == 303
    assert response.headers["location"] == "/gazette/login?next=/%3Fa%3Db"
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    response = log_in(client, Origin=address)
    assert (response.status_code, response.headers["location"]) == (303, "/gazette/?a=b")
    said = {part.strip() for part in response.headers["set-cookie"].split(";")[1:]}
    assert said == {"HttpOnly", "Path=/gazette", "SameSite=lax", "Secure"}


def test_other_names_and_other_sites_are_refused(client):
    response = client.get("/gazette/login", headers={"Host": "rebound.example"})
    assert response.status_code == 400
    assert "does not go by that name" in response.text
    assert log_in(client, Origin="https://evil.example").status_code == 403
    assert client.get("/").status_code == 404


def test_what_a_browser_claims_of_its_origin_does_not_get_through(client, address):
    claims = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X-Gradio-Server": "http://evil.example",
    }
    assert "Secure" in log_in(client, **claims).headers["set-cookie"]
    page = client.get("/gazette/", headers=claims).text
    assert f'"root":"{address}/gazette"' in page
    assert "evil.example" not in page


def test_failures_count_for_the_address_behind_the_proxy(
    client, own: Gazette, monkeypatch: pytest.MonkeyPatch
):
    seen = []
    from ui.login.gate import Gate

    async def tried(self: Gate, check: object, name: str, password: str, address: str) -> None:
        seen.append(address)

    monkeypatch.setattr(Gate, "tried", tried)
    log_in(client, **{"X-Forwarded-For": "203.0.113.9"})
    assert seen == ["127.0.0.1"]


def test_an_answer_streams(client, own: Gazette, monkeypatch: pytest.MonkeyPatch):
    gate = threading.Semaphore(0)
    answering = own.ask

    def ask(*given: object, **more: object) -> Iterator[AnswerEvent]:
        for event in answering(*given, **more):  # type: ignore[arg-type]
            if isinstance(event, Finished):
                assert gate.acquire(timeout=60), "the first words never came"
            yield event

    monkeypatch.setattr(own, "ask", ask)
    body = {
        "model": "gazette",
        "stream": True,
        "messages": [{"role": "user", "content": "What did Nabiyev discuss with OpenAI?"}],
    }
    key = {"Authorization": f"Bearer tural:{PASSWORD}"}
    with client.stream(
        "POST", "/gazette/v1/chat/completions", json=body, headers=key, timeout=60
    ) as response:
        lines = response.iter_lines()
        assert any("[1]" in line for line in lines)
        gate.release()
        assert list(filter(None, lines))[-1] == "data: [DONE]"


def test_a_document_of_20_mb_passes_and_more_does_not(client):
    log_in(client)
    sent = {"content": b"x" * 20_000_000, "headers": {"Content-Type": "text/plain"}}
    assert client.post("/gazette/v1/chat/completions", **sent).status_code == 415
    sent["content"] += b"x" * 1_000_000
    assert client.post("/gazette/v1/chat/completions", **sent).status_code == 413


def test_in_a_browser_the_page_works_below_the_path(address, launching):
    complaints: list[str] = []
    requests: list[str] = []
    with launching(f"--host-resolver-rules=MAP {NAME} 127.0.0.1") as browser:
        page = browser.new_context(ignore_https_errors=True, locale="en").new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                complaints.append(f"{said.text} {said.location}") if said.type == "error" else 0
            ),
        )
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{address}/gazette/")
        page.get_by_label("User name").fill("ilaha")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        box = page.locator("#ask")
        box.wait_for()
        box.fill("What did Nabiyev discuss with OpenAI?")
        box.press("Enter")
        expect(page.locator(".chip").first).to_be_visible(timeout=30_000)
    assert complaints == []
    inside = (f"{address}/gazette/", "data:", "blob:")
    assert [url for url in requests if not url.startswith(inside)] == []
