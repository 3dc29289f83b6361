"""The façade: everything Gazette does, wired together behind one object."""

import re
import threading
import time
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rag.errors import GazetteError, IndexStateError, QuestionError, ReadError
from rag.model import (
    Answer,
    AnswerEvent,
    AskedWith,
    Check,
    Conversation,
    Document,
    Filters,
    Finished,
    Kept,
    Notice,
    Overview,
    Passage,
    Retrieval,
    Retrieved,
    SyncReport,
    Turn,
    VersionState,
    Writing,
)
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answering.chat import ChatModel
    from rag.answering.choosing import Chosen, Models
    from rag.answering.pulling import Pulled
    from rag.answering.so_far import SoFar
    from rag.conversation.export import Format
    from rag.conversation.keeping import OnStop
    from rag.conversation.store import Conversations
    from rag.embedding import Embedder
    from rag.index.catalog import Catalog
    from rag.index.store import Index
    from rag.index.sync import Progress
    from rag.library import Library
    from rag.reading import Reading
    from rag.retrieval import Retriever
    from rag.users.store import Users

MAX_QUESTION = 2000
"""Characters: what an embedder can take in; a longer text is a document, not a question."""
_WIDENED = Notice("no document is of that time and source: all were searched", "widened")
_WIDENED_CHOSEN = Notice(
    "no document is of that time and source: all chosen ones were searched", "widened_chosen"
)
_RANKED = 10
"""Hits that a question is told of at least: what the metrics of a ranking look at."""
_MAX_PUBLISHERS = 30
"""Publishers named in a message: more would hide it."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


def corpus_folder() -> Path:
    """The shipped corpus, in a checkout or an installed wheel."""
    return Path(__file__).parents[1] / "corpus"


def clean_question(text: str) -> str:
    """``text`` as a question; QuestionError when it is empty or too long to be one."""
    question = " ".join(_CONTROL.sub(" ", text).split())
    if not any(c.isalnum() for c in question):
        raise QuestionError(
            'the question is empty: ask one, for example gazette ask "what did Nabiyev discuss '
            'with OpenAI?"',
            "empty_question",
        )
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            f"the question has {len(question):,} characters, at most {MAX_QUESTION:,} are taken: "
            "shorten it, or put the text in a folder and sync it",
            "long_question",
            n=len(question),
            most=MAX_QUESTION,
        )
    return question


def _check(filters: Filters, catalog: "Catalog") -> None:
    """Raise QuestionError for a publisher or a document that the catalog does not have."""
    known_docs = catalog.texts_of(filters.docs)
    for doc in filters.docs:
        if doc not in known_docs:
            raise QuestionError(
                f"no document is {doc!r}: gazette list shows the id of each",
                "no_document",
                name=doc,
            )
    if not filters.publishers:
        return
    known = catalog.publishers()
    folded = {name.casefold() for name in known}
    for name in filters.publishers:
        if name.casefold() not in folded:
            shown = ", ".join(known[:_MAX_PUBLISHERS]) or "none: no document names its publisher"
            more = ", …" if len(known) > _MAX_PUBLISHERS else ""
            raise QuestionError(
                f"no document is published by {name!r}: use one of {shown}{more}",
                "no_publisher",
                name=name,
            )


class Gazette:
    """One data folder opened for use. What it needs is loaded when it is first needed."""

    def __init__(self, settings: Settings, embedder: "Embedder | None" = None) -> None:
        self.settings = settings
        self._lock = threading.RLock()
        self._changes = threading.Lock()
        self._embedder = embedder
        self._index: Index | None = None
        self._retriever: Retriever | None = None
        self._models: Models | None = None
        self._conversations: Conversations | None = None
        self._users: Users | None = None

    def __enter__(self) -> "Gazette":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the index and the databases; the next use opens them again."""
        with self._lock:
            if self._index:
                self._index.close()
            if self._conversations:
                self._conversations.close()
            if self._users:
                self._users.close()
            self._index = self._retriever = None

    # Parts

    @property
    def embedder(self) -> "Embedder":
        """The configured embedder."""
        with self._lock:
            if self._embedder is None:
                from rag.embedding import embedder_from_name

                self._embedder = embedder_from_name(self.settings.embedder)
            return self._embedder

    @property
    def conversations(self) -> "Conversations":
        """The stored conversations."""
        with self._lock:
            if self._conversations is None:
                from rag.conversation.store import Conversations

                self._conversations = Conversations(self.settings.home, self.settings.keep)
            return self._conversations

    @property
    def library(self) -> "Library":
        """The documents one by one: what is there, taking in and out."""
        from rag.library import Library

        return Library(self.settings.home, self.embedder, self._opened, self._changing)

    @property
    def users(self) -> "Users":
        """Who may log in."""
        with self._lock:
            if self._users is None:
                from rag.users.store import Users

                lasting = timedelta(hours=self.settings.session_hours)
                idle = timedelta(hours=self.settings.session_idle_hours)
                self._users = Users(self.settings.home, lasting, idle)
            return self._users

    def remove_user(self, name: str) -> int:
        """Remove a user with all that is stored of them; how many conversations that were.

        The user goes first: an answer that is still being written is stored before their
        conversations go, or not at all.
        """
        return self.conversations.delete_all(self.users.remove(name).name)

    @property
    def is_indexed(self) -> bool:
        """Whether anything was ever synced into the data folder."""
        from rag.index.home import current

        return current(self.settings.home) is not None

    def _opened(self) -> "Index":
        from rag.index.home import current
        from rag.index.store import Index

        folder = current(self.settings.home)
        if folder is None:
            raise IndexStateError(
                f"nothing is indexed in {self.settings.home}: run gazette sync FOLDER, or gazette "
                "sync for the shipped corpus",
                "nothing_indexed",
            )
        with self._lock:
            if self._index is None or self._index.folder != folder:
                self.close()
                self._index = Index(folder, self.embedder)
            return self._index

    def _searcher(self, filters: Filters) -> "Retriever":
        from rag.retrieval import Retriever

        with self._lock:
            index = self._opened()
            if not index.catalog.count()[0]:
                raise IndexStateError(
                    f"the index in {self.settings.home} holds no documents: run gazette sync "
                    "FOLDER",
                    "nothing_indexed",
                )
            _check(filters, index.catalog)
            if self._retriever is None:
                self._retriever = Retriever(index)
            return self._retriever

    # Indexing

    def sync(
        self,
        paths: Sequence[Path] = (),
        rebuild: bool = False,
        progress: "Progress" = lambda done, total, name: None,
    ) -> SyncReport:
        """Bring the index to the state of ``paths``, or of the shipped corpus when none is given.

        With ``rebuild`` the whole index is made anew: of ``paths``, or of every folder it holds.
        """
        from rag.index import build

        home, embedder = self.settings.home, self.embedder
        if rebuild:
            with self._changes:
                self.close()
                return build.rebuild(home, embedder, paths, progress, corpus_folder)
        with self._changing(serves=False):
            return build.update(home, embedder, paths or [corpus_folder()], progress)

    @contextmanager
    def _changing(self, serves: bool = True) -> Iterator[bool]:
        """One change at a time in this process; questions are answered meanwhile.

        Gives whether the vector index proved right, which only a process is asked that ``serves``:
        to one that mends it, opening it is a danger.
        """
        with self._changes:
            if not self.is_indexed:
                yield False
                return
            index = self._opened()
            is_trusted = serves and index.is_trusted()
            with index.apart():
                yield is_trusted

    # Reading

    def documents(self, filters: Filters = Filters()) -> list[Document]:  # noqa: B008 - frozen
        """The indexed documents that satisfy ``filters``, newest first.

        Raises QuestionError, as ``search`` and ``ask`` do, for a publisher or an id that none has.
        """
        catalog = self._opened().catalog
        _check(filters, catalog)
        return catalog.documents(filters)

    def document(self, name: str) -> tuple[Document, list[Passage]]:
        """The document called ``name``, by its id, the end of its id, or its title; its passages.

        Raises ReadError when none or several are meant.
        """
        from rag.documents import SUFFIXES

        catalog = self._opened().catalog
        everything = catalog.documents()
        found = [d for d in everything if d.id == name]
        if not found:
            ends = ("", *SUFFIXES)
            found = [
                d
                for d in everything
                if any(f"/{d.id}".endswith(f"/{name}{end}") for end in ends)
                or d.title.casefold() == name.casefold()
            ]
        if len(found) == 1:
            return found[0], catalog.passages_of(found[0].id)
        if found:
            raise ReadError(
                f"{name!r} means {len(found)} documents: {', '.join(d.id for d in found)}"
            )
        raise ReadError(f"no document is called {name!r}: gazette list names them all")

    def search(self, question: str, filters: Filters = Filters(), n: int = 10) -> Retrieval:  # noqa: B008
        """The ``n`` passages that fit ``question`` best, without an answer."""
        question = clean_question(question)
        searcher = self._searcher(filters)
        return searcher.retrieve(searcher.prepare(question), n, filters)

    # Answering

    def ask(
        self,
        question: str,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        passages: int | None = None,
        history: Sequence[Turn] = (),
        today: date | None = None,
        literal: bool = False,
        ignoring: Collection[str] = (),
        so_far: "SoFar | None" = None,
    ) -> Iterator[AnswerEvent]:
        """Answer ``question`` as a stream of events; the last is ``Finished``.

        The answer is made from the first ``passages`` hits; ``Retrieved`` tells at least ten. A
        follow-up is read with the ``history`` before it, oldest first; words such as "last week"
        or "according to Minval" become filters, counted from ``today``. ``Understood`` tells both.
        Of its clues those are taken back whose ``text`` is among ``ignoring``; with ``literal`` the
        question is taken as it is written. ``so_far`` takes in what was told, for who may stop.
        """
        from rag.answering import extractive, generative
        from rag.answering.grounds import grounds_for
        from rag.answering.so_far import SoFar
        from rag.reading import as_written

        began = time.perf_counter()
        question = clean_question(question)
        searcher = self._searcher(filters)
        model, reason = self._chat_model()
        reading = (
            as_written(question, filters)
            if literal
            else (
                yield from self._read(
                    question, filters, history, today or date.today(), model, ignoring
                )
            )
        )
        understood = reading.understood(question)
        if understood:
            yield understood
        prepared = searcher.prepare(reading.searched, reading.language)
        depth = passages or self.settings.passages
        retrieval = searcher.retrieve(prepared, max(depth, _RANKED), reading.filters, reading.clues)
        widened = None
        if not retrieval.hits and reading.filters != filters:
            widened = _WIDENED_CHOSEN if filters.docs else _WIDENED
            retrieval = searcher.retrieve(prepared, max(depth, _RANKED), filters, reading.clues)
        retrieval = replace(retrieval, question=question)
        used = replace(retrieval, hits=retrieval.hits[:depth])
        grounds = grounds_for(prepared, used, searcher)
        yield Retrieved(retrieval)
        for notice in filter(None, (reason, reading.notice, widened, retrieval.notice)):
            grounds.notices.append(notice)
            yield notice
        told = so_far or SoFar()
        told.begin(question, understood, grounds, model.answerer if model else "extractive")
        events = (
            generative.answer(
                grounds,
                model,
                searcher,
                generative.Asked(reading.put, history),
                insists=self.settings.answerer in ("ollama", "llm"),
                marks=self.settings.unsupported == "mark",
            )
            if model
            else extractive.answer(grounds)
        )
        for event in events:
            if isinstance(event, Finished):
                event.answer.timings["total"] = time.perf_counter() - began
                answer = replace(event.answer, question=question, understood=understood)
                event = Finished(answer)
            told.take(event)
            yield event

    def answer(
        self,
        question: str,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        passages: int | None = None,
        history: Sequence[Turn] = (),
        today: date | None = None,
        literal: bool = False,
        ignoring: Collection[str] = (),
    ) -> Answer:
        """The finished answer to ``question``, as ``ask`` gives it."""
        *_, last = self.ask(question, filters, passages, history, today, literal, ignoring)
        assert isinstance(last, Finished)
        return last.answer

    # Conversations

    def converse(
        self,
        question: str,
        conversation: str = "",
        user: str = "",
        filters: Filters = Filters(),  # noqa: B008 - frozen
        passages: int | None = None,
        today: date | None = None,
        literal: bool = False,
        keep: bool | None = None,
        *,
        ignoring: Collection[str] = (),
        follows: bool = True,
        at: int | None = None,
        on_stop: "OnStop | None" = None,
    ) -> Generator[AnswerEvent, None, None]:
        """Answer as ``ask`` does, in the conversation of that id, or in a new one.

        The finished answer is stored before ``Finished`` is told, and ``Kept`` says where. When the
        events are closed before, what was told of the answer is stored, ``STOPPED`` its last
        notice; ``on_stop`` is called with it and with where it is kept, in the thread that closes.
        Before a word was told nothing is stored. Where an answer cannot be stored a notice says so.
        ``keep`` overrules the setting; without it a conversation's earlier turns are still read.

        Without ``follows`` they are not: the question stands by itself, and joins the conversation
        all the same. With ``at`` the new answer takes the place of the turn at that position and of
        all later ones, when it is stored and not before; read are the turns before it.
        """
        from rag.answering.so_far import SoFar
        from rag.conversation.keeping import kept

        asked_at, asked_with = datetime.now(UTC), AskedWith(filters, tuple(ignoring), follows)
        conversations, so_far = self.conversations, SoFar()
        is_known = conversation or at is not None
        history = conversations.history(conversation, user, at) if is_known else ()
        read = history if follows else ()
        events = self.ask(question, filters, passages, read, today, literal, ignoring, so_far)
        if self.settings.keep if keep is None else keep:
            is_theirs = self.users.still(user) if user else lambda: True

            def store(answer: Answer) -> Kept:
                return conversations.append(
                    answer, asked_at, conversation, user, at, asked_with, is_theirs
                )

            events = kept(events, store, lambda: so_far.answer, on_stop)
        yield from events

    def titles(self, docs: Collection[str]) -> dict[str, str]:
        """Titles of the indexed documents among ``docs``, by their id; none without an index."""
        try:
            return self._opened().catalog.titles_of(docs) if docs else {}
        except GazetteError:
            return {}

    def newest_titles(self, n: int, lang: str) -> list[str]:
        """Titles of the ``n`` newest documents, those in ``lang`` first; none without an index."""
        try:
            return self._opened().catalog.newest_titles(n, lang)
        except GazetteError:
            return []

    def states(self, answer: Answer) -> dict[str, VersionState]:
        """Whether the documents that an answer was made from still have that text, by their id.

        Empty when no index can be read.
        """
        from rag.conversation.keeping import states

        try:
            now = self._opened().catalog.texts_of({hit.document.id for hit in answer.passages})
        except GazetteError:
            return {}
        return states(answer, now)

    def export(self, conversation: Conversation, format: "Format") -> str:
        """The conversation as one text in ``format``, with its sources and quotes."""
        from rag.conversation.export import exported

        states = [self.states(turn.answer) for turn in conversation.turns]
        return exported(conversation, states, format)

    # Reading a question, and what answers it

    def _read(
        self,
        question: str,
        filters: Filters,
        history: Sequence[Turn],
        today: date,
        model: "ChatModel | None",
        ignoring: Collection[str],
    ) -> "Generator[Writing, None, Reading]":
        from rag.answering.rewriting import rewriter
        from rag.reading import read

        publishers = self._opened().catalog.publishers()
        rewrites = rewriter(model) if model else None
        return (yield from read(question, filters, history, today, publishers, rewrites, ignoring))

    def check_answerer(self) -> None:
        """Raise AnswererError when the answerer that was asked for by name cannot answer."""
        self._chat_model()

    def _chat_model(self) -> "Chosen":
        return self._choice().chosen()

    def _choice(self) -> "Models":
        from rag.answering.choosing import Models

        with self._lock:
            if self._models is None:
                self._models = Models(self.settings)
            return self._models

    def pull(self, model: str = "") -> "Iterator[Pulled]":
        """Have every Ollama server download ``model``, or the recommended one, step by step.

        Raises AnswererError when one cannot.
        """
        from rag.answering.pulling import pull

        return pull(self.settings, model)

    # Looking after it

    def overview(self) -> Overview:
        """What the index holds and who would answer now; it waits for no server that is away.

        Raises IndexStateError, as everything that reads the index does, when there is none.
        """
        from rag.overview import overview

        return overview(self._opened().catalog, self._choice())

    def checks(self) -> list[Check]:
        """What ``doctor`` reports of folder, embedder, index, conversations, users and Ollama."""
        from rag.doctor import check_all

        return check_all(self.settings, lambda: self.embedder, self._opened, self._choice())
