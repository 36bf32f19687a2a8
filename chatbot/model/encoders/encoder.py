"""What every encoder is."""

from abc import abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from chatbot.pictures import PictureShape
from chatbot.settings import Settings


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded source: ``states`` [B, S, H], ``mask`` [B, S] (true: no padding) and final states.

    ``final`` [B, L, H] is each layer's last state; encoders without one give the mean of their states. ``cell``
    [B, L, H] are an LSTM's cells beside it, where they were asked for.
    """

    states: Tensor
    mask: Tensor
    final: Tensor
    cell: Tensor | None = None

    def mean(self) -> Tensor:
        """Return the mean state [B, H] of each row."""
        return mean_state(self.states, self.mask)


class Encoder(nn.Module):
    """Turns an embedded source into states. Padding never changes the states of what is not padding."""

    output_size: int
    """H of ``Encoded.states`` and of its final state."""

    @abstractmethod
    def forward(self, embedded: Tensor, lengths: Tensor) -> Encoded:
        """Return the states of ``embedded`` [B, S, E], whose rows have ``lengths`` [B] tokens."""


class EncoderSettings(Settings):
    """Settings of an encoder, with the verb that builds it."""

    @property
    def pictures(self) -> PictureShape | None:
        """The pictures that it reads instead of tokens."""
        return None

    @abstractmethod
    def build(self, embedding_size: int, dropout: float, cells: bool) -> Encoder:
        """Return a new encoder with random weights; ``cells`` asks for ``Encoded.cell``."""

    @property
    @abstractmethod
    def final_shape(self) -> tuple[int, int]:
        """(L, H) of ``Encoded.final``."""

    def objection(self) -> str:
        """Return why these settings contradict each other, or nothing."""
        return ""


def real_tokens(lengths: Tensor, size: int) -> Tensor:
    """Return the mask [B, ``size``] of rows with ``lengths`` [B] tokens."""
    return torch.arange(size, device=lengths.device) < lengths[:, None]


def mean_state(states: Tensor, mask: Tensor) -> Tensor:
    """Return the mean [B, H] of ``states`` [B, S, H] where ``mask`` [B, S] is true."""
    real = mask[..., None].to(states.dtype)
    return (states * real).sum(1) / real.sum(1)
