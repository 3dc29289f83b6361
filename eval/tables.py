"""What the report and the summary show, as data: goals, metrics, heat maps, the waterfall."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from eval import figures
from eval.figures import Figure, Goal, RiskPoint
from eval.records import Row
from rag.model import LANGUAGES

SPLITS = ("development", "sealed")
SEALED = "sealed"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that a column is about."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """A figure held against its goal."""

    figure: Figure
    is_met: bool | None
    """None when there was nothing to measure."""


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal and what each group reaches of it."""

    goal: Goal
    reached: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A named line of figures, one a column."""

    name: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Figures by two properties of the questions; the last column is all of the line."""

    columns: tuple[str, ...]
    lines: tuple[FigureLine, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the waterfall: how many vital nuggets it takes, and how many then remain."""

    stage: str
    count: int
    left: int
    whole: int

    @property
    def share(self) -> float:
        """Of all vital nuggets."""
        return self.count / self.whole if self.whole else 0.0


def groups(rows: Sequence[Row]) -> tuple[Group, ...]:
    """The splits that were asked, then all rows when that is not the same."""
    found = [Group(name, tuple(row for row in rows if row.split == name)) for name in SPLITS]
    found = [group for group in found if group.rows]
    if len(found) == 1 and len(found[0].rows) == len(rows):
        return tuple(found)
    return *found, Group(ALL, tuple(rows))


def splits(rows: Sequence[Row]) -> tuple[Group, ...]:
    """The groups that share no row, for pictures."""
    found = groups(rows)
    return tuple(group for group in found if group.name != ALL) or found


def goal_lines(columns: Sequence[Group], answerer: str) -> tuple[GoalLine, ...]:
    """Every goal, and what each group reaches of it."""
    return tuple(
        GoalLine(goal, tuple(_reached(goal, group.rows, answerer) for group in columns))
        for goal in figures.GOALS
    )


def _reached(goal: Goal, rows: Sequence[Row], answerer: str) -> Reached:
    figure = figures.figure([row for row in rows if goal.belongs(row)], goal.metric)
    return Reached(figure, goal.is_met(figure, answerer) if figure.n else None)


def goals_met(lines: Sequence[GoalLine], column: int) -> tuple[int, int]:
    """How many goals a column meets, of how many that could be measured."""
    held = [line.reached[column].is_met for line in lines]
    return held.count(True), len(held) - held.count(None)


def metric_lines(columns: Sequence[Group]) -> tuple[FigureLine, ...]:
    """What passed, then every metric, the worst variant after the metric it is of."""
    lines = [FigureLine("passed", tuple(figures.passed(group.rows) for group in columns))]
    for name in figures.METRICS:
        lines.append(FigureLine(name, tuple(figures.figure(group.rows, name) for group in columns)))
        if name == "nugget recall":
            worst = tuple(figures.worst_variant(group.rows, name) for group in columns)
            lines.append(FigureLine(f"{name}, worst variant", worst))
    return tuple(lines)


def _is_of(category: str, row: Row) -> bool:
    return category in row.categories


def _is_in(lang: str, row: Row) -> bool:
    return row.lang == lang


def passed_by_category(rows: Sequence[Row]) -> HeatMap:
    """Share passed; lines are categories, the most asked first, columns question languages."""
    counts = Counter(name for row in rows for name in row.categories)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    return _heat_map(
        rows,
        [(name, partial(_is_of, name)) for name in names],
        _languages(row.lang for row in rows),
        lambda row, lang: _is_in(lang, row),
        figures.passed,
    )


def recall_by_document_language(rows: Sequence[Row]) -> HeatMap:
    """R@5; lines are question languages, columns languages of the documents with evidence."""
    held = [row for row in rows if "R@5" in row.scores]
    return _heat_map(
        held,
        [(lang, partial(_is_in, lang)) for lang in _languages(row.lang for row in held)],
        _languages(lang for row in held for lang in row.doc_langs),
        lambda row, lang: lang in row.doc_langs,
        lambda rows: figures.figure(rows, "R@5"),
    )


def _languages(found: Iterable[str]) -> list[str]:
    held = set(found)
    return [*(lang for lang in LANGUAGES if lang in held), *sorted(held - set(LANGUAGES))]


def _heat_map(
    rows: Sequence[Row],
    lines: Sequence[tuple[str, Callable[[Row], bool]]],
    columns: Sequence[str],
    is_in: Callable[[Row, str], bool],
    measure: Callable[[Sequence[Row]], Figure],
) -> HeatMap:
    found = []
    for name, belongs in [*lines, (ALL, lambda row: True)]:
        mine = [row for row in rows if belongs(row)]
        cells = [measure([row for row in mine if is_in(row, column)]) for column in columns]
        found.append(FigureLine(name, (*cells, measure(mine))))
    return HeatMap((*columns, ALL), tuple(found) if rows else ())


def steps(rows: Sequence[Row]) -> tuple[Step, ...]:
    """The waterfall in the order of the way, from what was not retrieved to what was stated."""
    counts = figures.waterfall(rows)
    left = whole = sum(counts.values())
    found = []
    for stage in reversed(figures.FATES):
        left -= counts[stage]
        found.append(Step(stage, counts[stage], left, whole))
    return tuple(found)


def operating_point(rows: Sequence[Row]) -> RiskPoint | None:
    """Where the refusal as it is stands on the curve; None when nothing was answered."""
    answered = [row for row in rows if not row.refused and not row.error]
    if not answered:
        return None
    wrong = sum(row.behaviour == "refuse" or not row.passed for row in answered)
    least = min(row.confidence for row in answered)
    return RiskPoint(least, len(answered) / len(rows), wrong / len(answered))
