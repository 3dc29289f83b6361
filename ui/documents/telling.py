"""A change of the library in a thread of its own, told line by line while it goes on."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from starlette.responses import StreamingResponse

from rag.model import ListedDocument
from ui.notices import failure

Change = Callable[[Callable[[int, int], None]], ListedDocument]
"""Takes a document in; told (passages embedded, passages in all) as they are."""
_UNKEPT = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def told(change: Change, language: str) -> StreamingResponse:
    """Lines of JSON: ``{state: "waiting"}``, then ``{done, total}``, at the end ``{ok, …}``.

    The last has the ``document`` or, where it failed, a ``message`` in ``language``. A client that
    leaves stops nothing: what it sent is taken in.
    """
    return StreamingResponse(
        _lines(change, language), media_type="application/x-ndjson", headers=_UNKEPT
    )


async def _lines(change: Change, language: str) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[dict[str, object]] = asyncio.Queue()

    def tell(line: dict[str, object]) -> None:
        with suppress(RuntimeError):  # The loop has ended: the server was stopped
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def work() -> None:
        tell(_outcome(change, lambda done, total: tell({"done": done, "total": total}), language))

    threading.Thread(target=work, daemon=True).start()
    line: dict[str, object] = {"state": "waiting"}
    while True:
        yield json.dumps(line, ensure_ascii=False) + "\n"
        if "ok" in line:
            return
        line = await lines.get()


def _outcome(
    change: Change, embedded: Callable[[int, int], None], language: str
) -> dict[str, object]:
    try:
        document = change(embedded)
    except Exception as error:  # noqa: BLE001 - told, and logged where nobody expected it
        return {"ok": False, "message": failure(error, language)}
    known = {"id": document.id, "title": document.title, "passages": document.passages}
    return {"ok": True, "document": known}
