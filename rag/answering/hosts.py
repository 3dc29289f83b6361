"""The Ollama servers: which are up, what they have, and which to ask next."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from rag.answering.chat import CHARACTERS_PER_TOKEN
from rag.answering.line import Line, away
from rag.settings import Settings

RECOMMENDED = "qwen3:4b-instruct-2507-q4_K_M"
"""The chat model that is proposed where none is installed: small, and good in the languages."""
_FRESH = 3.0
"""Seconds for which what a server said holds: between two questions it seldom changes, and a user
who has just started one should not wait."""
_SHUNNED = 30.0
"""Seconds for which a server that failed to answer comes last."""
_LOOK_SECONDS = 10.0
"""A busy server is slow to say what it has; one that takes longer is not there."""


@dataclass(frozen=True, slots=True)
class HostStatus:
    """What one server answers."""

    host: str
    reachable: bool
    version: str = ""
    models: tuple[str, ...] = ()
    """Installed models that can chat, the newest first."""
    loaded: tuple[str, ...] = ()
    """Those of them that are in its memory."""
    problem: str = ""
    """Why none of them can be used, with the remedy; "" when one can."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A server and the model to ask there."""

    host: str
    model: str
    is_loaded: bool
    why: str
    """Why this model, where nobody named one of several; else ""."""


class Hosts:
    """The configured servers, watched for as long as this object lives. Safe to share."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[float, HostStatus]] = {}
        self._failed: dict[str, float] = {}
        self._at_work: Counter[str] = Counter()
        self._can_chat: dict[tuple[str, str], bool] = {}
        self._fewest: dict[str, float] = {}

    def look(self) -> list[HostStatus]:
        """What every server answers, asked side by side: one that is away delays no other."""
        found = self._looked(_SHUNNED)
        if any(one.reachable for one in found):
            return found
        return self._looked(_FRESH)  # one may have been started again

    def _looked(self, away: float) -> list[HostStatus]:
        """The same, one that was away not asked again for so many seconds."""
        hosts = self._settings.ollama_hosts
        with ThreadPoolExecutor(len(hosts)) as pool:
            return list(pool.map(lambda host: self._status(host, away), hosts))

    def choices(self) -> tuple[list[Choice], list[HostStatus]]:
        """The servers to ask, the best first, and those that cannot be asked.

        Before others come those that have not just failed, then those with the fewest questions of
        ours at work, then those that have the model loaded, then as configured.
        """
        found = self.look()
        usable = [self._choice(one) for one in found if not one.problem]
        with self._lock:
            usable.sort(key=self._rank)
        return usable, [one for one in found if one.problem]

    @contextmanager
    def working(self, choices: Sequence[Choice]) -> Iterator[Choice]:
        """The best of ``choices`` now; a question counts as being at work there meanwhile."""
        with self._lock:
            chosen = min(choices, key=self._rank)
            self._at_work[chosen.host] += 1
        try:
            yield chosen
        finally:
            with self._lock:
                self._at_work[chosen.host] -= 1

    def _rank(self, choice: Choice) -> tuple[bool, int, bool]:
        failed = time.monotonic() - self._failed.get(choice.host, -_SHUNNED) < _SHUNNED
        return failed, self._at_work[choice.host], not choice.is_loaded

    def characters_per_token(self, model: str) -> float:
        """What to reckon with for ``model``: an estimate on the safe side, or less if measured."""
        return self._fewest.get(model, CHARACTERS_PER_TOKEN)

    def counted(self, model: str, characters: int, tokens: int) -> None:
        """Take in what a server says that it read of a prompt of so many ``characters``.

        Only what makes later prompts shorter counts: a server may have read a part from its cache.
        """
        with self._lock:
            self._fewest[model] = min(self.characters_per_token(model), characters / tokens)

    def failed(self, host: str) -> None:
        """Remember that ``host`` did not answer."""
        with self._lock:
            self._failed[host] = time.monotonic()
            self._seen.pop(host, None)

    def _choice(self, status: HostStatus) -> Choice:
        wanted = self._settings.ollama_model
        if wanted:
            name = next(name for name in status.models if name in (wanted, f"{wanted}:latest"))
        else:
            name = next(iter(status.loaded or status.models))
        is_loaded, why = name in status.loaded, ""
        if not wanted and len(status.models) > 1:
            why = ", which is loaded" if is_loaded else ", the newest that can chat"
        return Choice(status.host, name, is_loaded, why)

    def _status(self, host: str, away: float) -> HostStatus:
        with self._lock:
            at, status = self._seen.get(host, (0.0, None))
        if status and time.monotonic() - at < (_FRESH if status.reachable else away):
            return status
        status = self._asked(host)
        if status.models or not status.reachable:  # a model may have just been pulled
            with self._lock:
                self._seen[host] = (time.monotonic(), status)
        return status

    def _asked(self, host: str) -> HostStatus:
        """What a server answers now. Never raises for one that is away or odd."""
        try:
            with Line(self._settings, host, _LOOK_SECONDS) as line:
                asked = line.client
                version = str(asked._client.get("/api/version").json().get("version", ""))
                listed = asked.list().models
                models = tuple(str(m.model) for m in listed if m.model and self._chats(asked, m))
                running = _running(asked)
        except Exception as error:  # noqa: BLE001 - whatever listens there may answer anything
            reason = f"{type(error).__name__}: {error}".replace(": ", " – ")
            problem = away(error, host) or (
                f"{host} does not answer as Ollama does ({reason}): correct GAZETTE_OLLAMA_HOSTS, "
                "or restart the server"
            )
            return HostStatus(host, False, problem=problem)
        loaded = tuple(name for name in models if name in running)
        found = HostStatus(host, True, version, models, loaded)
        return replace(found, problem=_problem(self._settings.ollama_model, found))

    def _chats(self, asked: Any, listed: Any) -> bool:
        """Whether a model can chat: asked once for each version of it; no when nobody can say."""
        import ollama

        key = str(listed.model), str(listed.digest)
        if key not in self._can_chat:
            try:
                capabilities = asked.show(listed.model).capabilities
            except ollama.ResponseError:
                return False
            self._can_chat[key] = capabilities is None or "completion" in capabilities
        return self._can_chat[key]


def _running(asked: Any) -> set[str]:
    """Models that are loaded; none where a server is too old to say."""
    import ollama

    try:
        return {str(one.model) for one in asked.ps().models}
    except ollama.ResponseError:
        return set()


def _problem(wanted: str, status: HostStatus) -> str:
    if not status.models:
        return f"Ollama at {status.host} has no chat model: `gazette pull {RECOMMENDED}`"
    if wanted and not {wanted, f"{wanted}:latest"} & set(status.models):
        held = ", ".join(status.models)
        return (
            f"Ollama at {status.host} has no chat model {wanted!r} (it has {held}): "
            f"`gazette pull {wanted}`"
        )
    return ""
