"""Examples as padded tensors on a device."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatbot.corpus.ragged import Ragged
from chatbot.training.examples import Examples, Ints, Pictures

Blur = Callable[[Ints], Ints]


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded ids: ``source`` [B, S] with ``lengths`` [B], ``targets`` [B, T] with ``target_lengths`` [B].

    ``inputs`` [B, T] are ``targets`` one step later, behind the begin token; ``tokens`` counts the targets that are
    not padding. ``disliked`` [B] tells which targets are what the model should not say, if any are.
    """

    source: Tensor
    lengths: Tensor
    inputs: Tensor
    targets: Tensor
    target_lengths: Tensor
    tokens: int
    disliked: Tensor | None = None


def make_batch(
    examples: Examples, indices: NDArray[np.int64], pad: int, begin: int, device: torch.device, blur: Blur | None = None
) -> Batch:
    """Return the examples at ``indices`` as one batch, their sources seen through ``blur``."""
    source, lengths = _sources(examples.source, indices, pad, blur)
    targets = _pad([examples.target[index] for index in indices], pad)
    inputs = np.concatenate([np.full((len(indices), 1), begin), targets[:, :-1]], axis=1)
    target_lengths = examples.target.lengths[indices].astype(np.int64)
    arrays = (source, lengths, inputs, targets, target_lengths)
    tensors = [torch.from_numpy(array).to(device) for array in arrays]
    disliked = torch.from_numpy(indices >= len(examples) - examples.disliked).to(device) if examples.disliked else None
    return Batch(tensors[0], tensors[1], tensors[2], tensors[3], tensors[4], int(target_lengths.sum()), disliked)


def _sources(
    rows: Ragged[np.int32] | Pictures, indices: NDArray[np.int64], pad: int, blur: Blur | None
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the sources at ``indices`` as one array, and their lengths."""
    if isinstance(rows, Pictures):
        return rows.values[indices], rows.lengths[indices].astype(np.int64)
    sources = [blur(rows[index]) if blur else rows[index] for index in indices]
    return _pad(sources, pad), np.array([len(source) for source in sources])


def pad_rows(rows: list[list[int]], pad: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return rows of ids as one padded tensor [B, S], and their lengths [B]."""
    lengths = torch.tensor([len(row) for row in rows], device=device)
    return torch.from_numpy(_pad(rows, pad)).to(device), lengths


def _pad(parts: Sequence[Ints | Sequence[int]], pad: int) -> NDArray[np.int64]:
    padded = np.full((len(parts), max(len(part) for part in parts)), pad, dtype=np.int64)
    for row, part in zip(padded, parts, strict=True):
        row[: len(part)] = part
    return padded
