"""Reading the catalog: documents, passages, vectors and words that are visible."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, true

from rag.database import translated_errors
from rag.embedding import Matrix, Vector
from rag.index import words
from rag.index.schema import REMEDIES, connect, passages, versions
from rag.model import Document, Filters, Passage, Span

_PAGE = 500
"""Ids bound in one statement: SQLite allows 32,766 variables, older ones 999."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage as the ranking sees it, without its document's text."""

    id: int
    lang: str
    title: str
    date: date | None
    text: str
    vector: Vector


class Reader:
    """The database of one index. Every method is one transaction; all may be called by threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with translated_errors(self._path, REMEDIES):
            self._engine = connect(path)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with translated_errors(self._path, REMEDIES), self._engine.begin() as connection:
            yield connection

    def documents(self, filters: Filters = Filters()) -> list[Document]:  # noqa: B008 - frozen
        """The visible documents that satisfy ``filters``, newest first."""
        query = (
            select(versions)
            .where(_condition(filters))
            .order_by(versions.c.date.desc().nulls_last(), versions.c.doc)
        )
        with self._transaction() as c:
            return [_document(row) for row in c.execute(query)]

    def publishers(self) -> list[str]:
        """Publishers of the visible documents."""
        query = select(versions.c.publisher).where(versions.c.visible).distinct()
        with self._transaction() as c:
            return sorted(name for name in c.scalars(query) if name)

    def counts(self, name: Literal["lang", "publisher"]) -> dict[str, int]:
        """Visible documents by what they have in a column, the most frequent first; not by ""."""
        column, number = versions.c[name], func.count().label("number")
        query = select(column, number).where(versions.c.visible, column != "").group_by(column)
        with self._transaction() as c:
            return {row[0]: row[1] for row in c.execute(query.order_by(number.desc(), column))}

    def days(self) -> tuple[date | None, date | None]:
        """The first and the last day of the visible documents; None where none has a day."""
        query = select(func.min(versions.c.date), func.max(versions.c.date))
        with self._transaction() as c:
            first, last = c.execute(query.where(versions.c.visible)).one()
            return first, last

    def texts_of(self, docs: Iterable[str]) -> dict[str, str]:
        """sha256 of the text of each visible document among ``docs``, by its id."""
        return self._known_of(docs, versions.c.text_sha256)

    def titles_of(self, docs: Iterable[str]) -> dict[str, str]:
        """Title of each visible document among ``docs``, by its id."""
        return self._known_of(docs, versions.c.title)

    def newest_titles(self, n: int, lang: str) -> list[str]:
        """Titles of the ``n`` newest visible documents, those in ``lang`` first."""
        by_day = (versions.c.date.desc().nulls_last(), versions.c.doc)
        query = select(versions.c.title).where(versions.c.visible)
        with self._transaction() as c:
            return list(c.scalars(query.order_by(versions.c.lang != lang, *by_day).limit(n)))

    def _known_of(self, docs: Iterable[str], column: ColumnElement[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        with self._transaction() as c:
            for part in pages(list(docs)):
                query = select(versions.c.doc, column)
                query = query.where(versions.c.visible, versions.c.doc.in_(part))
                found.update((row.doc, row[1]) for row in c.execute(query))
        return found

    def count(self) -> tuple[int, int]:
        """(visible documents, visible passages)."""
        with self._transaction() as c:
            docs = c.scalar(select(func.count()).select_from(versions).where(versions.c.visible))
            cut = c.scalar(
                select(func.count()).select_from(passages.join(versions)).where(versions.c.visible)
            )
            return int(docs or 0), int(cut or 0)

    def passage_ids(self) -> set[int]:
        """Ids of the visible passages."""
        query = select(passages.c.id).select_from(passages.join(versions))
        with self._transaction() as c:
            return set(c.scalars(query.where(versions.c.visible)))

    def passages(self, ids: Iterable[int]) -> dict[int, tuple[Passage, Document]]:
        """The visible passages among ``ids`` with their documents."""
        found: dict[int, tuple[Passage, Document]] = {}
        with self._transaction() as c:
            for part in pages(list(ids)):
                query = passage_rows().where(versions.c.visible, passages.c.id.in_(part))
                found.update((row.id, _passage(row)) for row in c.execute(query))
        return found

    def passages_of(self, doc: str) -> list[Passage]:
        """The passages of a visible document, in order."""
        query = passage_rows().where(versions.c.visible, versions.c.doc == doc)
        with self._transaction() as c:
            return [_passage(row)[0] for row in c.execute(query.order_by(passages.c.start))]

    def vectors(
        self, ids: Sequence[int] | None = None, filters: Filters | None = None, every: int = 1
    ) -> tuple[list[int], Matrix]:
        """Visible passages' (ids, vectors (n, dimension)): of ``ids``, or by filters, or all.

        ``every`` takes each n-th passage only, from the first, for a sample.
        """
        query = select(passages.c.id, passages.c.vector).select_from(passages.join(versions))
        query = query.where(_condition(filters or Filters())).order_by(passages.c.id)
        if every > 1:
            query = query.where(passages.c.id.in_(_each(every)))
        rows: list[Row[Any]] = []
        with self._transaction() as c:
            if ids is None:
                rows = list(c.execute(query))
            else:
                for part in pages(list(ids)):
                    rows.extend(c.execute(query.where(passages.c.id.in_(part))))
        if not rows:
            return [], np.empty((0, 0), np.float32)
        matrix = np.frombuffer(b"".join(row.vector for row in rows), np.float32)
        return [row.id for row in rows], matrix.reshape(len(rows), -1)

    def sentence_vectors(self, ids: Iterable[int]) -> dict[int, Matrix]:
        """Vectors (sentences, dimension) of the sentences of visible passages, by passage id."""
        columns = [passages.c.id, passages.c.vector, passages.c.sentence_vectors]
        query = select(*columns).select_from(passages.join(versions)).where(versions.c.visible)
        found: dict[int, Matrix] = {}
        with self._transaction() as c:
            for part in pages(list(ids)):
                for row in c.execute(query.where(passages.c.id.in_(part))):
                    matrix = np.frombuffer(row.sentence_vectors, np.float32)
                    found[row.id] = matrix.reshape(-1, len(row.vector) // 4)
        return found

    def candidates(self, ids: Iterable[int], filters: Filters) -> list[Candidate]:
        """The visible passages among ``ids`` that satisfy ``filters``, for ranking."""
        chosen = [passages.c.id, passages.c.vector]
        chosen += [versions.c[name] for name in ("lang", "title", "date")]
        text = func.substr(versions.c.text, passages.c.start + 1, passages.c.end - passages.c.start)
        query = select(*chosen, text.label("text")).select_from(passages.join(versions))
        found: list[Candidate] = []
        with self._transaction() as c:
            for part in pages(list(ids)):
                rows = c.execute(query.where(_condition(filters), passages.c.id.in_(part)))
                found.extend(
                    Candidate(
                        r.id, r.lang, r.title, r.date, r.text, np.frombuffer(r.vector, np.float32)
                    )
                    for r in rows
                )
        return found

    def languages(self, ids: Iterable[int]) -> dict[int, str]:
        """The language of each visible passage among ``ids``."""
        query = select(passages.c.id, versions.c.lang).select_from(passages.join(versions))
        found: dict[int, str] = {}
        with self._transaction() as c:
            for part in pages(list(ids)):
                rows = c.execute(query.where(versions.c.visible, passages.c.id.in_(part)))
                found.update((row.id, row.lang) for row in rows)
        return found

    def sample(self, n: int) -> dict[str, Matrix]:
        """Vectors of up to ``n`` visible passages of each language, evenly spread."""
        place = func.row_number().over(partition_by=versions.c.lang, order_by=passages.c.id)
        size = func.count().over(partition_by=versions.c.lang)
        numbered = (
            select(passages.c.id, versions.c.lang, place.label("place"), size.label("size"))
            .select_from(passages.join(versions))
            .where(versions.c.visible)
            .subquery()
        )
        step = func.max(1, numbered.c.size / n)
        query = (
            select(numbered.c.lang, passages.c.vector)
            .join(passages, passages.c.id == numbered.c.id)
            .where((numbered.c.place - 1) % step == 0, numbered.c.place <= n * step)
            .order_by(passages.c.id)
        )
        rows: dict[str, list[bytes]] = {}
        with self._transaction() as c:
            for row in c.execute(query):
                rows.setdefault(row.lang, []).append(row.vector)
        return {
            lang: np.frombuffer(b"".join(some), np.float32).reshape(len(some), -1)
            for lang, some in rows.items()
        }

    def matching(
        self,
        terms: Sequence[str],
        n: int,
        filters: Filters = Filters(),  # noqa: B008 - frozen
    ) -> list[tuple[int, float]]:
        """The ``n`` passages that the words fit best: (passage id, BM25 score)."""
        allowed = select(passages.c.id).select_from(passages.join(versions))
        with self._transaction() as c:
            return words.nearest(
                c, terms, n, allowed.where(_condition(filters)) if filters else None
            )

    def document_counts(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many passages each term stands; absent terms are left out."""
        with self._transaction() as c:
            return words.document_counts(c, terms)


