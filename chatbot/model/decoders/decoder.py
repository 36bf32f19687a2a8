"""What every decoder is."""

from abc import abstractmethod

from torch import Tensor, nn

from chatbot.model.encoders import Encoded
from chatbot.model.rnn import RnnState
from chatbot.settings import Settings


class Decoder(nn.Module):
    """Turns embedded target tokens into outputs, from the state that the bridge made of an encoded source."""

    output_size: int
    """H of the outputs."""

    @abstractmethod
    def begin(self, encoded: Encoded) -> RnnState:
        """Return the state before the first target token."""

    @abstractmethod
    def forward(self, embedded: Tensor, state: RnnState) -> tuple[Tensor, RnnState]:
        """Return outputs [B, T, H] for ``embedded`` [B, T, E], and the state after the last of them."""


class DecoderSettings(Settings):
    """Settings of a decoder, with the verb that builds it."""

    @abstractmethod
    def build(self, embedding_size: int, encoder_size: int, dropout: float) -> Decoder:
        """Return a new decoder with random weights."""
