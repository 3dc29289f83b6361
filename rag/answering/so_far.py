"""An answer as far as it was told: what is left of it when its reader stops."""

from dataclasses import dataclass, field, replace

from rag.answering.grounds import Grounds
from rag.answering.phrases import INTRO
from rag.model import (
    STOPPED,
    Answer,
    AnswererName,
    AnswerEvent,
    AnswerSentence,
    Citation,
    Cited,
    Intro,
    Understood,
)


@dataclass(slots=True)
class SoFar:
    """Takes in an answer's events as they are told; empty before the first."""

    question: str = ""
    understood: Understood | None = None
    answerer: AnswererName = "extractive"
    grounds: Grounds | None = None
    intro: str = ""
    sentences: list[AnswerSentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)

    def begin(
        self,
        question: str,
        understood: Understood | None,
        grounds: Grounds,
        answerer: AnswererName,
    ) -> None:
        """Note what is about to be answered, and who was chosen to."""
        self.question, self.understood = question, understood
        self.grounds, self.answerer = grounds, answerer

    def take(self, event: AnswerEvent) -> None:
        """Take in what is told next."""
        match event:
            case Intro(text):
                self.intro = text
            case Cited(sentence, citations):
                self.sentences.append(sentence)
                self.citations.extend(citations)

    @property
    def answer(self) -> Answer | None:
        """The sentences so far as an answer that says that it was stopped; None before a word."""
        if self.grounds is None or not (self.intro or self.sentences):
            return None
        quotes = self.intro == INTRO[self.grounds.question.language]
        answerer = "extractive" if quotes else self.answerer  # it steps in where a model fails
        told = self.grounds.answer(
            answerer, self.intro, tuple(self.sentences), tuple(self.citations)
        )
        return replace(
            told,
            question=self.question,
            understood=self.understood,
            refused=told.refused and not quotes,
            notices=(*told.notices, STOPPED),
        )
