"""A version's model card (Mitchell et al. 2019) in Markdown: what it is, what it learnt from, how good it is."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chatbot.training.tables import as_text, table_of_contest


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a card: sentences, then a table whose first row is its heading."""

    title: str
    lines: list[str]
    table: list[list[str]] = field(default_factory=list)


def model_card(card: dict[str, Any]) -> str:
    """Return the card of a version in Markdown, from what is known of it."""
    lines = [f"# Version {card['version']}", f"\n{card_origin(card)}"]
    for section in card_sections(card):
        lines += [f"\n## {section.title}\n", *(f"- {line}" for line in section.lines)]
        if section.table:
            heading, *rows = section.table
            lines += ["", *map(_row, [heading, ["---"] * len(heading), *rows])]
    return "\n".join(lines) + "\n"


def card_sections(card: dict[str, Any]) -> list[Section]:
    """Return what is known of a version, part by part; of what nothing is known there is none."""
    weak = [probe for probe in card.get("after", {}).get("probes", []) if not probe["passed"]]
    sections = (
        Section("Data", list(_data(card))),
        Section("Training", list(_training(card))),
        Section("Energy and time", list(_spent(card))),
        Section("Measures on held-out pairs", list(_measures(card)), table_of_contest(card)),
        Section("Memorisation", [*_quoted(card), *memory_lines(card.get("memorisation", {}))]),
        Section("What speaks against it", list(card.get("objections", []))),
        Section("Known weaknesses", [f"asked “{one['question']}”, it says “{one['reply']}”" for one in weak]),
    )
    return [section for section in sections if section.lines or section.table]


def card_origin(card: dict[str, Any]) -> str:
    """Return when and of what a version was made."""
    retrained = card.get("kind") == "retrained"
    origin = f"retrained from version {card.get('parent')}" if retrained else "trained from scratch"
    return f"Made on {card['created']}, {origin}."


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _quoted(card: dict[str, Any]) -> Iterator[str]:
    """Yield that a version says what its corpus holds, if it does; what follows is of the model alone."""
    if count := card.get("quoted"):
        yield (
            f'[search] kind = "known": it keeps {count:,} answers of its corpus and says them word for word; '
            "what follows is what its model alone would tell"
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


def _data(card: dict[str, Any]) -> Iterator[str]:
    for one in card.get("sources", []):
        counted = f"; {one['pairs']:,} pairs{_span(one)}" if "pairs" in one else ""
        yield (
            f"{one['title']} ({one['name']}); from: {one['source'] or 'unknown'}; "
            f"licence: {one['licence'] or 'unknown'}{counted}"
        )
    for one in card.get("logs", []):
        yield f"log {one['path']}, SHA-256 {one['sha256']}"
    if card.get("people"):
        yield f"kept conversations of {card['people']} people, until {card.get('until')}"
    if "new_pairs" in card:
        yield f"{card['new_pairs']:,} new pairs{_span(card.get('new_span', {}))}"
        yield f"{card.get('replayed_pairs', 0):,} old pairs replayed"
    named = {"training_pairs": "pairs to train on", "held_out_pairs": "pairs held out"}
    yield from (f"{card[key]:,} {name}" for key, name in named.items() if key in card)
    yield from (f"left out: {count:,} {reason}" for reason, count in card.get("skipped", {}).items())
    yield from (f"hidden: {count:,} {kind}" for kind, count in card.get("hidden", {}).items())


def _span(found: dict[str, Any]) -> str:
    return f", {found['first']} to {found['last']}" if "first" in found else ""


def _training(card: dict[str, Any]) -> Iterator[str]:
    yield f"{card.get('parameters', 0):,} parameters"
    if "vocabulary" in card:
        yield f"vocabulary: {vocabulary_line(card['vocabulary'])}"
    speed = f"{card.get('tokens_per_second', 0):,.0f} tokens a second"
    yield f"{card.get('steps', 0):,} steps, {as_text(card.get('epochs'))} rounds, {speed}"
    if (share := card.get("share_of_the_way", 1)) < 1:
        parent = card.get("parent")
        yield f"weights {share:.0%} of the way from version {parent}'s, since training forgot too much of what is old"
    machine = ", ".join(f"{name} {value}" for name, value in card.get("machine", {}).items())
    yield f"{card.get('device', '')}, {card.get('precision', '')}; {machine}"
    yield "every setting stands in bot.json beside this file"


def _spent(card: dict[str, Any]) -> Iterator[str]:
    """Yield what training took; energy only where it was measured."""
    if not (spent := card.get("spent")):
        return
    yield (
        f"{spent['seconds'] / 60:.1f} minutes, {card['seconds'] / 60:.1f} of them on steps and the rest on validation; "
        f"{spent['processor_seconds'] / 60:.1f} minutes of processor time, all cores together"
    )
    used = [f"{name} {joules / 3600:.3g} Wh" for name, joules in spent["joules"].items()]
    if used:
        yield f"energy by the machine's own counters, all else that it did included: {', '.join(used)}"
    if not any(name.startswith("processor") for name in spent["joules"]):
        yield "energy of the processor: not measured, no counter could be read"
    if card.get("device", "").startswith("cuda") and "graphics card" not in spent["joules"]:
        yield "energy of the graphics card: not measured, no counter could be read"


def _measures(card: dict[str, Any]) -> Iterator[str]:
    """Yield what the table of measures leaves out."""
    found = card.get("validation", {})
    shown = [f"{name.replace('_', ' ')} {as_text(found[name])}" for name in ("bits_per_byte", "word_perplexity")
             if found.get(name) is not None]  # fmt: skip
    if shown:
        yield f"when it validated best, at step {found['step']:,}: {', '.join(shown)}"
    if (lost := card.get("lost_in_all")) is not None:
        yield f"on what the corpora held out it needs {lost:+.1%} bits beside version {card['first']}"
    if card.get("after", {}).get("seen"):
        yield f"{card['after']['seen']:.1%} of these pairs it has learnt, too, so that its measures flatter it"
    if card.get("before", {}).get("seen"):
        yield f"{card['before']['seen']:.1%} of these pairs the version before had learnt"
