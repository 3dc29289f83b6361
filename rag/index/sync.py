"""Sync: bring an index to the state of folders, a document version at a time."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from rag.documents import SUFFIXES, read_document
from rag.documents.registry import read_bytes
from rag.embedding import Matrix
from rag.errors import ReadError
from rag.index.catalog import Root, Stored
from rag.index.home import storage_errors
from rag.index.store import Index
from rag.model import Document, Passage, Skipped, SyncReport
from rag.passages import embedding_text, passages_of

Progress = Callable[[int, int, str], None]
"""Called with (files done, files in all, name of the present one)."""

_BATCH = 16
"""Passages embedded at a time: more gains no speed and makes a stop wait."""


@dataclass(frozen=True, slots=True)
class Target:
    """A folder to bring in, or one file of it."""

    folder: Path
    only: str = ""
    """Path of the one file below ``folder``; "" for all."""

    @classmethod
    def from_path(cls, path: Path) -> "Target":
        """The folder at ``path``, or the file there; ReadError when it cannot be opened."""
        path = Path(os.path.abspath(path.expanduser()))
        try:
            if path.is_file():
                return cls(path.parent, path.name)
            with os.scandir(path):
                return cls(path)
        except OSError as error:
            raise ReadError(
                f"{path} cannot be opened ({error.strerror}): correct the path, or allow this "
                "user to read it; nothing was changed"
            ) from error


@dataclass(slots=True)
class _Tally:
    """What was done so far; becomes the report."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    unchanged: int = 0
    embedded: int = 0


def sync(index: Index, targets: Sequence[Target], progress: Progress) -> SyncReport:
    """Bring ``index`` to the state of ``targets``; the caller holds the write lock.

    A file that cannot be read keeps the version that was indexed before and is reported in
    ``skipped``. Raises StorageError when the index cannot be written; what was finished stays.
    """
    began = time.monotonic()
    tally = _Tally()
    with storage_errors(index.folder.parent):
        _Sync(index, targets, progress, tally).run()
    return SyncReport(
        added=tuple(tally.added),
        changed=tuple(tally.changed),
        renamed=tuple(tally.renamed),
        removed=tuple(tally.removed),
        unchanged=tally.unchanged,
        skipped=tuple(tally.skipped),
        passages_embedded=tally.embedded,
        repaired=tuple(tally.repaired),
        seconds=time.monotonic() - began,
    )


@dataclass(frozen=True, slots=True)
class _File:
    root: Root
    path: str
    """Below the root, with forward slashes."""
    data: bytes
    sha256: str

    @property
    def doc(self) -> str:
        return f"{self.root.name}/{self.path}"


