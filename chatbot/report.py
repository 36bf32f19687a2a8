"""All there is to know about a bot, on one page: corpora, training, measures, replies, versions, what people think."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import torch

from chatbot.bot import Bot, Data
from chatbot.charts import bar_chart, line_chart
from chatbot.conversation.archive import Archive, Rated
from chatbot.corpus.inspect import Inspection, inspect_path
from chatbot.dialogue import Pair
from chatbot.errors import CorpusError
from chatbot.explanation.page import as_svg
from chatbot.files import write_whole
from chatbot.generation.explainer import Explainer
from chatbot.generation.replier import Replier
from chatbot.pages import html_details, html_figure, html_heading, html_list, html_page, html_table, html_text
from chatbot.text.clean import clean
from chatbot.text.context import render_reply
from chatbot.training.curves import smooth
from chatbot.training.evaluation import evaluate, reply_all
from chatbot.training.metrics_file import read_metrics
from chatbot.training.modelcard import card_origin, card_sections
from chatbot.training.run import METRICS, load_known
from chatbot.training.tables import table_of_measures, table_of_versions

_SAMPLES, _DRAWN, _LONGEST = 8, 3, 40
"""Replies that are shown, those whose attention is drawn, and the most source pieces of a drawing."""
_MOST_BARS = 31

Say = Callable[[str], None]


def write_report(bot: Bot, output: Path, replies: int, device: torch.device, say: Say) -> None:
    """Write the page of a bot's current version, measured with ``replies`` replies to held-out pairs.

    Raises:
        UntrainedError: there is no version.
    """
    version = bot.versions.current()
    card = bot.versions.card(version)
    parts = [_summary(bot, card)]
    say("reading the corpora")
    parts += _corpora(bot)
    parts += _training(bot.versions.path(version), card)
    say(f"replying to {replies} held-out pairs at most")
    parts += _replying(bot, bot.replier(version, device), replies)
    parts += [html_heading("Versions"), _table(table_of_versions(_cards(bot), version))]
    parts += map(_model_card, reversed(_cards(bot)))
    parts += _opinions(bot)
    write_whole(output, html_page(f"{bot.name}: a report", parts))


def _cards(bot: Bot) -> list[dict[str, Any]]:
    return [bot.versions.card(name) for name in bot.versions.names()]


def _model_card(card: dict[str, Any]) -> str:
    """Return the model card of a version, folded up."""
    parts = [html_text(card_origin(card))]
    for section in card_sections(card):
        parts.append(html_heading(section.title, 3))
        parts += [html_list(section.lines)] if section.lines else []
        parts += [_table(section.table)] if section.table else []
    return html_details(f"Model card of version {card['version']}", parts)


def _table(rows: Sequence[Sequence[str]]) -> str:
    return html_table(rows[0], rows[1:])


def _summary(bot: Bot, card: dict[str, Any]) -> str:
    frozen = bot.frozen(bot.versions.path(card["version"]))
    model = frozen.model
    facts = {
        "version": f"{card['version']}, {card['created']}",
        "model": f"{model.encoder.kind} to {model.decoder.kind}, attention: {model.attention.kind}",
        "parameters": f"{card.get('parameters', 0):,}",
        "text": f"{frozen.text.unit}, {frozen.text.context_turns} turns of context",
        "search": bot.settings.search.kind,
        "trained": f"{card.get('steps', 0):,} steps, {card.get('seconds', 0) / 60:.1f} minutes, "
        f"{card.get('tokens_per_second', 0):,.0f} tokens/s, {card.get('device', '')}",
    }
    return html_table(["bot", bot.id], facts.items())


def _corpora(bot: Bot) -> Iterator[str]:
    """Yield what the corpora hold and what was left out of them."""
    yield html_heading("Corpora")
    try:
        found = {name: inspect_path(str(bot.corpus_folder(name)), "", "") for name in bot.settings.corpora}
    except CorpusError as error:
        yield html_text(f"They are not here any more: {error.message}")
        return
    sizes = (
        [name, one.format, f"{one.dialogues:,}", f"{one.turns:,}", f"{one.pairs:,}", one.span()]
        for name, one in found.items()
    )
    yield html_table(["corpus", "format", "dialogues", "turns", "pairs", "span"], sizes)
    yield html_figure(_lengths(found))
    speakers = ([name, one.shares()] for name, one in found.items())
    yield html_heading("Who speaks", 3) + html_table(["corpus", "share of turns"], speakers)
    yield html_heading("What was left out", 3) + _left_out(found)


def _lengths(found: dict[str, Inspection]) -> str:
    """Return the chart of how long answers are, in groups whose bounds double."""
    most = max((bits for one in found.values() for bits in one.lengths), default=0)
    groups = [f"{2 ** (bits - 1) if bits else 0}-{2**bits - 1}" for bits in range(1, most + 1)]
    shares = {
        name: [one.lengths[bits] / one.pairs for bits in range(1, most + 1)] for name, one in found.items() if one.pairs
    }
    return bar_chart("How long answers are", "characters", "share of pairs", groups, shares)


def _left_out(found: dict[str, Inspection]) -> str:
    rows = [
        [name, reason, f"{count:,}"] for name, one in found.items() for reason, count in one.tally.skipped.most_common()
    ]
    rows += [
        [name, "bad bytes, replaced", f"{one.tally.replaced:,}"] for name, one in found.items() if one.tally.replaced
    ]
    return html_table(["corpus", "reason", "how many"], rows) if rows else html_text("Nothing.")


def _training(folder: Path, card: dict[str, Any]) -> Iterator[str]:
    """Yield the curves of the current version's training."""
    yield html_heading("Training")
    records = read_metrics(folder / METRICS)
    steps = [record for record in records if record["event"] == "step"]
    losses = smooth([record["loss"] for record in steps])
    curve = [(record["step"], loss) for record, loss in zip(steps, losses, strict=True)]
    yield html_figure(line_chart("Loss on training pairs", "step", "nats per token", {card["version"]: curve}))
    bits = [
        (record["step"], record["bits_per_byte"])
        for record in records
        if record["event"] == "validation" and record["bits_per_byte"] is not None
    ]
    yield html_figure(line_chart("Held-out pairs", "step", "bits per byte", {card["version"]: bits} if bits else {}))


