"""Routes that show more than fits beside an answer: whole documents, and conversations to keep."""

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from rag.errors import GazetteError, QuestionError, ReadError
from rag.model import Document, Filters, VersionState
from rag.options import parse_span
from ui import render
from ui.notices import failure
from ui.who import language_of, person_of

if TYPE_CHECKING:
    from rag.gazette import Gazette

FORMATS = {
    "markdown": ("md", "text/markdown"),
    "html": ("html", "text/html"),
    "json": ("json", "application/json"),
}
"""Of exports: the suffix and the media type of each."""


def router(gazette: "Gazette") -> APIRouter:
    """``/text`` and ``/export`` over ``gazette``; they show a user's own conversations only."""
    routes = APIRouter()

    @routes.get("/text")
    def text(
        request: Request,
        doc: str,
        version: str = "",
        marks: str = "",
        conversation: str = "",
        turn: int = Query(-1, ge=-1),
    ) -> Response:
        """The whole text of a document, as HTML for the page's dialog.

        ``version`` is the SHA-256 of the text that ``marks`` (START-END,START-END in code points)
        count in. When the corpus has another by now, it comes from the conversation's answer.
        """
        try:
            user = person_of(request).name
            document, state = _version(gazette, doc, version, conversation, turn, user)
            spans = [parse_span(mark, len(document.text)) for mark in marks.split(",") if mark]
        except GazetteError as error:
            return _not_found(request, error)
        return HTMLResponse(render.text(document, spans, state, language_of(request)))

    @routes.get("/export")
    def export(
        request: Request, conversation: str, format: Literal["markdown", "html", "json"]
    ) -> Response:
        """A conversation as a file to keep."""
        try:
            found = gazette.conversations.get(conversation, person_of(request).name)
        except GazetteError as error:
            return _not_found(request, error)
        suffix, kind = FORMATS[format]
        headers = {"Content-Disposition": f'attachment; filename="gazette-{found.id}.{suffix}"'}
        return Response(gazette.export(found, format), headers=headers, media_type=kind)

    return routes


def _not_found(request: Request, error: GazetteError) -> Response:
    return PlainTextResponse(failure(error, language_of(request)), 404)


def _version(
    gazette: "Gazette", doc: str, version: str, conversation: str, turn: int, user: str
) -> tuple[Document, VersionState]:
    """The document with the text that was asked for, and whether the corpus still has it.

    Raises ReadError when nobody has it any more.
    """
    now = _indexed(gazette, doc)
    if now and version in ("", now.sha256):
        return now, "current"
    if conversation and turn >= 0:
        turns = gazette.conversations.get(conversation, user).turns
        hits = turns[turn].answer.passages if turn < len(turns) else ()
        for hit in hits:
            if hit.document.id == doc and hit.document.sha256 == version:
                return hit.document, "changed" if now else "gone"
    if now:
        raise ReadError(
            f"{doc} has changed since: ask again to read it as it is now", "text_changed", name=doc
        )
    raise ReadError(f"{doc} is no longer in the corpus", "no_document", name=doc)


def _indexed(gazette: "Gazette", doc: str) -> Document | None:
    try:
        return gazette.documents(Filters(docs=(doc,)))[0]
    except QuestionError:  # no document has that id
        return None
