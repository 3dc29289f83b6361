"""Bytes to text: Unicode by its marks, the old code pages of the five languages by guessing."""

import codecs

from rag.errors import ReadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Code pages in which press texts of the five languages are still found. cp1254 is latin-1 with
# the Turkish letters, so it serves French too.
_CODE_PAGES = ["cp1251", "koi8_r", "cp1254", "cp1252"]
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x0b\x85")


def decode(data: bytes, name: str) -> str:
    """Return the text of ``data``.

    Raises ReadError, naming ``name``, for binary content and for an encoding that cannot be told.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding, name)
    if encoding := _utf16_without_mark(data):
        return _strict(data, encoding, name)
    if _looks_binary(data):
        raise ReadError(f"{name} is a binary file, not text: remove it from the folder")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _guess(data, name)


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{name} says it is {encoding.upper()} but is damaged at byte {error.start}: "
            "save it again as UTF-8"
        ) from error


def _utf16_without_mark(data: bytes) -> str:
    """UTF-16 of Latin text has a zero in every other byte."""
    head = data[:2048]
    if len(head) < 4 or len(data) % 2:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) * 0.3 and even < len(head) * 0.02:
        return "utf-16-le"
    if even > len(head) * 0.3 and odd < len(head) * 0.02:
        return "utf-16-be"
    return ""


def _looks_binary(data: bytes) -> bool:
    head = data[:65536]
    if b"\0" in head:
        return True
    controls = sum(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)
    return controls > len(head) * 0.01


def _guess(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:200_000], cp_isolation=_CODE_PAGES).best()
    text = data.decode(best.encoding, errors="replace") if best else ""
    if not text or "\ufffd" in text:
        raise ReadError(
            f"{name} is not UTF-8 and its encoding cannot be told: save it again as UTF-8"
        )
    return text