class _Sync:
    """One run: scan, read, publish what is new, drop what is gone."""

    def __init__(
        self, index: Index, targets: Sequence[Target], progress: Progress, tally: _Tally
    ) -> None:
        self._index = index
        self._catalog = index.catalog
        self._targets = targets
        self._progress = progress
        self._tally = tally
        self._stored: dict[str, Stored] = {}
        self._gone: dict[str, Stored] = {}
        self._texts: dict[str, str] = {}
        """Text digest to the document that has it: a second one is a duplicate."""
        self._is_writing = False

    def run(self) -> None:
        """Bring in every target, then drop what is gone."""
        if not self._index.is_settled:
            self._start_writing()
        self._stored = {one.doc: one for one in self._catalog.stored()}
        found = [pair for target in self._targets for pair in self._scan(target)]
        self._texts = {
            one.text_sha256: doc for doc, one in self._stored.items() if doc not in self._gone
        }
        for done, (root, path) in enumerate(found):
            self._progress(done, len(found), path)
            self._take(root, path)
        self._progress(len(found), len(found), "")
        self.remove(self._gone.values())
        self.finish()

    def remove(self, gone: Iterable[Stored]) -> None:
        """Drop documents from both indexes."""
        versions = {one.version: one.doc for one in gone}
        if versions:
            self._start_writing()
            self._tally.removed.extend(sorted(versions.values()))
            self._index.vectors().delete(self._catalog.remove(list(versions)))

    def _start_writing(self) -> None:
        if not self._is_writing:
            self._is_writing = True
            self._index.start_writing()
            self._index.repair(self._tally.repaired.append)

    def finish(self) -> None:
        """Drop what a cut-off sync left, its vectors having been put to use by now."""
        if self._is_writing:
            self._index.vectors().delete(self._catalog.remove(self._catalog.unpublished()))
            self._index.finish_writing()

    # Finding files

    def _scan(self, target: Target) -> Iterator[tuple[Root, str]]:
        root = self._catalog.root(target.folder)
        present: list[str] = []
        unreadable: list[str] = []
        if target.only:
            present = [target.only]
        else:
            present, unreadable = self._walk(target.folder)
        expected = [one for one in self._stored.values() if one.doc.startswith(f"{root.name}/")]
        for one in expected:
            below = any(one.path.startswith(f"{folder}/") for folder in unreadable)
            if one.path not in present and not target.only and not below:
                self._gone[one.doc] = one
        yield from ((root, path) for path in present)

    def _walk(self, folder: Path) -> tuple[list[str], list[str]]:
        """Paths of the files that have a format of ours, and folders that cannot be opened."""
        present: list[str] = []
        unreadable: list[str] = []

        def refuse(error: OSError) -> None:
            path = Path(error.filename)
            unreadable.append(path.relative_to(folder).as_posix())
            self._skip(path, f"folder cannot be opened ({error.strerror}): allow this user to read it")

        for parent, folders, files in os.walk(folder, onerror=refuse):
            folders[:] = sorted(f for f in folders if not f.startswith("."))
            for name in sorted(f for f in files if not f.startswith(".")):
                path = Path(parent, name)
                if path.suffix.lower() in SUFFIXES:
                    present.append(path.relative_to(folder).as_posix())
                else:
                    self._skip(path, f"{path.suffix or 'no suffix'} is not read; {', '.join(SUFFIXES)} are")
        return present, unreadable

    def _skip(self, path: Path, reason: str) -> None:
        self._tally.skipped.append(Skipped(str(path), reason))

    # Taking a file in

    def _take(self, root: Root, path: str) -> None:
        where = root.path / PurePosixPath(path)
        try:
            data = read_bytes(where)
            file = _File(root, path, data, hashlib.sha256(data).hexdigest())
            before = self._stored.get(file.doc)
            if before and before.file_sha256 == file.sha256:
                self._tally.unchanged += 1
                return
            document = read_document(where, file.doc, data)
        except ReadError as error:
            kept = "; the version indexed before is kept" if f"{root.name}/{path}" in self._stored else ""
            self._skip(where, f"{error}{kept}")
            return
        twin = self._texts.get(document.sha256)
        if twin and twin != file.doc:
            self._skip(where, f"has the same text as {twin}, which is indexed: remove one of them")
            if before:
                self._gone[before.doc] = before
            return
        self._publish(file, document, before)

    def _publish(self, file: _File, document: Document, before: Stored | None) -> None:
        moved = None if before else self._moved(document.sha256)
        cut = passages_of(document)
        keys, vectors = self._vectors_of(document, cut)
        self._start_writing()
        version, ids = self._catalog.add_version(
            file.root, file.path, file.sha256, document, cut, keys, vectors
        )
        self._index.vectors().add(ids, vectors)
        replaced = [one.version for one in (before, moved) if one]
        self._index.vectors().delete(self._catalog.publish(version, replaced))
        self._texts[document.sha256] = file.doc
        if before:
            self._tally.changed.append(file.doc)
        elif moved:
            del self._gone[moved.doc]
            self._tally.renamed.append((moved.doc, file.doc))
        else:
            self._tally.added.append(file.doc)

    def _moved(self, text_sha256: str) -> Stored | None:
        """A document that is gone from its place and has the same text."""
        same = (one for one in self._gone.values() if one.text_sha256 == text_sha256)
        return next(same, None)

    def _vectors_of(self, document: Document, cut: Sequence[Passage]) -> tuple[list[str], Matrix]:
        """Embedding keys and vectors; what was embedded before is not embedded again."""
        texts = [embedding_text(document, passage) for passage in cut]
        name = self._index.embedder.name
        keys = [hashlib.sha256(f"{name}\n{text}".encode()).hexdigest() for text in texts]
        known = self._catalog.known_vectors(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        for start in range(0, len(new), _BATCH):
            part = list(new)[start : start + _BATCH]
            matrix = self._index.embedder.embed_passages([new[key] for key in part])
            known.update((key, row.tobytes()) for key, row in zip(part, matrix, strict=True))
        self._tally.embedded += len(new)
        rows = [np.frombuffer(known[key], np.float32) for key in keys]
        return keys, np.stack(rows)

