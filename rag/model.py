"""The data that travels between rooms: documents, passages, hits, citations, answers, events.

Every span is ``[start, end)`` in code points of the document's stored text.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from rag.notice import Notice as Notice

LANGUAGES = ("fr", "en", "az", "ru", "tr")
"""ISO 639-1 codes of the languages documents and questions come in."""

AnswererName = Literal["extractive", "ollama", "llm"]
"""Quotation, a model of Ollama's, or another LLM that was configured by its import path."""
Verdict = Literal["supported", "weak", "unsupported"]
"""Whether the passages that a sentence cites bear it out."""
STOPPED = Notice("stopped before its end", "stopped")
"""The last notice of an answer whose reader stopped: it holds what was told until then."""
Reason = Literal["wrong", "incomplete", "not in the documents", "citation", "language", "other"]
"""What a reader finds amiss in an answer."""
VersionState = Literal["current", "changed", "gone"]
"""Whether an indexed document still has the text that an earlier answer was made from."""
Role = Literal["reader", "editor"]
"""What a user may do: ask and read, or change the documents too."""
ROLES: tuple[Role, ...] = get_args(Role)

DocumentState = Literal["current", "changed", "gone", "deleted"]
"""Of its file: as it was indexed, other bytes, missing; or left out of the index on purpose."""
Origin = Literal["uploaded", "folder"]
"""Whether Gazette keeps the document's file itself, or it lies in a folder that was synced."""


class Span(NamedTuple):
    """``[start, end)`` in code points of a document's stored text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: its normalised text and what is known of it."""

    id: str
    """``<root>/<path below the root>``, with forward slashes: what ``show`` takes."""
    title: str
    text: str
    lang: str
    date: datetime.date | None = None
    publisher: str = ""
    source_title: str = ""
    source_date: datetime.date | None = None
    source_url: str = ""

    @property
    def sha256(self) -> str:
        """Hex digest of the stored text; gold evidence is pinned to it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def origin(self) -> str:
        """What it says of its own source, on one line; or ""."""
        day = self.source_date.isoformat() if self.source_date else ""
        return ", ".join(filter(None, (self.source_title, day, self.source_url)))


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one paragraph (or of a few short ones) of a document."""

    id: int
    """Row in the catalog; 0 until stored. Never the same for two versions of a text."""
    doc: str
    start: int
    end: int
    text: str
    """``document.text[start:end]``, always."""
    sentences: tuple[Span, ...]
    """Sentence spans in the document's text, in order, inside ``[start, end)``."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the documents must satisfy; empty means any. Dates are inclusive."""

    langs: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None
    docs: tuple[str, ...] = ()
    """Ids of the documents that were chosen."""

    def __bool__(self) -> bool:
        return bool(self.langs or self.publishers or self.since or self.until or self.docs)

    @property
    def effect(self) -> str:
        """What they do to the search, in words; "" where none is set."""
        parts = (
            ("in", " or ".join(self.langs)),
            ("published by", " or ".join(self.publishers)),
            ("since", self.since.isoformat() if self.since else ""),
            ("until", self.until.isoformat() if self.until else ""),
            ("called", " or ".join(self.docs)),
        )
        told = ", ".join(f"{how} {what}" for how, what in parts if what)
        return f"only documents {told}" if told else ""


