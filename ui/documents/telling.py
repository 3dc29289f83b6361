"""A change of the library in a thread of its own, told line by line while it goes on."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from starlette.responses import StreamingResponse

from rag.errors import GazetteError
from rag.model import ListedDocument

log = logging.getLogger(__name__)

Change = Callable[[Callable[[int, int], None]], ListedDocument]
"""Takes a document in; told (passages embedded, passages in all) as they are."""
_UNKEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def told(change: Change, internal: str) -> StreamingResponse:
    """Lines of JSON: ``{state: "waiting"}``, then ``{done, total}``, at the end ``{ok, …}``.

    The last has the ``document`` or, where it failed, a ``message``; that of an error that nobody
    expected is ``internal``. A client that leaves stops nothing: what it sent is taken in.
    """
    return StreamingResponse(
        _lines(change, internal), media_type="application/x-ndjson", headers=_UNKEPT
    )


async def _lines(change: Change, internal: str) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    def tell(line: dict[str, object]) -> None:
        with suppress(RuntimeError):  # The loop has ended: the server was stopped
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def work() -> None:
        tell(_outcome(change, lambda done, total: tell({"done": done, "total": total}), internal))

    threading.Thread(target=work, daemon=True).start()
    line: dict[str, object] = {"state": "waiting"}
    while True:
        yield json.dumps(line, ensure_ascii=False) + "\n"
        if "ok" in line:
            return
        line = await lines.get()


def _outcome(
    change: Change, embedded: Callable[[int, int], None], internal: str
) -> dict[str, object]:
    try:
        document = change(embedded)
    except GazetteError as error:
        return {"ok": False, "message": " ".join(str(error).split())}
    except Exception:  # the reader is told, the log has the rest
        log.exception("a document could not be taken in")
        return {"ok": False, "message": internal}
    known = {"id": document.id, "title": document.title, "passages": document.passages}
    return {"ok": True, "document": known}
