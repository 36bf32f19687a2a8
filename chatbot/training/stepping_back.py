"""Weights between those of a version and those that training made of them, where the old is hardly forgotten yet."""

from collections.abc import Callable

import torch
from torch import Tensor

from chatbot.model.seq2seq import Seq2Seq

_HALVINGS = 4
"""How often the part of the way where the edge is gets cut in two: it is found to a sixteenth of the way."""

Weights = dict[str, Tensor]


def step_back(
    model: Seq2Seq, before: Weights, after: Weights, cost: Callable[[Seq2Seq], float], most: float
) -> tuple[Weights, float]:  # fmt: skip
    """Return weights as near to ``after`` as lets the ``cost`` be ``most`` at most, and which share of the way that is.

    On the straight way from a model to what fine-tuning made of it, most of what is new is learnt before much of what
    is old is lost (Wortsman et al. 2022). Where no share will do, all of the way is gone, for others to judge. The
    model has the weights that are returned.
    """

    def allowed(share: float) -> bool:
        model.load_state_dict(_between(before, after, share))
        return cost(model.eval()) <= most

    low, high = 0.0, 1.0
    if not allowed(high):
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if allowed(middle) else (low, middle)
    share = low or 1.0
    weights = _between(before, after, share)
    model.load_state_dict(weights)
    return weights, share


def _between(before: Weights, after: Weights, share: float) -> Weights:
    """Return weights a ``share`` of the way; what is not a real number is as it was after."""
    return {
        name: torch.lerp(before[name], weight, share) if share < 1 and weight.is_floating_point() else weight
        for name, weight in after.items()
    }
