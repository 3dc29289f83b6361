"""Names of files that somebody sent: data, of which a safe name is made, never a path."""

import re
import unicodedata
from itertools import count
from pathlib import Path, PurePosixPath

_MAX_BYTES = 150
"""Of the name without its suffix: file systems take 255 bytes."""
_UNSAFE = re.compile(r"[^\w .,()'’–—-]+")
_RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)
"""Names that Windows keeps for its devices."""


def safe_name(given: str) -> str:
    """The name of a file in a folder of ours: letters, digits and plain marks, never hidden.

    Its suffix stays, in small letters.
    """
    given = unicodedata.normalize("NFC", given).replace("\\", "/")
    last = PurePosixPath(given.rstrip("/")).name
    stem, dot, suffix = last.rpartition(".")
    if not dot:
        stem, suffix = last, ""
    suffix = re.sub(r"[^a-z0-9]", "", suffix.lower())[:10]
    stem = " ".join(_UNSAFE.sub("-", stem).split()).strip(" .-")
    stem = stem.encode()[:_MAX_BYTES].decode(errors="ignore").rstrip(" .-")
    if not stem or _RESERVED.fullmatch(stem):
        stem = f"document-{stem}".rstrip("-")
    return f"{stem}.{suffix}" if suffix else stem


def put(folder: Path, name: str, data: bytes) -> Path:
    """Write ``data`` into a new file of ``folder``: ``name``, or ``name-2`` where that is taken.

    A kill leaves no half of it under that name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = _reserved(folder, name)
    draft = folder / f".{file.name}.new"
    try:
        draft.write_bytes(data)
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        raise
    return file


def _reserved(folder: Path, name: str) -> Path:
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    for number in count(1):
        file = folder / (f"{stem}-{number}{suffix}" if number > 1 else name)
        try:
            file.touch(exist_ok=False)
        except FileExistsError:
            continue
        return file
    raise AssertionError
