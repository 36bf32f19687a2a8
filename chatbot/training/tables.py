"""Figures as rows of text, a heading first: for terminals and for pages."""

from typing import Any

_MEASURES = (
    "bits_per_byte", "word_perplexity", "f1", "chrf", "bleu", "distinct_1", "distinct_2", "repeated_4grams",
    "repeated_context_4grams", "mean_length", "most_frequent",
)  # fmt: skip
_PARTS = ("held_out", "old", "new")


def table_of_measures(figures: dict[str, Any]) -> list[list[str]]:
    """Return the measures of an evaluation beside its baselines."""
    columns = [figures, figures["without_overlap"], *figures["baselines"].values()]
    rows = [[name.replace("_", " "), *(_measure(column, name) for column in columns)] for name in _MEASURES]
    return [["measure", "bot", "bot, unseen pairs", *figures["baselines"]], *rows]


def table_of_contest(card: dict[str, Any]) -> list[list[str]]:
    """Return a version's measures beside those of the one before it and of baselines; nothing if there are none."""
    figures = card.get("after", {})
    if not any(figures.get(part, {}).get("bits_per_byte") for part in _PARTS):  # there was nothing to measure on
        return []
    columns = {"this version": card["after"], "the one before": card.get("before"), **card.get("baselines", {})}
    shown = {name: figures for name, figures in columns.items() if figures}
    rows = [
        [f"{measure.replace('_', ' ')}, {part.replace('_', '-')} pairs",
         *(as_text(figures.get(part, {}).get(measure)) for figures in shown.values())]
        for part in _PARTS if part in card["after"]
        for measure in ("bits_per_byte", "word_perplexity")
    ]  # fmt: skip
    rows += [
        [name.replace("_", " "), *(as_text(figures.get("replies", figures).get(name)) for figures in shown.values())]
        for name in _MEASURES[2:]
    ]
    rows.append(["ms a reply", *(as_text(figures.get("latency_ms")) for figures in shown.values())])
    return [["measure", *shown], *(row for row in rows if any(row[1:]))]


def table_of_versions(cards: list[dict[str, Any]], current: str) -> list[list[str]]:
    """Return versions, the ``current`` one starred; a retrained one's measures are those on old pairs."""
    rows = [["", "version", "created", "from", "pairs", "bits per byte", "word perplexity"]]
    for card in cards:
        pairs = f"{card.get('new_pairs', card.get('training_pairs', 0)):,}"
        measured = card.get("after", {}).get("old", card.get("validation", {}))
        figures = [as_text(measured.get(name)) for name in ("bits_per_byte", "word_perplexity")]
        star = "*" if card["version"] == current else ""
        rows.append([star, card["version"], card["created"][:16].replace("T", " "), _origin(card), pairs, *figures])
    return rows


def _origin(card: dict[str, Any]) -> str:
    learnt = {"log": len(card.get("logs", [])), "person": card.get("people", 0)}
    new = [counted(count, noun) for noun, count in learnt.items() if count]
    return ", ".join(card["corpora"]) if "corpora" in card else " and ".join([card.get("parent", ""), *new])


def _measure(figures: dict[str, Any], name: str) -> str:
    """Return a measure; none that would be of no replies."""
    return "" if figures.get("replies") == 0 else as_text(figures.get(name))


def counted(count: int, noun: str) -> str:
    """Return a count of things as it is said."""
    several = {"person": "people"}.get(noun, f"{noun}s")
    return f"{count:,} {noun if count == 1 else several}"


def as_text(value: object) -> str:
    """Return a figure as it is shown."""
    return f"{value:.3f}" if isinstance(value, float) else "" if value is None else str(value)
