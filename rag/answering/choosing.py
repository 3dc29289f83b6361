"""Which model answers, if one does, and why: what the user is told."""

from rag.answering.chat import ChatModel, Limits
from rag.answering.hosts import Choice, Hosts
from rag.errors import AnswererError
from rag.settings import Settings


def chat_model(settings: Settings, hosts: Hosts) -> tuple[ChatModel | None, str]:
    """(the model to answer with, or None for the extractive answerer; why, for the user).

    Raises AnswererError when an answerer that was asked for by name cannot answer.
    """
    if settings.answerer == "extractive":
        return None, ""
    try:
        return _configured(settings) if settings.llm else _served(settings, hosts)
    except AnswererError as error:
        if settings.answerer == "auto":
            return None, f"answered by quotation: {error}"
        raise AnswererError(
            f"{error}; or set GAZETTE_ANSWERER=extractive to answer without it"
        ) from error


def _configured(settings: Settings) -> tuple[ChatModel, str]:
    from rag.answering.llama_index import LlamaIndexModel

    limits = Limits(settings.ollama_first_token_timeout, settings.ollama_silence_timeout)
    model = LlamaIndexModel.from_path(settings.llm, settings.llm_options, limits)
    return model, f"answered by {model.name} ({settings.llm})"


def _served(settings: Settings, hosts: Hosts) -> tuple[ChatModel, str]:
    from rag.answering.ollama import OllamaModel

    choices, problem = hosts.choices()
    if not choices:
        raise AnswererError(problem)
    model = OllamaModel(settings, hosts, choices)
    return model, f"answered by {model.name} on {choices[0].host}{_why(settings, choices[0])}"


def _why(settings: Settings, choice: Choice) -> str:
    """Why this model, where nobody named one of several."""
    if settings.ollama_model or choice.is_only:
        return ""
    return ", which is loaded" if choice.is_loaded else ", the newest that can chat"
