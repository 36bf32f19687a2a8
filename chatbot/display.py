"""How results and the progress of training look: bars on a terminal, plain lines elsewhere. Everything on stderr."""

import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from chatbot.corpus.inspect import Inspection
from chatbot.explanation import Explanation
from chatbot.explanation.page import as_html, as_svg
from chatbot.explanation.picture import as_png
from chatbot.explanation.terminal import show_explanation
from chatbot.files import write_whole
from chatbot.new import EVERYONE
from chatbot.text.clean import clean
from chatbot.training.events import Event, Measuring, Saved, Started, Stepped, Validated
from chatbot.training.run import Kept
from chatbot.training.tables import as_text, counted, table_of_measures

_PLAIN_SECONDS, _ROUND = 10, 0.99
"""How often a line tells of the progress; and of which share of the examples on a training has seen them all."""


def console() -> Console:
    """Return the console for everything that is not a result."""
    return Console(stderr=True, highlight=False, markup=False)


class Interrupted:
    """Whether Ctrl-C was pressed; a second time it works as ever."""

    def __init__(self) -> None:
        self.pressed = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Take the first Ctrl-C as a wish to stop between two steps."""
        before = signal.signal(signal.SIGINT, self._press)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _press(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


def show_training(events: Iterable[Event | Kept], interrupted: Interrupted) -> Kept | None:
    """Draw a training; return the version that came of it, or nothing when it was interrupted."""
    out = console()
    with interrupted.watching():
        if out.is_terminal:
            return _show_bar(events, interrupted, out)
        return _show_lines(events, interrupted, out)


def _show_bar(events: Iterable[Event | Kept], interrupted: Interrupted, out: Console) -> Kept | None:
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=out, transient=True) as bar:
        task = bar.add_task("training", total=1.0, figures="")
        for event in events:
            if isinstance(event, Kept):
                return event
            if isinstance(event, Stepped):
                bar.update(task, completed=event.progress, figures=_figures(event))
            elif line := _line(event):
                bar.console.print(Text(line))
            if interrupted.pressed:
                return None
    return None


def _show_lines(events: Iterable[Event | Kept], interrupted: Interrupted, out: Console) -> Kept | None:
    shown = time.monotonic()
    for event in events:
        if isinstance(event, Kept):
            return event
        if isinstance(event, Stepped) and time.monotonic() - shown >= _PLAIN_SECONDS:
            out.print(Text(f"{event.progress:4.0%}  {_figures(event)}"), soft_wrap=True)
            shown = time.monotonic()
        elif line := _line(event):
            out.print(Text(line), soft_wrap=True)
        if interrupted.pressed:
            return None
    return None


def _figures(event: Stepped) -> str:
    return f"step {event.step}, loss {event.loss:.2f}, {event.tokens_per_second:,.0f} tokens/s"


def _line(event: Event) -> str:
    if isinstance(event, Started):
        begun = f"going on at step {event.step}" if event.step else f"{event.parameters:,} parameters"
        return f"{event.examples:,} examples, {begun}, {event.padding:.1%} padding, {event.device}, {event.precision}"
    if isinstance(event, Validated):
        samples = "".join(f"\n    {clean(asked)}\n      -> {clean(said)}" for asked, said, _ in event.samples[:1])
        if event.bits_per_byte is None or event.word_perplexity is None:  # nothing is held out: told at the start
            return ""
        figures = f"bits per byte {event.bits_per_byte:.3f}, word perplexity {event.word_perplexity:.1f}"
        return f"epoch {event.epoch:.1f}: {figures}{' (best)' if event.best else ''}{samples}"
    if isinstance(event, Measuring):
        return "measuring it: held-out pairs, replies, what it has memorised"
    if isinstance(event, Stepped | Saved):
        return ""
    spent = f"{counted(event.step, 'step')} in {event.seconds:.0f} s, {event.tokens_per_second:,.0f} tokens/s"
    few = f"; that was {event.epoch:.0%} of the examples, once: a larger budget would teach more"
    return spent + (few if event.reason == "budget" and event.epoch < _ROUND else "")


def show_inspection(found: Inspection) -> None:
    """Print what a log holds, on stdout."""
    out = Console(highlight=False, markup=False)
    table = Table(show_header=False, box=None)
    rows = {
        "format": f"{found.format}: {found.reason}",
        "files": f"{len(found.files)}: {', '.join(found.files[:3])}{' ...' if len(found.files) > 3 else ''}",
        "dialogues": f"{found.dialogues:,}",
        "turns": f"{found.turns:,}",
        "pairs": f"{found.pairs:,}",
        "span": found.span(),
        "speakers": found.shares(),
        "left out": found.tally.summary(),
        "malformed": "\n".join(f"{place}: {clean(text)}" for place, text in found.tally.malformed),
    }
    for name, value in rows.items():
        if value:
            table.add_row(Text(name, "bold"), Text(value))
    out.print(table)
    _show_samples(found, out)
    _show_histogram(found, out)


def _show_samples(found: Inspection, out: Console) -> None:
    for pair in found.samples:
        asked, said = clean(pair.question[-1].text), clean(pair.answer.text)
        out.print(Text(f"\n{clean(pair.question[-1].speaker)}: {asked}\n{clean(pair.answer.speaker)}: {said}"))


def _show_histogram(found: Inspection, out: Console) -> None:
    if not found.lengths:
        return
    out.print(Text("\ncharacters of an answer", "bold"))
    most = max(found.lengths.values())
    for bits in range(max(found.lengths) + 1):
        count = found.lengths[bits]
        out.print(Text(f"  up to {2**bits - 1:>6,} {'#' * round(40 * count / most):<40} {count:,}"))


def ask_speaker(speakers: Sequence[tuple[str, float]]) -> str:
    """Return whom of the speakers, given with their shares, someone at the terminal chooses; or "everyone"."""
    out = console()
    out.print("\nWho should the bot be?")
    for number, (name, share) in enumerate(speakers, 1):
        out.print(Text(f"  {number}  {clean(name)} ({share:.0%})"))
    out.print(Text(f"  {len(speakers) + 1}  everyone"))
    names = [*(name for name, _ in speakers), EVERYONE]
    while True:
        answer = out.input("number [1]: ").strip() or "1"
        if answer in names:
            return answer
        if answer.isdigit() and 0 < int(answer) <= len(names):
            return names[int(answer) - 1]


def show_measures(figures: dict[str, Any]) -> None:
    """Print the measures of an evaluation beside its baselines, on stdout."""
    counts = f"{figures['pairs']:,} pairs, replies to {figures['replies']:,}"
    Console(highlight=False, markup=False).print(f"{counts}, {figures['overlap_share']:.1%} seen in training")
    show_table(table_of_measures(figures))


def show_or_write_explanation(found: Explanation, asked: str, output: Path | None) -> None:
    """Print an explanation on stdout, or write it to a file whose ending says what it is."""
    if output is None:
        show_explanation(found, Console(highlight=False, markup=False))
    elif output.suffix == ".html":
        write_whole(output, as_html(found, asked))
    else:
        write_whole(output, as_svg(found) if output.suffix == ".svg" else as_png(found))


def show_table(rows: list[list[str]]) -> None:
    """Print rows of text, the first a heading, on stdout."""
    table = Table(*rows[0], box=None)
    for row in rows[1:]:
        table.add_row(*row)
    # In a file or a pipe nothing is cut.
    Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 200).print(table)


def show_comparison(card: dict[str, Any]) -> None:
    """Print the figures before and after a retraining, on stdout."""
    rows = [["held out", "bits per byte before", "after", "word perplexity before", "after"]]
    before, after = card["before"], card["after"]
    for name in ("old", "new"):
        columns = [figures[name][key] for key in ("bits_per_byte", "word_perplexity") for figures in (before, after)]
        rows.append([f"{name} pairs", *map(as_text, columns)])
    show_table(rows)


@contextmanager
def byte_bar(total: int) -> Iterator[Callable[[int], None] | None]:
    """Yield what takes the bytes read so far, drawn on a terminal only."""
    out = console()
    if not out.is_terminal or not total:
        yield None
        return
    with Progress(console=out, transient=True) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda count: bar.update(task, advance=count)


@contextmanager
def download_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Yield what takes a file's name, the bytes there are and the bytes there will be (0: unknown)."""
    out = console()
    if not out.is_terminal:
        yield lambda name, have, total: None
        return
    with Progress(console=out, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def update(name: str, have: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total or None)
            bar.update(tasks[name], completed=have)

        yield update
