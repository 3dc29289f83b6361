"""Which model answers, if one does, and why: what the user is told."""

import threading
from concurrent.futures import Future
from typing import Any

from rag.answering.chat import ChatModel, Limits
from rag.answering.hosts import Hosts
from rag.errors import AnswererError
from rag.model import Notice
from rag.settings import Settings

Chosen = tuple[ChatModel | None, Notice | None]
"""The model for one question, or None for the extractive answerer; and why there is none."""


class Models:
    """What the settings let answer. Safe to share: what is loaded is loaded once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.hosts = Hosts(settings)
        self._lock = threading.Lock()
        self._llm: Any = None
        self._looking_lock = threading.Lock()
        self._looking: Future[Chosen] | None = None

    def chosen(self) -> Chosen:
        """The best that can answer now.

        Raises AnswererError when an answerer that was asked for by name cannot answer.
        """
        if self._settings.answerer == "extractive":
            return None, None
        try:
            return (self.configured() if self._settings.llm else self._served()), None
        except AnswererError as error:
            if self._settings.answerer == "auto":
                return None, Notice(f"answered by quotation: {error}", "by_quotation")
            raise error.retold(
                f"{error}; or set GAZETTE_ANSWERER=extractive to answer without it"
            ) from error

    def chosen_within(self, seconds: float) -> Chosen | None:
        """The same, but None where it is not known after so many seconds: it is then looked for
        on, and a later call may know.
        """
        with self._looking_lock:
            if self._looking is None:
                self._looking = Future()
                threading.Thread(target=self._look, args=(self._looking,), daemon=True).start()
            looking = self._looking
        try:
            return looking.result(seconds)
        except TimeoutError:
            return None

    def _look(self, looking: "Future[Chosen]") -> None:
        try:
            looking.set_result(self.chosen())
        except Exception as error:  # noqa: BLE001 - raised again where it is asked for
            looking.set_exception(error)
        with self._looking_lock:
            self._looking = None

    def configured(self) -> ChatModel:
        """The LLM of the settings; AnswererError when it cannot be had."""
        from rag.answering.llama_index import LlamaIndexModel, llm_from_path

        settings = self._settings
        limits = Limits(settings.ollama_first_token_timeout, settings.ollama_silence_timeout)
        with self._lock:
            self._llm = self._llm or llm_from_path(settings.llm, settings.llm_options)
        return LlamaIndexModel(self._llm, settings.llm, limits)

    def _served(self) -> ChatModel:
        from rag.answering.ollama import OllamaModel

        choices, others = self.hosts.choices()
        if not choices:
            raise AnswererError(
                "; ".join(one.problem for one in others),
                "no_model" if any(one.reachable for one in others) else "no_model_server",
                hosts=", ".join(one.host for one in others),
            )
        return OllamaModel(self._settings, self.hosts, choices)
