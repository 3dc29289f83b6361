"""The pictures of the report, as inline SVG: bars, and the curve of risk against coverage.

They are made of numbers and our own words alone; colours and fonts come from the page's style.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from eval.figures import RiskPoint
from eval.wording import share

_WIDTH, _HEIGHT = 440, 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 30, 44
"""Room around the plot, for its scales."""
_NOISY = 0.1
"""Coverage under which a curve is of a few questions: it does not set the scale."""
_SCALES = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Curve:
    """Risk against coverage of a group of questions, and where the refusal stands on it."""

    name: str
    points: tuple[RiskPoint, ...]
    operating: RiskPoint | None


def bar(start: float, length: float, kind: str) -> Markup:
    """A bar from ``start``, both fractions of the whole; the number stands beside it in words."""
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="10"/>'
        '<rect class="{}" x="{:.2f}" width="{:.2f}" height="10"/></svg>'
    ).format(kind, start * 100, length * 100)


def risk_curve(curves: Sequence[Curve]) -> Markup:
    """Risk against coverage, a line a group; "" when there is no point to draw."""
    if not any(curve.points for curve in curves):
        return Markup("")
    top = _scale(curves)
    parts = [*_axes(top), *(_line(number, curve, top) for number, curve in enumerate(curves))]
    parts += [
        _mark(number, curve.operating, top)
        for number, curve in enumerate(curves)
        if curve.operating
    ]
    return Markup(
        '<svg class="curve" viewBox="0 0 {} {}" role="img" '
        'aria-labelledby="curve-title curve-text">'
        '<title id="curve-title">Risk against coverage</title><desc id="curve-text">{}</desc>'
        '<clipPath id="plot"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath>{}</svg>'
    ).format(
        _WIDTH,
        _HEIGHT,
        " ".join(_told(curve) for curve in curves if curve.points),
        _LEFT,
        _TOP,
        _WIDTH - _LEFT - _RIGHT,
        _HEIGHT - _TOP - _BOTTOM,
        Markup("").join(parts),
    )


def _told(curve: Curve) -> str:
    last = curve.points[-1]
    said = f"{curve.name}: {share(last.risk)} wrong if every question were answered"
    if curve.operating:
        risk, coverage = share(curve.operating.risk), share(curve.operating.coverage)
        said += f"; as it refuses, {coverage} are answered and {risk} of those are wrong"
    return said + "."


def _scale(curves: Sequence[Curve]) -> float:
    """The highest risk that the plot has room for."""
    drawn = [p.risk for c in curves for p in c.points if p.coverage >= _NOISY]
    drawn += [c.operating.risk for c in curves if c.operating]
    highest = max(drawn, default=1.0)
    return next(scale for scale in _SCALES if highest <= scale)


def _x(coverage: float) -> float:
    return _LEFT + coverage * (_WIDTH - _LEFT - _RIGHT)


def _y(risk: float, top: float) -> float:
    return _TOP + (1 - risk / top) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(top: float) -> list[Markup]:
    found = []
    for tick in range(_TICKS + 1):
        part = tick / _TICKS
        x, y = _x(part), _y(part * top, top)
        found += [
            Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
                _LEFT, _WIDTH - _RIGHT, y, y
            ),
            _label(_LEFT - 7, y + 4, f"{part * top:.1%}".replace(".0%", "%"), "end"),
            _label(x, _HEIGHT - _BOTTOM + 18, f"{part:.0%}", "end" if part == 1 else "middle"),
        ]
    middle = _LEFT + (_WIDTH - _LEFT - _RIGHT) / 2
    return [
        *found,
        _label(middle, _HEIGHT - 6, "answered, of all questions", "middle"),
        _label(0, 12, "wrong, of those answered", "start"),
    ]


def _label(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        x, y, anchor, text
    )


def _line(number: int, curve: Curve, top: float) -> Markup:
    path = " ".join(f"{_x(p.coverage):.1f},{_y(p.risk, top):.1f}" for p in curve.points)
    return Markup('<polyline class="line line-{}" points="{}" clip-path="url(#plot)"/>').format(
        number, path
    )


def _mark(number: int, point: RiskPoint, top: float) -> Markup:
    x, y = _x(point.coverage), _y(point.risk, top)
    return Markup('<path class="mark mark-{}" d="M{:.1f} {:.1f}l7 7l-7 7l-7 -7z"/>').format(
        number, x, y - 7
    )
