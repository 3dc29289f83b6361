"""The questions of the evaluation: read from JSON lines, their evidence pinned by hash."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.model import Document

FOLDER = Path(__file__).parent / "questions" / "corpus"


class QuestionFileError(Exception):
    """A question file that cannot be used; the message names file, line and remedy."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span of a document that states a nugget."""

    doc: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Nugget:
    """A fact the answer should state; any one of its evidence spans bears it out."""

    id: str
    vital: bool
    type: str
    aliases: Mapping[str, tuple[str, ...]]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a question file."""

    id: str
    cluster: str
    """Variants of one question share it."""
    split: str
    """``development``, to tune on, or ``sealed``."""
    lang: str
    doc_langs: tuple[str, ...]
    categories: tuple[str, ...]
    question: str
    behaviour: str
    """answer, refuse, correct_premise or report_conflict."""
    nuggets: tuple[Nugget, ...]

    @property
    def vital(self) -> tuple[Nugget, ...]:
        """The nuggets that an answer must state."""
        return tuple(nugget for nugget in self.nuggets if nugget.vital)

    @property
    def is_answerable(self) -> bool:
        """Whether the corpus holds the answer."""
        return self.behaviour != "refuse"

    @property
    def is_cross_language(self) -> bool:
        """Whether no evidence is in the question's language."""
        return self.is_answerable and self.lang not in self.doc_langs


def split_of(cluster: str) -> str:
    """The split of a cluster, by its hash: 30% are sealed and not looked at while tuning."""
    digest = int(hashlib.sha256(cluster.encode()).hexdigest(), 16)
    return "sealed" if digest % 10 < 3 else "development"


def load(paths: Iterable[Path], documents: Mapping[str, Document]) -> list[Question]:
    """Read question files; every evidence hash must be that of the span's text now.

    Raises QuestionFileError for a line that is not as docs/evaluation.md says, and for evidence of
    which the document is missing or has changed.
    """
    return [
        _question(raw, documents, f"{path.name}:{number}")
        for path in paths
        for number, raw in lines_of(path)
    ]


def lines_of(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a question file, each with its line's number.

    Raises QuestionFileError for a line that is no JSON object.
    """
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.strip():
            try:
                raw = json.loads(line)
            except json.JSONDecodeError as error:
                raise QuestionFileError(
                    f"{path.name}:{number}: no JSON ({error}): correct the line"
                ) from error
            if not isinstance(raw, dict):
                raise QuestionFileError(f"{path.name}:{number}: not an object: correct the line")
            found.append((number, raw))
    return found


def _question(raw: dict[str, Any], documents: Mapping[str, Document], where: str) -> Question:
    try:
        return Question(
            id=raw["id"],
            cluster=raw["cluster"],
            split=raw["split"],
            lang=raw["lang"],
            doc_langs=tuple(raw["doc_langs"]),
            categories=tuple(raw["categories"]),
            question=raw["question"],
            behaviour=raw["behaviour"],
            nuggets=tuple(_nugget(one, documents, where) for one in raw["nuggets"]),
        )
    except KeyError as error:
        raise QuestionFileError(
            f"{where}: {error} is missing: add it, or run python -m eval.pin where it fills it in"
        ) from error


def _nugget(raw: dict[str, Any], documents: Mapping[str, Document], where: str) -> Nugget:
    for one in raw["evidence"]:
        document = documents.get(one["doc"])
        if document is None:
            raise QuestionFileError(f"{where}: {one['doc']} is not indexed: run gazette sync")
        text = document.text[one["start"] : one["end"]]
        if hashlib.sha256(text.encode()).hexdigest() != one["sha256"]:
            raise QuestionFileError(
                f"{where}: {one['doc']} has changed at {one['start']}: run python -m eval.pin, "
                "and check the question"
            )
    return Nugget(
        id=raw["id"],
        vital=raw["vital"],
        type=raw["type"],
        aliases={lang: tuple(words) for lang, words in raw["aliases"].items()},
        evidence=tuple(Evidence(e["doc"], e["start"], e["end"]) for e in raw["evidence"]),
    )
