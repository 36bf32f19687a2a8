"""Which pairs validate: whole dialogues, and no exchange that also stands on the other side."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.marks import stable_hash
from chatbot.corpus.pair_file import choose, dialogues, exchanges
from chatbot.dialogue import Pair

Exchanges = NDArray[np.uint64]


def split_pairs(
    pairs: Sequence[Pair], share: float, most: int, seed: int, least: int = 0
) -> tuple[Sequence[Pair], Sequence[Pair]]:
    """Return the pairs to train on and those to validate with.

    About ``share`` of the dialogues, and about ``most`` pairs at most, validate. A hash of their names chooses them,
    so that they stay what they are when others come; ``least`` dialogues do, where there are more. A dialogue is on
    one side only, and so is an exchange: a validation pair whose question and answer also occur in training is left
    out.
    """
    edge = min(share, most / max(1, len(pairs))) * 2**64
    names, which = dialogues(pairs)
    hashes = [stable_hash(f"{seed}\x1f{name}") for name in names]
    if least < len(hashes):
        edge = max(edge, sorted(hashes)[least])
    chosen = np.fromiter((one < edge for one in hashes), bool, len(names))
    validates = chosen[which]
    training, held_out = choose(pairs, np.flatnonzero(~validates)), choose(pairs, np.flatnonzero(validates))
    if not len(training):  # a log of one dialogue
        return held_out, training
    return training, without_known(held_out, known_exchanges(training))


def known_exchanges(pairs: Sequence[Pair]) -> Exchanges:
    """Return the marks of the exchanges that occur among the pairs, in order."""
    return np.unique(exchanges(pairs))


def without_known(pairs: Sequence[Pair], known: Exchanges) -> Sequence[Pair]:
    """Return the pairs whose exchange is not ``known``."""
    return choose(pairs, np.flatnonzero(~np.isin(exchanges(pairs), known)))
