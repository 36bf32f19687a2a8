"""Line and bar charts as SVG: no library, no script, one drawing in one string."""

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 380, 60, 190, 30, 45
_COLOURS = (
    "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22",
)  # fmt: skip
_DASHES = ("", "6 3", "2 3")
_TICKS = 8
_MOST_DOTS = 40
"""A line of more points is drawn without a dot at each."""
_MOST_NAMES = 10
"""Of more groups of bars, only some are named."""

Points = Sequence[tuple[float, float]]


def line_chart(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """Return a chart of named lines of (x, y) points; empty when there is not one point."""
    points = [point for line in lines.values() for point in line]
    if not points:
        return ""
    scale = _Scale(points)
    parts = [*_axes(scale, across, up), *_numbers(scale)]
    for number, (name, line) in enumerate(lines.items()):
        parts += [*_line(scale, number, line), _legend(number, name)]
    return _drawing(title, parts)


def bar_chart(title: str, across: str, up: str, groups: Sequence[str], bars: Mapping[str, Sequence[float]]) -> str:
    """Return a chart of named groups, each with a bar for every name in ``bars``; empty when there is no bar."""
    heights = [height for row in bars.values() for height in row]
    if not heights:
        return ""
    scale = _Scale([(0.0, 0.0), (1.0, max(heights))])
    room = (_WIDTH - _LEFT - _RIGHT) / len(groups)
    parts = _axes(scale, across, up)
    step = math.ceil(len(groups) / _MOST_NAMES)
    for place, group in list(enumerate(groups))[::step]:
        middle = _LEFT + (place + 0.5) * room
        parts.append(f'<text x="{middle:.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{escape(group)}</text>')
    for number, (name, row) in enumerate(bars.items()):
        width = 0.8 * room / len(bars)
        parts += (_bar(scale, number, _LEFT + (place + 0.1) * room + number * width, width, height)
                  for place, height in enumerate(row))  # fmt: skip
        parts.append(_legend(number, name))
    return _drawing(title, parts)


def _drawing(title: str, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}"'
    top = [f'{head} font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="#fff"/>']
    top += [f'<text x="{_LEFT}" y="18" font-size="14" font-weight="600">{escape(title)}</text>']
    return "\n".join([*top, *parts, "</svg>"])


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
    for y in scale.y:
        _, top = scale.place(scale.x[0], y)
        parts.append(f'<text x="{_LEFT - 6}" y="{top + 4:.1f}" text-anchor="end">{y:.4g}</text>')
        parts.append(f'<path d="M{_LEFT} {top:.1f}H{_WIDTH - _RIGHT}" stroke="#e5e5e5"/>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>')
    parts.append(f'<text x="14" y="{_HEIGHT / 2}" transform="rotate(-90 14 {_HEIGHT / 2})">{escape(up)}</text>')
    return parts


def _numbers(scale: _Scale) -> list[str]:
    top = _HEIGHT - _BOTTOM + 16
    places = ((x, scale.place(x, scale.y[0])[0]) for x in scale.x)
    return [f'<text x="{left:.1f}" y="{top}" text-anchor="middle">{x:.4g}</text>' for x, left in places]


def _line(scale: _Scale, number: int, line: Points) -> list[str]:
    places = [scale.place(x, y) for x, y in line]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    dots = places if len(places) <= _MOST_DOTS else []
    return [
        f'<path d="M{path}" {_style(number)}/>' if path else "",
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{_colour(number)}"/>' for x, y in dots),
    ]


def _bar(scale: _Scale, number: int, left: float, width: float, height: float) -> str:
    _, top = scale.place(0, height)
    _, bottom = scale.place(0, 0)
    box = f'x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{bottom - top:.1f}"'
    return f'<rect {box} fill="{_colour(number)}"><title>{height:.4g}</title></rect>'


def _legend(number: int, name: str) -> str:
    top, beside = _TOP + 8 + 16 * number, _WIDTH - _RIGHT + 12
    return f'<path d="M{beside} {top}h22" {_style(number)}/><text x="{beside + 28}" y="{top + 4}">{escape(name)}</text>'


def _style(number: int) -> str:
    dash = _DASHES[number // len(_COLOURS) % len(_DASHES)]
    return f'stroke="{_colour(number)}" stroke-width="1.8" stroke-dasharray="{dash}" fill="none"'


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]
