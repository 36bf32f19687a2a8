"""An explanation on a terminal: a line for each piece, the source behind it shaded by attention."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from chatbot.explanation.facts import Explanation, Step
from chatbot.text.clean import clean

_LOOKS = 3


def show_explanation(found: Explanation, out: Console) -> None:
    """Print an explanation."""
    out.print(Group(*_parts(found, shaded=out.color_system is not None)))


def _parts(found: Explanation, shaded: bool) -> Iterator[RenderableType]:
    table = Table("reply", "probability", "instead", "looking at" if found.attends else "", box=None)
    for step in found.steps:
        others = ", ".join(f"{clean(piece) or '·'} {share:.0%}" for piece, share in step.others)
        looks = (_shaded(found, step) if shaded else _named(found, step)) if found.attends else Text("")
        table.add_row(Text(step.piece), f"{step.probability:.0%}", Text(others, "dim"), looks)
    yield table
    if found.neighbours:
        yield Text("\nnearest in training", "bold")
    for one in found.neighbours:
        yield Text(f"  {one.nearness:.2f}  {clean(one.question)} -> {clean(one.answer)}")


def _shaded(found: Explanation, step: Step) -> Text:
    """Return the source, each piece on a blue as strong as its weight."""
    text = Text()
    for piece, weight in zip(found.source, step.weights, strict=True):
        light = round(255 * (1 - weight))
        text.append(piece, f"{'white' if weight > 0.5 else 'black'} on rgb({light},{light},255)")
        text.append(" ")
    return text


def _named(found: Explanation, step: Step) -> Text:
    """Return the pieces that the step looked at most, where there are no colours."""
    heaviest = sorted(zip(step.weights, found.source, strict=True), reverse=True)[:_LOOKS]
    return Text(", ".join(f"{piece} {weight:.0%}" for weight, piece in heaviest if weight >= 0.05))
