"""Line charts as SVG: no library, no script, one drawing in one string."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 380, 60, 190, 30, 45
_COLOURS = (
    "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22",
)  # fmt: skip
_DASHES = ("", "6 3", "2 3")
_TICKS = 8

Points = Sequence[tuple[float, float]]


def line_chart(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """Return a chart of named lines of (x, y) points; empty when there is not one point."""
    points = [point for line in lines.values() for point in line]
    if not points:
        return ""
    scale = _Scale(points)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}"'
    parts = [f'{head} font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="#fff"/>']
    parts += [f'<text x="{_LEFT}" y="18" font-size="14" font-weight="600">{escape(title)}</text>']
    parts += _axes(scale, across, up)
    for number, (name, line) in enumerate(lines.items()):
        parts += _line(scale, number, name, line)
    return "\n".join([*parts, "</svg>"])


class _Scale:
    """Where points of a chart stand on the drawing."""

    def __init__(self, points: Points) -> None:
        self.x = _ticks([x for x, _ in points])
        self.y = _ticks([y for _, y in points])

    def place(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.x[0]) / (self.x[-1] - self.x[0])
        up = (y - self.y[0]) / (self.y[-1] - self.y[0])
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM)


def _ticks(values: list[float]) -> list[float]:
    """Return round numbers at even distances, from just below the values to just above."""
    low, high = min(values), max(values)
    wanted = (high - low) / _TICKS or 1.0
    unit = 10.0 ** math.floor(math.log10(wanted))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= wanted)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _axes(scale: _Scale, across: str, up: str) -> list[str]:
    parts = []
    for x in scale.x:
        left, _ = scale.place(x, scale.y[0])
        parts.append(f'<text x="{left:.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{x:.4g}</text>')
    for y in scale.y:
        _, top = scale.place(scale.x[0], y)
        parts.append(f'<text x="{_LEFT - 6}" y="{top + 4:.1f}" text-anchor="end">{y:.4g}</text>')
        parts.append(f'<path d="M{_LEFT} {top:.1f}H{_WIDTH - _RIGHT}" stroke="#e5e5e5"/>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>')
    parts.append(f'<text x="14" y="{_HEIGHT / 2}" transform="rotate(-90 14 {_HEIGHT / 2})">{escape(up)}</text>')
    return parts


def _line(scale: _Scale, number: int, name: str, line: Points) -> list[str]:
    colour, dash = _COLOURS[number % len(_COLOURS)], _DASHES[number // len(_COLOURS) % len(_DASHES)]
    style = f'stroke="{colour}" stroke-width="1.8" stroke-dasharray="{dash}" fill="none"'
    places = [scale.place(x, y) for x, y in line]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    top = _TOP + 8 + 16 * number
    beside = _WIDTH - _RIGHT + 12
    return [
        f'<path d="M{path}" {style}><title>{escape(name)}</title></path>' if path else "",
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}"/>' for x, y in places),
        f'<path d="M{beside} {top}h22" {style}/><text x="{beside + 28}" y="{top + 4}">{escape(name)}</text>',
    ]
