"""The login: a page that needs no JavaScript, and the way out."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from fastapi import APIRouter, Request, Response
from jinja2 import Template
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from rag.errors import GazetteError
from rag.templating import environment
from ui.i18n import words
from ui.login.gate import Gate, Locked
from ui.login.guard import COOKIE, LOGIN, address_of
from ui.who import language_of

if TYPE_CHECKING:
    from rag.gazette import Gazette

_LARGEST = 16_384
"""Bytes of a form: a name, a password and an address."""
_UNKEPT = {"Cache-Control": "no-store"}
_OTHER_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def router(gazette: "Gazette", gate: Gate) -> APIRouter:
    """``/login`` and ``/logout``, whole: Gradio, below, has ideas of its own about both."""
    routes = APIRouter()

    @routes.api_route(LOGIN, methods=["GET", "HEAD"])
    async def page(request: Request, next: str = "") -> Response:
        if getattr(request.state, "person", None):
            return _onward(request, next)
        return _page(request, next)

    @routes.post(LOGIN)
    async def log_in(request: Request) -> Response:
        form = await _form(request)
        name, next = form.get("name", ""), form.get("next", "")
        try:
            token = await gate.tried(
                gazette.users.log_in, name, form.get("password", ""), address_of(request)
            )
        except Locked as locked:
            return _page(request, next, name, "locked", 429, locked)
        except GazetteError as error:
            return PlainTextResponse(str(error), 503, headers=_UNKEPT)
        if token is None:
            return _page(request, next, name, "wrong", 401)
        await run_in_threadpool(gazette.users.log_out, request.cookies.get(COOKIE, ""))
        return _with_session(request, _onward(request, next), token)

    @routes.post("/logout")
    def log_out(request: Request) -> Response:
        gazette.users.log_out(request.cookies.get(COOKIE, ""))
        response = RedirectResponse(f"{_root(request)}{LOGIN}", 303, headers=_UNKEPT)
        response.delete_cookie(COOKIE, path=_root(request) or "/", httponly=True, samesite="lax")
        return response

    async def nothing() -> Response:
        return PlainTextResponse("Method Not Allowed", 405)

    for path in (LOGIN, f"{LOGIN}/", "/logout", "/logout/"):
        routes.add_api_route(path, nothing, methods=_OTHER_METHODS)
    return routes


def _with_session(request: Request, response: Response, token: str) -> Response:
    """Lax, not strict: a link in a mail, to a conversation, has to find its reader logged in.

    No foreign page gets anything done by it: a GET changes nothing, and what is not a GET must
    come from a page of this server.
    """
    response.set_cookie(
        COOKIE,
        token,
        path=_root(request) or "/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


def _onward(request: Request, next: str) -> Response:
    return RedirectResponse(f"{_root(request)}{inside(next)}", 303, headers=_UNKEPT)


def inside(address: str) -> str:
    """``address`` when it is a path of this server, with its query; else that of the page."""
    path, _, _ = address.partition("?")
    is_path = re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", address)
    leaves = any(part in (".", "..") for part in re.split(r"[/\\]", unquote(unquote(path))))
    return address if is_path and not leaves else "/"


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; none when it is too long to be ours."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST:
            return {}
    try:
        return dict(parse_qsl(body.decode(errors="replace"), True, max_num_fields=10))
    except ValueError:
        return {}


def _page(
    request: Request,
    next: str,
    name: str = "",
    error: str = "",
    status: int = 200,
    locked: Locked | None = None,
) -> Response:
    language = language_of(request)
    said = words("login", language)
    text = said[error].format(minutes=locked.minutes if locked else 0) if error else ""
    html = _template().render(
        words=said, language=language, next=inside(next), name=name[:64], error=text
    )
    wait = {"Retry-After": str(locked.seconds)} if locked else {}
    return HTMLResponse(html, status, headers=_UNKEPT | wait)


@cache
def _template() -> Template:
    return environment(Path(__file__).parent).get_template("login.html")
