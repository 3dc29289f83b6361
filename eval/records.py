"""What a run leaves: one row a question with its scores, and what the run was made with.

A row holds nothing that differs between two runs of the same program; seconds are kept apart.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from rag.errors import GazetteError

RESULTS, TIMINGS, ABOUT = "results.jsonl", "timings.jsonl", "run.json"
_STRICT = ConfigDict(extra="forbid")


class RunFileError(GazetteError):
    """The files of a run that cannot be used; the message names file, line and remedy."""

    exit_code = 2


@dataclass(frozen=True, slots=True, config=_STRICT)
class Score:
    """A measure of one question: a ratio of two counts, or a mean's share with weight 1.

    Over questions, ratios are added up on both sides; ``weight`` 0 says that there was nothing to
    measure.
    """

    value: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True, config=_STRICT)
class Place:
    """A span of a document, in code points of the stored text."""

    doc: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, config=_STRICT)
class Sentence:
    """A sentence of the answer, the numbers of its citations, and what it states."""

    text: str
    citations: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    """Ids of the nuggets it states."""
    unsupported: tuple[str, ...] = ()
    """Numbers, dates, names and quoted words that its cited passages do not hold."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class Quote:
    """A citation of the answer."""

    n: int
    place: Place
    lang: str
    title: str
    quote: str


@dataclass(frozen=True, slots=True, config=_STRICT)
class Gold:
    """A nugget of the question and where on the way to the answer it was lost, if it was."""

    id: str
    vital: bool
    wording: str
    """One alias, in the question's language where there is one."""
    evidence: tuple[Place, ...]
    fate: str
    """stated, miscited, not stated, not selected, refused or not retrieved."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class Row:
    """What came of one question."""

    suite: str
    id: str
    seed: int
    """Of the model's sampling; 0 for the extractive answerer, which has none."""
    cluster: str
    split: str
    lang: str
    doc_langs: tuple[str, ...]
    categories: tuple[str, ...]
    behaviour: str
    question: str
    history: tuple[str, ...]
    """The questions before it, of a follow-up turn."""
    passed: bool
    """It did what it should: stated every vital nugget, or refused; and wrote nothing forbidden."""
    refused: bool
    confidence: float
    answerer: str
    intro: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Quote, ...]
    passages: tuple[Place, ...]
    """Retrieved, best first, at most ten."""
    gold: tuple[Gold, ...]
    scores: dict[str, Score]
    """By name of the metric; a metric that does not apply to the question is left out."""
    forbidden: tuple[str, ...] = ()
    """What it wrote though no answer to the question may."""
    broken: tuple[str, ...] = ()
    """Invariants of Gazette that the answer breaks, in words."""
    error: str = ""
    """Why there is no answer at all, or ""; a failure is never counted as a refusal."""

    @property
    def key(self) -> tuple[str, str, int]:
        """What names the row in its run."""
        return self.suite, self.id, self.seed


@dataclass(frozen=True, slots=True, config=_STRICT)
class Timing:
    """What one question cost."""

    suite: str
    id: str
    seed: int
    seconds: dict[str, float]
    """By stage; ``total`` is all of it."""
    passages: int
    words: int
    """Of the answer."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class About:
    """What a run was made with, and of."""

    version: str
    settings: dict[str, str]
    environment: dict[str, str]
    questions: dict[str, str]
    """SHA-256 of the questions and documents of each suite."""
    chosen: dict[str, str]
    """What was asked for: split, sample, seed."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class Run:
    """A whole run."""

    about: About
    rows: tuple[Row, ...]
    timings: tuple[Timing, ...] = ()
    peak_memory: float = 0.0
    """Bytes that the process held at most."""


def line_of(record: Row | Timing | About) -> str:
    """The record as one line of JSON, the same bytes for the same record."""
    plain = TypeAdapter(type(record)).dump_python(record, mode="json")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True) + "\n"


def rows_from(path: Path) -> list[Row]:
    """Read rows; a last line that was cut off is left out, so that a run can be taken up again.

    Raises RunFileError for any other line that is no row.
    """
    return list(_records(path, TypeAdapter(Row)))


def timings_from(path: Path) -> list[Timing]:
    """Read timings, as ``rows_from`` does rows."""
    return list(_records(path, TypeAdapter(Timing)))


def _records(path: Path, kind: TypeAdapter[Any]) -> Iterator[Any]:
    # Cut in bytes: a kill may have left half a character, and the last line is left out anyway.
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1], 1):
        try:
            yield kind.validate_json(line)
        except ValidationError as error:
            raise RunFileError(
                f"{path}:{number} is no line that this version wrote: use another --out"
            ) from error


def write_lines(path: Path, records: Iterable[Row | Timing | About]) -> None:
    """Write records whole: a reader sees the old file or the new one."""
    beside = path.with_name(path.name + ".new")
    beside.write_text("".join(map(line_of, records)), encoding="utf-8")
    beside.replace(path)


def in_order(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Rows by suite, question and seed."""
    return tuple(sorted(rows, key=lambda row: row.key))
