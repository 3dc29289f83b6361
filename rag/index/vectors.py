"""The vector index: a Chroma collection a language, derived from the catalog and disposable.

An embedder places texts of one language near each other, so in one collection the language of the
question would crowd the others out of the nearest passages.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding import Matrix, Vector
from rag.errors import StorageError
from rag.model import LANGUAGES

_COLLECTION = "passages-{}"
_BATCH = 1000
_PROBE_SECONDS = 300
_HNSW = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 200}
"""e5 vectors lie close together: with the defaults (16, 100, 100) a pessimistic imitation of them
reached a recall of .7, with these .94."""


class Vectors:
    """Chroma, embedded, in a folder of its own. Ids are passage ids.

    Every method raises StorageError when Chroma cannot use its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with self._errors():
            folder.mkdir(parents=True, exist_ok=True)
            self._client = _client(folder)
            try:
                self._collections: dict[str, Any] = {
                    lang: self._client.get_or_create_collection(
                        _COLLECTION.format(lang),
                        embedding_function=None,
                        configuration={"hnsw": _HNSW},
                    )
                    for lang in LANGUAGES
                }
            except BaseException:
                self._client.close()
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # Chroma raises many kinds, some of them bare
            if any(words in str(error) for words in ("is full", "No space", "os error 28")):
                raise StorageError(
                    f"no space left for {self._folder}: free some and run gazette sync again; "
                    "what was indexed before is kept",
                    "full",
                ) from error
            reason = f"{type(error).__name__}: {error}"
            raise StorageError(
                f"vector index {self._folder} cannot be used ({reason}): run gazette sync, which "
                "makes it anew when it is damaged and embeds nothing again"
            ) from error

    def __len__(self) -> int:
        with self._errors():
            return sum(int(one.count()) for one in self._collections.values())

    def add(self, lang: str, ids: Sequence[int], vectors: Matrix) -> None:
        """Add passages of one language whose ids are not there yet."""
        for start in range(0, len(ids), _BATCH):
            part = slice(start, start + _BATCH)
            with self._errors():
                self._collections[lang].add(
                    ids=[str(i) for i in ids[part]], embeddings=vectors[part]
                )

    def delete(self, ids: Iterable[int]) -> None:
        """Take passages out; unknown ids are ignored."""
        for part in _batches(ids):
            with self._errors():
                for one in self._collections.values():
                    one.delete(ids=[str(i) for i in part])

    def nearest(self, vector: Vector, n: int) -> list[tuple[int, float]]:
        """The ``n`` nearest passages of every language, best first: (id, cosine). Approximate."""
        found: list[tuple[int, float]] = []
        with self._errors():
            for one in self._collections.values():
                if count := min(n, one.count()):
                    page = one.query(
                        query_embeddings=[vector], n_results=count, include=["distances"]
                    )
                    pairs = zip(page["ids"][0], page["distances"][0], strict=True)
                    found.extend((int(i), 1.0 - float(d)) for i, d in pairs)
        return sorted(found, key=lambda pair: -pair[1])

    def find(self, ids: Sequence[int], vectors: Matrix) -> bool:
        """Whether every one of ``ids`` is found by its vector."""
        # Texts that stand in several documents share a vector: any of ten neighbours will do.
        return all(
            any(found == wanted or cosine > 0.9999 for found, cosine in self.nearest(vector, 10))
            for wanted, vector in zip(ids, vectors, strict=True)
        )

    def ids(self) -> set[int]:
        """All ids that are stored."""
        found: set[int] = set()
        for one in self._collections.values():
            offset = 0
            while True:
                with self._errors():
                    page = one.get(limit=_BATCH, offset=offset, include=[])["ids"]
                if not page:
                    break
                offset += len(page)
                found.update(int(i) for i in page)
        return found

    def close(self) -> None:
        """Release the folder, so that the next opening sees what others wrote."""
        self._client.close()


def _client(folder: Path) -> Any:
    """Chroma's client; Any, for the interface it is typed as lacks close()."""
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings

    try:
        return chromadb.PersistentClient(
            path=str(folder), settings=Settings(anonymized_telemetry=False)
        )
    except BaseException:
        # Chroma keeps what failed to start, and would hand it out again for a mended folder.
        SharedSystemClient._identifier_to_system.pop(str(folder), None)
        raise


def is_sound(
    folder: Path, ids: Sequence[int], vectors: Matrix, expected: int | None = None
) -> bool:
    """Whether the index at ``folder`` opens and finds passages by their own stored vectors.

    When ``expected`` is given, it must hold that many. Asked of a child process, because a broken
    index can crash the process that opens it, or never answer.
    """
    payload = np.array(ids, np.int64).tobytes() + np.ascontiguousarray(vectors).tobytes()
    total = "-1" if expected is None else str(expected)
    home = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "rag.index.vectors", str(folder), str(len(ids)), total],
            input=payload,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def finds(folder: Path, ids: Sequence[int], vectors: Matrix, expected: int | None = None) -> bool:
    """What ``is_sound`` asks, answered in this process; a broken index may raise or crash it."""
    index = Vectors(folder)
    try:
        return expected in (None, len(index)) and index.find(ids, vectors)
    finally:
        index.close()


def _probe(folder: str, count: int, total: int, payload: bytes) -> bool:
    ids = np.frombuffer(payload[: 8 * count], np.int64).tolist()
    vectors = np.frombuffer(payload[8 * count :], np.float32).reshape(count, -1 if count else 0)
    return finds(Path(folder), ids, vectors, None if total < 0 else total)


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(ids)
    while part := list(islice(iterator, _BATCH)):
        yield part


if __name__ == "__main__":
    where, count, total = sys.argv[1:]
    sys.exit(0 if _probe(where, int(count), int(total), sys.stdin.buffer.read()) else 1)
