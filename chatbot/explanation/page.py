"""An explanation as a drawing (SVG) and as a page (HTML), each in one file that needs nothing else."""

from collections.abc import Iterator
from html import escape

from rich.cells import cell_len

from chatbot.explanation.facts import Explanation
from chatbot.pages import FONTS, html_figure, html_page, html_table, html_text

_CELL, _GAP, _LETTER = 22, 8, 8.2


def as_svg(found: Explanation) -> str:
    """Return the heat-map of attention: a row for each piece of the reply, a column for each of the source."""
    left = max([_width(step.piece) for step in found.steps], default=0) + 2 * _GAP
    top = max([_width(piece) for piece in found.source], default=0) + 2 * _GAP
    width = round(left + len(found.source) * _CELL + _GAP)
    height = round(top + len(found.steps) * _CELL + _GAP)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    lines = [f'{head} font-family="{FONTS}" font-size="14">', '<rect width="100%" height="100%" fill="#fff"/>']
    lines += _columns(found, left, top)
    lines += _rows(found, left, top)
    return "\n".join([*lines, "</svg>"]) + "\n"


def as_html(found: Explanation, asked: str) -> str:
    """Return a page with the heat-map, the probabilities of each piece, and the nearest training pairs."""
    parts = [html_text(found.reply)]
    if found.attends:
        parts.append(f"<h2>What each piece looked at</h2>{html_figure(as_svg(found))}")
    steps = (
        (step.piece, f"{step.probability:.1%}", ", ".join(f"{piece}\u00a0{share:.1%}" for piece, share in step.others))
        for step in found.steps
    )
    parts.append("<h2>What else could have come</h2>" + html_table(["reply", "probability", "instead"], steps))
    if found.neighbours:
        nearest = ((f"{one.nearness:.2f}", one.question, one.answer) for one in found.neighbours)
        parts.append("<h2>Nearest in training</h2>" + html_table(["nearness", "question", "answer"], nearest))
    return html_page(asked, parts)


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
