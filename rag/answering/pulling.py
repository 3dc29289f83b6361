"""Pulling a model: Ollama downloads it, Gazette only asks for it and watches."""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.answering.hosts import RECOMMENDED
from rag.answering.line import Line, away
from rag.errors import AnswererError
from rag.settings import Settings

_SILENCE = 120.0
"""Seconds without a word after which a download counts as stuck; Ollama tells of it every tenth of
one, but checks the sum of gigabytes in silence."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """How far a server has got."""

    host: str
    model: str
    status: str
    """In Ollama's words; "success" when it is done."""
    completed: int = 0
    """Bytes of the part that is being downloaded."""
    total: int = 0


def pull(settings: Settings, model: str = "") -> Iterator[Pulled]:
    """Have each configured server download ``model``, or the recommended one.

    Raises AnswererError at the end when a server was away, did not know the model, or stopped
    before it was done; what it has downloaded by then it keeps, and goes on from there next time.
    """
    name, failures = model or settings.ollama_model or RECOMMENDED, []
    for host in settings.ollama_hosts:
        try:
            yield from _pulled(settings, host, name)
        except AnswererError as error:
            failures.append(str(error))
    if failures:
        raise AnswererError("; ".join(failures))


def _pulled(settings: Settings, host: str, name: str) -> Iterator[Pulled]:
    status = ""
    try:
        with Line(settings, host, _SILENCE) as line:
            for step in line.client.pull(name, stream=True):
                status = str(step.status or "")
                yield Pulled(host, name, status, step.completed or 0, step.total or 0)
    except Exception as error:  # the client's, httpx's and JSON errors alike end the download
        raise AnswererError(_told(host, name, error)) from error
    if status != "success":
        raise AnswererError(
            f"Ollama at {host} stopped before {name} was whole: run gazette pull {name} again, "
            "it goes on from there"
        )


def _told(host: str, name: str, error: Exception) -> str:
    if is_away := away(error, host):
        return is_away
    reason = " ".join(str(error).split()) or type(error).__name__
    if "file does not exist" in reason or "not found" in reason:
        return f"Ollama at {host} knows no model {name!r} ({reason}): see its name at ollama.com"
    return (
        f"Ollama at {host} could not pull {name} ({reason}): run gazette pull {name} again, it "
        "goes on from there"
    )
