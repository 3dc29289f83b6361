"""SQLite databases: how one is opened, and its errors told with the remedy."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError

from rag.errors import GazetteError, StorageError

_WAIT = 30
"""Seconds to wait for another program's transaction to end."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """What to do about a database that cannot be used, for the end of a message."""

    full: str
    damaged: str
    other_version: str
    unusable: type[GazetteError]
    """Raised for one that is damaged or of another version."""


def connect(path: Path, make: Callable[[Connection], None]) -> Engine:
    """Open the database at ``path``; ``make`` creates its tables where they are not there yet.

    Where this user may not write, it is opened for reading.
    """
    engine = create_engine(_address(path), connect_args={"timeout": _WAIT})
    event.listen(engine, "connect", _configure)
    try:
        with engine.begin() as connection:
            make(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def is_writable(folder: Path) -> bool:
    """Whether this user may change the databases in ``folder``."""
    return os.access(folder, os.W_OK)


def _address(path: Path) -> URL:
    if is_writable(path.parent):
        return URL.create("sqlite", database=str(path))
    # Without a log of unfinished writing SQLite needs no lock, which it could not make here.
    has_log = path.with_name(f"{path.name}-wal").exists()
    how = {"mode": "ro"} if has_log else {"immutable": "1"}
    return URL.create("sqlite", database=path.as_uri(), query={"uri": "true", **how})


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("casefold", 1, str.casefold, deterministic=True)


@contextmanager
def translated_errors(path: Path, remedies: Remedies) -> Iterator[None]:
    """Turn the database's errors into ours, with the remedy."""
    try:
        yield
    except DatabaseError as error:
        raise _translated(error, path, remedies) from error


def _translated(error: DatabaseError, path: Path, remedies: Remedies) -> GazetteError:
    reason = str(error.orig)
    if "full" in reason:
        return StorageError(f"no space left for {path.parent}: {remedies.full}")
    if "readonly" in reason or "unable to open" in reason:
        return StorageError(
            f"data folder {path.parent} cannot be written: give this user write access, "
            "or set GAZETTE_HOME to another folder"
        )
    if "locked" in reason:
        return StorageError(f"{path} is in use by another program: try again when it has finished")
    if "malformed" in reason or "not a database" in reason:
        return remedies.unusable(f"{path} is damaged ({reason}): {remedies.damaged}")
    if "no such" in reason:
        return remedies.unusable(
            f"{path} was made by another version of Gazette ({reason}): {remedies.other_version}"
        )
    return StorageError(f"{path}: {reason}: run gazette doctor")
