"""Storing an answer as it comes: between its last sentence and its end, or where it is stopped."""

from collections.abc import Callable
from dataclasses import replace

from rag.errors import GazetteError
from rag.model import Answer, AnswerStream, Finished, Kept, Notice, VersionState

OnStop = Callable[[Answer, Kept | Notice], None]
"""Told what there was of a stopped answer, and where it is kept, or why it is not."""


def kept(
    events: AnswerStream,
    store: Callable[[Answer], Kept],
    so_far: Callable[[], Answer | None],
    on_stop: OnStop | None = None,
) -> AnswerStream:
    """``events``, the finished answer given to ``store`` before ``Finished`` is told.

    An answer is worth more than its copy: one that cannot be stored is told all the same, with a
    notice. Of events that are not taken to the end, what there is ``so_far`` is stored and told to
    ``on_stop``; of those that fail, nothing is.
    """
    is_over = False
    try:
        for event in events:
            if isinstance(event, Finished):
                is_over = True
                told = _stored(event.answer, store)
                if isinstance(told, Notice):
                    notices = (*event.answer.notices, told)
                    event = Finished(replace(event.answer, notices=notices))
                yield told
            yield event
    except (GeneratorExit, KeyboardInterrupt):
        answer = None if is_over else so_far()
        if answer:
            told = _stored(answer, store)
            if on_stop is not None:
                on_stop(answer, told)
        raise


def _stored(answer: Answer, store: Callable[[Answer], Kept]) -> Kept | Notice:
    try:
        return store(answer)
    except GazetteError as error:
        return Notice(f"this answer is not kept: {error}", "not_kept")


def states(answer: Answer, now: dict[str, str]) -> dict[str, VersionState]:
    """How the documents of an answer compare with ``now``, the sha256 of indexed texts by id."""
    then = {hit.document.id: hit.document.sha256 for hit in answer.passages}
    return {
        name: "gone" if name not in now else "current" if now[name] == sha256 else "changed"
        for name, sha256 in then.items()
    }
