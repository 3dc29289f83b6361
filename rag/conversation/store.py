"""The stored conversations of a data folder: begun, continued, reopened, found, deleted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Row, func, select, update

from rag.conversation import rows
from rag.conversation.packing import unpacked, unpacked_asking, without_passages
from rag.conversation.schema import REMEDIES, connect, conversations, feedback, turns
from rag.database import Store, translated_errors, written
from rag.errors import ConversationError
from rag.model import (
    Answer,
    AskedWith,
    Conversation,
    Feedback,
    Kept,
    ListedConversation,
    RatedAnswer,
    Reason,
    StoredTurn,
    Turn,
)
from rag.text.harmless import harmless

FILE = "conversations.db"
HISTORY = 6
"""Turns that a follow-up is read with at most: more than anything looks back to."""
_LONGEST_TITLE = 200
_LONGEST_COMMENT = 2000


class Conversations(Store):
    """The conversations stored in a data folder; threads and other programs may use them too.

    Every method is one transaction, and sees the conversations of one ``user`` only. The database
    is made when the first turn is stored. Raises ConversationError for a conversation that does
    not exist, StorageError when the database cannot be used.
    """

    def __init__(self, home: Path, keeps: bool = True) -> None:
        """``keeps`` is whether the settings let anything be stored."""
        super().__init__(home / FILE, connect, REMEDIES)
        self._keeps = keeps

    @contextmanager
    def _about(
        self, id: str, user: str, kind: Literal["DEFERRED", "IMMEDIATE"]
    ) -> Iterator[tuple[Connection, Row[Any]]]:
        """The same about a conversation that exists."""
        if not self._is_made or not id.isascii():
            raise rows.unknown(id)
        with self._transaction(kind) as connection:
            yield connection, rows.existing(connection, id, user)

    # Reading

    def count(self) -> int:
        """How many conversations there are, of all users."""
        if not self._is_made:
            return 0
        with self._transaction() as c:
            return int(c.scalar(select(func.count()).select_from(conversations)) or 0)

    def listed(self, user: str = "", words: str = "") -> list[ListedConversation]:
        """The conversations, the last one first; of ``words``, those that hold every one.

        Words are looked for in titles, questions and answers; accents and case matter not.
        """
        wanted = rows.words_of(words).split()
        if not self._is_made or (words.strip() and not wanted):
            return []
        size = select(func.count()).where(turns.c.conversation == conversations.c.id)
        query = select(conversations, size.scalar_subquery().label("questions"))
        query = query.where(conversations.c.user == user, *map(rows.holds, wanted))
        query = query.order_by(conversations.c.updated.desc())
        with self._transaction() as c:
            return [rows.listed(row) for row in c.execute(query)]

    def find(self, start: str, user: str = "") -> str:
        """The id that begins with ``start``, when only one does."""
        query = select(conversations.c.id).where(conversations.c.user == user)
        query = query.where(conversations.c.id.startswith(start.lower(), autoescape=True))
        found: list[str] = []
        if self._is_made and start and start.isascii():
            with self._transaction() as c:
                found = list(c.scalars(query.order_by(conversations.c.id)))
        if len(found) > 1:
            few = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
            raise ConversationError(
                f"{len(found)} conversations begin with {start!r} ({few}): give more of the id"
            )
        if not found:
            raise rows.unknown(start)
        return found[0]

    def last(self, user: str = "") -> str:
        """The id of the conversation that was continued last."""
        query = select(conversations.c.id).where(conversations.c.user == user)
        query = query.order_by(conversations.c.updated.desc()).limit(1)
        found: str | None = None
        if self._is_made:
            with self._transaction() as c:
                found = c.scalar(query)
        if found is None:
            raise ConversationError("no conversation is stored yet: ask without continuing one")
        return found

    def get(self, id: str, user: str = "") -> Conversation:
        """The conversation as it was, with the documents as they were then."""
        query = rows.rated_turns().where(turns.c.conversation == id).order_by(turns.c.position)
        with self._about(id, user, "DEFERRED") as (c, row):
            documents = rows.documents_of(c, id)
            stored = tuple(
                StoredTurn(
                    unpacked(turn.answer, documents),
                    rows.moment(turn.asked_at),
                    rows.feedback_of(turn),
                    unpacked_asking(turn.asked_with),
                )
                for turn in c.execute(query)
            )
        return Conversation(
            row.id, row.title, row.user, rows.moment(row.created), rows.moment(row.updated), stored
        )

    def history(self, id: str, user: str = "", before: int | None = None) -> tuple[Turn, ...]:
        """The last turns, oldest first, ``HISTORY`` at most: what a follow-up is read with.

        With ``before``, those before the turn at that position.
        """
        query = select(turns.c.answer).where(turns.c.conversation == id)
        with self._about(id, user, "DEFERRED") as (c, _):
            if before is not None:
                rows.turn_at(c, id, before)
                query = query.where(turns.c.position < before)
            texts = list(c.scalars(query.order_by(turns.c.position.desc()).limit(HISTORY)))
        answers = map(without_passages, reversed(texts))
        return tuple(Turn(answer.question, answer.text) for answer in answers)

    def rated(self, user: str | None = "") -> list[RatedAnswer]:
        """The answers that ``user`` said something of, or anyone where it is None, oldest first."""
        query = rows.rated_turns(turns.c.conversation, turns.c.position)
        query = query.join(conversations).where(feedback.c.liked.is_not(None))
        if user is not None:
            query = query.where(conversations.c.user == user)
        if not self._is_made:
            return []
        with self._transaction() as c:
            found = c.execute(query.order_by(feedback.c.at)).all()
            return [rows.rated(c, row, HISTORY) for row in found]

    # Writing

    def append(
        self,
        answer: Answer,
        asked_at: datetime,
        id: str = "",
        user: str = "",
        at: int | None = None,
        asked_with: AskedWith | None = None,
        is_theirs: Callable[[], bool] = lambda: True,
    ) -> Kept:
        """Store a turn in the conversation ``id``, or in a new one of its own.

        With ``at`` it takes the place of the turn at that position and of all later ones; a
        conversation that is still called by its first question is then called by the new one.
        Raises ConversationError where ``is_theirs`` says that ``user`` is not whoever asked; what
        is stored before it says so, ``delete_all`` finds.
        """
        with self._transaction("IMMEDIATE") as c:
            if not is_theirs():
                raise ConversationError(f"user {user!r} was removed meanwhile: log in again")
            if not id:
                id = rows.begun(c, answer.question, user, written(asked_at))
            else:
                row = rows.existing(c, id, user)
                if at is not None:
                    rows.cut(c, row, at, answer.question)
            position = rows.add(c, id, answer, asked_at, asked_with)
        if at is not None:
            self._overwrite()
        return Kept(id, position, asked_at)

    def feedback(
        self,
        id: str,
        position: int,
        liked: bool | None,
        reason: Reason = "other",
        comment: str = "",
        user: str = "",
    ) -> Feedback | None:
        """Store what a reader says of the answer at ``position``, in place of what was said before.

        With None for ``liked`` it is taken back. Raises ConversationError for a comment of more
        than 2,000 characters, another reason, and where the settings store no conversations.
        """
        comment = harmless(comment).strip()
        if not self._keeps:
            raise ConversationError(
                "feedback is stored with its conversation, and none is stored with "
                "GAZETTE_KEEP=false: set it to true and ask again"
            )
        if reason not in get_args(Reason):
            raise ConversationError(
                f"no reason is {reason!r}: use one of {', '.join(get_args(Reason))}"
            )
        if len(comment) > _LONGEST_COMMENT:
            raise ConversationError(
                f"the comment has {len(comment):,} characters, at most {_LONGEST_COMMENT:,} are "
                "taken: shorten it"
            )
        given = None if liked is None else Feedback(liked, datetime.now(UTC), reason, comment)
        with self._about(id, user, "IMMEDIATE") as (c, _):
            rows.rate(c, rows.turn_at(c, id, position).id, given)
        return given

    def rename(self, id: str, title: str, user: str = "") -> None:
        """Give a conversation another title, of 200 characters at most; blanks are evened out."""
        title = " ".join(harmless(title).split())[:_LONGEST_TITLE]
        if not title:
            raise ConversationError(
                "the new title is empty: give at least one letter", "no_new_title"
            )
        values = {"title": title, "title_words": rows.words_of(title)}
        with self._about(id, user, "IMMEDIATE") as (c, _):
            c.execute(update(conversations).where(conversations.c.id == id).values(values))

    def delete(self, id: str, user: str = "") -> None:
        """Delete a conversation, and the document versions that no other one rests on.

        What was deleted is overwritten, not only forgotten.
        """
        with self._about(id, user, "IMMEDIATE") as (c, _):
            rows.drop(c, conversations, conversations.c.id == id)
        self._overwrite()

    def delete_all(self, user: str) -> int:
        """Delete all conversations of ``user`` in the same way; how many they were."""
        if not self._is_made:
            return 0
        with self._transaction("IMMEDIATE") as c:
            count = rows.drop(c, conversations, conversations.c.user == user)
        self._overwrite()
        return count

    def _overwrite(self) -> None:
        """Put what was dropped out of the log too."""
        with translated_errors(self._path, REMEDIES), self._opened().connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
