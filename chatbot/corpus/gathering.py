"""Dialogues to pairs, in one pass, on all cores, with as little memory for many as for few."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial

from chatbot.corpus.cores import on_all_cores
from chatbot.corpus.filters import FilterSettings, worth_learning
from chatbot.corpus.pair_file import Packed, PairFile, PairWriter, pack
from chatbot.corpus.pairs import PairingSettings, make_pairs
from chatbot.corpus.privacy import PrivacySettings, Shield
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_TURNS = 2000
"""Of one piece of work: about an eighth of a second."""


def gather(
    dialogues: Iterable[Dialogue], pairing: PairingSettings, privacy: PrivacySettings, tally: Tally,
    filters: FilterSettings | None = None,
) -> PairFile:  # fmt: skip
    """Return the pairs of ``dialogues``, without what is private in them, those that the ``filters`` let through."""
    if privacy.pseudonyms:  # who has which one depends on who spoke before: no work for several at once
        dialogues = Shield(privacy, tally.hidden).cover(dialogues)
        privacy = PrivacySettings(placeholders=False)
    writer = PairWriter()
    for packed, hidden in on_all_cores(partial(_pair, pairing=pairing, privacy=privacy), _pieces(dialogues)):
        writer.add(packed)
        tally.hidden.update(hidden)
    pairs = writer.done()
    return pairs.at(worth_learning(pairs.all_marks, filters, tally)) if filters else pairs


def _pair(dialogues: list[Dialogue], pairing: PairingSettings, privacy: PrivacySettings) -> tuple[Packed, Counter[str]]:
    shield = Shield(privacy)
    pairs = [pair for dialogue in shield.cover(dialogues) for pair in make_pairs(dialogue, pairing)]
    return pack(pairs), shield.hidden


def _pieces(dialogues: Iterable[Dialogue]) -> Iterator[list[Dialogue]]:
    piece: list[Dialogue] = []
    turns = 0
    for dialogue in dialogues:
        piece.append(dialogue)
        turns += len(dialogue.turns)
        if turns >= _TURNS:
            yield piece
            piece, turns = [], 0
    if piece:
        yield piece
