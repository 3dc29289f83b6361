"""Sentence segmenters on the table of tests/text: ``python -m eval.bench.segmenters``.

A candidate that is not installed is left out. Figures are over the boundaries between sentences
of one row, exact to the code point once blanks are trimmed.
"""

import importlib.util
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import yaml

from rag.model import LANGUAGES
from rag.text.sentences import sentence_spans

TABLE = Path(__file__).parents[2] / "tests" / "text" / "sentences.yaml"
Pieces = Callable[[str, str], list[tuple[int, int]]]
_PYSBD_LANGUAGES = {"fr": "fr", "en": "en", "ru": "ru"}


@dataclass(frozen=True, slots=True)
class Row:
    """A text, its language and the ends of its sentences in code points."""

    lang: str
    about: str
    text: str
    ends: frozenset[int]
    known_failure: str


@dataclass(frozen=True, slots=True)
class Score:
    """Boundaries found, wrong and missed, and rows right as a whole."""

    found: int
    wrong: int
    missed: int
    rows_right: int
    rows: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 to 1; 1 when there was nothing to find."""
        total = 2 * self.found + self.wrong + self.missed
        return 2 * self.found / total if total else 1.0

    @property
    def precision(self) -> float:
        """Share of the boundaries set that are right, 0 to 1."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the boundaries wanted that were set, 0 to 1."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


def table(path: Path = TABLE) -> list[Row]:
    """Rows of the table, in its order."""
    rows = []
    for lang, entries in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        for entry in entries:
            text, ends = "", []
            for sentence in entry["sentences"]:
                text += (entry.get("join", " ") if text else "") + sentence
                ends.append(len(text))
            failure = entry.get("known_failure", "")
            rows.append(Row(lang, entry["about"], text, frozenset(ends[:-1]), failure))
    return rows


def score(pieces: Pieces, rows: list[Row]) -> Score:
    """Compare ``pieces`` with the rows; the end of a text is no boundary."""
    found = wrong = missed = right = 0
    for row in rows:
        got = _inner_ends(row.text, pieces(row.text, row.lang))
        found += len(got & row.ends)
        wrong += len(got - row.ends)
        missed += len(row.ends - got)
        right += got == row.ends
    return Score(found, wrong, missed, right, len(rows))


def _inner_ends(text: str, spans: list[tuple[int, int]]) -> set[int]:
    ends = {
        start + len(text[start:end].rstrip()) for start, end in spans if text[start:end].strip()
    }
    return ends - {len(text)}


def gazette(text: str, lang: str) -> list[tuple[int, int]]:
    return [(start, end) for start, end in sentence_spans(text, lang)]


def baseline(text: str, lang: str) -> list[tuple[int, int]]:
    return [
        m.span() for m in re.finditer(r"\S.*?(?:[.!?…]+[»”\"’)]*(?=\s)|(?=\n\n)|$)", text, re.S)
    ]


def sentencex(text: str, lang: str) -> list[tuple[int, int]]:
    from sentencex import get_sentence_boundaries

    found = get_sentence_boundaries(lang, text)
    return [(b["start_index"], b["end_index"]) for b in found]


def pysbd(text: str, lang: str) -> list[tuple[int, int]]:
    from pysbd import Segmenter

    found = Segmenter(language=_PYSBD_LANGUAGES.get(lang, "en"), char_span=True).segment(text)
    return [(span.start, span.end) for span in found]


def blingfire(text: str, lang: str) -> list[tuple[int, int]]:
    return list(import_module("blingfire").text_to_sentences_and_offsets(text)[1])


CANDIDATES: dict[str, Pieces] = {
    "baseline": baseline,
    "sentencex": sentencex,
    "pysbd": pysbd,
    "blingfire": blingfire,
    "gazette": gazette,
}


def seconds(pieces: Pieces, rows: list[Row], rounds: int = 7) -> float:
    """Least time of one pass over the rows, which other work on the machine disturbs least."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for row in rows:
            pieces(row.text, row.lang)
        times.append(time.perf_counter() - start)
    return min(times)


def cold_start(name: str, rounds: int = 3) -> float:
    """Median seconds from import to the first answer, each time in a new process."""
    module = "rag.text.sentences" if name == "gazette" else name
    first = f"from eval.bench.segmenters import {name} as f; f('A b. C d.', 'en')"
    code = (
        "import yaml, re, time, rag.model, subprocess, statistics; start = time.perf_counter(); "
        f"import {module}; {first}; print(time.perf_counter() - start)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
        for _ in range(rounds)
    ]
    return statistics.median(float(run.stdout) for run in runs)


def main() -> None:
    """Print the table."""
    rows = table()
    installed = {
        name: pieces
        for name, pieces in CANDIDATES.items()
        if name in ("baseline", "gazette") or importlib.util.find_spec(name)
    }
    print(f"{len(rows)} rows, {sum(len(row.ends) for row in rows)} boundaries")
    languages = "".join(f"{lang:>7}" for lang in LANGUAGES)
    print(
        f"{'F1':<11}{languages}{'all':>7}{'prec':>7}{'rec':>7}{'exact':>9}{'time':>7}{'cold s':>8}"
    )
    unit = seconds(baseline, rows)
    for name, pieces in installed.items():
        by_language = "".join(
            f"{score(pieces, [r for r in rows if r.lang == lang]).f1:7.3f}" for lang in LANGUAGES
        )
        total = score(pieces, rows)
        cold = 0.0 if name == "baseline" else cold_start(name)
        print(
            f"{name:<11}{by_language}{total.f1:7.3f}{total.precision:7.3f}{total.recall:7.3f}"
            f"{total.rows_right:>5}/{total.rows}{seconds(pieces, rows) / unit:7.1f}{cold:8.3f}"
        )


if __name__ == "__main__":
    main()
