"""Storing an answer as it comes: between its last sentence and its end."""

from collections.abc import Callable
from dataclasses import replace

from rag.errors import GazetteError
from rag.model import Answer, AnswerStream, Finished, Kept, Notice, VersionState


def kept(events: AnswerStream, store: Callable[[Answer], str]) -> AnswerStream:
    """``events``, the finished answer stored before ``Finished`` is told; ``store`` gives the id.

    An answer is worth more than its copy: one that cannot be stored is told all the same, with a
    notice. Of events that are not taken to the end nothing is stored.
    """
    for event in events:
        if isinstance(event, Finished):
            try:
                told: Kept | Notice = Kept(store(event.answer))
            except GazetteError as error:
                told = Notice(f"this answer is not kept: {error}")
                notices = (*event.answer.notices, told.text)
                event = Finished(replace(event.answer, notices=notices))
            yield told
        yield event


def states(answer: Answer, now: dict[str, str]) -> dict[str, VersionState]:
    """How the documents of an answer compare with ``now``, the sha256 of indexed texts by id."""
    then = {hit.document.id: hit.document.sha256 for hit in answer.passages}
    return {
        name: "gone" if name not in now else "current" if now[name] == sha256 else "changed"
        for name, sha256 in then.items()
    }
