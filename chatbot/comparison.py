"""Bots side by side: each trained under the same budget and seed, measured alike, in one table and one page."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from chatbot.bot import Bot
from chatbot.charts import Points, line_chart
from chatbot.dialogue import Pair
from chatbot.errors import CorpusError, SettingsError
from chatbot.files import write_whole
from chatbot.generation.replier import Replier
from chatbot.learning import prepare_training
from chatbot.pages import html_figure, html_page, html_table
from chatbot.text.context import render_answer
from chatbot.training.evaluation import reply_all, reply_milliseconds
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.metrics_file import read_metrics
from chatbot.training.run import METRICS, Kept, Run

_REPLIES, _SAMPLES, _LENGTHS = 300, 5, 8

Train = Callable[[Run], Kept | None]


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one bot: figures, sample replies, and curves of (x, y) points."""

    bot: str
    parameters: int
    steps: int
    tokens_per_second: float
    bits_per_byte: float
    word_perplexity: float
    exact: float
    latency_ms: float
    samples: list[tuple[str, str]]
    curve: list[tuple[float, float]]
    bits_by_length: list[tuple[float, float]]
    exact_by_length: list[tuple[float, float]]


def compare(
    bots: Sequence[Bot], output: Path, device: torch.device, train: Train, say: Callable[[str], None]
) -> Iterator[Row]:
    """Train each bot in a folder of ``output`` and yield its row; end early when a training was interrupted.

    Raises:
        SettingsError: two bots have one name, and so one folder.
        CorpusError: a bot holds no pairs out.
    """
    if twice := [name for name, count in Counter(bot.id for bot in bots).items() if count > 1]:
        raise SettingsError(f"there are two bots named {twice[0]}", "give the file of one another name")
    for number, bot in enumerate(bots, 1):
        say(f"{bot.id} ({number} of {len(bots)})")
        row = _compare(bot, output, device, train, say)
        if row is None:
            say(f"Stopped; {number - 1} of {len(bots)} bots were compared.")
            return
        yield row


def _compare(bot: Bot, output: Path, device: torch.device, train: Train, say: Callable[[str], None]) -> Row | None:
    """Train one bot in a folder of ``output`` and return its row; nothing when the training was interrupted."""
    bot = replace(bot, place=output / bot.id)
    kept = train(prepare_training(bot, device, fresh=True, say=say))
    if kept is None:
        return None
    pairs = bot.data().held_out
    if not pairs:
        raise CorpusError(f"{bot.id}: holds no pairs out to compare by", "name validation corpora, or a larger share")
    return _measure(bot, bot.replier(kept.version, device), pairs, kept)


def write_comparison(rows: Sequence[Row], output: Path, title: str) -> Path:
    """Write ``comparison.json``, the charts as SVG, and ``comparison.html`` with all of it; return the page."""
    charts = _charts(rows)
    write_whole(output / "comparison.json", json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
    for name, chart in charts.items():
        write_whole(output / f"{name}.svg", chart)
    write_whole(output / "comparison.html", _page(rows, title, charts.values()))
    return output / "comparison.html"


def _measure(bot: Bot, replier: Replier, pairs: Sequence[Pair], kept: Kept) -> Row:
    probe = Probe.make(pairs, replier.tokenizer, replier.text, replier.model.pictures)
    nats = measure_nats(replier.model, probe.examples, replier.tokenizer, replier.device, torch.float32).total
    likelihood = probe.likelihood(nats)
    asked = pairs[:: max(1, len(pairs) // _REPLIES)]
    said = list(reply_all(replier, asked, seed=1))
    right = [one == render_answer(pair.answer.text) for one, pair in zip(said, asked, strict=True)]
    lengths = np.array([len(render_answer(pair.answer.text)) for pair in pairs])
    asked_lengths = np.array([len(render_answer(pair.answer.text)) for pair in asked])
    curve = [
        (record["seconds"], record["bits_per_byte"])
        for record in read_metrics(kept.path / METRICS)
        if record["event"] == "validation"
    ]
    return Row(
        bot.id, kept.card["parameters"], kept.card["steps"], kept.card["tokens_per_second"],
        likelihood.bits_per_byte or 0.0, likelihood.word_perplexity or 0.0, sum(right) / len(right),
        reply_milliseconds([replier], asked)[0],
        list(zip([pair.question[-1].text for pair in asked[:_SAMPLES]], said, strict=False)),
        curve, _by_length(lengths, nats / np.log(2), probe.bytes), _by_length(asked_lengths, np.array(right)),
    )  # fmt: skip


def _by_length(lengths: Any, values: Any, weights: Any = None) -> list[tuple[float, float]]:
    """Return (mean length, mean value) of groups of answers of like length, each with as many of them."""
    counts = np.ones(len(lengths)) if weights is None else weights
    return [
        (float(lengths[part].mean()), float(values[part].sum() / counts[part].sum()))
        for part in np.array_split(np.argsort(lengths, kind="stable"), _LENGTHS)
        if counts[part].sum()
    ]


_FIGURES: dict[str, Callable[[Row], str]] = {
    "bot": lambda row: row.bot,
    "parameters": lambda row: f"{row.parameters:,}",
    "tokens/s": lambda row: f"{row.tokens_per_second:,.0f}",
    "steps": lambda row: f"{row.steps:,}",
    "bits per byte": lambda row: f"{row.bits_per_byte:.3f}",
    "word perplexity": lambda row: f"{row.word_perplexity:.1f}",
    "exact": lambda row: f"{row.exact:.1%}",
    "reply": lambda row: f"{row.latency_ms:.0f} ms",
}


def table_of(rows: Sequence[Row]) -> list[list[str]]:
    """Return the figures as text, a heading first, the lowest bits per byte on top."""
    ranked = sorted(rows, key=lambda row: row.bits_per_byte)
    return [list(_FIGURES), *([figure(row) for figure in _FIGURES.values()] for row in ranked)]


def _page(rows: Sequence[Row], title: str, charts: Iterable[str]) -> str:
    questions = [asked for asked, _ in rows[0].samples] if rows else []
    said = [[row.bot, *(reply for _, reply in row.samples)] for row in rows]
    heading, *body = table_of(rows)
    return html_page(
        title,
        [html_table(heading, body), *map(html_figure, charts), "<h2>Replies</h2>", html_table(["", *questions], said)],
    )


def _charts(rows: Sequence[Row]) -> dict[str, str]:
    """Return each chart that shows something by its name."""
    wanted: dict[str, tuple[str, str, str, dict[str, Points]]] = {
        "curves": ("Held-out pairs while training", "seconds", "bits per byte", {row.bot: row.curve for row in rows}),
        "bits-by-length": (
            "By length of the answer", "characters", "bits per byte", {row.bot: row.bits_by_length for row in rows},
        ),
        "exact-by-length": (
            "Replies that are the answer to the letter", "characters", "share",
            {row.bot: row.exact_by_length for row in rows if any(row.exact for row in rows)},
        ),
    }  # fmt: skip
    drawn = {name: line_chart(*chart) for name, chart in wanted.items()}
    return {name: chart for name, chart in drawn.items() if chart}
