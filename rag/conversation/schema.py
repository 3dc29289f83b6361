"""Tables of the stored conversations, and how their database is opened."""

from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    inspect,
    select,
    update,
)

from rag import database
from rag.database import Remedies
from rag.errors import StorageError

VERSION = "4"
"""Of the tables below; a database of a newer one is neither read nor changed."""
_OLDER = ("1", "2", "3")
"""Versions that lack tables only, or hold notices without their kind: what lacks is added when such
a database is opened, and notices are read either way."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("user", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_words", Text, nullable=False),
    Column("created", String, nullable=False),
    Column("updated", String, nullable=False),
)
"""Times are ISO 8601 in UTC with microseconds, so that they sort as text."""

Index("by_user", conversations.c.user, conversations.c.updated)

turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation", ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("answer", Text, nullable=False),
    Column("words", Text, nullable=False),
    UniqueConstraint("conversation", "position"),
    sqlite_autoincrement=True,
)
"""Questions with their answers as JSON, the documents left out; ``words`` is what is searched.

An id is never given twice.
"""

versions = Table(
    "versions",
    metadata,
    Column("key", String, primary_key=True),
    Column("doc", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("lang", String, nullable=False),
    Column("date", Date),
    Column("publisher", String, nullable=False),
    Column("source_title", Text, nullable=False),
    Column("source_date", Date),
    Column("source_url", Text, nullable=False),
)
"""Documents as they were when an answer was made from them, each once; ``key`` is of all of it."""

uses = Table(
    "uses",
    metadata,
    Column("turn", ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("version", ForeignKey("versions.key"), primary_key=True, index=True),
)
"""Which versions a turn's answer rests on."""

feedback = Table(
    "feedback",
    metadata,
    Column("turn", ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("liked", Boolean, nullable=False),
    Column("reason", String, nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", String, nullable=False),
)
"""What its reader said of a turn's answer; since version 2."""

askings = Table(
    "askings",
    metadata,
    Column("turn", ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True),
    Column("asked_with", Text, nullable=False),
)
"""What a turn's question was asked with, as JSON; since version 3, and of turns stored since."""

REMEDIES = Remedies(
    full="free some; what was stored before is kept",
    damaged="restore it from a copy, or move it away to begin with no conversations",
    other_version="use the Gazette that made it, or move it away to begin with no conversations",
    unusable=StorageError,
)


def connect(path: Path) -> Engine:
    """Open the database at ``path``; a new one can be read by this user only.

    One of an older version is brought to this one. Raises StorageError for one of a newer version,
    and for an older one that may not be written.
    """

    def make(connection: Connection) -> None:
        if not inspect(connection).has_table(meta.name):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # another program may be making it too
            metadata.create_all(connection)
            if not _version(connection):
                connection.execute(insert(meta).values(key="version", value=VERSION))
        elif _version(connection) in _OLDER:
            _upgrade(connection, path)
        database.check_version(path, _version(connection), VERSION, REMEDIES)

    return database.connect_private(path, make, REMEDIES)


def _upgrade(connection: Connection, path: Path) -> None:
    """Add the tables that an older version lacks, all at once or not at all."""
    if not database.is_writable(path.parent):
        raise StorageError(
            f"{path} was made by an older Gazette and has to be changed once to be read: give this "
            "user write access, or copy the data folder and set GAZETTE_HOME to the copy"
        )
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    metadata.create_all(connection)
    is_older = (meta.c.key == "version") & meta.c.value.in_(_OLDER)  # nobody newer was faster
    connection.execute(update(meta).where(is_older).values(value=VERSION))


def _version(connection: Connection) -> str:
    return str(connection.scalar(select(meta.c.value).where(meta.c.key == "version")) or "")
