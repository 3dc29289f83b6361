"""Any LlamaIndex LLM, named by its import path, as what writes an answer."""

import importlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from pydantic import ValidationError

from rag.answering.chat import CHARACTERS_PER_TOKEN, Limits, replies
from rag.errors import AnswererError
from rag.model import AnswererName, Notice


class LlamaIndexModel:
    """An LLM of LlamaIndex's, or of one of its integrations."""

    answerer: AnswererName = "llm"

    def __init__(self, llm: Any, path: str, limits: Limits) -> None:
        self._llm, self._limits, self._path = llm, limits, path
        name = str(llm.metadata.model_name)
        self.name = path.rpartition(".")[2] if name in ("", "unknown") else name
        self.characters_per_token = CHARACTERS_PER_TOKEN
        self.context = int(llm.metadata.context_window)
        self.tokens_read: int | None = None
        self.notices = [
            Notice(f"answered by {self.name} ({path})", "by_model", {"model": self.name})
        ]

    def stream(self, messages: Sequence[tuple[str, str]]) -> Generator[str, None, None]:
        """The reply in pieces; AnswererError when the LLM fails or passes a limit."""
        coming = replies(self._llm, messages, self._limits, self.name, self._path)
        with closing(coming):
            for reply in coming:
                yield (reply.delta if reply else "") or ""


def llm_from_path(path: str, options: Mapping[str, Any]) -> Any:
    """The LLM of the class at ``package.module.Class``, made with ``options``.

    Raises AnswererError when there is none, it is no LlamaIndex LLM, or takes other options.
    """
    from llama_index.core.base.llms.base import BaseLLM

    module, _, name = path.replace(":", ".").rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except Exception as error:  # a module may raise anything while it is imported
        raise AnswererError(
            f"GAZETTE_LLM = {path} cannot be imported ({_reason(error)}): install its package, or "
            "give package.module.Class"
        ) from error
    if not (isinstance(found, type) and issubclass(found, BaseLLM)):
        raise AnswererError(
            f"GAZETTE_LLM = {path} is no LlamaIndex LLM: name a class made from "
            "llama_index.core.llms.LLM"
        )
    try:
        return found(**options)
    except Exception as error:  # so may an integration
        raise AnswererError(
            f"GAZETTE_LLM = {path} cannot be made ({_reason(error)}): correct GAZETTE_LLM_OPTIONS"
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):  # without the values: one may be a key
        return "; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors() if one["loc"])
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
