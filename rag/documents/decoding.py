"""Bytes to text: Unicode by its marks or its shape, old code pages by the letters they give."""

import codecs

from rag.documents.code_pages import guess, is_plausible
from rag.errors import ReadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
# What a page that declares the left one is in truth, by the practice of every browser.
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x1b")
_HEAD = 65_536


def decode(data: bytes, name: str, declared: str = "") -> str:
    """Return the text of ``data``; ``declared`` is the encoding its format names, if any.

    Raises ReadError, naming ``name``, for binary content, for damaged Unicode, and for an encoding
    that cannot be told beyond doubt.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding, name)
    if _looks_binary(data):
        return _wide(data, name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _old(data, name, declared, error)


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{name} says it is {encoding.removesuffix('-sig').upper()} but is damaged at byte "
            f"{error.start}: save it again as UTF-8",
            "encoding",
            name=name,
        ) from error


def _looks_binary(data: bytes) -> bool:
    head = data[:_HEAD]
    if b"\0" in data:
        return True
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)
    return controls > len(head) * 0.01


def _wide(data: bytes, name: str) -> str:
    """UTF-16 or UTF-32 without a mark: only the right one gives letters of the five languages."""
    for encoding in _WIDE:
        try:
            head = data[:_HEAD].decode(encoding)
            if sum(_is_expected(char) for char in head) >= len(head) * 0.97:
                return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError(f"{name} is a binary file, not text: remove it", "not_text", name=name)


def _is_expected(char: str) -> bool:
    """Latin, Cyrillic and the punctuation around them."""
    return "\x20" <= char < "\u0530" or "\u2000" <= char < "\u2120" or char in "\t\n\r\f"


def _declared(data: bytes, encoding: str) -> str:
    """The text in the declared encoding, or "" when it does not fit or is not known."""
    try:
        codec = codecs.lookup(encoding).name
        text = data.decode(_MEANT.get(codec, codec))
    except (LookupError, ValueError):  # ValueError: also a name that holds a NUL
        return ""
    return text if is_plausible(text) else ""


def _old(data: bytes, name: str, declared: str, error: UnicodeDecodeError) -> str:
    """The letters decide; what is declared, which is often wrong, only where they do not."""
    if codec := guess(data):
        return data.decode(codec)
    if text := _declared(data, declared):
        return text
    raise ReadError(
        f"{name} is not UTF-8 (byte {error.start}) and its encoding cannot be told beyond doubt: "
        "save it again as UTF-8",
        "encoding",
        name=name,
    ) from error
