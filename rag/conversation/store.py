"""The stored conversations of a data folder: begun, continued, reopened, found, deleted."""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select
from sqlalchemy import delete as drop
from sqlalchemy import update as change
from sqlalchemy.dialects.sqlite import insert

from rag.conversation.packing import packed, unpacked, without_passages
from rag.conversation.schema import REMEDIES, connect, conversations, turns, uses, versions
from rag.database import translated_errors
from rag.errors import ConversationError
from rag.model import Answer, Conversation, Document, ListedConversation, StoredTurn, Turn
from rag.text.folding import tokens
from rag.text.harmless import harmless

FILE = "conversations.db"
HISTORY = 6
"""Turns that a follow-up is read with at most: more than anything looks back to."""
_TITLE = 60
_LONGEST_TITLE = 200
_FIELDS = tuple(c.name for c in versions.c if c.name not in ("key", "doc"))


class Conversations:
    """The conversations stored in a data folder; threads and other programs may use them too.

    Every method is one transaction, and sees the conversations of one ``user`` only. The database
    is made when the first turn is stored. Raises ConversationError for a conversation that does
    not exist, StorageError when the database cannot be used.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every connection; the next use opens the database again."""
        with self._lock:
            if self._engine:
                self._engine.dispose()
            self._engine = None

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = connect(self._path)
            return self._engine

    @contextmanager
    def _transaction(self, kind: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[Connection]:
        """One state of the database to read; IMMEDIATE lets nobody else write meanwhile."""
        engine = self._opened()
        with translated_errors(self._path, REMEDIES), engine.begin() as connection:
            connection.exec_driver_sql(f"BEGIN {kind}")
            yield connection

    @contextmanager
    def _about(
        self, id: str, user: str, kind: Literal["DEFERRED", "IMMEDIATE"]
    ) -> Iterator[tuple[Connection, Row[Any]]]:
        """The same about a conversation that exists."""
        if not self._is_made or not id.isascii():
            raise _unknown(id)
        with self._transaction(kind) as connection:
            yield connection, _existing(connection, id, user)

    @property
    def _is_made(self) -> bool:
        return os.path.isfile(self._path)

    # Reading

    def count(self) -> int:
        """How many conversations there are, of all users."""
        if not self._is_made:
            return 0
        with self._transaction("DEFERRED") as c:
            return int(c.scalar(select(func.count()).select_from(conversations)) or 0)

    def listed(self, user: str = "", words: str = "") -> list[ListedConversation]:
        """The conversations, the last one first; of ``words``, those that hold every one.

        Words are looked for in titles, questions and answers; accents and case matter not.
        """
        wanted = _words(words).split()
        if not self._is_made or (words.strip() and not wanted):
            return []
        size = select(func.count()).where(turns.c.conversation == conversations.c.id)
        query = select(conversations, size.scalar_subquery().label("questions"))
        query = query.where(conversations.c.user == user, *map(_holds, wanted))
        with self._transaction("DEFERRED") as c:
            return [
                ListedConversation(
                    r.id, r.title, r.user, _time(r.created), _time(r.updated), r.questions
                )
                for r in c.execute(query.order_by(conversations.c.updated.desc()))
            ]

    def find(self, start: str, user: str = "") -> str:
        """The id that begins with ``start``, when only one does."""
        query = select(conversations.c.id).where(conversations.c.user == user)
        query = query.where(conversations.c.id.startswith(start.lower(), autoescape=True))
        found: list[str] = []
        if self._is_made and start and start.isascii():
            with self._transaction("DEFERRED") as c:
                found = list(c.scalars(query.order_by(conversations.c.id)))
        if len(found) > 1:
            few = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
            raise ConversationError(
                f"{len(found)} conversations begin with {start!r} ({few}): give more of the id"
            )
        if not found:
            raise _unknown(start)
        return found[0]

    def last(self, user: str = "") -> str:
        """The id of the conversation that was continued last."""
        query = select(conversations.c.id).where(conversations.c.user == user)
        query = query.order_by(conversations.c.updated.desc()).limit(1)
        found: str | None = None
        if self._is_made:
            with self._transaction("DEFERRED") as c:
                found = c.scalar(query)
        if found is None:
            raise ConversationError("no conversation is stored yet: ask without continuing one")
        return found

    def get(self, id: str, user: str = "") -> Conversation:
        """The conversation as it was, with the documents as they were then."""
        query = select(turns).where(turns.c.conversation == id).order_by(turns.c.position)
        with self._about(id, user, "DEFERRED") as (c, row):
            documents = _documents(c, id)
            stored = tuple(
                StoredTurn(unpacked(turn.answer, documents), _time(turn.asked_at))
                for turn in c.execute(query)
            )
        return Conversation(
            row.id, row.title, row.user, _time(row.created), _time(row.updated), stored
        )

    def history(self, id: str, user: str = "") -> tuple[Turn, ...]:
        """The last turns, oldest first, ``HISTORY`` at most: what a follow-up is read with."""
        query = select(turns.c.answer).where(turns.c.conversation == id)
        with self._about(id, user, "DEFERRED") as (c, _):
            texts = list(c.scalars(query.order_by(turns.c.position.desc()).limit(HISTORY)))
        answers = map(without_passages, reversed(texts))
        return tuple(Turn(answer.question, answer.text) for answer in answers)

    # Writing

    def append(self, answer: Answer, asked_at: datetime, id: str = "", user: str = "") -> str:
        """Store a turn in the conversation ``id``, or in a new one of its own; returns the id."""
        text, documents = packed(answer)
        said = _words(f"{answer.question}\n{answer.text}")
        with self._transaction("IMMEDIATE") as c:
            if id:
                _existing(c, id, user)
            else:
                id = _begun(c, answer.question, user, _written(asked_at))
            last = c.scalar(select(func.max(turns.c.position)).where(turns.c.conversation == id))
            turn = {
                "conversation": id,
                "position": 0 if last is None else last + 1,
                "asked_at": _written(asked_at),
                "answer": text,
                "words": said,
            }
            (number,) = c.execute(insert(turns).values(turn)).inserted_primary_key or (0,)
            for key, document in documents.items():
                row = {name: getattr(document, name) for name in _FIELDS}
                row |= {"key": key, "doc": document.id}
                c.execute(insert(versions).values(row).on_conflict_do_nothing())
                c.execute(insert(uses).values(turn=number, version=key))
            now = _written(datetime.now(UTC))
            c.execute(change(conversations).where(conversations.c.id == id).values(updated=now))
        return id

    def rename(self, id: str, title: str, user: str = "") -> None:
        """Give a conversation another title, of 200 characters at most; blanks are evened out."""
        title = " ".join(harmless(title).split())[:_LONGEST_TITLE]
        if not title:
            raise ConversationError("the new title is empty: give at least one letter")
        values = {"title": title, "title_words": _words(title)}
        with self._about(id, user, "IMMEDIATE") as (c, _):
            c.execute(change(conversations).where(conversations.c.id == id).values(values))

    def delete(self, id: str, user: str = "") -> None:
        """Delete a conversation, and the document versions that no other one rests on.

        What was deleted is overwritten, not only forgotten.
        """
        with self._about(id, user, "IMMEDIATE") as (c, _):
            c.exec_driver_sql("PRAGMA secure_delete = ON")
            c.execute(drop(conversations).where(conversations.c.id == id))
            c.execute(drop(versions).where(versions.c.key.not_in(select(uses.c.version))))
        with translated_errors(self._path, REMEDIES), self._opened().connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _holds(word: str) -> ColumnElement[bool]:
    """Whether the title or a turn holds ``word``."""
    inside = turns.c.words.contains(word, autoescape=True)
    said = select(turns.c.id).where(turns.c.conversation == conversations.c.id, inside)
    return conversations.c.title_words.contains(word, autoescape=True) | said.exists()


def _existing(c: Connection, id: str, user: str) -> Row[Any]:
    query = select(conversations).where(conversations.c.id == id, conversations.c.user == user)
    row = c.execute(query).one_or_none()
    if row is None:
        raise _unknown(id)
    return row


def _unknown(id: str) -> ConversationError:
    return ConversationError(f"no conversation is {id!r}: gazette conversation list names them all")


def _begun(c: Connection, question: str, user: str, at: str) -> str:
    """A new conversation, called by its first question."""
    title = _title(question)
    row = {"user": user, "title": title, "title_words": _words(title)}
    row |= {"id": secrets.token_hex(9), "created": at, "updated": at}
    c.execute(insert(conversations).values(row))
    return row["id"]


def _title(question: str) -> str:
    if len(question) <= _TITLE:
        return question
    cut = question[:_TITLE]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:") + "…"


def _documents(c: Connection, id: str) -> dict[str, Document]:
    """The documents that the answers of a conversation rest on, as they were, by key."""
    used = select(uses.c.version).join(turns).where(turns.c.conversation == id)
    rows = c.execute(select(versions).where(versions.c.key.in_(used)))
    return {
        row.key: Document(id=row.doc, **{name: getattr(row, name) for name in _FIELDS})
        for row in rows
    }


def _words(text: str) -> str:
    """What is searched of a text: its words in the form that accents and case do not change."""
    return " ".join(token.folded for token in tokens(text)).encode(errors="replace").decode()


def _written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
