"""SQLite databases: how one is opened and shared, and its errors told with the remedy."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

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


def connect_private(path: Path, make: Callable[[Connection], None], remedies: Remedies) -> Engine:
    """The same for a database of its own, its errors told; a new one only this user can read."""
    if not path.exists():
        with suppress(OSError):  # where it cannot be made, opening it says so
            path.touch(mode=0o600)
    with translated_errors(path, remedies):
        return connect(path, make)


def check_version(path: Path, found: object, reads: object, remedies: Remedies) -> None:
    """Raise StorageError for a database of a newer version than this program ``reads``."""
    if found != reads:
        raise StorageError(
            f"{path} was made by a newer Gazette (version {found} of its tables, this one "
            f"reads {reads}): {remedies.other_version}"
        )


class Store:
    """A database that threads and other programs may use, opened when it is first needed.

    ``connect`` opens the one at ``path``, and makes it where there is none.
    """

    def __init__(self, path: Path, connect: Callable[[Path], Engine], remedies: Remedies) -> None:
        self._path, self._connect, self._remedies = path, connect, remedies
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close every connection; the next use opens the database again."""
        with self._lock:
            if self._engine:
                self._engine.dispose()
            self._engine = None

    @property
    def _is_made(self) -> bool:
        return os.path.isfile(self._path)

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = self._connect(self._path)
            return self._engine

    @contextmanager
    def _transaction(
        self, kind: Literal["DEFERRED", "IMMEDIATE"] = "DEFERRED"
    ) -> Iterator[Connection]:
        """One state of the database to read; IMMEDIATE lets nobody else write meanwhile."""
        engine = self._opened()
        with translated_errors(self._path, self._remedies), engine.begin() as connection:
            connection.exec_driver_sql(f"BEGIN {kind}")
            yield connection


def written(time: datetime) -> str:
    """A time as text that sorts as times do: ISO 8601 in UTC, with microseconds."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


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


def _use_wal(connection: sqlite3.Connection) -> None:
    """Have the database keep a write-ahead log.

    For the lock that a new one needs for this SQLite does not wait: of several programs that open
    it at once, all but one would be refused.
    """
    until = time.monotonic() + _WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def _configure(connection: sqlite3.Connection, _record: Any) -> None:
    _use_wal(connection)
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
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
        return StorageError(f"no space left for {path.parent}: {remedies.full}", "full")
    if "readonly" in reason or "unable to open" in reason:
        return StorageError(
            f"data folder {path.parent} cannot be written: give this user write access, "
            "or set GAZETTE_HOME to another folder"
        )
    if "locked" in reason:
        return StorageError(
            f"{path} is in use by another program: try again when it has finished", "busy"
        )
    if "malformed" in reason or "not a database" in reason:
        return remedies.unusable(f"{path} is damaged ({reason}): {remedies.damaged}")
    if "no such" in reason:
        return remedies.unusable(
            f"{path} was made by another version of Gazette ({reason}): {remedies.other_version}"
        )
    return StorageError(f"{path}: {reason}: run gazette doctor")
