"""The local LLM: which Ollama model can chat, and its answer piece by piece."""

import socket
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any, Protocol
from urllib.parse import urlsplit

from rag.errors import AnswererError
from rag.settings import Settings

_CONNECT_SECONDS = 1.0


class ChatModel(Protocol):
    """What writes an answer."""

    @property
    def name(self) -> str:
        """The model's name, as its server lists it."""
        ...

    @property
    def context(self) -> int:
        """Tokens that prompt and reply may have together."""
        ...

    @property
    def tokens_read(self) -> int | None:
        """Tokens of the prompt that the server says the model read; None before it said so."""
        ...

    def stream(self, messages: Sequence[tuple[str, str]]) -> Generator[str, None, None]:
        """The reply to (role, text) messages, in pieces; AnswererError when it is not whole."""
        ...


@dataclass(frozen=True, slots=True)
class OllamaStatus:
    """What the configured server answers."""

    reachable: bool
    version: str = ""
    models: tuple[str, ...] = ()
    """Installed models that can chat."""
    problem: str = ""
    """Why no model can be used, with the remedy; "" when one can."""


def status(settings: Settings) -> OllamaStatus:
    """Ask the server what it has. Never raises for a server that is away or odd."""
    host = settings.ollama_host
    if not _listens(host):
        return OllamaStatus(False, problem=f"no Ollama at {host}: start it with `ollama serve`")
    try:
        with _client(settings, timeout=10.0) as client:
            version = str(client._client.get("/api/version").json().get("version", ""))
            names = [str(one.model) for one in client.list().models if one.model]
            models = tuple(name for name in names if _can_chat(client, name))
    except Exception as error:  # noqa: BLE001 - whatever listens there may answer anything
        return OllamaStatus(
            False,
            problem=f"{host} does not answer as Ollama does ({type(error).__name__}: {error})",
        )
    return OllamaStatus(True, version, models, _problem(settings.ollama_model, models))


def _problem(wanted: str, models: Sequence[str]) -> str:
    if not models:
        return "Ollama has no chat model: `ollama pull qwen3:4b-instruct-2507-q4_K_M`"
    if wanted and wanted not in models and f"{wanted}:latest" not in models:
        held = ", ".join(models)
        return f"Ollama has no chat model {wanted!r} (it has {held}): `ollama pull {wanted}`"
    return ""


def _listens(host: str) -> bool:
    parts = urlsplit(host)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), _CONNECT_SECONDS):
            return True
    except OSError:
        return False


def _client(settings: Settings, timeout: float) -> Any:
    """Ollama's own client, bound to the configured address: no proxy, no redirect."""
    import ollama

    return ollama.Client(
        host=settings.ollama_host, timeout=timeout, trust_env=False, follow_redirects=False
    )


def _can_chat(client: Any, name: str) -> bool:
    capabilities = client.show(name).capabilities
    return capabilities is None or "completion" in capabilities


class OllamaModel:
    """A chat model served by Ollama, through LlamaIndex's interface."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.name = name
        self.context = settings.ollama_num_ctx
        self.tokens_read: int | None = None
        self._settings = settings
        self._host = settings.ollama_host
        self._limit = settings.ollama_timeout

    def _opened(self) -> tuple[Any, Any]:
        """(LlamaIndex's LLM, the client that it uses, which is to be closed)."""
        from llama_index.llms.ollama import Ollama

        client = _client(self._settings, timeout=self._limit)
        llm = Ollama(
            model=self.name,
            base_url=self._host,
            temperature=0.0,
            context_window=self.context,
            client=client,
            additional_kwargs={"seed": self._settings.ollama_seed},
            thinking=False,
        )
        return llm, client

    @classmethod
    def from_settings(cls, settings: Settings, found: OllamaStatus) -> "OllamaModel":
        """The configured model, else the first that can chat; AnswererError when there is none."""
        if found.problem:
            raise AnswererError(
                f"{found.problem}; or set GAZETTE_ANSWERER=extractive to answer without it"
            )
        wanted = settings.ollama_model
        name = next((m for m in found.models if m in (wanted, f"{wanted}:latest")), found.models[0])
        return cls(settings, name)

    def stream(self, messages: Sequence[tuple[str, str]]) -> Generator[str, None, None]:
        """The reply in pieces.

        Raises AnswererError when the server fails, takes longer than the limit in all, or ends its
        stream without saying that it is done: a cut answer must not look whole.
        """
        from llama_index.core.base.llms.types import ChatMessage

        chat = [ChatMessage(role=role, content=text) for role, text in messages]
        done = False
        llm, client = self._opened()
        with closing(client):
            for reply in self._within_limit(llm.stream_chat(chat)):
                raw = reply.raw or {}
                done = done or bool(raw.get("done"))
                self.tokens_read = raw.get("prompt_eval_count") or self.tokens_read
                yield reply.delta or ""
        if not done:
            raise AnswererError(f"Ollama at {self._host} cut its answer off: ask again")

    def _within_limit(self, replies: Iterator[Any]) -> Iterator[Any]:
        """``replies`` until the limit: another thread reads, for a read may never return."""
        arrived: Queue[Any] = Queue(maxsize=_AHEAD)
        deadline, left = time.monotonic() + self._limit, Event()
        Thread(target=_read, args=(replies, arrived, left), daemon=True).start()
        try:
            yield from self._arriving(arrived, deadline)
        finally:
            left.set()

    def _arriving(self, arrived: "Queue[Any]", deadline: float) -> Iterator[Any]:
        while True:
            try:
                reply = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise AnswererError(
                    f"{self.name} took more than {self._limit:.0f} s: use a smaller model or "
                    "raise GAZETTE_OLLAMA_TIMEOUT"
                ) from None
            if isinstance(reply, Exception):
                raise AnswererError(
                    f"Ollama at {self._host} failed ({type(reply).__name__}: {reply}): "
                    "run gazette doctor"
                ) from reply
            if reply is _END:
                return
            yield reply


_END = object()
_AHEAD = 64
"""Replies that may wait to be read: a server that never stops must not fill the memory."""


def _read(replies: Iterator[Any], arrived: "Queue[Any]", left: Event) -> None:
    """Pass on every reply, then the error that ended them, if one did, or ``_END``.

    Ends as well when the one who asked has ``left``.
    """
    try:
        for reply in replies:
            if not _passed_on(reply, arrived, left):
                return
    except Exception as error:  # noqa: BLE001 - httpx, ollama and JSON errors alike end the answer
        _passed_on(error, arrived, left)
    else:
        _passed_on(_END, arrived, left)


def _passed_on(reply: Any, arrived: "Queue[Any]", left: Event) -> bool:
    while not left.is_set():
        try:
            arrived.put(reply, timeout=0.1)
        except Full:
            continue
        return True
    return False
