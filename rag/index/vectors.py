"""The vector index: one Chroma collection, derived from the catalog and disposable."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding import Matrix, Vector

_COLLECTION = "passages"
_BATCH = 1000
_HNSW = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 200}
"""e5 vectors lie close together: with the defaults (16, 100, 100) a pessimistic imitation of them
reached a recall of .7, with these .94."""


class Vectors:
    """Chroma, embedded, in a folder of its own. Ids are passage ids."""

    def __init__(self, folder: Path) -> None:
        import chromadb
        from chromadb.config import Settings

        folder.mkdir(parents=True, exist_ok=True)
        self._client = chromadb.PersistentClient(
            path=str(folder), settings=Settings(anonymized_telemetry=False)
        )
        self._collection: Any = self._client.get_or_create_collection(
            _COLLECTION,
            embedding_function=None,
            configuration={"hnsw": _HNSW},  # type: ignore[typeddict-item]
        )

    def add(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Add passages whose ids are not there yet."""
        for start in range(0, len(ids), _BATCH):
            part = slice(start, start + _BATCH)
            self._collection.add(ids=[str(i) for i in ids[part]], embeddings=vectors[part])

    def delete(self, ids: Iterable[int]) -> None:
        """Take passages out; unknown ids are ignored."""
        for part in _batches(ids):
            self._collection.delete(ids=[str(i) for i in part])

    def nearest(self, vector: Vector, n: int) -> list[tuple[int, float]]:
        """The ``n`` nearest passages, best first: (id, cosine). Approximate."""
        count = min(n, self._collection.count())
        if count == 0:
            return []
        found = self._collection.query(
            query_embeddings=[vector], n_results=count, include=["distances"]
        )
        return [
            (int(i), 1.0 - float(d))
            for i, d in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def ids(self) -> set[int]:
        """All ids that are stored."""
        found: set[int] = set()
        while True:
            page = self._collection.get(limit=_BATCH, offset=len(found), include=[])["ids"]
            if not page:
                return found
            found.update(int(i) for i in page)

    def close(self) -> None:
        """Release the folder, so that the next opening sees what others wrote."""
        self._client.close()


def is_sound(folder: Path, ids: Sequence[int], vectors: Matrix) -> bool:
    """Whether the index at ``folder`` opens and finds passages by their own stored vectors.

    Asked of a child process, because a broken index can crash the process that opens it.
    """
    payload = np.array(ids, np.int64).tobytes() + np.ascontiguousarray(vectors).tobytes()
    done = subprocess.run(
        [sys.executable, "-m", "rag.index.vectors", str(folder), str(len(ids))],
        input=payload,
        capture_output=True,
        timeout=300,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    return done.returncode == 0


def _probe(folder: Path, count: int, payload: bytes) -> bool:
    ids = np.frombuffer(payload[: 8 * count], np.int64)
    vectors = np.frombuffer(payload[8 * count :], np.float32).reshape(count, -1)
    index = Vectors(folder)
    # Texts that stand in several documents share a vector: any of ten neighbours will do.
    return all(
        any(found == wanted or cosine > 0.9999 for found, cosine in index.nearest(vector, 10))
        for wanted, vector in zip(ids, vectors, strict=True)
    )


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    iterator = iter(ids)
    while part := list(islice(iterator, _BATCH)):
        yield part


if __name__ == "__main__":
    sys.exit(0 if _probe(Path(sys.argv[1]), int(sys.argv[2]), sys.stdin.buffer.read()) else 1)