DOCUMENT_FIELDS = (
    "title",
    "lang",
    "date",
    "publisher",
    "source_title",
    "source_date",
    "source_url",
    "text",
)


def _document(row: Row[Any]) -> Document:
    return Document(id=row.doc, **{name: getattr(row, name) for name in DOCUMENT_FIELDS})


def passage_rows() -> Any:
    """The query for passages with their documents."""
    columns = [versions.c[name] for name in ("doc", *DOCUMENT_FIELDS)]
    chosen = [passages.c.id, passages.c.start, passages.c.end, passages.c.sentences]
    return select(*chosen, *columns).select_from(passages.join(versions))


def _passage(row: Row[Any]) -> tuple[Passage, Document]:
    sentences = tuple(Span(*pair) for pair in json.loads(row.sentences))
    text = row.text[row.start : row.end]
    return Passage(row.id, row.doc, row.start, row.end, text, sentences), _document(row)


def _condition(filters: Filters) -> ColumnElement[bool]:
    found: ColumnElement[bool] = versions.c.visible
    if filters.langs:
        found = found & versions.c.lang.in_(filters.langs)
    if filters.publishers:
        wanted = [name.casefold() for name in filters.publishers]
        found = found & func.casefold(versions.c.publisher).in_(wanted)
    if filters.docs:
        found = found & versions.c.doc.in_(filters.docs)
    found = found & (versions.c.date >= filters.since if filters.since else true())
    return found & (versions.c.date <= filters.until if filters.until else true())


def _each(every: int) -> Select[Any]:
    """Ids of each n-th visible passage: counted, for the ids themselves have gaps."""
    place = func.row_number().over(order_by=passages.c.id).label("place")
    counted = (
        select(passages.c.id, place)
        .select_from(passages.join(versions))
        .where(versions.c.visible)
        .subquery()
    )
    return select(counted.c.id).where((counted.c.place - 1) % every == 0)


def pages(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """``ids`` in parts that one statement can bind."""
    for start in range(0, len(ids), _PAGE):
        yield ids[start : start + _PAGE]
