"""The word index: FTS5 over folded terms, so that accents, case, script and endings matter less."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    Text,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)

from rag.text.folding import Token, name_key, term, tokens
from rag.text.stopwords import is_stop_word

RULES = 1
"""Version of these rules; an index remembers the one that made it."""

_TITLE_WEIGHT = 0.5
"""A word of the title counts half of one in the passage."""
_NAME_MARK = "n"
_MAX_TERMS = 64


def add(connection: Connection, passage_id: int, passage: str, title: str) -> None:
    """Index the words of a passage and of its document's title."""
    connection.execute(
        text("INSERT INTO words (rowid, terms, title) VALUES (:id, :terms, :title)"),
        {"id": passage_id, "terms": _indexed(passage), "title": _indexed(title)},
    )


def delete(connection: Connection, passage_ids: Iterable[int]) -> None:
    """Take passages out; unknown ids are ignored."""
    for passage_id in passage_ids:
        connection.execute(text("DELETE FROM words WHERE rowid = :id"), {"id": passage_id})


def nearest(
    connection: Connection, terms: Sequence[str], n: int, allowed: Select[Any] | None = None
) -> list[tuple[int, float]]:
    """The ``n`` passages that fit ``terms`` best: (passage id, BM25 score, higher is better).

    Only those whose ids ``allowed`` selects, when it is given.
    """
    if not terms:
        return []
    query = " OR ".join(f'"{one}"' for one in list(dict.fromkeys(terms))[:_MAX_TERMS])
    rowid, index = column("rowid", Integer), literal_column("words", Text)
    score = (-func.bm25(index, 1.0, _TITLE_WEIGHT)).label("score")
    found = select(rowid, score).select_from(table("words")).where(index.op("MATCH")(query))
    if allowed is not None:
        found = found.where(rowid.in_(allowed))
    rows = connection.execute(found.order_by(score.desc(), rowid).limit(n))
    return [(int(row.rowid), float(row.score)) for row in rows]


def document_counts(connection: Connection, terms: Iterable[str]) -> dict[str, int]:
    """In how many passages each of ``terms`` stands; absent ones are left out."""
    found = {}
    for one in set(terms):
        count = connection.scalar(text("SELECT doc FROM word_counts WHERE term = :t"), {"t": one})
        if count:
            found[one] = int(count)
    return found


def question_terms(question: Sequence[Token]) -> list[str]:
    """What the tokens of a question are looked up by: its words' terms and its names' keys."""
    found: list[str] = []
    for token in question:
        if not is_stop_word(token):
            found.extend(terms_of(token))
    return found


def terms_of(token: Token) -> tuple[str, ...]:
    """The term of a token and, when it is capitalised, the key of the name it may be."""
    key = name_key(token.folded) if token.is_capitalised else ""
    return (term(token.folded), _NAME_MARK + key + _NAME_MARK) if key else (term(token.folded),)


@lru_cache(maxsize=4096)
def _indexed(passage: str) -> str:
    return " ".join(
        one for token in tokens(passage) if not is_stop_word(token) for one in terms_of(token)
    )
