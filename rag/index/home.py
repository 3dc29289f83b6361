"""The data folder: which index is in force, one writer at a time, a new index put in at once.

``index.json`` names the generation in force, a subfolder with a catalog and its vectors. A
rebuild fills a new generation and then replaces that one file, so a kill leaves either index.
"""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import GazetteError, IndexStateError, StorageError

LAYOUT = 1
"""Version of the data folder; another one is neither read nor overwritten."""
CATALOG = "catalog.db"
_POINTER = "index.json"


def uploads(home: Path) -> Path:
    """The folder of the documents that were given to Gazette itself to keep."""
    return home / "documents"


def current(home: Path) -> Path | None:
    """The folder of the index in force, or None when nothing was ever indexed.

    Raises IndexStateError for a data folder of another version, StorageError for an unreadable one.
    """
    try:
        pointer = json.loads((home / _POINTER).read_text())
        layout, generation = pointer["layout"], pointer["generation"]
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error(error, home) from error
    except (ValueError, KeyError, TypeError) as error:
        raise IndexStateError(
            f"{home / _POINTER} is damaged: run gazette sync --rebuild FOLDER to make the index "
            "anew"
        ) from error
    if layout != LAYOUT:
        raise IndexStateError(
            f"data folder {home} was made by another version of Gazette (layout {layout!r}, this "
            f"one reads {LAYOUT}): run gazette sync --rebuild FOLDER, or set GAZETTE_HOME to "
            "another folder"
        )
    folder = home / str(generation)
    if not (folder / CATALOG).is_file():
        raise IndexStateError(
            f"{folder / CATALOG} is missing: run gazette sync --rebuild FOLDER to make the index "
            "anew"
        )
    return folder


def generations(home: Path) -> list[Path]:
    """Every index in the data folder, in force or not, the newest first."""
    numbers = [int(folder.name[1:]) for folder in home.glob("g*") if folder.name[1:].isdigit()]
    return [home / f"g{number}" for number in sorted(numbers, reverse=True)]


def new_generation(home: Path) -> Path:
    """An empty folder for an index that is not in force yet."""
    with storage_errors(home):
        newest = next(iter(generations(home)), home / "g0")
        folder = home / f"g{int(newest.name[1:]) + 1}"
        folder.mkdir(parents=True)
    return folder


def put_in_force(home: Path, generation: Path) -> None:
    """Make ``generation`` the index in force, at once, and delete the others."""
    with storage_errors(home):
        draft = home / f"{_POINTER}.new"
        with draft.open("w") as file:
            json.dump({"layout": LAYOUT, "generation": generation.name}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(home / _POINTER)
        _flush(home)
    delete_others(home, generation)


def _flush(folder: Path) -> None:
    """Have the folder's entries on the disk before what they replace is deleted."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def delete_others(home: Path, kept: Path) -> None:
    """Delete the generations that are not in force, such as a rebuild cut off midway."""
    for folder in generations(home):
        if folder != kept:
            delete(folder)


def delete(generation: Path) -> None:
    """Delete an index that is not in force."""
    shutil.rmtree(generation, ignore_errors=True)


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Hold the data folder's write lock; StorageError when another program holds it."""
    from filelock import FileLock, Timeout

    with storage_errors(home):
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "write.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise StorageError(
                f"another gazette sync is writing to {home}: wait until it has finished", "busy"
            ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def storage_errors(home: Path) -> Iterator[None]:
    """Turn the operating system's errors into StorageError with a remedy."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, home) from error


def storage_error(error: OSError, home: Path) -> GazetteError:
    """The StorageError for ``error``."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageError(
            f"no space left for {home}: free some and run gazette sync again; "
            "what was indexed before is kept",
            "full",
        )
    return StorageError(
        f"data folder {home} cannot be used ({error.strerror or error}): give this user read and "
        "write access, or set GAZETTE_HOME to another folder"
    )
