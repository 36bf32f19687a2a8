"""The commands that look at bots: measures, comparisons, explanations, reports. A part of ``chatbot.cli``."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chatbot.cli_common import AsJson, BotName, Device, Encoding, Minutes, Steps, load, prepare_machine, say

if TYPE_CHECKING:
    from chatbot.comparison import Row

looking = typer.Typer()


@looking.command()
def evaluate(
    name: BotName,
    on: Annotated[str, typer.Option(metavar="PATH", help="A log or a corpus's folder; else held-out pairs.")] = "",
    version: Annotated[str, typer.Option(help="Another version than the current one.")] = "",
    replies: Annotated[int, typer.Option(min=0, help="To how many pairs to reply.")] = 1000,
    encoding: Encoding = "",
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Measure a bot beside baselines."""
    from chatbot.display import show_measures
    from chatbot.learning import evaluate_bot
    from chatbot.training.device import pick_device

    prepare_machine()
    figures = evaluate_bot(load(name), on, version, encoding, replies, pick_device(device), say)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
    else:
        show_measures(figures)


@looking.command()
def compare(
    names: Annotated[list[str], typer.Argument(metavar="BOT...", help="Bots' files, or their names under bots/.")],
    minutes: Minutes = None,
    steps: Steps = None,
    output: Annotated[Path, typer.Option("-o", help="A folder for what is trained, the table and the page.")] = Path(
        "comparison"
    ),
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Train bots side by side, and measure them.

    All have one budget and one seed.
    """
    from chatbot.comparison import compare, table_of, write_comparison
    from chatbot.display import Interrupted, show_table, show_training
    from chatbot.training.device import pick_device

    bots = [load(name, minutes=minutes, steps=steps, seed=1) for name in names]
    prepare_machine()
    interrupted = Interrupted()
    rows: list[Row] = []
    for row in compare(bots, output, pick_device(device), lambda run: show_training(run.events(), interrupted), say):
        rows.append(row)
        page = write_comparison(rows, output, f"{len(rows)} bots compared")
    if rows and as_json:
        print((output / "comparison.json").read_text(encoding="utf-8"))
    elif rows:
        show_table(table_of(rows))
        say(f"curves and replies: {page}")
    if len(rows) < len(bots):
        raise typer.Exit(130)


@looking.command()
def explain(
    name: BotName,
    message: Annotated[list[str], typer.Argument(metavar="MESSAGE", help="What to answer.")],
    output: Annotated[Path | None, typer.Option("-o", help="A .png, .svg or .html file instead of stdout.")] = None,
    version: Annotated[str, typer.Option(help="Another version than the current one.")] = "",
    seed: Annotated[int, typer.Option(help="Of a reply that is drawn.")] = 1,
) -> None:
    """Show how a reply came about.

    Its attention, what else could have come, and the nearest training pairs.
    """
    from chatbot.display import show_or_write_explanation
    from chatbot.serving import explain_message

    if output and output.suffix not in (".png", ".svg", ".html"):
        raise typer.BadParameter(f"{output}: is neither .png nor .svg nor .html")
    text = " ".join(message)
    show_or_write_explanation(explain_message(load(name), text, version, seed), text, output)


@looking.command()
def report(
    name: BotName,
    output: Annotated[Path, typer.Option("-o", help="The page.")] = Path("report.html"),
    replies: Annotated[int, typer.Option(min=1, help="To how many held-out pairs to reply.")] = 300,
    device: Device = "auto",
) -> None:
    """Write all there is to know about a bot on one page.

    The page needs no other file.
    """
    from chatbot.report import write_report
    from chatbot.training.device import pick_device

    os.umask(0o077)  # there are people's words in it
    prepare_machine()
    write_report(load(name), output, replies, pick_device(device), say)
    say(f"written: {output}")
