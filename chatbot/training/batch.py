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
    not padding. ``disliked`` [B] tells which targets are what the model should not say, ``recalled`` [B] which examples
    are old; ``real`` [B, T] which targets are not padding.
    """

    source: Tensor
    lengths: Tensor
    inputs: Tensor
    targets: Tensor
    target_lengths: Tensor
    tokens: int
    disliked: Tensor
    recalled: Tensor
    real: Tensor

    def rows(self, chosen: Tensor) -> "Batch":
        """Return the rows that are ``chosen`` [B], without the columns that only others fill."""
        lengths, ends = self.lengths[chosen], self.target_lengths[chosen]
        source = self.source[chosen] if self.source.ndim > 2 else self.source[chosen, : int(lengths.max())]
        end, count = int(ends.max()), int(ends.sum())
        inputs, targets, real = (each[chosen, :end] for each in (self.inputs, self.targets, self.real))
        return Batch(source, lengths, inputs, targets, ends, count, self.disliked[chosen], self.recalled[chosen], real)


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
    liked = len(examples) - examples.disliked
    old = (indices >= liked - examples.recalled) & (indices < liked)
    masks = [torch.from_numpy(mask).to(device) for mask in (indices >= liked, old, targets != pad)]
    count = int(target_lengths.sum())
    return Batch(tensors[0], tensors[1], tensors[2], tensors[3], tensors[4], count, masks[0], masks[1], masks[2])


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
