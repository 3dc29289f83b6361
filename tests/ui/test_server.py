"""The server: who it answers, what it says with everything, how it begins and ends."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from rag.errors import SettingsError
from ui.app import serve
from ui.headers import HEADERS

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:gradio.queueing")


@pytest.mark.parametrize(
    "path", ["/", "/config", "/theme.css", "/page/chat.js", "/gradio_api/info", "/text", "/none"]
)
def test_every_response_has_the_security_headers(address, path):
    response = httpx.get(f"{address}{path}", trust_env=False)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_the_page_may_load_and_send_nothing_elsewhere():
    policy = HEADERS["Content-Security-Policy"]
    for rule in ("default-src 'self'", "connect-src 'self'", "object-src 'none'"):
        assert rule in policy
    assert "http" not in policy and "*" not in policy


def test_a_strange_host_name_is_turned_away(address):
    response = httpx.get(address, headers={"Host": "rebound.example"}, trust_env=False)
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("GET", "/gradio_api/proxy=http://leak.invalid/"),
        ("POST", "/gradio_api/call/ask"),
        ("POST", "/gradio_api/api/ask"),
        ("GET", "/monitoring"),
        ("GET", "/monitoring/summary"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
    ],
)
def test_what_the_page_has_no_use_for_is_closed(address, method, path):
    response = httpx.request(method, f"{address}{path}", trust_env=False)
    assert response.status_code in (404, 405)
    assert "root:" not in response.text


def test_no_event_is_a_public_endpoint(address):
    config = httpx.get(f"{address}/config", trust_env=False).json()
    assert config["dependencies"]
    assert {one["api_visibility"] for one in config["dependencies"]} == {"private"}


def test_what_another_site_sends_is_refused(address):
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        response = httpx.post(
            f"{address}/gradio_api/queue/join", json={}, headers=headers, trust_env=False
        )
        assert response.status_code == 403


def test_a_port_in_use_is_told_with_the_remedy(small):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"port {port} .* in use .*--port {port + 1}"):
            serve(small, "127.0.0.1", port, browser=False)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_no_interface_is_told_with_the_remedy(own, host):
    with pytest.raises(SettingsError, match=f"{host} is no address of this machine .*--host"):
        serve(own, host, 7860, browser=False)


def test_ctrl_c_ends_it_cleanly(small):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "GAZETTE_HOME": str(small.settings.home),
    }
    command = [sys.executable, "-m", "rag.cli", "chat", "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout
        address = f"http://127.0.0.1:{port}"
        said = f"Gazette is at {address}, for chat clients at {address}/v1\n"
        assert running.stdout.readline() == said
        assert httpx.get(address, trust_env=False).status_code == 200
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err) == (0, "", "")
