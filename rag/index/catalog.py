"""The catalog: documents, their versions, passages and vectors, in SQLite. It is the truth."""

import json
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from rag.index import words
from rag.index.reader import DOCUMENT_FIELDS, Reader, pages, passage_rows
from rag.index.schema import meta, passages, roots, versions
from rag.model import Document, Passage

_SYNCED = "synced"


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that was synced."""

    id: int
    name: str
    path: Path
    is_whole: bool
    """False when only some files of it were ever asked for."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A visible version of a document, as a sync sees it."""

    version: int
    root: int
    doc: str
    file: Path
    file_sha256: str
    text_sha256: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A visible document as a list shows it, without its text."""

    id: str
    title: str
    lang: str
    date: date | None
    publisher: str
    passages: int
    file: Path
    file_sha256: str


class Catalog(Reader):
    """The database of one index, to read and to write.

    A root inside the data folder is stored as its path from there, so that the documents given to
    Gazette itself are found again when the data folder is moved.
    """

    @property
    def _home(self) -> Path:
        return self._path.parents[1]

    def _stored_path(self, path: Path) -> str:
        return str(path.relative_to(self._home) if self._home in path.parents else path)

    # What made the index, and its state

    def remembered(self, key: str) -> str:
        """The value under ``key``, or "" when there is none."""
        with self._transaction() as c:
            return str(c.scalar(select(meta.c.value).where(meta.c.key == key)) or "")

    def remember(self, values: Mapping[str, str]) -> None:
        """Store values under their keys."""
        with self._transaction() as c:
            for key, value in values.items():
                c.execute(delete(meta).where(meta.c.key == key))
                c.execute(insert(meta).values(key=key, value=value))

    def note_sync(self) -> None:
        """Remember that a sync has ended now."""
        self.remember({_SYNCED: datetime.now(UTC).isoformat()})

    def synced(self) -> datetime | None:
        """When the last sync ended, in UTC; None where that was not noted yet."""
        noted = self.remembered(_SYNCED)
        return datetime.fromisoformat(noted) if noted else None

    def revision(self) -> int:
        """A number that grows with every change of what is visible."""
        with self._transaction() as c:
            last = c.scalar(select(meta.c.value).where(meta.c.key == "revision"))
            return int(last or 0)

    # Folders and versions

    def roots(self) -> list[Root]:
        """The folders that were synced."""
        with self._transaction() as c:
            return [
                Root(r.id, r.name, self._home / r.path, r.is_whole)
                for r in c.execute(select(roots))
            ]

    def root(self, path: Path, is_whole: bool) -> Root:
        """The root at ``path``, added when it is new under a name no other root has."""
        known, stored = self.roots(), self._stored_path(path)
        if not (same := [root for root in known if root.path == path]):
            name = _free_name(path.name or "root", {root.name for root in known})
            with self._transaction() as c:
                c.execute(insert(roots).values(name=name, path=stored, is_whole=is_whole))
        else:
            values = {"path": stored, "is_whole": is_whole or same[0].is_whole}
            with self._transaction() as c:
                c.execute(update(roots).where(roots.c.id == same[0].id).values(values))
        return next(root for root in self.roots() if root.path == path)

    def forget(self, root: Root) -> None:
        """Drop a root that no version is of; any other stays."""
        with self._transaction() as c:
            used = select(versions.c.root_id)
            c.execute(delete(roots).where(roots.c.id == root.id, roots.c.id.not_in(used)))

    def stored(self) -> list[Stored]:
        """The visible versions."""
        columns = [versions.c[name] for name in ("id", "root_id", "doc", "path")]
        query = select(
            *columns, versions.c.file_sha256, versions.c.text_sha256, roots.c.path.label("folder")
        ).select_from(versions.join(roots))
        query = query.where(versions.c.visible).order_by(versions.c.doc)
        with self._transaction() as c:
            return [
                Stored(
                    *(r.id, r.root_id, r.doc, self._home / r.folder / r.path),
                    *(r.file_sha256, r.text_sha256),
                )
                for r in c.execute(query)
            ]

    def listed(self) -> list[Listed]:
        """The visible documents."""
        names = ("title", "lang", "date", "publisher", "path", "file_sha256")
        sizes = (
            select(passages.c.version_id, func.count().label("passages"))
            .group_by(passages.c.version_id)
            .subquery()
        )
        columns = (*(versions.c[name] for name in names), sizes.c.passages)
        query = (
            select(versions.c.doc, *columns, roots.c.path.label("folder"))
            .select_from(versions.join(roots).join(sizes, sizes.c.version_id == versions.c.id))
            .where(versions.c.visible)
        )
        with self._transaction() as c:
            return [
                Listed(
                    *(row.doc, row.title, row.lang, row.date, row.publisher, row.passages),
                    file=self._home / row.folder / row.path,
                    file_sha256=row.file_sha256,
                )
                for row in c.execute(query)
            ]

    def known_vectors(self, keys: Iterable[str]) -> dict[str, tuple[bytes, bytes]]:
        """(vector, sentence vectors) that were computed before, by embedding key."""
        found: dict[str, tuple[bytes, bytes]] = {}
        with self._transaction() as c:
            for part in pages(list(keys)):
                rows = c.execute(
                    select(
                        passages.c.embedding_key, passages.c.vector, passages.c.sentence_vectors
                    ).where(passages.c.embedding_key.in_(part))
                )
                found.update((r.embedding_key, (r.vector, r.sentence_vectors)) for r in rows)
        return found

    def add_version(
        self,
        root: Root,
        path: str,
        file_sha256: str,
        document: Document,
        cut: Sequence[Passage],
        keys: Sequence[str],
        vectors: Sequence[tuple[bytes, bytes]],
    ) -> tuple[int, list[int]]:
        """Store a version that is not visible yet: (its id, the ids of its passages)."""
        with self._transaction() as c:
            row = {
                "root_id": root.id,
                "path": path,
                "doc": document.id,
                "visible": False,
                "file_sha256": file_sha256,
                "text_sha256": document.sha256,
                "indexed_at": time.time(),
                **{name: getattr(document, name) for name in DOCUMENT_FIELDS},
            }
            version = int(c.execute(insert(versions).values(row)).inserted_primary_key[0])  # type: ignore[index]
            ids = []
            for passage, key, (vector, sentences) in zip(cut, keys, vectors, strict=True):
                values = {
                    "version_id": version,
                    "start": passage.start,
                    "end": passage.end,
                    "sentences": json.dumps(passage.sentences),
                    "embedding_key": key,
                    "vector": vector,
                    "sentence_vectors": sentences,
                }
                ids.append(int(c.execute(insert(passages).values(values)).inserted_primary_key[0]))  # type: ignore[index]
        return version, ids

    def publish(self, version: int, replaced: Sequence[int] = ()) -> list[int]:
        """Make a version visible and drop the ones it replaces, at once.

        Returns the ids of the passages that went, for the vector index to drop.
        """
        with self._transaction() as c:
            gone = _drop(c, replaced)
            c.execute(update(versions).where(versions.c.id == version).values(visible=True))
            rows = c.execute(passage_rows().where(versions.c.id == version)).all()
            for row in rows:
                words.add(c, row.id, row.text[row.start : row.end], row.title)
            _bump(c)
        return gone

    def remove(self, replaced: Sequence[int]) -> list[int]:
        """Drop versions; returns the ids of their passages."""
        if not replaced:
            return []
        with self._transaction() as c:
            gone = _drop(c, replaced)
            _bump(c)
        return gone

    def unpublished(self) -> list[int]:
        """Versions that a sync which was cut off left unfinished."""
        with self._transaction() as c:
            return list(c.scalars(select(versions.c.id).where(~versions.c.visible)))


def _free_name(base: str, taken: Container[str]) -> str:
    names = (base if i == 1 else f"{base}-{i}" for i in count(1))
    return next(name for name in names if name not in taken)


def _drop(c: Connection, replaced: Sequence[int]) -> list[int]:
    gone: list[int] = []
    for part in pages(replaced):
        ids = list(c.scalars(select(passages.c.id).where(passages.c.version_id.in_(part))))
        words.delete(c, ids)
        c.execute(delete(versions).where(versions.c.id.in_(part)))
        gone.extend(ids)
    return gone


def _bump(c: Connection) -> None:
    last = c.scalar(select(meta.c.value).where(meta.c.key == "revision"))
    c.execute(delete(meta).where(meta.c.key == "revision"))
    c.execute(insert(meta).values(key="revision", value=str(int(last or 0) + 1)))
