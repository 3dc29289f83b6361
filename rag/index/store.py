"""An opened index: its catalog, its vectors, and whether the two can be trusted together."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag.embedding import Embedder, Vector
from rag.errors import IndexStateError, StorageError
from rag.index import words
from rag.index.catalog import Catalog
from rag.index.vectors import Vectors, is_sound
from rag.model import Filters
from rag.passages import RULES as PASSAGE_RULES
from rag.text.normalise import RULES as TEXT_RULES

_PROBES = 32
_WRITING = "writing_vectors"
_MADE_BY = ("embedder", "dimension", "passage rules", "text rules", "word rules")


def made_by(embedder: Embedder) -> dict[str, str]:
    """What an index of ``embedder`` remembers of its making."""
    values = (embedder.name, embedder.dimension, PASSAGE_RULES, TEXT_RULES, words.RULES)
    return dict(zip(_MADE_BY, map(str, values), strict=True))


class Index:
    """The index in ``folder``. ``vectors`` is opened when it is first needed."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.folder = folder
        self.embedder = embedder
        self.catalog = Catalog(folder / "catalog.db")
        self._vectors: Vectors | None = None
        self._revision = -1
        self._check_settings()

    def close(self) -> None:
        """Close both databases."""
        if self._vectors:
            self._vectors.close()
        self._vectors = None
        self.catalog.close()

    def _check_settings(self) -> None:
        wanted = made_by(self.embedder)
        found = {key: self.catalog.remembered(key) for key in wanted}
        if not any(found.values()):
            self.catalog.remember(wanted)
            return
        different = [f"{k} {found[k]} (now {wanted[k]})" for k in wanted if found[k] != wanted[k]]
        if different:
            self.catalog.close()
            raise IndexStateError(
                f"the index in {self.folder.parent} was made with {', '.join(different)}: "
                "run gazette sync --rebuild, or set back what made it"
            )

    # Vectors

    @property
    def vectors_folder(self) -> Path:
        """Where Chroma keeps its files."""
        return self.folder / "vectors"

    def vectors(self) -> Vectors:
        """The vector index, opened again when another program has synced since."""
        revision = self.catalog.revision()
        if self._vectors and revision != self._revision:
            self._vectors.close()
            self._vectors = None
        if self._vectors is None:
            self._vectors = Vectors(self.vectors_folder)
            self._revision = revision
        return self._vectors

    @property
    def is_settled(self) -> bool:
        """Whether no writing of vectors is under way or was cut off."""
        return not self.catalog.remembered(_WRITING)

    def nearest(self, vector: Vector, n: int, filters: Filters) -> tuple[list[tuple[int, float]], str]:
        """The ``n`` visible passages nearest to ``vector``: ([(id, cosine)], a notice or "").

        Chroma searches the whole corpus. With filters, where it is slower than reading every
        vector, and while its files cannot be trusted, the catalog's vectors are searched exactly.
        """
        if filters:
            return self.exact(vector, n, filters), ""
        if not self.is_settled:
            return self.exact(vector, n, filters), ""
        try:
            # Vectors of versions that a cut-off sync left may stand in the way of a few.
            found = self.vectors().nearest(vector, n + 20)
        except Exception as error:  # noqa: BLE001 - Chroma raises many kinds, reported below
            notice = (
                f"the vector index is damaged ({type(error).__name__}); searched the catalog "
                "instead: run gazette sync to repair it"
            )
            return self.exact(vector, n, filters), notice
        return found, ""

    def exact(self, vector: Vector, n: int, filters: Filters) -> list[tuple[int, float]]:
        """The same by comparing every vector that satisfies the filters."""
        ids, matrix = self.catalog.vectors(filters=filters)
        if not ids:
            return []
        cosines = matrix @ vector
        best = np.argsort(-cosines, kind="stable")[:n]
        return [(ids[i], float(cosines[i])) for i in best]

    # Repair

    def repair(self, report: Callable[[str], None]) -> None:
        """Bring the vector index to what the catalog holds; ``report`` gets what was done."""
        if self.vectors_folder.exists() and not self._is_sound():
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
            self.vectors().add(*self.catalog.vectors(ids=missing))
            if stored:
                report(f"{len(missing)} missing vectors: added from the stored ones")

    def is_sound(self) -> bool:
        """Whether the vector index finds stored passages, asked of a child process."""
        return self.vectors_folder.exists() and self._is_sound()

    def _is_sound(self) -> bool:
        _, count = self.catalog.count()
        ids, vectors = self.catalog.vectors(every=max(1, count // _PROBES))
        return is_sound(self.vectors_folder, ids[:_PROBES], vectors[:_PROBES])

    def _reset(self) -> None:
        import shutil

        if self._vectors:
            self._vectors.close()
            self._vectors = None
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
