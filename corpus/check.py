"""What every shipped document must be: ``python -m corpus.check`` prints a table and the defects.

Exit status 1, with one line a defect on standard error, when there is any.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus import FOLDER
from rag.documents import SUFFIXES, front_matter, read_document
from rag.documents.decoding import decode
from rag.errors import ReadError
from rag.model import LANGUAGES, Document
from rag.text.language import identify

FEWEST = {"fr": 12, "en": 8, "az": 5, "ru": 5, "tr": 4}
"""Documents that each language must have."""
FEWEST_IN_ALL = 36
WORDS = range(150, 601)
"""Words, between blanks, that a body may have."""
KEYS = ("title", "date", "lang", "publisher", "source_title", "source_date")
"""Front matter that a document must have."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A document file, what was read of it (None when it cannot be read), and what is wrong."""

    path: Path
    document: Document | None
    defects: tuple[str, ...]


def files(folder: Path = FOLDER) -> list[Path]:
    """Every file below ``folder`` that a sync would read, in order."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
    )


def check(path: Path, folder: Path = FOLDER) -> Checked:
    """Read the document at ``path`` and name its defects, each beginning with its path."""
    name = path.relative_to(folder).as_posix()
    try:
        document = read_document(path, f"corpus/{name}")
        text = decode(path.read_bytes(), path.name).replace("\r\n", "\n")
        front, _ = front_matter.split(text, path.name)
    except ReadError as error:
        return Checked(path, None, (f"{name}: {error}",))
    missing = [f"front matter lacks {key}" for key in KEYS if not front.get(key)]
    found = [*missing, *_defects(path, document)]
    return Checked(path, document, tuple(f"{name}: {defect}" for defect in found))


def _defects(path: Path, document: Document) -> Iterator[str]:
    if document.lang != path.parent.name:
        yield f"lang is {document.lang} but the folder is {path.parent.name}"
    if (identified := identify(document.text)) != document.lang:
        yield f"lang is {document.lang} but the text reads as {identified}"
    if (words := len(document.text.split())) not in WORDS:
        yield f"the body has {words} words, not {WORDS.start} to {WORDS.stop - 1}"
    if document.date and not path.name.startswith(f"{document.date.isoformat()}-"):
        yield f"the file name does not begin with its date {document.date.isoformat()}-"


def missing_documents(checked: list[Checked]) -> list[str]:
    """A line for each language, and for the whole, that has too few documents."""
    counts = Counter(one.document.lang for one in checked if one.document)
    few = [
        f"{lang}: {counts[lang]} documents, fewer than {fewest}"
        for lang, fewest in FEWEST.items()
        if counts[lang] < fewest
    ]
    total = counts.total()
    whole = f"in all: {total} documents, fewer than {FEWEST_IN_ALL}"
    return [*few, whole] if total < FEWEST_IN_ALL else few


def table(checked: list[Checked]) -> str:
    """Documents, words and publishers by language."""
    lines = [f"{'lang':<6}{'documents':>10}{'least':>7}{'words':>8}{'publishers':>12}"]
    for lang in LANGUAGES:
        documents = [one.document for one in checked if one.document and one.document.lang == lang]
        words = sum(len(document.text.split()) for document in documents)
        publishers = len({document.publisher for document in documents})
        lines.append(f"{lang:<6}{len(documents):>10}{FEWEST[lang]:>7}{words:>8}{publishers:>12}")
    return "\n".join([*lines, f"{'all':<6}{len(checked):>10}{FEWEST_IN_ALL:>7}"])


def main(folder: Path = FOLDER) -> int:
    """Print the table and every defect; return the exit status."""
    checked = [check(path, folder) for path in files(folder)]
    print(table(checked))
    defects = [defect for one in checked for defect in one.defects] + missing_documents(checked)
    for defect in defects:
        print(defect, file=sys.stderr)
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main())
