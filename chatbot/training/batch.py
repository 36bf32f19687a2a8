"""Examples as padded tensors on a device."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatbot.training.examples import Examples, Ragged


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded ids: ``source`` [B, S] with ``lengths`` [B], target ``inputs`` [B, T] and ``targets`` [B, T].

    ``inputs`` are ``targets`` one step later, behind the begin token; ``tokens`` counts the targets that are
    not padding.
    """

    source: Tensor
    lengths: Tensor
    inputs: Tensor
    targets: Tensor
    tokens: int


def make_batch(examples: Examples, indices: NDArray[np.int64], pad: int, begin: int, device: torch.device) -> Batch:
    """Return the examples at ``indices`` as one batch."""
    source = _pad(examples.source, indices, pad)
    targets = _pad(examples.target, indices, pad)
    inputs = np.concatenate([np.full((len(indices), 1), begin), targets[:, :-1]], axis=1)
    lengths = examples.source.lengths[indices].astype(np.int64)
    tokens = int(examples.target.lengths[indices].sum())
    tensors = [torch.from_numpy(array).to(device) for array in (source, lengths, inputs, targets)]
    return Batch(tensors[0], tensors[1], tensors[2], tensors[3], tokens)


def pad_rows(rows: list[list[int]], pad: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return rows of ids as one padded tensor [B, S], and their lengths [B]."""
    packed = Ragged.pack(rows)
    padded = _pad(packed, np.arange(len(rows)), pad)
    return torch.from_numpy(padded).to(device), torch.from_numpy(packed.lengths.astype(np.int64)).to(device)


def _pad(rows: Ragged, indices: NDArray[np.int64], pad: int) -> NDArray[np.int64]:
    parts = [rows[index] for index in indices]
    padded = np.full((len(parts), max(len(part) for part in parts)), pad, dtype=np.int64)
    for row, part in zip(padded, parts, strict=True):
        row[: len(part)] = part
    return padded
