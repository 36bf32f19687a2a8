"""Elastic weight consolidation (Kirkpatrick et al. 2017): weights that old pairs depend on are held where they were."""

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatbot.model.seq2seq import Seq2Seq
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.batch import make_batch
from chatbot.training.examples import Examples
from chatbot.training.loss import cross_entropy_sum

_BATCH, _MOST = 16, 128
"""Examples of a gradient, and gradients that are looked at."""


class Anchor:
    """Where a model's weights were, and the Fisher information of each: how much old examples depend on it.

    They were those of ``parent``, which spelt the ``old`` examples; entries that ``model`` has beyond it are free.
    The penalty, ``strength`` / 2 * sum of information * distance ** 2, is to second order what the loss per token of
    the old examples rises by, times ``strength``.
    """

    def __init__(
        self, model: Seq2Seq, parent: Seq2Seq, old: Examples, tokenizer: Tokenizer, device: torch.device,
        strength: float, seed: int,
    ) -> None:  # fmt: skip
        self._strength = strength
        self._live = dict(model.named_parameters())
        self._values = {name: weight.detach().clone() for name, weight in parent.named_parameters()}
        self._information = _information(parent, self._batches(old, seed), old, tokenizer, device)

    def pull(self) -> None:
        """Add the penalty's gradients to those of the model."""
        for name, weight in self._live.items():
            if weight.grad is not None:
                value = self._values[name]
                held = tuple(slice(size) for size in value.shape)
                away = weight.detach()[held] - value
                weight.grad[held].add_(self._information[name] * away, alpha=self._strength)

    @staticmethod
    def _batches(old: Examples, seed: int) -> Iterable[NDArray[np.int64]]:
        order = np.random.default_rng(seed).permutation(len(old))
        return (order[start : start + _BATCH] for start in range(0, min(len(order), _BATCH * _MOST), _BATCH))


def _information(
    model: Seq2Seq, batches: Iterable[NDArray[np.int64]], old: Examples, tokenizer: Tokenizer, device: torch.device
) -> dict[str, Tensor]:
    """Return the diagonal of the Fisher information, per token; gradients of few examples stand for those of one."""
    found = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    count = 0
    model.train()
    for indices in batches:
        batch = make_batch(old, indices, tokenizer.pad, tokenizer.begin, device)
        outputs = model.follow(model.read(batch).state, batch.inputs)
        real = batch.targets != tokenizer.pad
        loss = cross_entropy_sum(outputs[real], model.embedding.weight, model.bias, batch.targets[real])
        model.zero_grad()
        (loss / batch.tokens).backward()
        for name, weight in model.named_parameters():
            if weight.grad is not None:
                found[name].addcmul_(weight.grad, weight.grad, value=float(batch.tokens))
        count += 1
    model.eval().zero_grad()
    return {name: total / max(1, count) for name, total in found.items()}
