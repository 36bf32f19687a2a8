"""An explanation as a drawing (SVG) and as a page (HTML), each in one file that needs nothing else."""

from collections.abc import Iterator
from html import escape

from rich.cells import cell_len

from chatbot.explanation.facts import Explanation

_CELL, _GAP, _LETTER = 22, 8, 8.2
_FONTS = "'Noto Sans','Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
_STYLE = f"""body{{font:16px/1.5 {_FONTS};margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}}
table{{border-collapse:collapse}}td,th{{padding:.15rem .8rem .15rem 0;text-align:left;vertical-align:top}}
th{{font-weight:600;border-bottom:1px solid #999}}.dim{{color:#666}}figure{{margin:1rem 0;overflow-x:auto}}"""


def as_svg(found: Explanation) -> str:
    """Return the heat-map of attention: a row for each piece of the reply, a column for each of the source."""
    left = max([_width(step.piece) for step in found.steps], default=0) + 2 * _GAP
    top = max([_width(piece) for piece in found.source], default=0) + 2 * _GAP
    width = round(left + len(found.source) * _CELL + _GAP)
    height = round(top + len(found.steps) * _CELL + _GAP)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    lines = [f'{head} font-family="{_FONTS}" font-size="14">', '<rect width="100%" height="100%" fill="#fff"/>']
    lines += _columns(found, left, top)
    lines += _rows(found, left, top)
    return "\n".join([*lines, "</svg>"]) + "\n"


def as_html(found: Explanation, asked: str) -> str:
    """Return a page with the heat-map, the probabilities of each piece, and the nearest training pairs."""
    parts = [
        f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(asked)}</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>',
        f"<h1>{escape(asked)}</h1><p>{escape(found.reply)}</p>",
    ]
    if found.attends:
        parts.append(f"<h2>What each piece looked at</h2><figure>{as_svg(found)}</figure>")
    parts.append("<h2>What else could have come</h2><table><tr><th>reply</th><th>probability</th><th>instead</th></tr>")
    for step in found.steps:
        others = ", ".join(f"{escape(piece)}&nbsp;{share:.1%}" for piece, share in step.others)
        chosen = f"<td>{escape(step.piece)}</td><td>{step.probability:.1%}</td>"
        parts.append(f"<tr>{chosen}<td class='dim'>{others}</td></tr>")
    parts.append("</table>")
    if found.neighbours:
        parts.append("<h2>Nearest in training</h2><table><tr><th>nearness</th><th>question</th><th>answer</th></tr>")
        for one in found.neighbours:
            cells = (f"{one.nearness:.2f}", escape(one.question), escape(one.answer))
            parts.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        parts.append("</table>")
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _columns(found: Explanation, left: float, top: float) -> Iterator[str]:
    for place, piece in enumerate(found.source):
        across = left + (place + 0.7) * _CELL
        turned = f'transform="rotate(-90 {across:.1f} {top - _GAP})"'
        yield f'<text x="{across:.1f}" y="{top - _GAP}" {turned}>{escape(piece)}</text>'


def _rows(found: Explanation, left: float, top: float) -> Iterator[str]:
    for row, step in enumerate(found.steps):
        down = top + row * _CELL
        yield f'<text x="{left - _GAP:.1f}" y="{down + 0.7 * _CELL:.1f}" text-anchor="end">{escape(step.piece)}</text>'
        for place, weight in enumerate(step.weights):
            light = round(255 * (1 - weight))
            box = f'x="{left + place * _CELL:.1f}" y="{down:.1f}" width="{_CELL - 1}" height="{_CELL - 1}"'
            told = f"<title>{weight:.3f}</title>"
            yield f'<rect {box} fill="rgb({light},{light},255)" stroke="#ddd">{told}</rect>'


def _width(text: str) -> float:
    """Return about how wide a text is."""
    return _LETTER * cell_len(text)
