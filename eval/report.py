"""The report of a run: one self-contained page, the same bytes for the same run.

Texts of documents, questions and answers are data of strangers. Whatever the template prints is
made harmless and escaped, and the page's own policy lets it load nothing and run one script.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from eval import figures, overview, tables, wording
from eval.failures import Documents, Failure, failures, kind_of
from eval.gate import Verdict
from eval.pictures import Curve, bar, risk_curve
from eval.records import Row, Run, Sentence
from rag.templating import environment

_TEMPLATES = Path(__file__).parent / "templates"
_COVERAGES = (0.5, 0.75, 0.9, 1.0)
"""Shares of questions answered for which the risk is told in numbers."""
_BEHAVIOURS = {
    "answer": "The answer that the documents give.",
    "refuse": "A refusal: the corpus does not hold the answer.",
    "correct_premise": "That what the question takes for granted is put right.",
    "report_conflict": "What each of the sources says: they differ.",
}
_LANGUAGES = {
    "fr": "French",
    "en": "English",
    "az": "Azerbaijani",
    "ru": "Russian",
    "tr": "Turkish",
}


def html(
    run: Run,
    documents: Mapping[str, Documents],
    verdict: Verdict | None = None,
    sealed: bool = False,
) -> str:
    """The page of ``run``; ``documents`` are by suite and id, for the evidence in its context.

    Failures of the sealed split are only counted, so that nobody tunes on them, unless ``sealed``.
    """
    answerer = overview.answerer_of(run.rows)
    columns, splits = tables.groups(run.rows), tables.splits(run.rows)
    shown = failures((row for row in run.rows if sealed or row.split != tables.SEALED), documents)
    curves = [_curve(group) for group in splits if group.rows]
    page = _environment().get_template("report.html.j2")
    return page.render(
        run=run,
        answerer=answerer,
        facts=overview.facts(run),
        headline=overview.headline(run),
        columns=columns,
        goals=tables.goal_lines(columns, answerer),
        metrics=tables.metric_lines(columns),
        waterfalls=[(group, tables.steps(group.rows)) for group in splits],
        by_category=tables.passed_by_category(run.rows),
        by_document=tables.recall_by_document_language(run.rows),
        curve=risk_curve(curves),
        curves=curves,
        risks_at=[
            (f"{coverage:.0%}", [_risk_at(curve, coverage) for curve in curves])
            for coverage in _COVERAGES
        ],
        verdict=verdict,
        gate=overview.GREEN if verdict and verdict.is_green else overview.RED,
        findings=overview.findings(verdict) if verdict else (),
        compared=overview.compared(verdict.difference) if verdict else "",
        changes=overview.changes(verdict.difference, run.rows, sealed) if verdict else (),
        questions={f"{row.suite}/{row.id}": row.question for row in run.rows},
        kinds=_kinds(columns),
        failures=shown,
        hidden=sum(bool(kind_of(row)) for row in run.rows) - sum(map(len, shown.values())),
        anchors=_anchors(shown),
        filters=_filters(shown),
        costs=overview.costs(run),
        peak_memory=overview.peak_memory(run),
        made=[
            ("Chosen", run.about.chosen),
            ("Settings", run.about.settings),
            ("Environment", {"gazette": run.about.version, **run.about.environment}),
            ("Questions and documents", run.about.questions),
        ],
    )


def _curve(group: tables.Group) -> Curve:
    points = tuple(figures.risk_coverage(group.rows))
    return Curve(group.name, points, tables.operating_point(group.rows))


def _risk_at(curve: Curve, coverage: float) -> float | None:
    return next((p.risk for p in curve.points if p.coverage >= coverage), None)


def _kinds(columns: tuple[tables.Group, ...]) -> list[tuple[str, list[int]]]:
    """How many failures of each kind each group has, without the kinds that none has."""
    held = [[kind_of(row) for row in group.rows] for group in columns]
    counts = [(kind, [kinds.count(kind) for kinds in held]) for kind in wording.KINDS]
    return [(kind, found) for kind, found in counts if any(found)]


def _anchors(shown: Mapping[str, tuple[Failure, ...]]) -> dict[object, str]:
    """Where each failure is on the page: by its row, and by its question, there the first."""
    found: dict[object, str] = {}
    rows = [failure.row for held in shown.values() for failure in held]
    for number, row in enumerate(rows, 1):
        found[row.key] = f"failure-{number}"
        found.setdefault(f"{row.suite}/{row.id}", f"failure-{number}")
    return found


def _filters(shown: Mapping[str, tuple[Failure, ...]]) -> list[tuple[str, str, list[str]]]:
    """What failures can be filtered by, each with its choices where there are several."""
    rows = [failure.row for held in shown.values() for failure in held]
    found = [
        ("split", "Split", sorted({row.split for row in rows})),
        ("lang", "Language", sorted({row.lang for row in rows})),
        ("category", "Category", sorted({name for row in rows for name in row.categories})),
        ("kind", "Kind", list(shown)),
    ]
    return [(name, label, options) for name, label, options in found if len(options) > 1]


# The template


@cache
def _environment() -> jinja2.Environment:
    style, script = (
        (_TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js")
    )
    made = environment(_TEMPLATES)
    made.filters |= {
        "value": wording.value_of,
        "interval": wording.interval_of,
        "aim": wording.aim_of,
        "cell": wording.cell_of,
        "share": wording.share,
        "counted": wording.counted,
        "listed": wording.listed,
        "short": wording.clipped,
        "first_upper": _first_upper,
        "language": lambda code: _LANGUAGES.get(code, code),
    }
    made.globals |= {
        "style": Markup(style),
        "script": Markup(script),
        "policy": _policy(script),
        "bar": bar,
        "spoken": _spoken,
        "outcome": _outcome,
        "stages": wording.STAGES,
        "kind_words": wording.KINDS,
        "metric_words": wording.METRICS,
        "behaviours": _BEHAVIOURS,
        "small": wording.SMALL,
    }
    return made


def _first_upper(text: str) -> str:
    """``text`` as a heading; a name such as nDCG keeps its letters."""
    return text[:1].upper() + text[1:] if text[:2].islower() else text


def _policy(script: str) -> str:
    """Nothing from outside, our style, our one script."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def _spoken(sentence: Sentence, row: Row) -> str:
    """A sentence that quotes its source word for word is in the source's language."""
    quoted = (
        c.lang for c in row.citations if c.n in sentence.citations and c.quote == sentence.text
    )
    return next(quoted, row.lang)


def _outcome(row: Row) -> str:
    """What a closed failure tells beside its question."""
    if row.error:
        return "no answer"
    vital = [gold for gold in row.gold if gold.vital]
    if row.refused:
        return "refused"
    if not vital:
        return "answered"
    return f"{sum(gold.fate in ('stated', 'miscited') for gold in vital)} of {len(vital)} stated"
