"""The library: the documents one by one, looked for, taken in, read again and taken out."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from rag.documents import MAX_BYTES, read_document
from rag.documents.front_matter import written
from rag.documents.naming import put, safe_name
from rag.documents.registry import read_bytes
from rag.embedding import Embedder
from rag.errors import QuestionError, ReadError
from rag.index import build
from rag.index.catalog import Listed
from rag.index.home import current, storage_errors, uploads
from rag.index.left_out import LeftOut, left_out
from rag.index.store import Index
from rag.index.sync import Drop, Embedded, Progress
from rag.model import DocumentState, ListedDocument, Origin, Shelf, SyncReport
from rag.text.folding import fold

MAX_LINE = 300
"""Characters of a pasted text's title, and of its publisher."""


def _unwatched(*_: object) -> None:
    """Progress that nobody watches."""


class Library:
    """The documents of one data folder. Threads may share it: they change it one at a time.

    A change raises StorageError when another program is writing to the data folder.
    """

    max_bytes = MAX_BYTES
    """A larger file is not taken in."""

    def __init__(
        self,
        home: Path,
        embedder: Embedder,
        opened: Callable[[], Index],
        changing: Callable[[], AbstractContextManager[bool]],
    ) -> None:
        self._home = home
        self._embedder = embedder
        self._opened = opened
        self._changing = changing

    # Looking

    def find(
        self, words: str = "", langs: Collection[str] = (), start: int = 0, n: int | None = None
    ) -> Shelf:
        """``n`` documents from the ``start``-th on, newest first, those left out among them.

        Each of ``words`` stands in the title, the publisher or the id, whatever its accents and
        case. Only the files of documents that are returned are looked at.
        """
        wanted = fold(words).split()
        found = [
            one
            for one in self._all()
            if (not langs or one.lang in langs) and all(word in _searched(one) for word in wanted)
        ]
        found.sort(key=lambda one: one.id)
        found.sort(key=lambda one: one.date or date.min, reverse=True)
        shown = found[start:] if n is None else found[start : start + n]
        return Shelf(tuple(self._told(one) for one in shown), len(found))

    def _all(self) -> list[Listed | LeftOut]:
        if current(self._home) is None:
            return []
        catalog = self._opened().catalog
        listed = catalog.listed()
        held = {one.id for one in listed}
        return [*listed, *(one for one in left_out(catalog).values() if one.id not in held)]

    def _told(self, one: Listed | LeftOut) -> ListedDocument:
        known = (one.id, one.title, one.lang, one.date, one.publisher)
        if isinstance(one, LeftOut):
            return ListedDocument(*known, passages=0, state="deleted", origin="folder")
        origin: Origin = "uploaded" if self._is_ours(one.file) else "folder"
        return ListedDocument(*known, one.passages, _state(one), origin)

    def _is_ours(self, file: Path) -> bool:
        return uploads(self._home) in file.parents

    # Taking in

    def add(self, name: str, data: bytes, embedded: Embedded = _unwatched) -> ListedDocument:
        """Keep ``data`` as a file called like ``name``, or nearly so, and index it.

        A name that is taken gets a number: what is there stays, for two documents called report.md
        are seldom two versions of one. Raises ReadError, and keeps nothing, when it is no document
        that can be read, or its text is indexed already.
        """
        name = safe_name(name)
        text_sha256 = read_document(Path(name), name, data).sha256  # Refused before it must wait
        with self._changing() as is_trusted:
            self._check_new(name, text_sha256)
            with storage_errors(self._home):
                file = put(uploads(self._home), name, data)
            try:
                report = build.take(
                    self._home, self._embedder, [file], _unwatched, embedded, is_trusted
                )
            finally:
                if not (found := self._at(file)):
                    file.unlink()
        if not found:
            raise ReadError.of(report.skipped[0].notice)
        return self._told(found)

    def paste(
        self,
        title: str,
        text: str,
        day: date | None = None,
        publisher: str = "",
        embedded: Embedded = _unwatched,
    ) -> ListedDocument:
        """Keep a text letter for letter as a document with that title, and index it.

        Raises ReadError as ``add`` does, and for a title that is empty or too long.
        """
        for what, line in (("title", title), ("publisher", publisher)):
            if len(line) > MAX_LINE:
                raise ReadError(
                    f"the {what} has {len(line):,} characters, over the limit of {MAX_LINE}: "
                    "shorten it"
                )
        if not any(c.isalnum() for c in title):
            raise ReadError("the text has no title: give it one", "no_title")
        front = {"title": title, "publisher": publisher}
        if day:
            front["date"] = day.isoformat()
        data = written(front, text).encode()
        return self.add(f"{title.replace('/', '-')}.md", data, embedded)

    def _check_new(self, name: str, text_sha256: str) -> None:
        if current(self._home) is None:
            return
        for one in self._opened().catalog.stored():
            if one.text_sha256 == text_sha256:
                raise ReadError(
                    f"{name} has the same text as {one.doc}, which is indexed",
                    "same_text",
                    name=name,
                    doc=one.doc,
                )

    def _at(self, file: Path) -> Listed | None:
        """The document of ``file``, when it is indexed."""
        if current(self._home) is None:
            return None
        return next((one for one in self._opened().catalog.listed() if one.file == file), None)

    # Reading again

    def reread(self, ids: Sequence[str], progress: Progress = _unwatched) -> SyncReport:
        """Index the files of these documents as they are now; missing ones are ``skipped``."""
        with self._changing() as is_trusted:
            files = [one.file for one in self._indexed(ids)]
            return build.take(self._home, self._embedder, files, progress, _unwatched, is_trusted)

    def restore(self, ids: Sequence[str], progress: Progress = _unwatched) -> SyncReport:
        """Index documents again that were left out on purpose."""
        with self._changing() as is_trusted:
            known = {one.id: one.file for one in left_out(self._opened().catalog).values()}
            files = [known[id] for id in _checked(ids, known, "is left out")]
            return build.take(self._home, self._embedder, files, progress, _unwatched, is_trusted)

    # Taking out

    def delete(self, ids: Sequence[str]) -> None:
        """Take documents out of both indexes.

        The file of an uploaded one is deleted. One in a synced folder is not touched: later syncs
        of the folder pass it over, until it is restored or synced by its own name.
        """
        with self._changing() as is_trusted:
            gone = self._indexed(ids)
            theirs = [one.id for one in gone if not self._is_ours(one.file)]
            build.drop(self._home, self._embedder, Drop(ids, theirs), is_trusted)
            with storage_errors(self._home):
                for one in gone:
                    if self._is_ours(one.file):
                        one.file.unlink(missing_ok=True)

    def _indexed(self, ids: Sequence[str]) -> list[Listed]:
        known = {one.id: one for one in self._opened().catalog.listed()}
        return [known[id] for id in _checked(ids, known, "is indexed")]


def _checked(ids: Sequence[str], known: Collection[str], what: str) -> list[str]:
    for id in ids:
        if id not in known:
            raise QuestionError(
                f"no document called {id!r} {what}: look at the list again", "no_document", name=id
            )
    return list(dict.fromkeys(ids))


def _searched(one: Listed | LeftOut) -> str:
    return fold(f"{one.title}\n{one.publisher}\n{one.id}")


def _state(one: Listed) -> DocumentState:
    try:
        found = one.file.stat()
    except FileNotFoundError:
        return "gone"
    except OSError:
        return "changed"
    same = _digest(one.file, found.st_mtime_ns, found.st_size) == one.file_sha256
    return "current" if same else "changed"


@lru_cache(maxsize=10_000)
def _digest(file: Path, _changed: int, _size: int) -> str:
    """SHA-256 of the bytes, "" where they cannot be read; kept until the file's time changes."""
    try:
        return sha256(read_bytes(file)).hexdigest()
    except ReadError:
        return ""
