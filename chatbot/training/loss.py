"""Cross-entropy over a large vocabulary that never holds all logits at once."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

# Rows of logits at a time: 512 x 8,000 floats are 16 MB, which stays in the last-level cache of a server CPU and
# below the size from which glibc gives memory back and fetches it anew.
_CHUNK = 512


_Miss = Callable[[Tensor, slice], tuple[Tensor, Tensor]]
"""Returns the cost of log probabilities [n, V] of some of the rows, and the gradients of their logits."""


class _LinearCrossEntropy(torch.autograd.Function):
    """Sum of cross-entropies of ``outputs @ weight.T + bias``, with the gradients made on the way."""

    @staticmethod
    def forward(ctx: Any, outputs: Tensor, weight: Tensor, bias: Tensor, miss: _Miss) -> Tensor:
        narrow = weight.to(outputs.dtype)
        grad_outputs = torch.empty_like(outputs)
        grad_weight, grad_bias = torch.zeros_like(weight), torch.zeros_like(bias)
        total = outputs.new_zeros((), dtype=torch.float32)
        for start in range(0, len(outputs), _CHUNK):
            part = slice(start, start + _CHUNK)
            logits = torch.addmm(bias.to(outputs.dtype), outputs[part], narrow.T).float()
            cost, error = miss(logits.sub_(logits.logsumexp(-1, keepdim=True)), part)
            total += cost
            grad_bias += error.sum(0)
            error = error.to(outputs.dtype)
            grad_outputs[part] = error @ narrow
            grad_weight += error.T @ outputs[part]
        ctx.save_for_backward(grad_outputs, grad_weight, grad_bias)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        grad_outputs, grad_weight, grad_bias = ctx.saved_tensors
        scale = grads[0]
        return grad_outputs * scale.to(grad_outputs.dtype), grad_weight * scale, grad_bias * scale, None


def cross_entropy_sum(outputs: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the summed cross-entropy in nats of N rows, differentiable once.

    ``outputs`` are [N, E], ``weight`` [V, E], ``bias`` [V], ``targets`` [N]. Products are in the dtype of
    ``outputs``, sums in float32.
    """

    def miss(log_shares: Tensor, part: slice) -> tuple[Tensor, Tensor]:
        picked = targets[part, None]
        cost = -log_shares.gather(1, picked).sum()
        return cost, log_shares.exp_().scatter_add_(1, picked, log_shares.new_full(picked.shape, -1.0))

    return _summed(outputs, weight, bias, miss)


def soft_cross_entropy_sum(
    outputs: Tensor, weight: Tensor, bias: Tensor, taught: Tensor, taught_weight: Tensor, taught_bias: Tensor
) -> Tensor:
    """Return the summed cross-entropy in nats of N rows to a teacher's, differentiable once (Hinton et al. 2015).

    The teacher's logits are those of ``taught`` [N, E], ``taught_weight`` and ``taught_bias``; these get no gradients.
    """

    def miss(log_shares: Tensor, part: slice) -> tuple[Tensor, Tensor]:
        wanted = torch.addmm(taught_bias.to(taught.dtype), taught[part], taught_weight.to(taught.dtype).T).float()
        wanted = wanted.softmax(-1)
        cost = -(wanted * log_shares).sum()
        return cost, log_shares.exp_().sub_(wanted)

    return _summed(outputs, weight, bias, miss)


def _summed(outputs: Tensor, weight: Tensor, bias: Tensor, miss: _Miss) -> Tensor:
    with torch.autocast(outputs.device.type, enabled=False):
        total: Tensor = _LinearCrossEntropy.apply(outputs, weight, bias, miss)  # type: ignore[no-untyped-call]
        return total


def unlikelihood_sum(outputs: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the summed -log(1 - p) in nats of targets that should not be likely (Welleck et al. 2020).

    Arguments as above; the rows are few.
    """
    with torch.autocast(outputs.device.type, enabled=False):
        logits = torch.addmm(bias, outputs.float(), weight.float().T)
        likely = logits.softmax(-1).gather(1, targets[:, None])
        return -torch.log1p(-likely.clamp(max=1 - 1e-5)).sum()


def token_losses(outputs: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the cross-entropies in nats [N] of N rows, without gradients; arguments as above."""
    losses = []
    for part, picked in zip(outputs.float().split(_CHUNK), targets.split(_CHUNK), strict=True):
        logits = torch.addmm(bias.float(), part, weight.float().T)
        losses.append(logits.logsumexp(-1) - logits.gather(1, picked[:, None])[:, 0])
    return torch.cat(losses)
