"""Tables of the catalog, and how its database is opened."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import URL

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", Text, nullable=False),
)
"""What made the index, its revision, and whether vectors are being written."""

roots = Table(
    "roots",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("path", String, nullable=False, unique=True),
    Column("is_whole", Boolean, nullable=False),
)
"""Folders that were synced, whole or some files of them; ``name`` begins their documents' ids."""

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("root_id", ForeignKey("roots.id"), nullable=False),
    Column("path", String, nullable=False),
    Column("doc", String, nullable=False),
    Column("visible", Boolean, nullable=False, default=False),
    Column("file_sha256", String, nullable=False),
    Column("text_sha256", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("lang", String, nullable=False),
    Column("date", Date),
    Column("publisher", String, nullable=False),
    Column("source_title", Text, nullable=False),
    Column("source_date", Date),
    Column("source_url", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("indexed_at", Float, nullable=False),
    sqlite_autoincrement=True,
)
"""Versions of documents; at most one of a document is visible."""

Index("one_visible", versions.c.doc, unique=True, sqlite_where=versions.c.visible)
Index("by_text", versions.c.text_sha256)

passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("versions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("sentences", Text, nullable=False),
    Column("embedding_key", String, nullable=False, index=True),
    Column("vector", LargeBinary, nullable=False),
    Column("sentence_vectors", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
"""Passages with their float32 vector and those of their sentences, row after row.

An id is never given twice.
"""

WORDS = """
CREATE VIRTUAL TABLE words USING fts5(terms, title, detail=column, tokenize='unicode61')
"""
WORD_COUNTS = "CREATE VIRTUAL TABLE word_counts USING fts5vocab(words, 'row')"


def connect(path: Path) -> Engine:
    """Open the catalog's database at ``path``, creating its tables when it is new.

    Where this user may not write, it is opened for reading.
    """
    engine = create_engine(_address(path), connect_args={"timeout": 30})
    event.listen(engine, "connect", _configure)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            if not connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'words'")):
                connection.execute(text(WORDS))
                connection.execute(text(WORD_COUNTS))
    except BaseException:
        engine.dispose()
        raise
    return engine


def is_writable(folder: Path) -> bool:
    """Whether this user may change the index in ``folder``."""
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