@dataclass(frozen=True, slots=True)
class AskedWith:
    """What a question was asked with beside its words: asked so again, it is asked the same."""

    filters: Filters = Filters()
    ignoring: tuple[str, ...] = ()
    """Its words that were taken back: no clues, whatever they look like."""
    follows: bool = True
    """Whether it was to be read with the turns before it."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Words of a question that say when something was published, or by whom."""

    kind: Literal["time", "source"]
    span: Span
    """In code points of the question."""
    text: str
    """The question's own words: ``question[start:end]``, always."""
    since: datetime.date | None
    """First day, inclusive; None for a source."""
    until: datetime.date | None
    """Last day, inclusive; None for a source, and for "since", which has no end."""
    publisher: str
    """As ``clues_in`` was given it; "" for a time."""
    is_filter: bool
    """False for what only weighs: a date, which may be that of an event, and a person."""
    person: str = ""
    """Who is said to have said it, as the question spells the name; "" for all else."""

    @property
    def effect(self) -> str:
        """What it does to the search, in words."""
        if self.person:
            return f"preferring passages that name {self.person}"
        since, until = (day.isoformat() if day else "" for day in (self.since, self.until))
        days = f"of {since} to {until}" if until else f"since {since}"
        limit = f"published by {self.publisher}" if self.publisher else days
        return f"{'only' if self.is_filter else 'preferring'} documents {limit}"


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation, and the answer it was given."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage with the scores that ranked it."""

    passage: Passage
    document: Document
    score: float
    """Fused score; only its order within one question means anything."""
    dense: float
    """Cosine of question and passage, -1 to 1."""
    centred: float
    """The same without what each language adds to its vectors, so that languages compare."""
    lexical: float
    """Share (0 to 1) of the question's term weight that stands in the passage."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found for a question."""

    question: str
    language: str
    hits: tuple[Hit, ...]
    """Best first."""
    unknown_names: tuple[str, ...] = ()
    """Names in the question that occur nowhere in the corpus."""
    notice: Notice | None = None
    """What the user should know of how it was found."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Citation:
    """A verified quote: ``quote`` is the document's text at ``[start, end)``, letter for letter."""

    n: int
    """Number in the answer, from 1, in order of appearance."""
    doc: str
    title: str
    publisher: str
    date: datetime.date | None
    lang: str
    quote: str
    start: int
    end: int
    passage: int
    """Id of the retrieved passage that holds the quote."""


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """One sentence of an answer and the numbers of the citations that carry it."""

    text: str
    citations: tuple[int, ...] = ()
    verdict: Verdict = "supported"
    """A quoted sentence is supported by itself; one in a model's words was judged."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, or what there is of one that was ``STOPPED``.

    A refusal has no sentences and no citations.
    """

    question: str
    language: str
    """Language of the question, in which the answer's own words are."""
    answerer: AnswererName
    intro: str
    """The answer's own opening words, or the whole of a refusal."""
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    refused: bool
    passages: tuple[Hit, ...]
    """The passages it was made from; of a refusal, the nearest ones."""
    notices: tuple[Notice, ...] = ()
    confidence: float = 0.0
    """How sure it is, 0 to 1, that the corpus answers; a refusal is below a fitted threshold."""
    signals: dict[str, float | None] = field(default_factory=dict)
    """What the confidence was computed from; None for what the embedder cannot tell."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by stage."""
    understood: Understood | None = None
    """How the question was read, where that is not as it is written."""

    @property
    def text(self) -> str:
        """The answer as plain text with ``[n]`` after each cited sentence."""
        body = [
            sentence.text + "".join(f" [{n}]" for n in sentence.citations)
            for sentence in self.sentences
        ]
        return "\n".join([self.intro, *body]) if self.intro else "\n".join(body)

    @property
    def told(self) -> tuple[str, ...]:
        """What its notices say, in English."""
        return tuple(notice.text for notice in self.notices)


@dataclass(frozen=True, slots=True)
class Understood:
    """How a question was read, where that is not as it is written."""

    question: str
    """What it was taken to ask: a follow-up with what it leaves unsaid."""
    clues: tuple[Clue, ...] = ()
    """Its words that filter or weigh, in order; each can be taken back by asking with
    ``ignoring`` its text."""
    is_follow_up: bool = False
    """Whether the turns before it were read into it; ``follows=False`` takes that back."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found, before a word is answered."""

    retrieval: Retrieval


@dataclass(frozen=True, slots=True)
class Intro:
    """The answer's own opening words."""

    text: str


@dataclass(frozen=True, slots=True)
class Writing:
    """What a model has written so far of the sentence in progress; nothing of it is verified yet.

    Each takes the place of the one before; ``Cited`` or ``Dropped`` ends the sentence.
    """

    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that the passages do not bear out and that is not shown."""

    text: str
    missing: tuple[str, ...] = ()
    """Numbers, dates, names and quoted words that no cited passage holds."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A finished, verified sentence with the citations it brings in for the first time."""

    sentence: AnswerSentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer is stored in a conversation: told once it is, right before ``Finished``."""

    conversation: str
    position: int
    """Of its turn there, from 0: its index in ``Conversation.turns``."""
    asked_at: datetime.datetime
    """As its turn has it, to the microsecond: what tells turns apart."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Last event: the whole answer."""

    answer: Answer