def _replying(bot: Bot, replier: Replier, replies: int) -> Iterator[str]:
    """Yield measures and sample replies on held-out pairs."""
    yield html_heading("Measures")
    try:
        data = bot.data()
    except CorpusError:
        data = Data([], [])
    if not data.held_out:
        yield html_text("There are no held-out pairs here to measure on.")
        return
    known = load_known(bot.versions.path(bot.versions.current()))
    figures = evaluate(replier, data.held_out, data.training, known, replies, bot.settings.training.seed)
    yield html_text(
        f"{figures['pairs']:,} held-out pairs, replies to {figures['replies']:,}; "
        f"{figures['overlap_share']:.1%} of them were seen in training."
    )
    yield _table(table_of_measures(figures))
    yield html_heading("Replies")
    yield from _samples(bot, replier, data.held_out)


def _samples(bot: Bot, replier: Replier, pairs: Sequence[Pair]) -> Iterator[str]:
    chosen = pairs[:: max(1, len(pairs) // _SAMPLES)][:_SAMPLES]
    said = reply_all(replier, chosen, seed=1)
    rows = (
        [clean(pair.question[-1].text), render_reply(reply, replier.text), clean(pair.answer.text)]
        for pair, reply in zip(chosen, said, strict=True)
    )
    yield html_table(["question", "reply", "what was said"], rows)
    explainer = Explainer(replier, list)
    for number, pair in enumerate(chosen[:_DRAWN], 1):
        found = explainer.explain(pair.question, pair.answer.speaker, number)
        if found.attends and len(found.source) <= _LONGEST:
            yield html_heading(found.reply, 3) + html_figure(as_svg(found))


def _opinions(bot: Bot) -> Iterator[str]:
    """Yield what people think of the replies."""
    kept = bot.settings.conversations
    if not kept.has_store(bot.path):
        return
    store = kept.open_store(bot.path)
    try:
        archive = Archive(store)
        ratings, counts = archive.ratings(), archive.replies()
    finally:
        store.close()
    yield html_heading("What people think")
    if not ratings:
        yield html_text(f"Replies given: {sum(counts.values()):,}; none was rated.")
        return
    rows = (_opinion(version, count, ratings) for version, count in sorted(counts.items()))
    yield html_table(["version", "replies", "good", "bad", "share of good"], rows)
    yield html_figure(ratings_over_time(ratings))


def _opinion(version: str, replies: int, ratings: Sequence[Rated]) -> list[str]:
    good, bad = _good_and_bad([one for one in ratings if one.version == version])
    share = f"{good / (good + bad):.0%}" if good + bad else ""
    return [version, f"{replies:,}", f"{good:,}", f"{bad:,}", share]


def _good_and_bad(ratings: Sequence[Rated]) -> tuple[int, int]:
    counted = Counter(one.rating for one in ratings)
    return counted[1], counted[-1]


def ratings_over_time(ratings: Sequence[Rated]) -> str:
    """Return the chart of ratings by spans of whole days, so many that the bars can still be told apart."""
    days = sorted(one.time.date() for one in ratings)
    span = -(-((days[-1] - days[0]).days + 1) // _MOST_BARS)
    groups = [days[0] + timedelta(span * place) for place in range((days[-1] - days[0]).days // span + 1)]
    counted = Counter(((one.time.date() - days[0]).days // span, one.rating) for one in ratings)
    bars = {name: [counted[place, sign] for place in range(len(groups))] for name, sign in (("good", 1), ("bad", -1))}
    across = "day" if span == 1 else f"{span} days from"
    return bar_chart("Ratings over time", across, "ratings", [_day(day) for day in groups], bars)


def _day(day: date) -> str:
    return f"{day:%m-%d}"
