"""Which examples go into a batch together. Integers only: no texts, no tensors of a model."""

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def plan_epoch(
    source_lengths: NDArray[np.int32], target_lengths: NDArray[np.int32], batch_tokens: int, seed: int, epoch: int
) -> list[Indices]:
    """Return the batches of one epoch: each example once, in batches of like lengths, in random order.

    A pure function of its arguments, so that a resumed training finds its place again. A batch holds at most
    ``batch_tokens`` positions, source and target together and padding included, or a single longer example.
    """
    random = np.random.default_rng([seed, epoch])
    order = _sort_by_both(source_lengths, target_lengths, batch_tokens, random)
    batches = _cut(order, source_lengths, target_lengths, batch_tokens)
    return [batches[index] for index in random.permutation(len(batches))]


def padding(source_lengths: NDArray[np.int32], target_lengths: NDArray[np.int32], batches: list[Indices]) -> float:
    """Return the share of padded positions among all positions, source and target together."""
    filled = padded = 0
    for batch in batches:
        source, target = source_lengths[batch], target_lengths[batch]
        filled += int(source.sum()) + int(target.sum())
        padded += len(batch) * (int(source.max()) + int(target.max()))
    return 1 - filled / padded if padded else 0.0


def _sort_by_both(
    source_lengths: NDArray[np.int32],
    target_lengths: NDArray[np.int32],
    batch_tokens: int,
    random: np.random.Generator,
) -> Indices:
    """Return all indices so that neighbours have like source and like target lengths.

    Sorted by target into as many slices as there are batches in a slice, and by source within each: a grid of
    nearly square cells. Every other slice runs backwards, so that the seams between slices fit too. Ties break at
    random, and so differ between epochs.
    """
    total = int(source_lengths.sum(dtype=np.int64) + target_lengths.sum(dtype=np.int64))
    slices = max(1, round((total / batch_tokens) ** 0.5))
    tie = random.random(len(source_lengths))
    by_target = np.lexsort((tie, source_lengths, target_lengths))
    ordered = []
    for number, part in enumerate(np.array_split(by_target, slices)):
        by_source = part[np.lexsort((tie[part], target_lengths[part], source_lengths[part]))]
        ordered.append(by_source[::-1] if number % 2 else by_source)
    return np.concatenate(ordered).astype(np.int64)


def _cut(
    order: Indices, source_lengths: NDArray[np.int32], target_lengths: NDArray[np.int32], batch_tokens: int
) -> list[Indices]:
    batches, start, longest_source, longest_target = [], 0, 0, 0
    for position, index in enumerate(order):
        source = max(longest_source, int(source_lengths[index]))
        target = max(longest_target, int(target_lengths[index]))
        if position > start and (position + 1 - start) * (source + target) > batch_tokens:
            batches.append(order[start:position])
            start, source, target = position, int(source_lengths[index]), int(target_lengths[index])
        longest_source, longest_target = source, target
    if start < len(order):
        batches.append(order[start:])
    return batches
