"""Making and updating the index of a data folder, under its write lock."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rag.embedding import Embedder
from rag.errors import IndexStateError
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
        generation = folders.current(home) or _made(home, embedder)
        folders.delete_others(home, generation)
        return _filled(generation, embedder, targets, progress)


def rebuild(
    home: Path,
    embedder: Embedder,
    paths: Sequence[Path],
    progress: Progress,
    fallback: Callable[[], Path],
) -> SyncReport:
    """Make the index anew of ``paths``; of none, of all it was made of, or ``fallback``.

    The old index stays in force until the new one is complete.
    """
    targets = [Target.from_path(path) for path in paths]
    with folders.writing(home):
        targets = targets or _known_targets(home) or [Target.from_path(fallback())]
        generation = folders.new_generation(home)
        try:
            report = _filled(generation, embedder, targets, progress)
            folders.put_in_force(home, generation)
        except BaseException:
            folders.delete(generation)
            raise
        return report


def _made(home: Path, embedder: Embedder) -> Path:
    """An empty index, in force at once: what a first sync finishes before a stop is kept."""
    generation = folders.new_generation(home)
    try:
        Index(generation, embedder).close()
        folders.put_in_force(home, generation)
    except BaseException:
        folders.delete(generation)
        raise
    return generation


def _filled(
    generation: Path, embedder: Embedder, targets: Sequence[Target], progress: Progress
) -> SyncReport:
    index = Index(generation, embedder)
    try:
        return sync(index, targets, progress)
    finally:
        index.close()


def _known_targets(home: Path) -> list[Target]:
    """What the present index was made of; [] when nothing was ever indexed.

    Raises IndexStateError when that cannot be read: a guess would replace it by something else.
    """
    try:
        generation = folders.current(home)
        if generation is None:
            return []
        catalog = Catalog(generation / folders.CATALOG)
        try:
            roots, stored = catalog.roots(), catalog.stored()
        finally:
            catalog.close()
    except IndexStateError as error:
        raise IndexStateError(
            f"what the index in {home} was made of cannot be read: name its folders, gazette sync "
            "--rebuild FOLDER"
        ) from error
    whole = [Target.from_path(root.path) for root in roots if root.is_whole]
    files = [one.file for one in stored if one.root not in {r.id for r in roots if r.is_whole}]
    return whole + [Target(file.parent, file.name) for file in files]