AnswerEvent = Understood | Retrieved | Notice | Intro | Writing | Cited | Dropped | Kept | Finished
AnswerStream = Iterator[AnswerEvent]


def replayed(answer: Answer) -> AnswerStream:
    """The events that show a finished answer again."""
    if answer.understood:
        yield answer.understood
    yield Retrieved(Retrieval(answer.question, answer.language, answer.passages))
    yield from answer.notices
    if answer.intro:
        yield Intro(answer.intro)
    told: set[int] = set()
    for sentence in answer.sentences:
        new = set(sentence.citations) - told
        told |= new
        yield Cited(sentence, tuple(c for c in answer.citations if c.n in new))
    yield Finished(answer)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said of an answer."""

    liked: bool
    at: datetime.datetime
    """When it was last changed, in UTC."""
    reason: Reason = "other"
    comment: str = ""


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question of a stored conversation and its answer, equal to what was given."""

    answer: Answer
    asked_at: datetime.datetime
    """In UTC."""
    feedback: Feedback | None = None
    asked_with: AskedWith | None = None
    """None for a turn that was stored before that was noted."""

    @property
    def question(self) -> str:
        """The question as it was asked."""
        return self.answer.question

    @property
    def filters(self) -> Filters:
        """What was chosen to limit the documents, as far as it is known."""
        return self.asked_with.filters if self.asked_with else Filters()


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer that a reader said something of, without its passages."""

    answer: Answer
    history: tuple[Turn, ...]
    """The turns before it, oldest first."""
    feedback: Feedback


@dataclass(frozen=True, slots=True)
class Conversation:
    """A stored conversation with all that its answers rest on. Times are in UTC."""

    id: str
    """Cannot be guessed, and may stand in an address."""
    title: str
    user: str
    """Whose it is; "" where nobody logs in."""
    created: datetime.datetime
    """When its first question was asked."""
    updated: datetime.datetime
    """When its last turn was stored."""
    turns: tuple[StoredTurn, ...]
    """Oldest first; the index of one is its position."""


@dataclass(frozen=True, slots=True)
class ListedConversation:
    """What a list of conversations tells of one."""

    id: str
    title: str
    user: str
    created: datetime.datetime
    updated: datetime.datetime
    questions: int


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """What the library tells of a document, indexed or left out on purpose."""

    id: str
    title: str
    lang: str
    date: datetime.date | None
    publisher: str
    passages: int
    """0 when it is left out."""
    state: DocumentState
    origin: Origin


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some documents of the library, newest first, of ``total`` that were looked for."""

    documents: tuple[ListedDocument, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that a sync passed over, and why."""

    path: str
    notice: Notice

    @property
    def reason(self) -> str:
        """Why, in English."""
        return self.notice.text


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did. Ids of documents, except ``skipped`` and ``left_out``."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    """(old id, new id)"""
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = ()
    left_out: tuple[str, ...] = ()
    """Files passed over because their documents were deleted on purpose."""
    passages_embedded: int = 0
    repaired: tuple[str, ...] = ()
    """What was found damaged or left over, and what was done, in words."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Overview:
    """What the index holds and who would answer now: for a status line and a first screen."""

    answerer: AnswererName | None
    """None while that is not known yet, and when the one asked for by name cannot answer."""
    model: str
    """The model that would write; "" by quotation."""
    notice: Notice | None
    """Why no model answers, where one was wanted; None where one does, or is still being sought."""
    documents: int
    passages: int
    languages: dict[str, int]
    """Documents by language, the most frequent first."""
    publishers: dict[str, int]
    """Documents by publisher, the most frequent first; those that name none are left out."""
    first: datetime.date | None
    """Day of the oldest dated document."""
    last: datetime.date | None
    synced: datetime.datetime | None
    """When a sync last ended, in UTC; None for an index that was made before that was noted."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of ``gazette doctor``."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    """What to do next; "" when nothing need be done."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    name: str
    """As it was given; it is the same user whatever the case."""
    role: Role
    created: datetime.datetime
    """In UTC."""
