"""A version's model card (Mitchell et al. 2019) in Markdown: what it is, what it learnt from, how good it is."""

from collections.abc import Iterator
from typing import Any

from chatbot.training.tables import as_text


def model_card(card: dict[str, Any]) -> str:
    """Return the card of a version from what is known of it."""
    return "\n".join(_lines(card)) + "\n"


def _lines(card: dict[str, Any]) -> Iterator[str]:
    yield f"# Version {card['version']}"
    yield f"\nMade on {card['created']}, {_origin(card)}."
    yield from _section("Data", _data(card))
    yield from _section("Training", _training(card))
    yield from _section("Measures on held-out pairs", _measures(card))
    yield from _section("Memorisation", [f"- {line}" for line in memory_lines(card.get("memorisation", {}))])
    yield from _section("What speaks against it", [f"- {one}" for one in card.get("objections", [])])
    probes = [probe for probe in card.get("after", {}).get("probes", []) if not probe["passed"]]
    yield from _section(
        "Known weaknesses", [f"- asked “{one['question']}”, it says “{one['reply']}”" for one in probes]
    )


def memory_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was found out about what a version has memorised, in sentences."""
    if found.get("canaries"):
        yield (
            f"exposure of {found['canaries']} planted canaries: {found['exposure']:.1f} of {found['highest']:.0f} bits"
            f"; of others, never seen: {found['control_exposure']:.1f}"
        )
    if found.get("lines"):
        control = found["control_extractable"]
        beside = "" if control is None else f"; of {found['control_lines']} held-out ones: {control:.1%}"
        yield (
            f"of {found['lines']} learnt lines with numbers or rare words, {found['extractable']:.1%} come up in "
            f"{found['tries']} replies to their question with a chance of {found['chance']:.0%}{beside}"
        )


def vocabulary_line(found: dict[str, Any]) -> str:
    """Return how well a version's vocabulary spells old and new texts, and whether it grew, in a sentence."""
    held = "; then ".join(
        f"{as_text(one['old'])} bytes a token of old texts, {as_text(one['new'])} of new ones"
        for one in (found["before"], *([found["after"]] if found["added"] else []))
    )
    grown = f"{found['added']:,} entries added" if found["added"] else "it stays as it is"
    foreign = "" if found["own"] else ", since the bot file names its tokenizer"
    return f"{held}; {grown}{foreign}: {found['entries']:,} entries"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"\n## {title}\n"
        yield from lines


def _origin(card: dict[str, Any]) -> str:
    if card.get("kind") == "retrained":
        return f"retrained from version {card.get('parent')}"
    return "trained from scratch"


def _data(card: dict[str, Any]) -> list[str]:
    lines = [
        f"- {one['title']} ({one['name']}); from: {one['source'] or 'unknown'}; licence: {one['licence'] or 'unknown'}"
        for one in card.get("sources", [])
    ]
    lines += [f"- log {one['path']}, SHA-256 {one['sha256']}" for one in card.get("logs", [])]
    if card.get("people"):
        lines.append(f"- kept conversations of {card['people']} people, until {card.get('until')}")
    named = {
        "new_pairs": "new pairs",
        "replayed_pairs": "old pairs replayed",
        "training_pairs": "pairs to train on",
        "held_out_pairs": "pairs held out",
    }
    lines += [f"- {card[key]:,} {name}" for key, name in named.items() if key in card]
    return lines + [f"- left out: {count:,} {reason}" for reason, count in card.get("skipped", {}).items()]


def _training(card: dict[str, Any]) -> list[str]:
    minutes = card.get("seconds", 0) / 60
    machine = ", ".join(f"{name} {value}" for name, value in card.get("machine", {}).items())
    speed = f"{card.get('tokens_per_second', 0):,.0f} tokens a second"
    vocabulary = [f"- vocabulary: {vocabulary_line(card['vocabulary'])}"] if "vocabulary" in card else []
    return [
        f"- {card.get('parameters', 0):,} parameters",
        *vocabulary,
        f"- {card.get('steps', 0):,} steps, {as_text(card.get('epochs'))} rounds, {minutes:.1f} minutes, {speed}",
        f"- {card.get('device', '')}, {card.get('precision', '')}; {machine}",
        "- every setting stands in bot.json beside this file",
    ]


def _measures(card: dict[str, Any]) -> list[str]:
    if "after" in card:
        rows = [(f"{part} pairs", card["before"][part], card["after"][part]) for part in ("old", "new")]
        lines = ["| | bits per byte before | after |", "| --- | --- | --- |"]
        return lines + [
            f"| {name} | {as_text(old['bits_per_byte'])} | {as_text(new['bits_per_byte'])} |" for name, old, new in rows
        ]
    figures = card.get("validation", {})
    return [f"- {name.replace('_', ' ')}: {as_text(figures[name])}" for name in ("bits_per_byte", "word_perplexity")
            if figures.get(name) is not None]  # fmt: skip
