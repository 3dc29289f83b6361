"""Pin the evidence of question files: ``python -m eval.pin`` finds each quote and hashes it.

A line's evidence needs ``doc`` and ``quote``; ``start``, ``end`` (code points of the stored text),
``sha256`` of the span and the cluster's ``split`` are filled in.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from eval.questions import Evidence, QuestionFileError, lines_of, pinned, split_of, suites
from eval.run import opened
from rag.model import Document
from rag.settings import load_settings


def pin(path: Path, documents: Mapping[str, Document]) -> int:
    """Rewrite ``path`` with its evidence pinned to what ``documents`` say; the number of spans.

    Raises QuestionFileError for a quote that does not stand in its document exactly once.
    """
    lines, count = lines_of(path), 0
    for number, line in lines:
        line["split"] = split_of(line["cluster"])
        for one in (e for nugget in line["nuggets"] for e in nugget["evidence"]):
            found = pinned(
                Evidence(doc=one["doc"], quote=one["quote"]), documents, f"{path.name}:{number}"
            )
            one.update(start=found.start, end=found.end, sha256=found.sha256)
            count += 1
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for _, line in lines)
    path.write_text(text, encoding="utf-8")
    return count


def main() -> None:
    """Pin every shipped question file."""
    settings = load_settings(answerer="extractive")
    try:
        with opened(suites(), settings, lambda done, total, name: None) as held:
            for one in held:
                for path in one.suite.files:
                    print(f"{one.suite.name}/{path.name}: {pin(path, one.documents)} spans pinned")
    except QuestionFileError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
