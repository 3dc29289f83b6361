"""The registry of formats, and what every document goes through whatever its format.

A further format is a module with ``read(data, name) -> Raw`` and a line in ``_READERS``.
"""

import re
import stat
from importlib import import_module
from pathlib import Path

from rag.documents.dates import find_date
from rag.documents.raw import Raw, bounded
from rag.errors import ReadError
from rag.model import LANGUAGES, Document
from rag.text.language import identify
from rag.text.normalise import normalise, without_title

MAX_BYTES = 20_000_000
_MAX_TITLE = 300
_DATELINE = 300
"""Characters at the start of a text in which a date is taken for its date of publication."""

_READERS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "plain",
    ".html": "html",
    ".htm": "html",
}
_OTHERS = ((b"%PDF-", "a PDF"), (b"{\\rtf", "an RTF file"))
"""What may pass for text and is none, by how it begins."""
SUFFIXES = tuple(_READERS)
"""File suffixes that can be read, lower case."""

_LEADING_DATE = re.compile(r"^\d{4}-\d\d-\d\d[-_ ]*")


def read_document(path: Path, doc_id: str, data: bytes | None = None) -> Document:
    """Read the file at ``path`` (or ``data``, when its bytes are at hand) as document ``doc_id``.

    Raises ReadError, naming the file and the remedy, for anything that is not a readable document
    in one of the five languages within the size limits.
    """
    name, suffix = _printable(path.name), path.suffix.lower()
    if suffix not in _READERS:
        kind = f"{_printable(suffix)} files are" if suffix else "a file without a suffix is"
        types = ", ".join(SUFFIXES)
        raise ReadError(
            f"{name}: {kind} not read: save it as one of {types}",
            "other_type",
            name=name,
            types=types,
        )
    data = read_bytes(path) if data is None else data
    _check_size(len(data), name)
    if not data.strip():
        raise ReadError(f"{name} is empty: fill it or remove it", "empty", name=name)
    for beginning, kind in _OTHERS:
        if data.lstrip().startswith(beginning):
            raise ReadError(
                f"{name} is {kind}, whatever its name: save its text as .txt",
                "not_text",
                name=name,
            )
    raw: Raw = import_module(f"rag.documents.{_READERS[suffix]}").read(data, name)
    return _document(raw, path, doc_id)


def read_bytes(path: Path) -> bytes:
    """The file's bytes, at most MAX_BYTES.

    Raises ReadError when it is larger, when it cannot be opened, and when it is no regular file:
    a pipe or a device would never end.
    """
    name = _printable(path.name)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe, socket or device"
            raise ReadError(f"{name} is {kind}, not a file: rename it or remove it")
        _check_size(found.st_size, name)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ReadError(
            f"{name} is gone, or is a link to a file that is gone: put it back or remove the link",
            "file_gone",
            name=name,
        ) from error
    except OSError as error:
        raise ReadError(
            f"{name} cannot be read ({error.strerror}): allow this user to read it",
            "file_closed",
            name=name,
        ) from error
    _check_size(len(data), name)
    return data


def _check_size(size: int, name: str) -> None:
    if size > MAX_BYTES:
        raise ReadError(
            f"{name} has {size / 1e6:.1f} MB, over the limit of {MAX_BYTES / 1e6:.0f} MB: split it",
            "too_big",
            name=name,
            mb=MAX_BYTES // 1_000_000,
        )


def _document(raw: Raw, path: Path, doc_id: str) -> Document:
    name = _printable(path.name)
    title = _one_line(raw.title) or _title_in(path)
    text = without_title(normalise(raw.text), title)
    if not any(c.isalnum() for c in text):
        raise ReadError(f"{name} holds no text: fill it or remove it", "no_text", name=name)
    bounded(text, name)
    return Document(
        id=doc_id,
        title=title[:_MAX_TITLE].rstrip(),
        text=text,
        lang=_language(raw.lang, name) or identify(text),
        date=raw.date or find_date(path.name) or find_date(text[:_DATELINE]),
        publisher=_one_line(raw.publisher),
        source_title=_one_line(raw.source_title),
        source_date=raw.source_date,
        source_url=_one_line(raw.source_url),
    )


def _language(lang: str, name: str) -> str:
    code = lang.replace("_", "-").split("-")[0].lower()
    if code and code not in LANGUAGES:
        raise ReadError(
            f"{name} says its language is {lang[:20]!r}: only {', '.join(LANGUAGES)} are read; "
            "correct its lang line or remove the file",
            "other_language",
            name=name,
            lang=lang[:20],
        )
    return code


def _title_in(path: Path) -> str:
    words = _one_line(re.sub(r"[-_]+", " ", _LEADING_DATE.sub("", path.stem)))
    return words or _one_line(path.stem) or "?"


def _one_line(text: str) -> str:
    return " ".join(normalise(text).split())


def _printable(name: str) -> str:
    """``name`` fit for a message: on one line, in characters that any terminal takes."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name)
