"""An opened index: its catalog, its vectors, and whether the two can be trusted together."""

import threading
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from rag.database import is_writable
from rag.embedding import Embedder, Vector
from rag.errors import IndexStateError, StorageError
from rag.index import words
from rag.index.catalog import Catalog
from rag.index.home import CATALOG
from rag.index.vectors import Vectors, is_sound
from rag.model import LANGUAGES, Filters, Notice
from rag.passages import RULES as PASSAGE_RULES
from rag.text.background import SENTENCES
from rag.text.normalise import RULES as TEXT_RULES

_PROBES = 32
"""Stored passages that are looked for before a sync trusts the vector index."""
_TRIALS = 8
"""The same before the first question: a few cost milliseconds."""
_WRITING = "writing_vectors"
_BACKGROUND = "background"
_UNSETTLED = Notice(
    "a sync is under way or was cut off, so documents may be missing; when none is running, run "
    "gazette sync",
    "sync_under_way",
)
_DAMAGED = Notice(
    "the vector index is damaged; searched the catalog instead: run gazette sync to repair it",
    "vectors_damaged",
)
_MADE_BY = ("embedder", "dimension", "passage rules", "text rules", "word rules")


def made_by(embedder: Embedder) -> dict[str, str]:
    """What an index of ``embedder`` remembers of its making."""
    values = (embedder.name, embedder.dimension, PASSAGE_RULES, TEXT_RULES, words.RULES)
    return dict(zip(_MADE_BY, map(str, values), strict=True))


def _background(embedder: Embedder) -> dict[str, Vector]:
    return {lang: embedder.embed_passages(SENTENCES[lang]).mean(axis=0) for lang in LANGUAGES}


