"""Which pairs validate: whole dialogues, and no exchange that also stands on the other side."""

from collections.abc import Iterable, Sequence

from chatbot.corpus.filters import exchange_mark, stable_hash
from chatbot.dialogue import Pair


def split_pairs(pairs: Sequence[Pair], share: float, most: int, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on and those to validate with.

    About ``share`` of the dialogues, and about ``most`` pairs at most, validate. A hash of their names chooses them,
    so that they stay what they are when others come. A dialogue is on one side only, and so is an exchange: a
    validation pair whose question and answer also occur in training is left out.
    """
    share = min(share, most / max(1, len(pairs)))
    training: list[Pair] = []
    held_out: list[Pair] = []
    for pair in pairs:
        validates = stable_hash(f"{seed}\x1f{pair.dialogue}") < share * 2**64
        (held_out if validates else training).append(pair)
    if not training:  # a log of one dialogue
        return held_out, []
    return training, without_known(held_out, known_exchanges(training))


def known_exchanges(pairs: Iterable[Pair]) -> frozenset[int]:
    """Return the marks of the exchanges that occur among the pairs."""
    return frozenset(exchange_mark(pair) for pair in pairs)


def without_known(pairs: Iterable[Pair], known: frozenset[int]) -> list[Pair]:
    """Return the pairs whose exchange is not ``known``."""
    return [pair for pair in pairs if exchange_mark(pair) not in known]
