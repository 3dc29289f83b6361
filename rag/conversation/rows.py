"""Rows of the stored conversations: looked up, begun, dropped, and the forms they are stored in."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from rag.conversation.packing import packed, packed_asking, without_passages
from rag.conversation.schema import askings, conversations, feedback, turns, uses, versions
from rag.database import written
from rag.errors import ConversationError
from rag.model import (
    Answer,
    AskedWith,
    Document,
    Feedback,
    ListedConversation,
    RatedAnswer,
    Turn,
)
from rag.text.folding import tokens

_TITLE = 60
_FIELDS = tuple(c.name for c in versions.c if c.name not in ("key", "doc"))


def holds(word: str) -> ColumnElement[bool]:
    """Whether the title or a turn holds ``word``."""
    inside = turns.c.words.contains(word, autoescape=True)
    said = select(turns.c.id).where(turns.c.conversation == conversations.c.id, inside)
    return conversations.c.title_words.contains(word, autoescape=True) | said.exists()


def existing(c: Connection, id: str, user: str) -> Row[Any]:
    """The conversation of that id and user; ConversationError when there is none."""
    query = select(conversations).where(conversations.c.id == id, conversations.c.user == user)
    row = c.execute(query).one_or_none()
    if row is None:
        raise unknown(id)
    return row


def unknown(id: str) -> ConversationError:
    """What is raised for a conversation that does not exist."""
    return ConversationError(
        f"no conversation is {id!r}: gazette conversation list names them all", "no_conversation"
    )


def turn_at(c: Connection, id: str, position: int) -> Row[Any]:
    """The turn at that position of a conversation; ConversationError when there is none."""
    query = select(turns).where(turns.c.conversation == id, turns.c.position == position)
    row = c.execute(query).one_or_none()
    if row is None:
        raise ConversationError(
            f"conversation {id} has no turn at position {position}: it was changed meanwhile, read "
            "it again",
            "turn_changed",
        )
    return row


def listed(row: Row[Any]) -> ListedConversation:
    """What a list tells of a conversation."""
    times = moment(row.created), moment(row.updated)
    return ListedConversation(row.id, row.title, row.user, *times, row.questions)


def rated_turns(*more: ColumnElement[Any]) -> Select[Any]:
    """The query for turns with what is known of their asking and was said of them, if anything."""
    said = [feedback.c[name] for name in ("liked", "reason", "comment", "at")]
    beside = [askings.c.asked_with, *said, *more]
    return select(turns.c.answer, turns.c.asked_at, *beside).select_from(
        turns.outerjoin(askings).outerjoin(feedback)
    )


def feedback_of(row: Row[Any]) -> Feedback | None:
    """What was said of a turn, or None."""
    return None if row.liked is None else _feedback(row)


def _feedback(row: Row[Any]) -> Feedback:
    return Feedback(row.liked, moment(row.at), row.reason, row.comment)


def rated(c: Connection, row: Row[Any], depth: int) -> RatedAnswer:
    """An answer with what was said of it and the ``depth`` turns before it."""
    query = select(turns.c.answer).where(turns.c.conversation == row.conversation)
    query = query.where(turns.c.position < row.position).order_by(turns.c.position.desc())
    before = map(without_passages, reversed(c.scalars(query.limit(depth)).all()))
    history = tuple(Turn(answer.question, answer.text) for answer in before)
    return RatedAnswer(without_passages(row.answer), history, _feedback(row))


def rate(c: Connection, turn: int, given: Feedback | None) -> None:
    """Store what was said of a turn in place of what was said before; None takes it back."""
    c.exec_driver_sql("PRAGMA secure_delete = ON")
    c.execute(delete(feedback).where(feedback.c.turn == turn))
    if given:
        row = {"liked": given.liked, "reason": given.reason, "comment": given.comment}
        c.execute(insert(feedback).values(row | {"turn": turn, "at": written(given.at)}))


def begun(c: Connection, question: str, user: str, at: str) -> str:
    """A new conversation, called by its first question."""
    title = _title(question)
    row = {"user": user, "title": title, "title_words": words_of(title)}
    row |= {"id": secrets.token_hex(9), "created": at, "updated": at}
    c.execute(insert(conversations).values(row))
    return row["id"]


def cut(c: Connection, row: Row[Any], at: int, question: str) -> None:
    """Drop the turns from position ``at`` on, for another ``question`` to take their place."""
    own = turns.c.conversation == row.id
    if at == 0:
        first = c.scalar(select(turns.c.answer).where(own, turns.c.position == 0))
        if first and row.title == _title(without_passages(first).question):
            values = {"title": _title(question), "title_words": words_of(_title(question))}
            c.execute(update(conversations).where(conversations.c.id == row.id).values(values))
    drop(c, turns, own & (turns.c.position >= at))


def drop(c: Connection, table: Table, which: ColumnElement[bool]) -> int:
    """Drop rows, and the document versions that nothing else rests on; they are overwritten.

    Returns how many rows of ``table`` they were.
    """
    c.exec_driver_sql("PRAGMA secure_delete = ON")
    count = c.execute(delete(table).where(which)).rowcount
    c.execute(delete(versions).where(versions.c.key.not_in(select(uses.c.version))))
    return count


def add(
    c: Connection, id: str, answer: Answer, asked_at: datetime, asked_with: AskedWith | None
) -> int:
    """Store a turn as the last one of a conversation; returns its position."""
    text, documents = packed(answer)
    query = select(func.max(turns.c.position)).where(turns.c.conversation == id)
    last = c.scalar(query)
    position = 0 if last is None else int(last) + 1
    turn = {
        "conversation": id,
        "position": position,
        "asked_at": written(asked_at),
        "answer": text,
        "words": words_of(f"{answer.question}\n{answer.text}"),
    }
    (number,) = c.execute(insert(turns).values(turn)).inserted_primary_key or (0,)
    _rest_on(c, number, documents)
    if asked_with:
        c.execute(insert(askings).values(turn=number, asked_with=packed_asking(asked_with)))
    now = written(datetime.now(UTC))
    c.execute(update(conversations).where(conversations.c.id == id).values(updated=now))
    return position


def _rest_on(c: Connection, turn: int, documents: Mapping[str, Document]) -> None:
    """Store what an answer was made from, each version once."""
    for key, document in documents.items():
        row = {name: getattr(document, name) for name in _FIELDS}
        row |= {"key": key, "doc": document.id}
        c.execute(insert(versions).values(row).on_conflict_do_nothing())
        c.execute(insert(uses).values(turn=turn, version=key))


def documents_of(c: Connection, id: str) -> dict[str, Document]:
    """The documents that the answers of a conversation rest on, as they were, by key."""
    used = select(uses.c.version).join(turns).where(turns.c.conversation == id)
    rows = c.execute(select(versions).where(versions.c.key.in_(used)))
    return {
        row.key: Document(id=row.doc, **{name: getattr(row, name) for name in _FIELDS})
        for row in rows
    }


def words_of(text: str) -> str:
    """What is searched of a text: its words in the form that accents and case do not change."""
    return " ".join(token.folded for token in tokens(text)).encode(errors="replace").decode()


def moment(text: str) -> datetime:
    """A time that was stored."""
    return datetime.fromisoformat(text)


def _title(question: str) -> str:
    if len(question) <= _TITLE:
        return question
    cut = question[:_TITLE]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:") + "…"
