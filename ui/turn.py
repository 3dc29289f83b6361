"""One turn of a conversation as the page shows it: a question, and what has come of it so far."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from markupsafe import Markup

from rag.model import (
    STOPPED,
    AnswerEvent,
    AnswerSentence,
    AskedWith,
    Citation,
    Cited,
    Clue,
    Document,
    Dropped,
    Finished,
    Hit,
    Intro,
    Kept,
    Notice,
    Retrieved,
    StoredTurn,
    Understood,
    VersionState,
    Writing,
    replayed,
)
from ui.highlights import Highlight, highlighted, shown_part
from ui.i18n import LANGUAGE_NAMES, NEAREST_SHOWN, day

Words = Mapping[str, str]
Stage = Literal["searching", "writing", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Tag:
    """Something that a question was asked with or read with, to be taken back or put back."""

    kind: Literal["follows", "ignoring", "langs", "publishers", "since", "until", "docs"]
    """What of ``Asked`` it changes."""
    text: str
    quoted: str = ""
    """The question's own words for it."""
    words: str = ""
    """What it is called among those of its kind."""
    is_off: bool = False


@dataclass(frozen=True)
class Card:
    """A passage among the sources: where it is cited, and how well that holds."""

    hit: Hit
    citations: tuple[Citation, ...]
    verdict: str
    """Name of the words that tell it; "" for a passage that is not cited."""
    state: VersionState
    turn: int

    @property
    def document(self) -> Document:
        """The document that holds it."""
        return self.hit.document

    @property
    def numbers(self) -> list[int]:
        """Of the citations that stand in it."""
        return [citation.n for citation in self.citations]

    @property
    def spans(self) -> str:
        """What to mark in the whole text: its quotes, or all of it; in code points."""
        spans = [(c.start, c.end) for c in self.citations]
        spans = spans or [(self.hit.passage.start, self.hit.passage.end)]
        return ",".join(f"{start}-{end}" for start, end in spans)

    @cached_property
    def shown(self) -> Markup:
        """The passage around its quotes, as HTML, each quote with the id its chip leads to."""
        passage = self.hit.passage
        marks = [
            Highlight(f"quote-{self.turn}-{c.n}", c.start - passage.start, c.end - passage.start)
            for c in self.citations
        ]
        text, marks = shown_part(passage.text, marks)
        return highlighted(text, marks)


