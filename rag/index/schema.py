"""Tables of the catalog, and how its database is opened."""

from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
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
    text,
)

from rag import database
from rag.database import Remedies
from rag.errors import IndexStateError

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


REMEDIES = Remedies(
    full="free some and run gazette sync again; what was indexed before is kept",
    damaged="run gazette sync --rebuild FOLDER to make it anew of the documents' folders",
    other_version="run gazette sync --rebuild FOLDER",
    unusable=IndexStateError,
)


def connect(path: Path) -> Engine:
    """Open the catalog's database at ``path``, creating its tables when it is new."""
    return database.connect(path, _make)


def _make(connection: Connection) -> None:
    metadata.create_all(connection)
    if not connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'words'")):
        connection.execute(text(WORDS))
        connection.execute(text(WORD_COUNTS))
