"""The guard: nothing is answered to anybody who has not logged in, where users are needed."""

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from rag.errors import GazetteError
from rag.model import User
from ui.i18n import words
from ui.login.gate import Gate, Locked
from ui.openai.faults import Fault
from ui.who import LOCAL, Person, language_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from rag.gazette import Gazette

COOKIE = "gazette_session"
LOGIN = "/login"
_PUBLIC = re.compile(r"/(login|logout|page/[\w.-]+)")
"""What is answered to everybody: these paths to the letter, below the root path."""


class Guard:
    """ASGI middleware that says in ``request.state.person`` who asks, and refuses who may not.

    Where ``is_local``, whoever reaches the server is taken for its owner as long as there are no
    users. It never buffers a stream; a session that ends lets the stream of an answer finish.
    """

    def __init__(self, app: "ASGIApp", gazette: "Gazette", gate: Gate, is_local: bool) -> None:
        self._app = app
        self._gazette = gazette
        self._gate = gate
        self._is_local = is_local

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass on what may be answered, else refuse it: a web socket too, for there are none."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            request = Request(scope)
            refusal = await self._refusal(request)
            if refusal:
                await refusal(scope, receive, send)
                return
            if "person" in scope["state"] and scope["state"]["person"] is not LOCAL:
                send = _unkept(send)
        await self._app(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        """Why ``request`` is not answered; None, with the person noted, when it is."""
        path = path_of(request)
        is_api = f"{path}/".startswith("/v1/")
        state = request.scope.setdefault("state", {})
        state.pop("person", None)
        try:
            person = await run_in_threadpool(self._known, request.cookies.get(COOKIE, ""))
            if person is None and is_api:
                person = await self._with_key(request)
        except Locked as locked:
            return _locked(locked)
        except GazetteError as error:
            fault = Fault(503, str(error), code="users_unavailable")
            return fault.response() if is_api else PlainTextResponse(fault.message, 503)
        if person is not None:
            state["person"] = person
            return None
        if is_api:
            return Fault(401, _NO_KEY, code="invalid_api_key").response()
        return None if _PUBLIC.fullmatch(path) else _to_login(request, path)

    def _known(self, token: str) -> Person | None:
        users = self._gazette.users
        if self._is_local and not users.exist():
            return LOCAL
        return _person(users.logged_in(token))

    async def _with_key(self, request: Request) -> Person | None:
        """Who has the key ``NAME:PASSWORD``, as chat clients send it."""
        given = request.headers.get("authorization", "").encode("latin-1")
        kind, _, key = given.decode(errors="replace").partition(" ")
        name, colon, password = key.strip().partition(":")
        if kind.lower() != "bearer" or not colon:
            return None
        check = self._gazette.users.check
        return _person(await self._gate.tried(check, name, password, address_of(request)))


_NO_KEY = (
    "this server asks who you are: give NAME:PASSWORD of one of its users as the API key; gazette "
    "user add makes one"
)


def path_of(request: Request) -> str:
    """The path below the root path, as the routes see it."""
    path, root = request.scope["path"], request.scope.get("root_path", "")
    return str(path[len(root) :] if root and f"{path}/".startswith(f"{root}/") else path)


def address_of(request: Request) -> str:
    """Where a request comes from; a trusted proxy's word for it has been taken before."""
    return request.client.host if request.client else ""


def _person(user: User | None) -> Person | None:
    return Person(user.name, user.role == "editor") if user else None


def _locked(locked: Locked) -> Response:
    said = (
        f"too many wrong keys: try again in {locked.minutes} min, not even the right one is taken"
    )
    response = Fault(429, said, code="rate_limit_exceeded").response()
    response.headers["Retry-After"] = str(locked.seconds)
    return response


def _to_login(request: Request, path: str) -> Response:
    """A page is led to the login and back again; anything else is told in a sentence."""
    is_page = "text/html" in request.headers.get("accept", "")
    if request.method not in ("GET", "HEAD") or not is_page:
        said = words("login", language_of(request))["ended"]
        return PlainTextResponse(said, 401, headers={"Cache-Control": "no-store"})
    wanted = f"{quote(path)}?{request.url.query}".rstrip("?")
    to = f"{request.scope.get('root_path', '')}{LOGIN}"
    to += f"?next={quote(wanted, safe='/')}" if wanted not in ("", "/") else ""
    return RedirectResponse(to, 303, headers={"Cache-Control": "no-store"})


def _unkept(send: "Send") -> "Send":
    """Keep a page out of the browser's cache: after the logout nobody leafs back to it."""

    async def send_unkept(message: "Message") -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                headers["Cache-Control"] = "no-store"
        await send(message)

    return send_unkept
