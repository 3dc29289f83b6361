"""The registry of formats, and what every document goes through whatever its format.

A further format is a module with ``read(data, name) -> Raw`` and a line in ``_READERS``.
"""

import re
from datetime import date
from importlib import import_module
from pathlib import Path

from rag.documents.raw import Raw
from rag.errors import ReadError
from rag.model import LANGUAGES, Document
from rag.text.language import identify
from rag.text.normalise import normalise, without_title

MAX_BYTES = 20_000_000
MAX_CHARACTERS = 2_000_000
"""About a thousand pages; a longer text is no article and would hold up the index for an hour."""
_MAX_TITLE = 300

_READERS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "plain",
    ".html": "html",
    ".htm": "html",
}
SUFFIXES = tuple(_READERS)
"""File suffixes that can be read, lower case."""

_ISO_DATE = re.compile(r"(?<!\d)(20\d\d|19\d\d)-(\d\d)-(\d\d)(?!\d)")


def read_document(path: Path, doc_id: str, data: bytes | None = None) -> Document:
    """Read the file at ``path`` (or ``data``, when its bytes are at hand) as document ``doc_id``.

    Raises ReadError, naming the file and the remedy, for anything that is not a readable document
    of one of the five languages' scripts within the size limits.
    """
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        raise ReadError(f"{path.name}: {suffix or 'no suffix'} is not read; {_what_is_read()}")
    data = read_bytes(path) if data is None else data
    if not data.strip():
        raise ReadError(f"{path.name} is empty: fill it or remove it")
    raw: Raw = import_module(f"rag.documents.{_READERS[suffix]}").read(data, path.name)
    return _document(raw, path, doc_id)


def read_bytes(path: Path) -> bytes:
    """The file's bytes; ReadError when it is too large or cannot be opened."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReadError(
                f"{path.name} has {size / 1e6:.0f} MB, over the limit of {MAX_BYTES / 1e6:.0f}: "
                "split it"
            )
        return path.read_bytes()
    except OSError as error:
        raise ReadError(
            f"{path.name} cannot be read ({error.strerror}): allow this user to read it"
        ) from error


def _document(raw: Raw, path: Path, doc_id: str) -> Document:
    title = " ".join(normalise(raw.title).split()) or path.stem.replace("-", " ").replace("_", " ")
    text = without_title(normalise(raw.text), title)
    if not any(c.isalnum() for c in text):
        raise ReadError(f"{path.name} holds no text: fill it or remove it")
    if len(text) > MAX_CHARACTERS:
        raise ReadError(
            f"{path.name} has {len(text):,} characters, over the limit of {MAX_CHARACTERS:,}: "
            "split it"
        )
    if raw.lang and raw.lang.split("-")[0].lower() not in LANGUAGES:
        raise ReadError(
            f"{path.name} says its language is {raw.lang!r}: one of {', '.join(LANGUAGES)} is read"
        )
    return Document(
        id=doc_id,
        title=title[:_MAX_TITLE],
        text=text,
        lang=raw.lang.split("-")[0].lower() or identify(text),
        date=raw.date or _date_in(path.name) or _date_in(text[:300]),
        publisher=raw.publisher,
        source_title=raw.source_title,
        source_date=raw.source_date,
        source_url=raw.source_url,
    )


def _date_in(text: str) -> date | None:
    for match in _ISO_DATE.finditer(text):
        try:
            return date(*(int(part) for part in match.groups()))
        except ValueError:
            continue
    return None


def _what_is_read() -> str:
    return f"{', '.join(SUFFIXES)} are"
