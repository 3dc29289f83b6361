"""What an exported turn shows beneath its answer: each quote in its passage and its document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rag.answering.phrases import CHANGED, GONE, NEAREST, NEAREST_SHOWN, SOURCES, UNDERSTOOD
from rag.model import Answer, Clue, Document, Hit, Passage, VersionState
from rag.wording import Told, told


@dataclass(frozen=True, slots=True)
class Source:
    """A quote in the passage that holds it; of a refusal, a whole passage that is near."""

    n: int
    """The citation's number; 0 for what is only near."""
    document: Document
    passage: Passage
    start: int
    end: int
    changed: str
    """That the document is another now, or gone, in the language of the answer; or ""."""

    @property
    def before(self) -> str:
        """The passage up to the quote."""
        return self.document.text[self.passage.start : self.start]

    @property
    def quote(self) -> str:
        """The document's text at ``[start, end)``."""
        return self.document.text[self.start : self.end]

    @property
    def after(self) -> str:
        """The passage after the quote."""
        return self.document.text[self.end : self.passage.end]

    @property
    def facts(self) -> str:
        """Publisher and day, as far as they are known."""
        return ", ".join(filter(None, (self.document.publisher, _day(self.document.date))))

    @property
    def origin(self) -> str:
        """What the document says of its own source, or ""."""
        return self.document.origin


def sources(answer: Answer, states: Mapping[str, VersionState]) -> list[Source]:
    """The sources of an answer, in the order of their numbers; of a refusal, the nearest."""
    words = {"changed": CHANGED[answer.language], "gone": GONE[answer.language]}

    def source(n: int, hit: Hit, start: int, end: int) -> Source:
        state = states.get(hit.document.id, "current")
        return Source(n, hit.document, hit.passage, start, end, words.get(state, ""))

    if answer.refused:
        near = answer.passages[:NEAREST_SHOWN]
        return [source(0, hit, hit.passage.start, hit.passage.end) for hit in near]
    hits = {hit.passage.id: hit for hit in answer.passages}
    return [source(c.n, hits[c.passage], c.start, c.end) for c in answer.citations]


def heading(answer: Answer) -> str:
    """What the sources are called, in the language of the answer."""
    return (NEAREST if answer.refused else SOURCES)[answer.language]


def understood(answer: Answer) -> str:
    """How the question was read, where that is not as it is written; or ""."""
    if not answer.understood:
        return ""
    told = [answer.understood.question, *map(_clue, answer.understood.clues)]
    return f"{UNDERSTOOD[answer.language]} {'; '.join(told)}"


def notices(answer: Answer) -> list[Told]:
    """What there is to know of how the answer came about, in its language."""
    return [told(notice, answer.language) for notice in answer.notices]


def _clue(clue: Clue) -> str:
    return f"{clue.effect} (“{clue.text}”)"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
