"""Grounds: all that an answer may rest on, found once and handed to whichever answerer writes."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from rag.answering import phrases
from rag.answering.evidence import Evidence, evidence_for
from rag.answering.refusal import THRESHOLD, confidence, signals
from rag.model import (
    Answer,
    AnswererName,
    AnswerEvent,
    AnswerSentence,
    Citation,
    Finished,
    Intro,
    Notice,
    Retrieval,
)
from rag.retrieval import Question, Retriever


@dataclass(frozen=True, slots=True)
class Grounds:
    """A question, what was retrieved for it, and its evidence, best first."""

    question: Question
    retrieval: Retrieval
    evidence: tuple[Evidence, ...]
    confidence: float
    """Probability, 0 to 1, that the evidence answers the question."""
    signals: dict[str, float | None]
    """What the confidence was computed from; empty without evidence."""
    notices: list[Notice] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by stage; the answerer adds its own."""

    @property
    def is_answerable(self) -> bool:
        """Whether the corpus holds the answer, as far as the signals tell."""
        return self.confidence >= THRESHOLD

    def answer(
        self,
        answerer: AnswererName,
        intro: str,
        sentences: tuple[AnswerSentence, ...] = (),
        citations: tuple[Citation, ...] = (),
    ) -> Answer:
        """The finished answer; without sentences it is a refusal."""
        return Answer(
            question=self.question.text,
            language=self.question.language,
            answerer=answerer,
            intro=intro,
            sentences=sentences,
            citations=citations,
            refused=not sentences,
            passages=self.retrieval.hits,
            notices=tuple(self.notices),
            confidence=self.confidence,
            signals=self.signals,
            timings=dict(self.timings),
        )

    def refuse(self, answerer: AnswererName) -> Iterator[AnswerEvent]:
        """Say that the corpus does not answer."""
        words = phrases.refusal(
            self.question.language, bool(self.retrieval.hits), self.retrieval.unknown_names
        )
        yield Intro(words)
        yield Finished(self.answer(answerer, words))


def grounds_for(question: Question, retrieval: Retrieval, retriever: Retriever) -> Grounds:
    """Select the evidence in what was retrieved and judge whether it answers."""
    began = time.perf_counter()
    evidence = evidence_for(question, retrieval.hits, retriever)
    found = signals(question, retrieval, evidence, retriever) if evidence else None
    sure = confidence(found) if found else 0.0
    timings = {"retrieval": retrieval.seconds, "evidence": time.perf_counter() - began}
    measured = asdict(found) if found else {}
    return Grounds(question, retrieval, tuple(evidence), sure, measured, timings=timings)
