"""The summary of a run in Markdown, for a terminal, a CI log or a pull request.

Columns are padded, so that it reads as plain text too.
"""

import re
from collections.abc import Iterator, Sequence

from eval import overview, tables
from eval.figures import Figure
from eval.gate import Verdict
from eval.records import Run
from eval.wording import NO_VALUE, SMALL, aim_of, clipped, interval_of, share, value_of
from rag.text.harmless import harmless

_LONGEST = 600
"""Characters of a message; the report has the rest."""
_NAMED = 12
"""Questions named of one kind of change; the report names all."""
_MARKUP = re.compile(r"[\\`*<|]|~(?=~)|&(?=[#\w])|\](?=[(\[])|(?<!\w)_|_(?!\w)")


def markdown(run: Run, verdict: Verdict | None = None) -> str:
    """The summary of ``run``; of what changed, questions of the sealed split are only counted."""
    return "\n\n".join(_blocks(run, verdict)) + "\n"


def _blocks(run: Run, verdict: Verdict | None) -> Iterator[str]:
    yield "# Gazette evaluation"
    yield _plain(overview.facts(run))
    yield overview.headline(run)
    if verdict:
        yield from _gate(verdict)
    yield from _unasked(run)
    splits = tables.splits(run.rows)
    yield "## Goals"
    yield _goals(splits, overview.answerer_of(run.rows))
    yield "## Metrics"
    yield _metrics(splits)
    yield "## Where vital nuggets are lost"
    yield _waterfall(splits)
    by_category = tables.passed_by_category(run.rows)
    if by_category.lines:
        yield "## Passed, by category and language of the question"
        yield _heat_map(by_category)
        yield f"In brackets: fewer than {SMALL} answers, which say little."
    if verdict:
        yield "## Against the baseline"
        yield from _difference(run, verdict)
    yield "## Cost"
    yield _cost(run)


def _unasked(run: Run) -> Iterator[str]:
    """Questions for which there is no answer at all, nor a refusal."""
    failed = [row for row in run.rows if row.error]
    for row in failed[:_NAMED]:
        yield f"- {_plain(row.id)}: no answer: {_plain(row.error)}"
    if len(failed) > _NAMED:
        yield f"- and {len(failed) - _NAMED} more"


def _gate(verdict: Verdict) -> Iterator[str]:
    yield f"**{overview.GREEN if verdict.is_green else overview.RED}**"
    lines = [
        f"- {_plain(found.check)}: {_plain(message)}"
        for found in overview.findings(verdict)
        for message in found.messages
    ]
    lines += [f"- Note: {_plain(note)}" for note in verdict.notes]
    if lines:
        yield "\n".join(lines)


def _goals(splits: Sequence[tables.Group], answerer: str) -> str:
    lines = []
    for line in tables.goal_lines(splits, answerer):
        cells = [
            f"{_valued(one.figure)} {'✓' if one.is_met else '✗'}" if one.figure.n else NO_VALUE
            for one in line.reached
        ]
        lines.append([line.goal.label, aim_of(line.goal, answerer), *cells])
    return _table(["Goal", "Aim", *_names(splits)], lines)


def _metrics(splits: Sequence[tables.Group]) -> str:
    lines = [[line.name, *map(_valued, line.figures)] for line in tables.metric_lines(splits)]
    return _table(["Metric", *_names(splits)], lines)


def _waterfall(splits: Sequence[tables.Group]) -> str:
    steps = [tables.steps(group.rows) for group in splits]
    lines = [["vital nuggets", *(str(held[0].whole) for held in steps)]]
    lines += [
        [same[0].stage, *(f"{step.count} ({share(step.share)})" for step in same)]
        for same in zip(*steps, strict=True)
    ]
    return _table(["Stage", *_names(splits)], lines)


def _heat_map(found: tables.HeatMap) -> str:
    return _table(
        ["Category", *found.columns],
        [[line.name, *map(_celled, line.figures)] for line in found.lines],
    )


def _difference(run: Run, verdict: Verdict) -> Iterator[str]:
    yield overview.compared(verdict.difference)
    lines = []
    for change in overview.changes(verdict.difference, run.rows, sealed=False):
        more = len(change.names) - _NAMED
        named = [*map(_plain, change.names[:_NAMED]), *([f"{more} more"] if more > 0 else [])]
        if change.sealed:
            named.append(f"{change.sealed} of the sealed split")
        lines.append(f"- {change.count} {change.what}: {', '.join(named)}")
    if lines:
        yield "\n".join(lines)


def _cost(run: Run) -> str:
    costs = [f"{_plain(cost.name)} {cost.p50} / {cost.p95}" for cost in overview.costs(run)]
    said = [f"A question, p50 / p95: {', '.join(costs)}." if costs else "No question was timed."]
    if memory := overview.peak_memory(run):
        said.append(f"Peak memory: {memory}.")
    return " ".join(said)


# Words and tables


def _names(splits: Sequence[tables.Group]) -> list[str]:
    return [f"{group.name.capitalize()} ({len(group.rows)})" for group in splits]


def _valued(figure: Figure) -> str:
    return f"{value_of(figure)} [{interval_of(figure)}]" if figure.n else NO_VALUE


def _celled(figure: Figure) -> str:
    if not figure.n:
        return ""
    said = f"{figure.value:.0%} of {figure.n}"
    return f"({said})" if figure.n < SMALL else said


def _plain(text: str) -> str:
    """``text`` in one line, with nothing that Markdown or a terminal would act on."""
    line = " ".join(harmless(clipped(text, _LONGEST)).split())
    return _MARKUP.sub(lambda found: "\\" + found[0], line)


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table with its first column to the left and the others, numbers, to the right."""
    cells = [[_plain(cell) for cell in line] for line in (head, *lines)]
    widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    cells.insert(1, rule)
    padded = (
        [cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in enumerate(line)]
        for line in (zip(line, widths, strict=True) for line in cells)
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)
