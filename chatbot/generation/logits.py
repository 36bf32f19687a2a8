"""Transforms of the next token's log-probabilities [B, V]. What is ruled out is minus infinity."""

from collections.abc import Sequence

import torch
from torch import Tensor


def forbid(scores: Tensor, ids: Sequence[int]) -> Tensor:
    """Rule out the given tokens everywhere."""
    scores = scores.clone()
    scores[:, list(ids)] = float("-inf")
    return scores


def forbid_repeated_ngrams(scores: Tensor, histories: Sequence[Sequence[int]], size: int) -> Tensor:
    """Rule out every token that completes an n-gram of ``size`` that its reply has already (Paulus et al. 2018)."""
    if size <= 0:
        return scores
    scores = scores.clone()
    for row, history in enumerate(histories):
        scores[row, _completions(history, size)] = float("-inf")
    return scores


def keep_top_k(scores: Tensor, count: int) -> Tensor:
    """Rule out all but the ``count`` likeliest tokens (Fan et al. 2018); 0 keeps all."""
    if count <= 0 or count >= scores.shape[-1]:
        return scores
    least = scores.topk(count).values[:, -1:]
    return scores.masked_fill(scores < least, float("-inf"))


def keep_top_p(scores: Tensor, share: float) -> Tensor:
    """Rule out all but the fewest tokens that hold ``share`` of the probability (Holtzman et al. 2020)."""
    if share >= 1:
        return scores
    ordered, order = scores.softmax(-1).sort(descending=True)
    beyond = ordered.cumsum(-1) - ordered >= share
    return scores.masked_fill(torch.zeros_like(beyond).scatter(-1, order, beyond), float("-inf"))


def _completions(history: Sequence[int], size: int) -> list[int]:
    if len(history) < size:
        return []
    prefix = tuple(history[len(history) - size + 1 :])
    starts = range(len(history) - size + 1)
    return [history[start + size - 1] for start in starts if tuple(history[start : start + size - 1]) == prefix]
