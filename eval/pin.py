"""Pin the evidence of question files: ``python -m eval.pin`` finds each quote and hashes it.

A line's evidence needs ``doc`` and ``quote``; ``start``, ``end`` (code points of the stored text),
``sha256`` of the span and the cluster's ``split`` are filled in.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.questions import FOLDER, QuestionFileError, lines_of, split_of
from rag.gazette import Gazette
from rag.model import Document
from rag.settings import load_settings


def pin(path: Path, documents: Mapping[str, Document]) -> int:
    """Rewrite ``path`` with its evidence pinned; the number of spans."""
    lines = lines_of(path)
    pinned = 0
    for number, line in lines:
        line["split"] = split_of(line["cluster"])
        for evidence in (e for nugget in line["nuggets"] for e in nugget["evidence"]):
            _pin(evidence, documents, f"{path.name}:{number}")
            pinned += 1
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for _, line in lines)
    path.write_text(text, encoding="utf-8")
    return pinned


def _pin(evidence: dict[str, Any], documents: Mapping[str, Document], where: str) -> None:
    document = documents.get(evidence["doc"])
    quote = evidence["quote"]
    if document is None or document.text.count(quote) != 1:
        times = document.text.count(quote) if document else 0
        raise QuestionFileError(
            f"{where}: {evidence['doc']} holds {quote[:60]!r} {times} times: quote it so that "
            "it stands there once"
        )
    start = document.text.index(quote)
    digest = hashlib.sha256(quote.encode()).hexdigest()
    evidence.update(start=start, end=start + len(quote), sha256=digest)


def main() -> None:
    """Pin every question file against the indexed corpus."""
    with Gazette(load_settings()) as gazette:
        documents = {document.id: document for document in gazette.documents()}
    try:
        for path in sorted(FOLDER.glob("*.jsonl")):
            print(f"{path.name}: {pin(path, documents)} spans pinned")
    except QuestionFileError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
