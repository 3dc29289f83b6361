"""Sync: bring an index to the state of folders, a document version at a time."""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import numpy as np

from rag.documents import SUFFIXES, read_document
from rag.documents.registry import read_bytes
from rag.embedding import Matrix, Vector
from rag.errors import ReadError
from rag.index.catalog import Root, Stored
from rag.index.home import storage_errors
from rag.index.left_out import leave_out, left_out, take_back
from rag.index.store import Index
from rag.model import Document, Notice, Passage, Skipped, SyncReport
from rag.passages import embedding_text, passages_of

Progress = Callable[[int, int, str], None]
"""Called with (files done, files in all, name of the present one)."""
Embedded = Callable[[int, int], None]
"""Called with (passages embedded, passages to embed) of the file at hand."""

_BATCH = 16
"""Passages embedded at a time: more gains no speed and makes a stop wait."""
_HIDDEN = (".", "__pycache__")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CODE = (".py",)
"""The shipped corpus is a Python package: its code is passed over without a word."""


@dataclass(frozen=True, slots=True)
class Target:
    """A folder to bring in, or one file of it."""

    folder: Path
    only: str = ""
    """Name of the one file in ``folder``; "" for all."""

    @classmethod
    def from_path(cls, path: Path) -> "Target":
        """The folder at ``path``, or the file there; ReadError when it cannot be opened."""
        try:
            path = Path(os.path.abspath(path.expanduser()))
            str(path).encode()
            if path.is_file():
                return cls(path.parent, path.name)
            with os.scandir(path):
                return cls(path)
        except (OSError, RuntimeError, ValueError) as error:  # ~nobody, a NUL, no Unicode
            reason = getattr(error, "strerror", None) or "no valid name"
            raise ReadError(
                f"{printable(path)} cannot be opened ({reason}): correct the path, or allow this "
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
    left_out: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    unchanged: int = 0
    embedded: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """Documents to take out of the index, whatever their files are."""

    docs: Sequence[str] = ()
    remembered: Sequence[str] = ()
    """Those among them whose files later syncs are to pass over."""


def sync(
    index: Index,
    targets: Sequence[Target],
    progress: Progress,
    embedded: Embedded = lambda done, total: None,
    drop: Drop = Drop(),
    is_trusted: bool = False,
) -> SyncReport:
    """Bring ``index`` to the state of ``targets``; the caller holds the write lock.

    A file that was left out on purpose is passed over, unless it is a target by itself. Of an
    index that ``is_trusted`` no child process is asked whether it is sound.

    A file that cannot be read keeps the version that was indexed before and is reported in
    ``skipped``. Raises StorageError when the index cannot be written; what was finished stays.
    """
    began = time.monotonic()
    tally = _Tally()
    with storage_errors(index.folder.parent):
        is_sound = (is_trusted and index.is_settled) or index.is_sound()
        _Sync(index, targets, progress, embedded, tally, is_sound).run(drop)
        index.catalog.note_sync()
    return SyncReport(
        added=tuple(tally.added),
        changed=tuple(tally.changed),
        renamed=tuple(tally.renamed),
        removed=tuple(tally.removed),
        unchanged=tally.unchanged,
        skipped=tuple(tally.skipped),
        left_out=tuple(tally.left_out),
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


def printable(path: Path) -> str:
    """``path`` with what is no Unicode and what commands a terminal shown as U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", str(path))


def _unfit(path: Path) -> str:
    """Why no document can be at ``path``, in words, or ""."""
    if _UNPRINTABLE.search(str(path)):
        return "its name or its folder's has characters that cannot be shown: rename it"
    if path.suffix.lower() in SUFFIXES or path.suffix in _CODE:
        return ""
    return f"{path.suffix or 'no suffix'} is not read; {', '.join(SUFFIXES)} are"


def _lies_in(path: Path, folder: Path) -> bool:
    """Whether ``path`` is somewhere below ``folder``."""
    return folder in path.parents


def _digest(file: Path) -> str:
    """SHA-256 of the file's bytes; "" when it cannot be read."""
    try:
        return hashlib.sha256(read_bytes(file)).hexdigest()
    except ReadError:
        return ""


def _is_gone(path: Path) -> bool:
    """Whether nothing is at ``path``; of what cannot be looked at that is not known."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


class _Sync:
    """One run: scan, read, publish what is new, drop what is gone."""

    def __init__(
        self,
        index: Index,
        targets: Sequence[Target],
        progress: Progress,
        embedded: Embedded,
        tally: _Tally,
        is_sound: bool,
    ) -> None:
        self._index = index
        self._catalog = index.catalog
        self._targets = targets
        self._progress = progress
        self._embedded = embedded
        self._tally = tally
        self._stored: dict[str, Stored] = {}
        self._gone: dict[str, Stored] = {}
        self._texts: dict[str, str] = {}
        """Text digest to the document that has it: a second one is a duplicate."""
        self._is_sound = is_sound
        self._is_writing = False

    def run(self, drop: Drop) -> None:
        """Bring in every target, then drop what is gone and what is to go."""
        if not (self._is_sound and self._index.is_settled):
            self._start_writing()
        self._stored = {one.doc: one for one in self._catalog.stored()}
        # Remembered first: should the dropping be cut off, the next sync of the folder ends it.
        leave_out(self._catalog, drop.remembered)
        self._gone = {doc: self._stored[doc] for doc in drop.docs}
        targets = sorted(self._targets, key=lambda one: (bool(one.only), len(one.folder.parts)))
        found = list(dict.fromkeys(pair for one in targets for pair in self._scan(one)))
        changed = self._changed(found)
        for done, (root, path) in enumerate(changed, len(found) - len(changed)):
            self._progress(done, len(found), path)
            self._take(root, path)
        self._progress(len(found), len(found), "")
        self._remove(self._gone.values())
        self._finish()

    def _remove(self, gone: Iterable[Stored]) -> None:
        """Drop documents from both indexes, and roots that hold none and never will again.

        Such are those that a root around them has taken over, and those whose folders are gone.
        """
        versions = {one.version: one.doc for one in gone}
        if versions:
            self._start_writing()
            self._tally.removed.extend(sorted(versions.values()))
            self._index.vectors().delete(self._catalog.remove(list(versions)))
        for root in (known := self._catalog.roots()):
            is_inside = any(_lies_in(root.path, other.path) for other in known if other.is_whole)
            if is_inside or _is_gone(root.path):
                self._catalog.forget(root)

    def _start_writing(self) -> None:
        if not self._is_writing:
            self._is_writing = True
            self._index.start_writing()
            self._index.repair(self._is_sound, self._tally.repaired.append)

    def _finish(self) -> None:
        """Drop what a cut-off sync left, its vectors having been put to use by now."""
        if self._is_writing:
            self._index.vectors().delete(self._catalog.remove(self._catalog.unpublished()))
            self._index.finish_writing()

    # Finding files

    def _scan(self, target: Target) -> list[tuple[Root, str]]:
        """The files of ``target``, each under the root it belongs to; notes what is gone."""
        root = self._root_around(target)
        if target.only:
            return [(root, (target.folder / target.only).relative_to(root.path).as_posix())]
        files, unreadable = self._walk(target.folder)
        files = self._without_left_out(target.folder, files, unreadable)
        present = [(root, file.relative_to(root.path).as_posix()) for file in files]
        docs = {f"{root.name}/{path}" for _, path in present}
        for doc, one in self._stored.items():
            is_here = target.folder in one.file.parents
            if is_here and doc not in docs and not unreadable.intersection(one.file.parents):
                self._gone[doc] = one
        return present

    def _without_left_out(
        self, folder: Path, files: Sequence[Path], unreadable: set[Path]
    ) -> list[Path]:
        """``files`` but for those left out on purpose; forgets those that exist no more."""
        inside = {file for file in left_out(self._catalog) if _lies_in(file, folder)}
        kept = inside.intersection(files)
        gone = {f for f in inside - kept if not unreadable.intersection(f.parents)}
        take_back(self._catalog, gone)
        self._tally.left_out.extend(map(printable, sorted(kept)))
        return [file for file in files if file not in kept]

    def _root_around(self, target: Target) -> Root:
        """The root that the target lies in: one document never gets two names."""
        for root in self._catalog.roots():
            if root.is_whole and _lies_in(target.folder, root.path):
                return root
        return self._catalog.root(target.folder, is_whole=not target.only)

    def _walk(self, folder: Path) -> tuple[list[Path], set[Path]]:
        """Files that have a format of ours, and folders that cannot be opened."""
        found: list[Path] = []
        unreadable: set[Path] = set()

        def refuse(error: OSError) -> None:
            path = Path(error.filename)
            unreadable.add(path)
            reason = f"cannot be opened ({error.strerror}): allow this user to read it"
            self._skip(path, Notice(reason))

        for parent, folders, files in os.walk(folder, onerror=refuse):
            folders[:] = sorted(f for f in folders if not f.startswith(_HIDDEN))
            for name in sorted(f for f in files if not f.startswith(".")):
                path = Path(parent, name)
                if reason := _unfit(path):
                    self._skip(path, Notice(reason))
                elif path.suffix not in _CODE:
                    found.append(path)
        return found, unreadable

    def _skip(self, path: Path, notice: Notice) -> None:
        self._tally.skipped.append(Skipped(printable(path), notice))

    def _changed(self, found: Sequence[tuple[Root, str]]) -> list[tuple[Root, str]]:
        """The files that are new or not as they were indexed, the new ones first.

        A text that a file had and has no more may be taken by another: files change names.
        """
        changed: dict[tuple[Root, str], bool] = {}
        given_up: set[str] = set()
        for root, path in found:
            before = self._stored.get(f"{root.name}/{path}")
            digest = _digest(before.file) if before else ""
            if before and digest == before.file_sha256:
                self._tally.unchanged += 1
                continue
            changed[root, path] = bool(before)
            if before and digest:
                given_up.add(before.doc)
        free = given_up.union(self._gone)
        self._texts = {one.text_sha256: doc for doc, one in self._stored.items() if doc not in free}
        return sorted(changed, key=lambda pair: changed[pair])

    # Taking a file in

    def _take(self, root: Root, path: str) -> None:
        where = root.path / PurePosixPath(path)
        try:
            data = read_bytes(where)
            file = _File(root, path, data, hashlib.sha256(data).hexdigest())
            document = read_document(where, file.doc, data)
        except ReadError as error:
            is_kept = f"{root.name}/{path}" in self._stored
            kept = "; the version indexed before is kept" if is_kept else ""
            self._skip(where, error.retold(f"{error}{kept}").notice)
            return
        before = self._stored.get(file.doc)
        twin = self._texts.get(document.sha256)
        if twin and twin in self._stored and _is_gone(self._stored[twin].file):
            self._gone[twin] = self._stored[twin]  # Its folder was moved, or is not there any more
        elif twin and twin != file.doc:
            reason = f"has the same text as {twin}, which is indexed: remove one of them"
            values = {"name": where.name, "doc": twin}
            self._skip(where, Notice(reason, "same_text", values))
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
        matrix = np.stack([np.frombuffer(vector, np.float32) for vector, _ in vectors])
        self._index.vectors().add(document.lang, ids, matrix)
        replaced = [one.version for one in (before, moved) if one]
        self._index.vectors().delete(self._catalog.publish(version, replaced))
        self._texts[document.sha256] = file.doc
        take_back(self._catalog, [file.root.path / PurePosixPath(file.path)])
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

    def _vectors_of(
        self, document: Document, cut: Sequence[Passage]
    ) -> tuple[list[str], list[tuple[bytes, bytes]]]:
        """Embedding keys, and (vector, sentence vectors) of each passage.

        What was embedded before is not embedded again.
        """
        texts = [embedding_text(document, passage) for passage in cut]
        name = self._index.embedder.name
        keys = [
            hashlib.sha256(f"{name}\n{document.lang}\n{text}".encode()).hexdigest()
            for text in texts
        ]
        known = self._catalog.known_vectors(keys)
        new = {k: i for i, k in enumerate(keys) if k not in known}
        if new:
            places = list(new.values())
            vectors = self._embedded_one_by_one([texts[i] for i in places])
            for done, (place, vector) in enumerate(zip(places, vectors, strict=True), 1):
                passage = cut[place]
                sentences = [document.text[s.start : s.end] for s in passage.sentences]
                known[keys[place]] = (vector.tobytes(), self._embed(sentences).tobytes())
                self._embedded(done, len(places))
        self._tally.embedded += len(new)
        return keys, [known[key] for key in keys]

    def _embed(self, texts: Sequence[str]) -> Matrix:
        return np.stack(list(self._embedded_one_by_one(texts)))

    def _embedded_one_by_one(self, texts: Sequence[str]) -> Iterator[Vector]:
        """Vectors as soon as their batch is done."""
        for start in range(0, len(texts), _BATCH):
            yield from self._index.embedder.embed_passages(texts[start : start + _BATCH])
