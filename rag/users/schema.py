"""Tables of users and their sessions, and how their database is opened."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Column, Connection, Engine, ForeignKey, MetaData, String, Table, inspect

from rag import database
from rag.database import Remedies
from rag.errors import StorageError

VERSION = 1
"""Of the tables below; a database of another one is neither read nor changed."""

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("key", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("password", String, nullable=False),
    Column("created", String, nullable=False),
)
"""``key`` is the name without its case; ``password`` is a hash. Times are ISO 8601 in UTC."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", String, primary_key=True),
    Column("user", ForeignKey("users.key", ondelete="CASCADE"), nullable=False, index=True),
    Column("begun", String, nullable=False),
    Column("used", String, nullable=False),
)
"""``token`` is the sha256 of what the browser holds: who reads the file cannot log in with it."""

REMEDIES = Remedies(
    full="free some; the users are kept",
    damaged="restore it from a copy, or move it away and add the users anew",
    other_version="use the Gazette that made it, or move it away and add the users anew",
    unusable=StorageError,
)


def connect(path: Path) -> Engine:
    """Open the database at ``path``; a new one can be read by this user only.

    Raises StorageError for one of another version.
    """
    with suppress(OSError):  # where it cannot be made, opening the database says so
        path.parent.mkdir(parents=True, exist_ok=True)

    def make(connection: Connection) -> None:
        if not inspect(connection).has_table(users.name):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # another program may be making it too
            metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
        found = connection.exec_driver_sql("PRAGMA user_version").scalar()
        database.check_version(path, found, VERSION, REMEDIES)

    return database.connect_private(path, make, REMEDIES)
