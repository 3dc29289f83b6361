"""Plain text: the first short line is the title when a blank line follows it."""

from rag.documents.decoding import decode
from rag.documents.raw import Raw

_MAX_TITLE = 200


def read(data: bytes, name: str) -> Raw:
    """Read a text file; ``name`` is used in messages."""
    text = decode(data, name).strip()
    first, blank, rest = (part.strip() for part in text.replace("\r\n", "\n").partition("\n\n"))
    if blank == "" and rest and len(first) <= _MAX_TITLE and "\n" not in first:
        return Raw(text=rest, title=first)
    return Raw(text=text)
