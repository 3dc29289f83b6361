"""Small folders of short texts, synced for real."""

from collections.abc import Callable
from pathlib import Path

import pytest
from documents_on_disk import paragraph, write

from rag.embedding import Embedder
from rag.index import build, vectors
from rag.index import home as folders
from rag.index.store import Index
from rag.model import SyncReport

Sync = Callable[..., SyncReport]


@pytest.fixture
def probed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask whether the vectors are sound in this process: a child takes a second each time."""
    monkeypatch.setattr("rag.index.store.is_sound", vectors.finds)


@pytest.fixture
def press(tmp_path: Path) -> Path:
    """Three documents of one passage each, one of them in a subfolder."""
    folder = tmp_path / "press"
    for name in ("cables", "rivers", "sub/bridges"):
        write(folder / f"{name}.md", paragraph(name.split("/")[-1]), title=name)
    return folder


@pytest.fixture
def sync(home: Path, embedder: Embedder) -> Sync:
    """Sync paths into the data folder."""

    def run(*paths: Path) -> SyncReport:
        return build.update(home, embedder, paths, lambda done, total, name: None)

    return run


@pytest.fixture
def opened(home: Path, embedder: Embedder) -> Callable[[], Index]:
    """Open the index in force."""

    def run() -> Index:
        folder = folders.current(home)
        assert folder
        return Index(folder, embedder)

    return run
