"""What every encoder is."""

from abc import abstractmethod
from dataclasses import dataclass

from torch import Tensor, nn

from chatbot.settings import Settings


@dataclass(frozen=True, slots=True)
class Encoded:
    """An encoded source: ``states`` [B, S, H] of its tokens and the ``final`` state [B, L, H] of each layer."""

    states: Tensor
    final: Tensor


class Encoder(nn.Module):
    """Turns an embedded source into states. Padding never changes the states of what is not padding."""

    output_size: int
    """H of ``Encoded.states`` and of its final state."""
    layers: int
    """L of the final state."""

    @abstractmethod
    def forward(self, embedded: Tensor, lengths: Tensor) -> Encoded:
        """Return the states of ``embedded`` [B, S, E], whose rows have ``lengths`` [B] tokens."""


class EncoderSettings(Settings):
    """Settings of an encoder, with the verb that builds it."""

    @abstractmethod
    def build(self, embedding_size: int, dropout: float) -> Encoder:
        """Return a new encoder with random weights."""
