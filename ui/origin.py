"""Where a request comes from, and by which name it calls this server: what is not believed."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SAFE = ("GET", "HEAD", "OPTIONS")
_PORTS = {"http": 80, "https": 443}
_CLAIMS = (b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-for", b"x-gradio-server")
"""Gradio takes its own address from these, whoever sends them. The server has heard before what
a trusted proxy says, and has put it where it belongs."""


class Below:
    """ASGI middleware: everything lies below ``root_path``, whether a proxy cuts it off or not."""

    def __init__(self, app: "ASGIApp", root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass everything on."""
        await self._app({**scope, "root_path": self._root_path}, receive, send)


class KnownHosts:
    """ASGI middleware that turns away who calls the server by a name that it does not have.

    Such a name is a sign of DNS rebinding: a foreign page whose name suddenly means this machine.
    Where ``every_address``, the address that a request has come in at is one of its names.
    """

    def __init__(self, app: "ASGIApp", names: Collection[str], every_address: bool) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in (*LOOPBACK, *names))
        self._every_address = every_address

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass on what calls the server by its name."""
        if scope["type"] == "lifespan" or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        said = "this server does not go by that name: gazette chat --name NAME gives it one"
        await PlainTextResponse(said, 400)(scope, receive, send)

    def _is_known(self, scope: "Scope") -> bool:
        host = _host(f"//{Headers(scope=scope).get('host', '')}")[0]
        if host in self._names:
            return True
        address = _address((scope.get("server") or ("",))[0])
        return self._every_address and address is not None and _address(host) == address


class SameOrigin:
    """ASGI middleware that refuses what a foreign page would have changed here.

    It also drops what requests claim of their own origin: see ``_CLAIMS``.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass on what only reads, and what comes from a page of this server or from no page."""
        if scope["type"] == "http":
            if scope["method"] not in _SAFE and _is_foreign(Headers(scope=scope)):
                said = "refused: this request comes from a page of another server"
                await PlainTextResponse(said, 403)(scope, receive, send)
                return
            kept = [(name, value) for name, value in scope["headers"] if name not in _CLAIMS]
            scope = {**scope, "headers": kept}
        await self._app(scope, receive, send)


def _is_foreign(headers: Headers) -> bool:
    if headers.get("sec-fetch-site") == "cross-site":
        return True
    origin = headers.get("origin")
    if origin is None:
        return False
    scheme = origin.partition(":")[0]
    here = _host(f"//{headers.get('host', '')}", scheme)
    return not here[0] or _host(origin, scheme) != here


def _host(url: str, scheme: str = "") -> tuple[str, int | None]:
    """Host and port of an address; ("", None) when it has none."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or _PORTS.get(scheme)
    except ValueError:
        return "", None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        ip = ip_address(host)
    except ValueError:
        return None
    return (ip.ipv4_mapped if isinstance(ip, IPv6Address) else None) or ip