class Index:
    """The index in ``folder``. ``vectors`` is opened when it is first needed."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.folder = folder
        self.embedder = embedder
        self.catalog = Catalog(folder / CATALOG)
        self._vectors: Vectors | None = None
        self._revision = -1
        self._is_trusted = False
        self._is_apart = False
        self._lock = threading.RLock()
        try:
            self._check_settings()
        except BaseException:
            self.catalog.close()
            raise

    def close(self) -> None:
        """Close both databases."""
        self._close_vectors()
        self.catalog.close()

    def _close_vectors(self) -> None:
        with self._lock:
            if self._vectors is not None:
                self._vectors.close()
            self._vectors = None

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Keep off the vector index while another ``Index`` of this process writes to it.

        Questions are answered meanwhile: the catalog's vectors are searched exactly.
        """
        with self._lock:
            self._is_apart = True
            self._close_vectors()
        try:
            yield
        finally:
            self._is_apart = False

    def _check_settings(self) -> None:
        wanted = made_by(self.embedder)
        found = {key: self.catalog.remembered(key) for key in wanted}
        if not any(found.values()):
            rows = np.stack(list(_background(self.embedder).values()))
            self.catalog.remember({**wanted, _BACKGROUND: b64encode(rows.tobytes()).decode()})
            return
        different = [f"{k} {found[k]} (now {wanted[k]})" for k in wanted if found[k] != wanted[k]]
        if different:
            raise IndexStateError(
                f"the index in {self.folder.parent} was made with {', '.join(different)}: "
                "run gazette sync --rebuild, or set back what made it"
            )

    # Vectors

    def background(self) -> dict[str, Vector]:
        """What any text of a language is like: the mean vector of plain sentences in it."""
        kept = self.catalog.remembered(_BACKGROUND)
        if not kept:
            return _background(self.embedder)
        rows = np.frombuffer(b64decode(kept), np.float32).reshape(len(LANGUAGES), -1)
        return dict(zip(LANGUAGES, rows, strict=True))

    @property
    def vectors_folder(self) -> Path:
        """Where Chroma keeps its files."""
        return self.folder / "vectors"

    def vectors(self) -> Vectors:
        """The vector index, opened again when another program has synced since."""
        with self._lock:
            revision = self.catalog.revision()
            if revision != self._revision:
                self._close_vectors()
            if self._vectors is None:
                self._vectors = Vectors(self.vectors_folder)
                self._revision = revision
                self._is_trusted = False
            return self._vectors

    def _trusted_vectors(self) -> Vectors:
        """The same once it has found a few stored passages; StorageError when it does not.

        One whose graph was lost opens, counts right and answers with what is left.
        """
        vectors = self.vectors()
        if not self._is_trusted:
            _, count = self.catalog.count()
            ids, rows = self.catalog.vectors(every=max(1, count // _TRIALS))
            if not vectors.find(ids, rows):
                raise StorageError("vectors are missing")
            self._is_trusted = True
        return vectors

    def is_trusted(self) -> bool:
        """Whether the vector index, opened here and now, finds a few stored passages.

        For a process that answers from it anyway; any other asks ``is_sound``.
        """
        try:
            with self._lock:
                self._trusted_vectors()
        except StorageError:
            return False
        return self.is_settled

    @property
    def is_settled(self) -> bool:
        """Whether no writing of vectors is under way or was cut off."""
        return not self.catalog.remembered(_WRITING)

    def nearest(
        self, vector: Vector, n: int, filters: Filters
    ) -> tuple[list[tuple[int, float]], Notice | None]:
        """The ``n`` passages of every language nearest to ``vector``: ([(id, cosine)], a notice).

        Chroma searches the whole corpus. With filters, where it is slower than reading every
        vector, where it may not write, while this process writes to it, and while its files cannot
        be trusted, the catalog's vectors are searched exactly.
        """
        is_apart, is_settled = self._is_apart, self.is_settled
        if not (is_settled or is_apart or self._is_apart):
            return self.exact(vector, n, filters), _UNSETTLED
        try:
            with self._lock:
                if not (self._is_apart or filters) and is_writable(self.folder):
                    return self._trusted_vectors().nearest(vector, n), None
        except StorageError:
            return self.exact(vector, n, filters), _DAMAGED
        return self.exact(vector, n, filters), None

    def exact(self, vector: Vector, n: int, filters: Filters) -> list[tuple[int, float]]:
        """The same by comparing every vector that satisfies the filters."""
        ids, matrix = self.catalog.vectors(filters=filters)
        if not ids:
            return []
        cosines = matrix @ vector
        langs, taken = self.catalog.languages(ids), Counter[str]()
        found = []
        for place in np.argsort(-cosines, kind="stable"):
            lang = langs.get(ids[place], "")
            taken[lang] += 1
            if taken[lang] <= n:
                found.append((ids[place], float(cosines[place])))
        return found

    # Repair

    def repair(self, is_sound: bool, report: Callable[[str], None]) -> None:
        """Bring the vector index to what the catalog holds; ``report`` gets what was done.

        One that ``is_sound`` says is damaged is made anew; of any other, only what is missing or
        too much is mended.
        """
        if self.vectors_folder.exists() and not is_sound:
            self._reset()
            report("the vector index was damaged: made anew from the stored vectors")
        elif not self.vectors_folder.exists() and self.catalog.count()[1]:
            report("the vector index was missing: made anew from the stored vectors")
        wanted, stored = self.catalog.passage_ids(), self.vectors().ids()
        if extra := stored - wanted:
            self.vectors().delete(extra)
            report(f"{len(extra)} vectors of an interrupted sync: removed")
        missing = sorted(wanted - stored)
        if missing:
            self._add(missing)
            if stored:
                report(f"{len(missing)} missing vectors: added from the stored ones")

    def _add(self, missing: Sequence[int]) -> None:
        ids, vectors = self.catalog.vectors(ids=missing)
        langs = self.catalog.languages(ids)
        for lang in LANGUAGES:
            rows = [place for place, i in enumerate(ids) if langs.get(i) == lang]
            if rows:
                self.vectors().add(lang, [ids[row] for row in rows], vectors[rows])

    def is_sound(self) -> bool:
        """Whether the vector index finds stored passages, asked of a child process.

        When no writing was cut off it must hold as many as the catalog, too.
        """
        _, count = self.catalog.count()
        if not self.vectors_folder.exists():
            return not count
        ids, vectors = self.catalog.vectors(every=max(1, count // _PROBES))
        expected = count if self.is_settled else None
        return is_sound(self.vectors_folder, ids[:_PROBES], vectors[:_PROBES], expected)

    def _reset(self) -> None:
        import shutil

        self._close_vectors()
        try:
            shutil.rmtree(self.vectors_folder)
        except OSError as error:
            raise StorageError(
                f"{self.vectors_folder} is damaged and cannot be removed ({error.strerror}): "
                "remove it and run gazette sync"
            ) from error

    def start_writing(self) -> None:
        """Note that vectors are about to be written, should the writer be killed."""
        self.catalog.remember({_WRITING: "yes"})

    def finish_writing(self) -> None:
        """Note that both indexes agree."""
        self.catalog.remember({_WRITING: ""})
