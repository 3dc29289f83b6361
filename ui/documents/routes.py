"""The routes below ``documents``: fragments to show, and changes for those who may edit."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import HTMLResponse, JSONResponse, Response

from rag import wording
from rag.errors import GazetteError, QuestionError, StorageError
from rag.model import LANGUAGES, SyncReport
from ui.documents import fragments
from ui.documents.telling import told
from ui.i18n import words
from ui.notices import failure
from ui.who import language_of, person_of

if TYPE_CHECKING:
    from rag.gazette import Gazette

_MAX_IDS = 1000


class Pasted(BaseModel):
    """A text that was pasted."""

    model_config = ConfigDict(extra="forbid")

    title: str
    text: str
    publisher: str = ""
    date: str = ""


class Ids(BaseModel):
    """Documents to change."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(min_length=1, max_length=_MAX_IDS)


def router(gazette: "Gazette") -> APIRouter:
    """Everything below ``documents`` over ``gazette``."""
    routes = APIRouter(prefix="/documents")
    _add_fragments(routes, gazette)
    _add_taking_in(routes, gazette)
    _add_changes(routes, gazette)
    return routes


def _said(request: Request) -> Mapping[str, str]:
    return words("documents", language_of(request))


def _editor(request: Request) -> None:
    """Refuse whoever may not change documents."""
    if not person_of(request).may_edit:
        raise HTTPException(403, _said(request)["may_not_edit"])


Editor = Depends(_editor)


def _add_fragments(routes: APIRouter, gazette: "Gazette") -> None:
    @routes.get("/panel")
    def panel(request: Request) -> HTMLResponse:
        may_edit = person_of(request).may_edit
        return _shown(fragments.panel(language_of(request), may_edit, gazette.library.max_bytes))

    @routes.get("/table")
    def table(
        request: Request,
        words: Annotated[str, Query(max_length=300)] = "",
        lang: str = "",
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    ) -> HTMLResponse:
        langs = (lang,) if lang in LANGUAGES else ()
        start = (page - 1) * fragments.A_PAGE
        shelf = gazette.library.find(words, langs, start, fragments.A_PAGE)
        if page > (last := fragments.pages(shelf.total)):
            page = last
            shelf = gazette.library.find(
                words, langs, (page - 1) * fragments.A_PAGE, fragments.A_PAGE
            )
        may_edit = person_of(request).may_edit
        return _shown(fragments.table(shelf, page, language_of(request), may_edit))


def _shown(html: str) -> HTMLResponse:
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


def _add_taking_in(routes: APIRouter, gazette: "Gazette") -> None:
    @routes.post("/upload", dependencies=[Editor])
    async def upload(request: Request, name: Annotated[str, Query(max_length=1000)]) -> Response:
        said = _said(request)
        library = await run_in_threadpool(lambda: gazette.library)
        data = await _body(request, library.max_bytes, said)
        return told(lambda embedded: library.add(name, data, embedded), language_of(request))

    @routes.post("/paste", dependencies=[Editor])
    async def paste(request: Request) -> Response:
        said = _said(request)
        library = await run_in_threadpool(lambda: gazette.library)
        data = await _body(request, library.max_bytes, said)
        try:
            sent = Pasted.model_validate_json(data)
            day = date.fromisoformat(sent.date) if sent.date else None
        except ValueError as error:
            raise HTTPException(422, said["bad_date"]) from error
        return told(
            lambda embedded: library.paste(sent.title, sent.text, day, sent.publisher, embedded),
            language_of(request),
        )


async def _body(request: Request, limit: int, said: Mapping[str, str]) -> bytes:
    """The whole body; refused as soon as it is known to be too long."""
    data = bytearray()
    declared = request.headers.get("content-length", "")
    is_long = declared.isdecimal() and int(declared[:20]) > limit
    if not is_long:
        async for piece in request.stream():
            data += piece
            if is_long := len(data) > limit:
                break
    if is_long:
        raise HTTPException(413, said["too_big"].format(mb=limit // 1_000_000))
    return bytes(data)


def _add_changes(routes: APIRouter, gazette: "Gazette") -> None:
    def add(name: str, change: Callable[[list[str]], SyncReport | None]) -> None:
        @routes.post(f"/{name}", dependencies=[Editor])
        def changed(request: Request, sent: Ids) -> Response:
            language = language_of(request)
            try:
                report = change(sent.ids)
            except GazetteError as error:
                return _refused(error, language)
            skipped = report.skipped if report else ()
            reasons = [wording.told(one.notice, language).text for one in skipped]
            return JSONResponse({"ok": not reasons, "message": "; ".join(reasons)})

    add("reread", lambda ids: gazette.library.reread(ids))
    add("restore", lambda ids: gazette.library.restore(ids))
    add("delete", lambda ids: gazette.library.delete(ids))


def _refused(error: GazetteError, language: str) -> Response:
    status = {QuestionError: 404, StorageError: 409}.get(type(error), 400)
    return JSONResponse({"ok": False, "message": failure(error, language)}, status)
