"""The gate: whether a run is good enough to land. A gate that cannot fail is no gate.

Four kinds of check: invariants that nothing may break, a committed baseline of every question,
floors for each language, and the same answers when questions are asked again.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from scipy.stats import binomtest

from eval.figures import figure
from eval.records import Row, RunFileError, line_of
from rag.model import LANGUAGES

BASELINE = Path(__file__).parent / "baseline.jsonl"
FLOORS = Path(__file__).parent / "floors.json"
TOLERATED = 2
TOLERATED_SHARE = 0.01
"""Net newly failing questions that are let pass: this share of all, but at least ``TOLERATED``."""
SIGNIFICANCE = 0.05
_NAMED = 12
"""Questions named in a message: more would hide it."""
_AT_MOST = ("false answers", "false refusals", "unsupported atoms")
"""Metrics of which the floor is a ceiling."""
_MARGIN = 0.03
"""How far a floor lies under what was reached when it was set."""

Floors = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Kept:
    """What the baseline keeps of a question."""

    suite: str
    id: str
    lang: str
    passed: bool
    refused: bool
    recall: float | None
    """R@5, of a question with an answer."""
    nuggets: float | None
    """Nugget recall, of the same."""

    @property
    def key(self) -> tuple[str, str]:
        """What names the question."""
        return self.suite, self.id


@dataclass(frozen=True, slots=True)
class Difference:
    """A run against the baseline; questions by ``suite/id``."""

    compared: int
    newly_failing: tuple[str, ...] = ()
    newly_passing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    """Asked, and not in the baseline."""
    gone: tuple[str, ...] = ()
    """In the baseline, and not asked."""
    before: float = 0.0
    """Share of the compared questions that passed in the baseline."""
    now: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the gate does not let pass."""

    check: str
    """invariant, baseline, floor or repetition."""
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says."""

    findings: tuple[Finding, ...]
    difference: Difference
    notes: tuple[str, ...] = ()
    """What was not checked, and why."""

    @property
    def is_green(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def judge(
    rows: Sequence[Row],
    baseline: Sequence[Kept],
    floors: Floors,
    repeated: Sequence[Row] = (),
    is_whole: bool = True,
) -> Verdict:
    """The verdict on a run of the extractive answerer.

    ``repeated`` are rows of the same questions asked again. Floors are of the whole set, so a
    sample is not held to them.
    """
    difference = compare(rows, baseline)
    if not rows:
        nothing = Finding("baseline", "no question was asked: name another split or file")
        return Verdict((nothing,), difference)
    findings = [
        *_invariants(rows),
        *_against_baseline(rows, baseline),
        *_repetition(rows, repeated),
    ]
    notes = []
    if is_whole:
        findings += _floors(rows, floors)
        if difference.gone:
            findings.append(
                Finding(
                    "baseline",
                    f"{len(difference.gone)} questions of the baseline were not asked "
                    f"({_named(difference.gone)}): put them back, or update the baseline",
                )
            )
    elif floors:
        notes.append("floors are of the whole set: a sample is not held to them")
    if difference.newly_failing and not findings:
        notes.append(f"newly failing, and tolerated: {_named(difference.newly_failing)}")
    if difference.added:
        notes.append(
            f"{len(difference.added)} questions are not in the baseline yet "
            f"({_named(difference.added)}): --update-baseline takes them in"
        )
    return Verdict(tuple(findings), difference, tuple(notes))


def _named(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


# Invariants


def _invariants(rows: Iterable[Row]) -> list[Finding]:
    found = []
    for row in rows:
        if row.error:
            found.append(Finding("invariant", f"{row.suite}/{row.id}: no answer: {row.error}"))
        found += [Finding("invariant", f"{row.suite}/{row.id}: {what}") for what in row.broken]
    return found


def _repetition(rows: Sequence[Row], repeated: Sequence[Row]) -> list[Finding]:
    first = {row.key: row for row in rows}
    differing = [
        f"{again.suite}/{again.id}"
        for again in repeated
        if line_of(first[again.key]) != line_of(again)
    ]
    if not differing:
        return []
    return [
        Finding(
            "repetition",
            f"{len(differing)} questions were answered otherwise when asked again: "
            f"{_named(differing)}",
        )
    ]


# The baseline


def compare(rows: Sequence[Row], baseline: Sequence[Kept]) -> Difference:
    """What passes now and did not, and the other way round."""
    before = {kept.key: kept for kept in baseline}
    now = {(row.suite, row.id): row for row in rows}
    both = [key for key in now if key in before]

    def named(keys: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        return tuple(f"{suite}/{name}" for suite, name in sorted(keys))

    count = max(1, len(both))
    return Difference(
        compared=len(both),
        newly_failing=named(k for k in both if before[k].passed and not now[k].passed),
        newly_passing=named(k for k in both if now[k].passed and not before[k].passed),
        added=named(now.keys() - before.keys()),
        gone=named(before.keys() - now.keys()),
        before=sum(before[key].passed for key in both) / count,
        now=sum(now[key].passed for key in both) / count,
    )


def _against_baseline(rows: Sequence[Row], baseline: Sequence[Kept]) -> list[Finding]:
    if not baseline:
        return [Finding("baseline", "there is none: make it with --update-baseline")]
    found = list(_worse("all languages", compare(rows, baseline)))
    for lang in LANGUAGES:
        mine = [row for row in rows if row.lang == lang]
        found += _worse(lang, compare(mine, [kept for kept in baseline if kept.lang == lang]))
    return found


def _worse(where: str, difference: Difference) -> list[Finding]:
    lost, won = len(difference.newly_failing), len(difference.newly_passing)
    net, allowed = lost - won, max(TOLERATED, TOLERATED_SHARE * difference.compared)
    named = _named(difference.newly_failing)
    if net > allowed:
        said = f"{lost} questions newly fail and {won} newly pass of {difference.compared}"
        return [Finding("baseline", f"{where}: {said}, net more than {allowed:g}: {named}")]
    chance = mcnemar(lost, won)
    if net > 0 and chance < SIGNIFICANCE:
        said = f"{lost} questions newly fail against {won} that newly pass (p = {chance:.3f})"
        return [Finding("baseline", f"{where}: {said}: {named}")]
    return []


def mcnemar(lost: int, won: int) -> float:
    """Two-sided p of the exact McNemar test (McNemar, Psychometrika 12, 1947)."""
    return float(binomtest(lost, lost + won).pvalue) if lost + won else 1.0


def kept_from(rows: Iterable[Row]) -> list[Kept]:
    """The baseline that a run makes, by suite and id."""
    found = []
    for row in sorted(rows, key=lambda row: row.key):
        recall, nuggets = (
            row.scores[name].value if name in row.scores else None
            for name in ("R@5", "nugget recall")
        )
        found.append(Kept(row.suite, row.id, row.lang, row.passed, row.refused, recall, nuggets))
    return found


def read_baseline(path: Path) -> list[Kept]:
    """The committed baseline; empty when there is no file."""
    if not path.is_file():
        return []
    kind = TypeAdapter(Kept)
    try:
        return [kind.validate_json(line) for line in path.read_bytes().split(b"\n") if line]
    except (ValidationError, OSError) as error:
        raise RunFileError(
            f"{path} is no baseline: take it away, and make it anew with --update-baseline"
        ) from error


def write_baseline(path: Path, baseline: Sequence[Kept]) -> None:
    """Write the baseline, a line a question, so that a change of it is a visible difference."""
    kind = TypeAdapter(Kept)
    lines = [
        json.dumps(kind.dump_python(kept, mode="json"), ensure_ascii=False) + "\n"
        for kept in baseline
    ]
    path.write_text("".join(lines), encoding="utf-8")


def in_words(difference: Difference) -> str:
    """A difference as a person would tell it."""
    if not difference.compared:
        return f"a first baseline of {len(difference.added)} questions"
    said = [
        f"{difference.compared} questions were in both: {difference.before:.1%} passed before, "
        f"{difference.now:.1%} pass now"
    ]
    for names, what in (
        (difference.newly_failing, "newly fail"),
        (difference.newly_passing, "newly pass"),
        (difference.added, "are new"),
        (difference.gone, "are gone"),
    ):
        if names:
            said.append(f"{len(names)} {what}: {_named(names)}")
    return "\n".join(said)


# Floors

FLOORED = (
    "R@5",
    "All@10",
    "nugget recall",
    "citation precision",
    "citation recall",
    "language",
    "unsupported atoms",
    "false refusals",
    "false answers",
)


def floors_from(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Floors a little under what a run reaches, for each language."""
    found: dict[str, dict[str, float]] = {}
    for lang in LANGUAGES:
        mine = [row for row in rows if row.lang == lang]
        figures = [figure(mine, metric) for metric in FLOORED]
        found[lang] = {
            one.name: round(one.value + (_MARGIN if one.name in _AT_MOST else -_MARGIN), 2)
            for one in figures
            if one.n
        }
    return found


def read_floors(path: Path) -> Floors:
    """The committed floors by language and metric; none when there is no file."""
    found: Floors = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def write_floors(path: Path, floors: Floors) -> None:
    """Write the floors."""
    path.write_text(json.dumps(floors, indent=1) + "\n", encoding="utf-8")


def _floors(rows: Sequence[Row], floors: Floors) -> list[Finding]:
    return [
        Finding("floor", f"{lang}: {metric} is {value:.3f}, {word} {floor:.2f}")
        for lang, by_metric in floors.items()
        for metric, floor in by_metric.items()
        for value, word, is_broken in [_held(rows, lang, metric, floor)]
        if is_broken
    ]


def _held(rows: Sequence[Row], lang: str, metric: str, floor: float) -> tuple[float, str, bool]:
    found = figure([row for row in rows if row.lang == lang], metric)
    if metric in _AT_MOST:
        return found.value, "over", found.value > floor
    return found.value, "under", found.n == 0 or found.value < floor
