"""Whether a retrained version is better: what it must not lose, in figures and on probes."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from chatbot.settings import Settings
from chatbot.text.words import split_words


class GateSettings(Settings):
    """``[retraining.gate]``: how much worse a new version may be than the one before it, to take its place."""

    old_loss: float = Field(0.02, ge=0)
    """Share of bits per byte on held-out old pairs."""
    old_loss_in_all: float = Field(0.04, ge=0)
    """The same on those of the corpora, beside the first version: what all retrainings since may lose together."""
    duller: float = Field(0.1, ge=0)
    """Share of distinct-2 of its replies."""
    frequent: float = Field(0.05, ge=0)
    """By how much its most frequent reply may be a larger share of all."""
    slower: float = Field(0.5, ge=0)
    """Share of the time that a reply takes, beyond 10 ms."""
    exposed: float = Field(2.0, ge=0)
    """Bits by which planted canaries may be more exposed."""
    extractable: float = Field(0.05, ge=0, le=1)
    """Share of the lines with numbers or rare words by which more may be extractable."""


class ProbeSettings(Settings):
    """``[[probes]]``: a question, and what the reply should hold or must not."""

    question: str = Field(min_length=1)
    """What is asked."""
    expected: tuple[str, ...] = ()
    """One of these words or phrases should be in the reply."""
    unwanted: tuple[str, ...] = ()
    """None of these may be."""

    def passes(self, reply: str) -> bool:
        """Tell whether a reply is as it should be; case does not count, and words are whole ones."""
        said = _words(reply)

        def holds(phrase: str) -> bool:
            return _words(phrase) in said

        return (not self.expected or any(map(holds, self.expected))) and not any(map(holds, self.unwanted))


def _words(text: str) -> str:
    bare = re.sub(r"[^\w\s]", " ", text.lower())
    return f" {' '.join(split_words(bare))} "


def objections(before: dict[str, Any], after: dict[str, Any], gate: GateSettings) -> list[str]:
    """Return what speaks against a version with the figures ``after``, beside those of its parent ``before``."""
    checks = (
        _new(_bits(before, "new"), _bits(after, "new")),
        _old(_bits(before, "old"), _bits(after, "old"), gate.old_loss),
        _in_all(after.get("lost_in_all"), gate.old_loss_in_all),
        _dull(before["replies"], after["replies"], gate),
        _slow(before["latency_ms"], after["latency_ms"], gate.slower),
        _leaky(before.get("memorisation"), after.get("memorisation"), gate),
        *_probes(before["probes"], after["probes"]),
    )
    return [objection for objection in checks if objection]


def _bits(figures: dict[str, Any], name: str) -> float | None:
    bits: float | None = figures[name]["bits_per_byte"]
    return bits


def _new(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return "too few new pairs to hold any out and judge by"
    return "" if after < before else f"not better on new pairs: {after:.3f} bits per byte after {before:.3f}"


def _old(before: float | None, after: float | None, loss: float) -> str:
    if before is None or after is None or after <= before * (1 + loss):
        return ""
    return f"worse on old pairs: {after:.3f} bits per byte after {before:.3f}, more than {loss:.0%}"


def _in_all(lost: float | None, most: float) -> str:
    if lost is None or lost <= most:
        return ""
    more = "train the bot anew, with its new logs among its corpora"
    return f"worse on the corpora: {lost:.1%} more bits per byte than its line began with, more than {most:.0%}: {more}"


def _dull(before: dict[str, float], after: dict[str, float], gate: GateSettings) -> str:
    if after["distinct_2"] < before["distinct_2"] * (1 - gate.duller):
        return f"duller: distinct-2 is {after['distinct_2']:.3f} after {before['distinct_2']:.3f}"
    if after["most_frequent"] > before["most_frequent"] + gate.frequent:
        return f"duller: one reply is {after['most_frequent']:.0%} of all after {before['most_frequent']:.0%}"
    return ""


def _slow(before: float, after: float, slower: float) -> str:
    return f"slower: a reply takes {after:.0f} ms after {before:.0f}" if after > before * (1 + slower) + 10 else ""


def _leaky(before: dict[str, Any] | None, after: dict[str, Any] | None, gate: GateSettings) -> str:
    for name, most, shown in (("exposure", gate.exposed, ".1f"), ("extractable", gate.extractable, ".1%")):
        old, new = (before or {}).get(name), (after or {}).get(name)
        if old is not None and new is not None and new > old + most:
            return f"leakier: {name} of what it learnt is {new:{shown}} after {old:{shown}}"
    return ""


def _probes(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> list[str]:
    return [
        f"fails a probe that its parent passed: {new['question']} -> {new['reply']}"
        for old, new in zip(before, after, strict=True)
        if old["passed"] and not new["passed"]
    ]
