"""Making and updating the index of a data folder, under its write lock."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from rag.embedding import Embedder
from rag.errors import IndexStateError
from rag.index import home as folders
from rag.index.catalog import Catalog
from rag.index.left_out import LeftOut, left_out, remember
from rag.index.store import Index
from rag.index.sync import Drop, Embedded, Progress, Target, sync
from rag.model import SyncReport


def update(home: Path, embedder: Embedder, paths: Sequence[Path], progress: Progress) -> SyncReport:
    """Bring the index in ``home`` to the state of ``paths``, making it when there is none.

    Folders that were synced before and are not among ``paths`` stay as they are.
    """
    targets = [Target.from_path(path) for path in paths]
    return _updated(home, embedder, targets, progress)


def take(
    home: Path,
    embedder: Embedder,
    files: Sequence[Path],
    progress: Progress,
    embedded: Embedded,
    is_trusted: bool,
) -> SyncReport:
    """Bring single files in as they are now; a missing one is reported in ``skipped``.

    ``is_trusted`` is as ``sync`` takes it.
    """
    targets = [Target(file.parent, file.name) for file in files]
    return _updated(home, embedder, targets, progress, embedded, is_trusted=is_trusted)


def drop(home: Path, embedder: Embedder, dropped: Drop, is_trusted: bool) -> SyncReport:
    """Take documents out of the index; their files stay."""
    return _updated(home, embedder, (), lambda *_: None, drop=dropped, is_trusted=is_trusted)


def _updated(
    home: Path,
    embedder: Embedder,
    targets: Sequence[Target],
    progress: Progress,
    embedded: Embedded = lambda done, total: None,
    drop: Drop = Drop(),  # noqa: B008 - frozen
    is_trusted: bool = False,
) -> SyncReport:
    with folders.writing(home):
        generation = folders.current(home) or _made(home, embedder)
        folders.delete_others(home, generation)
        with closing(Index(generation, embedder)) as index:
            return sync(index, targets, progress, embedded, drop, is_trusted)


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
        passed_over = _left_out(home)
        targets = targets or _known_targets(home) or [Target.from_path(fallback())]
        generation = folders.new_generation(home)
        try:
            with closing(Index(generation, embedder)) as index:
                remember(index.catalog, passed_over)
                report = sync(index, targets, progress)
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


def _left_out(home: Path) -> Mapping[Path, LeftOut]:
    """What the present index leaves out on purpose; nothing where it cannot be read."""
    try:
        generation = folders.current(home)
        if generation is None:
            return {}
        with closing(Catalog(generation / folders.CATALOG)) as catalog:
            return left_out(catalog)
    except IndexStateError:
        return {}


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