@dataclass(slots=True, eq=False)
class TurnView:
    """A turn so far. ``take`` brings it forward, an event at a time."""

    position: int
    question: str
    asked_with: AskedWith = field(default_factory=AskedWith)
    passages: int = 6
    """Hits that are read for an answer: the first so many of those found."""
    nonce: str = ""
    """What the browser that asked knows it by."""
    language: str = "en"
    stage: Stage = "searching"
    understood: Understood | None = None
    intro: str = ""
    notices: list[Notice] = field(default_factory=list)
    sentences: list[AnswerSentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    hits: Sequence[Hit] = ()
    draft: str = ""
    refused: bool = False
    failure: Notice | None = None
    at: int | None = None
    """The stored turn that it takes the place of, once it is stored itself."""
    kept_at: int | None = None
    """Its place in the stored conversation, so that it can be liked."""
    asked_at: datetime | None = None
    """When it was asked, once it is stored."""
    liked: bool | None = None
    states: Mapping[str, VersionState] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    """Of the documents that were chosen, by their id, as far as they are there."""

    @classmethod
    def from_stored(
        cls,
        position: int,
        turn: StoredTurn,
        states: Mapping[str, VersionState],
        titles: Mapping[str, str],
    ) -> "TurnView":
        """A stored turn, as it was."""
        view = cls(position, turn.question, turn.asked_with or AskedWith())
        view.kept_at, view.asked_at = position, turn.asked_at
        view.states, view.titles = states, titles
        view.liked = turn.feedback.liked if turn.feedback else None
        for event in replayed(turn.answer):
            view.take(event)
        return view

    def take(self, event: AnswerEvent) -> None:
        """Take in one event."""
        match event:
            case Understood():
                self.understood = event
            case Retrieved(found):
                self.question, self.language = found.question, found.language
                self.hits = found.hits[: self.passages]
                self.stage = "writing"
            case Notice():
                self.notices.append(event)
            case Intro(text):
                self.intro = text
            case Cited(sentence, citations):
                self.sentences.append(sentence)
                self.citations.extend(citations)
                self.draft = ""
            case Writing(text):
                self.draft = text
            case Dropped():
                self.draft = ""
            case Kept(_, position, asked_at):
                self.kept_at, self.asked_at = position, asked_at
            case Finished(answer):
                self.refused, self.hits = answer.refused, answer.passages
                self.understood, self.notices = answer.understood, list(answer.notices)
                self.end("done")

    def end(self, stage: Stage, failure: Notice | None = None) -> None:
        """Nothing more will come."""
        self.stage, self.failure, self.draft = stage, failure, ""

    # What the templates ask

    @property
    def is_kept(self) -> bool:
        """Whether it is stored."""
        return self.kept_at is not None

    @property
    def is_busy(self) -> bool:
        """Whether more is to come."""
        return self.stage in ("searching", "writing")

    def cited(self, sentence: AnswerSentence) -> list[Citation]:
        """The citations of a sentence."""
        return [c for c in self.citations if c.n in sentence.citations]

    def spoken(self, sentence: AnswerSentence) -> str:
        """The language of a sentence: its source's, when it is quoted word for word."""
        return next(
            (c.lang for c in self.cited(sentence) if c.quote == sentence.text), self.language
        )

    @property
    def told(self) -> list[Notice]:
        """What there is to know of how the answer came about."""
        stopped = [STOPPED] if self.stage == "stopped" and STOPPED not in self.notices else []
        return [*self.notices, *stopped]

    def tags(self, words: Words, language: str) -> list[Tag]:
        """How the question was read, and what of it was taken back."""
        meant = self.understood if self.understood and self.understood.is_follow_up else None
        what = meant.question if meant else "…"
        stands_alone = not self.asked_with.follows
        follows = Tag("follows", words["understood"].format(what=what), is_off=stands_alone)
        read = [
            *(
                Tag("ignoring", _effect(clue, words, language), clue.text, clue.text)
                for clue in (self.understood.clues if self.understood else ())
            ),
            *(Tag("ignoring", text, "", text, is_off=True) for text in self.asked_with.ignoring),
        ]
        # As their words stand in the question: a tag keeps its place when it is taken back.
        read.sort(key=lambda tag: self.question.find(tag.words))
        return [*([follows] if meant or stands_alone else []), *read]

    def limits(self, words: Words, language: str) -> list[Tag]:
        """The filters that were chosen for it."""
        chosen = self.asked_with.filters
        since = words["filtered_since"].format(day=day(chosen.since, language))
        until = words["filtered_until"].format(day=day(chosen.until, language))
        return [
            *(Tag("langs", LANGUAGE_NAMES.get(one, one), words=one) for one in chosen.langs),
            *(Tag("publishers", one, words=one) for one in chosen.publishers),
            *([Tag("since", since)] if chosen.since else []),
            *([Tag("until", until)] if chosen.until else []),
            *(Tag("docs", self.titles.get(one, one), words=one) for one in chosen.docs),
        ]

    @property
    def as_sent(self) -> str:
        """What the browser sends to ask it again, but for the question, as JSON."""
        own = self.asked_with
        beside = {"ignoring": own.ignoring, "follows": own.follows}
        return json.dumps({**asdict(own.filters), **beside}, default=str)

    @property
    def cards(self) -> list[Card]:
        """The passages that are cited, in the order of their numbers; of a refusal, the nearest."""
        if self.refused:
            return [self._card(hit, ()) for hit in self.hits[:NEAREST_SHOWN]]
        hits = {hit.passage.id: hit for hit in self.hits}
        cited: dict[int, list[Citation]] = {}
        for citation in self.citations:
            cited.setdefault(citation.passage, []).append(citation)
        return [self._card(hits[id], tuple(found)) for id, found in cited.items() if id in hits]

    @property
    def others(self) -> list[Card]:
        """The passages that were read and are not cited."""
        if self.refused:
            return []
        cited = {citation.passage for citation in self.citations}
        return [self._card(hit, ()) for hit in self.hits if hit.passage.id not in cited]

    def _card(self, hit: Hit, citations: tuple[Citation, ...]) -> Card:
        state = self.states.get(hit.document.id, "current")
        return Card(hit, citations, self._verdict(citations), state, self.position)

    def _verdict(self, citations: Sequence[Citation]) -> str:
        """The best that is said of a sentence resting on one of these citations."""
        numbers = {citation.n for citation in citations}
        quotes = {citation.quote for citation in citations}
        resting = [s for s in self.sentences if numbers.intersection(s.citations)]
        if any(s.text in quotes for s in resting):
            return "verbatim"
        verdicts = {s.verdict for s in resting}
        return next((v for v in ("supported", "weak", "unsupported") if v in verdicts), "")

    @property
    def as_copied(self) -> str:
        """The turn as plain text, with the sources and quotes its sentences rest on."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.question
        yield ""
        if self.intro:
            yield self.intro
        for sentence in self.sentences:
            yield sentence.text + "".join(f" [{n}]" for n in sentence.citations)
        for citation in self.citations:
            when = citation.date.isoformat() if citation.date else ""
            facts = ", ".join(filter(None, (citation.title, citation.publisher, when)))
            yield ""
            yield f"[{citation.n}] {facts}"
            yield f"“{citation.quote}”"


def _effect(clue: Clue, words: Words, language: str) -> str:
    if clue.person:
        return words["rather_person"].format(person=clue.person)
    if clue.publisher:
        return words["only_publisher"].format(publisher=clue.publisher)
    how = "only" if clue.is_filter else "rather"
    span = "since" if not clue.until else "day" if clue.since == clue.until else "between"
    days = {"since": day(clue.since, language), "until": day(clue.until, language)}
    return words[f"{how}_{span}"].format(**days)
