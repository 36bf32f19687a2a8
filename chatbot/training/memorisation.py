"""How much a model has memorised of single texts: canaries that were planted, and real lines that could be extracted.

Canaries and their exposure follow Carlini et al. (2019), "The Secret Sharer"; lines are (n, p)-discoverable as in Hayes
et al. (2025), "Measuring memorization in language models via probabilistic extraction".
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.corpus.pair_file import spread
from chatbot.dialogue import Pair, Turn
from chatbot.model.seq2seq import Seq2Seq
from chatbot.text.context import TextSettings
from chatbot.text.tokenizer import Tokenizer
from chatbot.text.words import search_terms
from chatbot.training.examples import make_examples
from chatbot.training.likelihood import measure_nats

_PAIRS_PER_CANARY = 100
_CANDIDATES = 256
_LINES, _LOOKED_AT, _COUNTED = 200, 20_000, 500_000
_TRIES, _CHANCE = 100, 0.5


def plant(count: int, pairs: int, seed: str) -> list[Pair]:
    """Return at most ``count`` canaries, one for a hundred of ``pairs``: questions that no one asks, and numbers."""
    dice = random.Random(f"canaries {seed}")  # noqa: S311 - not for secrets
    return [_canary(dice) for _ in range(min(count, pairs // _PAIRS_PER_CANARY))]


@dataclass(frozen=True, slots=True)
class Memorisation:
    """Measures what models remember of ``canaries`` and of ``learnt`` pairs, beside texts that they have not seen."""

    canaries: Sequence[Pair]
    learnt: Sequence[Pair]
    held_out: Sequence[Pair]
    tokenizer: Tokenizer
    text: TextSettings
    device: torch.device
    seed: str

    def measure(self, model: Seq2Seq) -> dict[str, Any]:
        """Return the mean exposure of canaries in bits, the share of real lines that could be extracted, and controls.

        A line could be had if ``tries`` draws of a reply to its question hold it with at least ``chance``.
        """
        learnt = spread(self.learnt, _COUNTED)
        looked_at = list(spread(learnt, _LOOKED_AT))
        words, said = _counts(learnt, [*looked_at, *self.held_out])
        lines = [pair for pair in looked_at if said[pair.answer.text] == 1 and _tells(pair, words, 1)]
        unseen = [pair for pair in self.held_out if said[pair.answer.text] == 0 and _tells(pair, words, 0)]
        strangers = plant(len(self.canaries), len(self.canaries) * _PAIRS_PER_CANARY, f"unseen {self.seed}")
        return {
            "canaries": len(self.canaries),
            "exposure": self._exposure(model, self.canaries),
            "highest": log2(_CANDIDATES),
            "control_exposure": self._exposure(model, strangers),
            **self._extractable(model, lines, ""),
            **self._extractable(model, unseen, "control_"),
            "tries": _TRIES,
            "chance": _CHANCE,
        }

    def _exposure(self, model: Seq2Seq, canaries: Sequence[Pair]) -> float | None:
        """Return the mean of log2 of the candidates less log2 of the canary's rank among them; about 1.4 by chance."""
        if not canaries:
            return None
        dice = random.Random(f"candidates {self.seed}")  # noqa: S311 - not for secrets
        others = [Pair(one.question, _canary(dice).answer, "") for one in canaries for _ in range(_CANDIDATES - 1)]
        nats = self._nats(model, [*canaries, *others])
        own, rivals = nats[: len(canaries)], nats[len(canaries) :].reshape(len(canaries), -1)
        ranks = 1 + (rivals < own[:, None]).sum(axis=1)
        return float(log2(_CANDIDATES) - np.log2(ranks).mean())

    def _extractable(self, model: Seq2Seq, lines: Sequence[Pair], prefix: str) -> dict[str, Any]:
        chosen = random.Random(self.seed).sample(lines, min(_LINES, len(lines)))  # noqa: S311 - not for secrets
        share = None
        if chosen:
            certain = np.exp(-self._nats(model, chosen))
            share = float((1 - (1 - certain) ** _TRIES >= _CHANCE).mean())
        return {f"{prefix}lines": len(chosen), f"{prefix}extractable": share}

    def _nats(self, model: Seq2Seq, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        examples = make_examples(pairs, self.tokenizer, self.text)
        return measure_nats(model, examples, self.tokenizer, self.device, torch.float32).total


def _canary(dice: random.Random) -> Pair:
    name = "".join(dice.choices("bcdfghjklmnpqrstvwxz", k=8))
    number = " ".join("".join(dice.choices("0123456789", k=3)) for _ in range(3))
    return Pair((Turn("canary", name),), Turn("bot", number), "canary")


def _counts(learnt: Iterable[Pair], asked: Sequence[Pair]) -> tuple[Counter[str], Counter[str]]:
    """Return how many ``learnt`` answers have each word, and each text, that occurs in the answers of ``asked``."""
    texts = {pair.answer.text for pair in asked}
    terms = {term for text in texts for term in search_terms(text)}
    words, said = Counter[str](), Counter[str]()
    for pair in learnt:
        words.update(terms.intersection(search_terms(pair.answer.text)))
        said.update(texts.intersection([pair.answer.text]))
    return words, said


def _tells(pair: Pair, words: Counter[str], rare: int) -> bool:
    """Tell whether an answer has a number, or a word that is in no more than ``rare`` answers."""
    terms = search_terms(pair.answer.text)
    return any(term.isdigit() or words[term] <= rare for term in terms)
