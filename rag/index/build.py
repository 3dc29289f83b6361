"""Making and updating the index of a data folder, under its write lock."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rag.embedding import Embedder
from rag.errors import GazetteError
from rag.index import home as folders
from rag.index.catalog import Catalog
from rag.index.store import Index
from rag.index.sync import Progress, Target, sync
from rag.model import SyncReport


def update(home: Path, embedder: Embedder, paths: Sequence[Path], progress: Progress) -> SyncReport:
    """Bring the index in ``home`` to the state of ``paths``, making it when there is none.

    Folders that were synced before and are not among ``paths`` stay as they are.
    """
    targets = [Target.from_path(path) for path in paths]
    with folders.writing(home):
        generation = folders.current(home)
        if generation is None:
            return _fill(home, embedder, targets, progress)
        folders.delete_others(home, generation)
        index = Index(generation, embedder)
        try:
            return sync(index, targets, progress)
        finally:
            index.close()


def rebuild(
    home: Path,
    embedder: Embedder,
    paths: Sequence[Path],
    progress: Progress,
    fallback: Callable[[], Path],
) -> SyncReport:
    """Make the index anew of ``paths``; of none, of all folders it holds now, or ``fallback``.

    The old index stays in force until the new one is complete.
    """
    with folders.writing(home):
        chosen = list(paths) or _known_folders(home) or [fallback()]
        return _fill(home, embedder, [Target.from_path(path) for path in chosen], progress)


def _fill(
    home: Path, embedder: Embedder, targets: Sequence[Target], progress: Progress
) -> SyncReport:
    generation = folders.new_generation(home)
    try:
        index = Index(generation, embedder)
        try:
            report = sync(index, targets, progress)
        finally:
            index.close()
        folders.put_in_force(home, generation)
    except BaseException:
        folders.delete(generation)
        raise
    return report


def _known_folders(home: Path) -> list[Path]:
    """The folders of the present index; [] when it cannot be read, which is why it is rebuilt."""
    try:
        generation = folders.current(home)
        if generation is None or not (generation / "catalog.db").is_file():
            return []
        catalog = Catalog(generation / "catalog.db")
        try:
            return [root.path for root in catalog.roots()]
        finally:
            catalog.close()
    except GazetteError:
        return []
