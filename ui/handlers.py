"""What the page does with a question: the façade's events, turned into what each part shows."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.errors import GazetteError
from rag.model import (
    AnswerEvent,
    AnswerSentence,
    Citation,
    Cited,
    Document,
    Dropped,
    Finished,
    Hit,
    Intro,
    Kept,
    Notice,
    Retrieved,
    Understood,
    Writing,
)
from ui import render
from ui.i18n import labels

if TYPE_CHECKING:
    from rag.gazette import Gazette

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the three parts of the page show; None leaves a part as it is."""

    status: str | None = None
    answer: str | None = None
    sources: str | None = None


@dataclass(slots=True)
class Turn:
    """One question and what has come of it so far."""

    question: str
    language: str = "en"
    intro: str = ""
    notices: list[str] = field(default_factory=list)
    sentences: list[AnswerSentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    draft: str = ""
    """What a model is writing, not checked yet."""
    understood: str = ""

    def take(self, event: AnswerEvent) -> Shown:
        """Take in one event: what it changes on the page."""
        match event:
            case Retrieved(found):
                self.question, self.language = found.question, found.language
                self.documents = {hit.document.id: hit.document for hit in found.hits}
                return Shown(answer=self._answer())
            case Notice(text):
                self.notices.append(text)
                return Shown()
            case Intro(text):
                self.intro = text
                return Shown(answer=self._answer())
            case Cited(sentence, citations):
                self.sentences.append(sentence)
                self.citations.extend(citations)
                self.draft = ""
                return Shown(answer=self._answer(), sources=self._sources() if citations else None)
            case Writing(text):
                self.draft = text
                return Shown(answer=self._answer())
            case Dropped():
                self.draft = ""
                return Shown(answer=self._answer())
            case Understood(question, clues):
                self.understood = question
                self.notices += [f"{clue.effect} (“{clue.text}”)" for clue in clues]
                return Shown()
            case Kept():
                return Shown()
            case Finished(answer):
                return self._finished(answer.refused, answer.passages)

    def _finished(self, is_refusal: bool, passages: Sequence[Hit]) -> Shown:
        """The end: a refusal shows the nearest passages, and notices come to rest."""
        near = render.nearest(passages, labels(self.language)) if is_refusal else None
        self.draft = ""
        told = self.notices
        if self.understood and self.understood != self.question:
            told = [f"{labels(self.language).understood}: {self.understood}", *told]
        notices = "".join(map(render.status, told))
        return Shown(status=notices, answer=self._answer(), sources=near)

    def _answer(self) -> str:
        words = labels(self.language)
        return render.answer(
            self.question,
            self.language,
            self.intro,
            self.sentences,
            self.citations,
            words,
            self.draft,
        )

    def _sources(self) -> str:
        return render.sources(self.citations, self.documents, labels(self.language))


def answering(gazette: "Gazette") -> Callable[[str], Iterator[Shown]]:
    """The function from a question to what the page shows, step by step.

    It never raises: what fails is shown as one line, and logged when it is not the user's to mend.
    """

    def answer(question: str) -> Iterator[Shown]:
        yield Shown(status=render.status("Searching the documents …", True), answer="", sources="")
        turn = Turn(question)
        try:
            for event in gazette.ask(question):
                yield turn.take(event)
        except GazetteError as error:
            yield Shown(status=render.failure(str(error)))
        except Exception as error:
            log.exception("a question could not be answered")
            yield Shown(status=render.failure(_unexpected(error)))

    return answer


def _unexpected(error: Exception) -> str:
    return (
        f"Internal error ({type(error).__name__}): the terminal that runs gazette chat says more; "
        "ask again, or restart it"
    )
