"""A chat model served by Ollama, through LlamaIndex's interface; another server steps in for one
that fails before it has written anything.
"""

from collections.abc import Generator, Sequence
from typing import Any

from rag.answering.chat import Limits, replies
from rag.answering.hosts import Choice, Hosts
from rag.answering.line import Line
from rag.errors import AnswererError
from rag.model import AnswererName, Notice
from rag.settings import Settings

_GRACE = 1.0
"""Seconds that the client waits longer than our limits allow: these say what is missing, it does
not."""


class OllamaModel:
    """The model of the best of the servers. ``choices`` are in the order to be asked."""

    answerer: AnswererName = "ollama"

    def __init__(self, settings: Settings, hosts: Hosts, choices: Sequence[Choice]) -> None:
        self._settings, self._hosts, self._choices = settings, hosts, list(choices)
        self._failure: AnswererError | None = None
        self.name = choices[0].model
        self.context = settings.ollama_num_ctx
        self.characters_per_token = hosts.characters_per_token(self.name)
        self.tokens_read: int | None = None
        self.notices: list[Notice] = []

    def stream(self, messages: Sequence[tuple[str, str]]) -> Generator[str, None, None]:
        """The reply in pieces, an empty one now and then while nothing comes.

        Raises AnswererError when every server fails before it writes, or one does afterwards, falls
        silent, or ends its stream without saying that it is done: a cut answer must not look whole.
        """
        if self._failure and not self._choices:
            raise self._failure  # every server failed at an earlier request of the same question
        while True:
            has_begun = False
            try:
                with self._hosts.working(self._choices) as choice:
                    self.name, self.tokens_read = choice.model, None
                    said = f"answered by {choice.model} on {choice.host}{choice.why}"
                    self._tell(Notice(said, "by_model", {"model": choice.model}))
                    for piece in self._asked(choice, messages):
                        has_begun = has_begun or bool(piece)
                        yield piece
                return
            except AnswererError as error:
                self._hosts.failed(choice.host)
                self._choices.remove(choice)
                self._failure = error
                if has_begun or not self._choices:
                    raise
                self._tell(Notice(f"{error}; another server was asked instead", "another_server"))

    def _tell(self, notice: Notice) -> None:
        if notice not in self.notices:  # the rewriting may have told it
            self.notices.append(notice)

    def _asked(
        self, choice: Choice, messages: Sequence[tuple[str, str]]
    ) -> Generator[str, None, None]:
        from llama_index.llms.ollama import Ollama

        settings, done = self._settings, False
        limits = Limits(settings.ollama_first_token_timeout, settings.ollama_silence_timeout)
        longest = max(limits.first_token, limits.silence)
        with Line(settings, choice.host, longest + _GRACE) as line:
            llm = Ollama(
                model=choice.model,
                base_url=choice.host,
                temperature=0.0,
                context_window=self.context,
                client=line.client,
                additional_kwargs={"seed": settings.ollama_seed, "num_predict": self.context},
                keep_alive=_duration(settings.ollama_keep_alive),
                thinking=False,
            )
            where = f"Ollama at {choice.host}"
            for reply in replies(llm, messages, limits, choice.model, where):
                if reply is None:
                    yield ""
                    continue
                raw: dict[str, Any] = reply.raw or {}
                done = done or bool(raw.get("done"))
                self.tokens_read = raw.get("prompt_eval_count") or self.tokens_read
                yield reply.delta or ""
        if self.tokens_read:
            sent = sum(len(text) for _, text in messages)
            self._hosts.counted(choice.model, sent, self.tokens_read)
        if not done:
            raise AnswererError(
                f"{where} cut its answer off: ask again", "model_cut_off", model=choice.model
            )


def _duration(keep_alive: str) -> str | int:
    """As Ollama takes it: with a unit a text, without one a number."""
    return int(keep_alive) if keep_alive.lstrip("-").isdigit() else keep_alive
