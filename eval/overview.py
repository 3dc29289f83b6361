"""What the report and the summary say in words: the headline, the findings, changes, the cost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eval import figures, tables
from eval.gate import Difference, Verdict
from eval.records import Row, Run
from eval.wording import CHECKS, counted, listed, value_of

GREEN, RED = "✓ The gate is green", "✗ The gate is red"


def answerer_of(rows: Sequence[Row]) -> str:
    """Who answered: the model as soon as it gave one answer, since its goals are the harder."""
    names = Counter(row.answerer for row in rows if not row.error)
    return next((name for name in sorted(names) if name != "extractive"), "extractive")


def facts(run: Run) -> str:
    """Version, answerer, number of questions and their suites, in a line."""
    asked = _asked(run.rows)
    said = f"Version {run.about.version} · answerer {answerer_of(run.rows)} · "
    said += counted(asked, "question")
    if run.about.questions:
        suites = sorted(run.about.questions)
        said += f" of {'suite' if len(suites) == 1 else 'suites'} {listed(suites)}"
    return said + (f", asked {len(run.rows)} times" if len(run.rows) != asked else "")


def _asked(rows: Sequence[Row]) -> int:
    """Questions, each counted once however often it was asked."""
    return len({(row.suite, row.id) for row in rows})


def headline(run: Run) -> str:
    """What came of the run, in two sentences."""
    if not run.rows:
        return "No question was asked."
    splits = tables.splits(run.rows)
    goals = tables.goal_lines(splits, answerer_of(run.rows))
    noun = "question" if len(run.rows) == _asked(run.rows) else "answer"
    passed, met = [], []
    for column, group in enumerate(splits):
        name = "" if group.name == tables.ALL else f"{group.name} "
        share = value_of(figures.passed(group.rows))
        passed.append(f"{share} of {counted(len(group.rows), name + noun)}")
        reached, measured = tables.goals_met(goals, column)
        met.append(f"{reached} of {measured}" + (f" on {group.name}" if name else ""))
    return f"Passed: {listed(passed)}. Goals met: {listed(met)}."


@dataclass(frozen=True, slots=True)
class Found:
    """What a check of the gate found."""

    check: str
    messages: tuple[str, ...]


def findings(verdict: Verdict) -> tuple[Found, ...]:
    """What the gate found, by check in the order in which the checks are told."""
    checks = dict.fromkeys([*CHECKS, *(one.check for one in verdict.findings)])
    found = [
        Found(
            CHECKS.get(check, check),
            tuple(one.message for one in verdict.findings if one.check == check),
        )
        for check in checks
    ]
    return tuple(one for one in found if one.messages)


@dataclass(frozen=True, slots=True)
class Changed:
    """Questions of one kind of change: those that may be named, and how many more are sealed."""

    what: str
    names: tuple[str, ...]
    sealed: int

    @property
    def count(self) -> int:
        """Of all, named or not."""
        return len(self.names) + self.sealed


def compared(difference: Difference) -> str:
    """How much was compared with the baseline, and what passed before and passes now."""
    if not difference.compared:
        return "There is no baseline that these questions could be compared with."
    return (
        f"{counted(difference.compared, 'question')} in both: {difference.before:.1%} passed "
        f"before, {difference.now:.1%} now."
    )


def changes(difference: Difference, rows: Sequence[Row], sealed: bool) -> tuple[Changed, ...]:
    """What newly fails, newly passes, is new and is gone; the sealed are counted, not named."""
    hidden = {f"{row.suite}/{row.id}" for row in rows if row.split == tables.SEALED and not sealed}
    return tuple(
        Changed(what, tuple(n for n in names if n not in hidden), len(hidden.intersection(names)))
        for what, names in (
            ("newly failing", difference.newly_failing),
            ("newly passing", difference.newly_passing),
            ("not in the baseline", difference.added),
            ("in the baseline and not asked", difference.gone),
        )
        if names
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """Median and 95th percentile of what a question costs."""

    name: str
    p50: str
    p95: str


def costs(run: Run) -> tuple[Cost, ...]:
    """Seconds by stage, the whole last, then passages and words."""
    stages = dict.fromkeys(stage for timing in run.timings for stage in timing.seconds)
    found = [
        _cost(stage, [t.seconds[stage] for t in run.timings if stage in t.seconds], "{:.3f} s")
        for stage in sorted(stages, key=lambda stage: stage == "total")
    ]
    if run.timings:
        found.append(_cost("passages", [t.passages for t in run.timings], "{:.0f}"))
        found.append(_cost("words", [t.words for t in run.timings], "{:.0f}"))
    return tuple(found)


def _cost(name: str, values: Sequence[float], written: str) -> Cost:
    p50, p95 = np.quantile(values, [0.5, 0.95])
    return Cost(name, written.format(p50), written.format(p95))


def peak_memory(run: Run) -> str:
    """The memory that the run took at most, or "" where that is not known."""
    return f"{run.peak_memory / 1e6:.0f} MB" if run.peak_memory else ""
