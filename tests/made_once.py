"""What is dear is made once: a folder for all workers of a run, a vector for all tests of one."""

import os
import shutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from rag.embedding import Embedder, Matrix, Vector


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]
) -> Path:
    """The folder ``name`` as ``make`` filled it; other workers wait for it. Never write to it."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder of its own in the run's
    folder, done = base / name, base / f"{name}.made"
    with FileLock(base / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # another worker failed
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


class Remembering:
    """An embedder that reads no text twice: tests are many, about the same few texts.

    That the same text has the same vector each time, tests/test_embedding.py shows of the real one.
    """

    def __init__(self, real: Embedder) -> None:
        self.name, self.dimension = real.name, real.dimension
        self.embed_query = cache(real.embed_query)
        self.latent_terms = cache(real.latent_terms)
        self._read = real.embed_passages
        self._passages: dict[str, Vector] = {}

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """A row each, as the real one makes it when it first reads the text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._passages]
        self._passages |= zip(new, self._read(new), strict=True)
        rows = [self._passages[text] for text in texts]
        return np.array(rows) if rows else self._read([])
