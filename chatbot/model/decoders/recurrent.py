"""Recurrent decoders (Sutskever et al. 2014; Cho et al. 2014)."""

from typing import Literal

from pydantic import Field
from torch import Tensor

from chatbot.model.bridge import Bridge
from chatbot.model.decoders.decoder import Decoder, DecoderSettings
from chatbot.model.encoders import Encoded
from chatbot.model.rnn import Cell, Rnn, RnnState


class RecurrentDecoder(Decoder):
    """Layers of one direction that start from the bridged final state of the encoder."""

    def __init__(self, rnn: Rnn, bridge: Bridge) -> None:
        super().__init__()
        self.rnn = rnn
        self.bridge = bridge
        self.output_size = rnn.hidden_size

    def begin(self, encoded: Encoded) -> RnnState:
        """Return the context vector as initial state."""
        state: RnnState = self.bridge(encoded.final)
        return state

    def forward(self, embedded: Tensor, state: RnnState) -> tuple[Tensor, RnnState]:
        """Return outputs [B, T, H] and the next state."""
        outputs: tuple[Tensor, RnnState] = self.rnn(embedded, state)
        return outputs


class _Recurrent(DecoderSettings):
    hidden_size: int = Field(256, ge=1, le=16384)
    """Size of a state."""
    layers: int = Field(1, ge=1, le=16)
    """How many, one upon another."""

    def _build(self, cell: Cell, embedding_size: int, encoder_size: int, dropout: float) -> Decoder:
        rnn = Rnn(cell, embedding_size, self.hidden_size, self.layers, dropout)
        return RecurrentDecoder(rnn, Bridge(encoder_size, cell, self.hidden_size, self.layers))


class LstmDecoder(_Recurrent):
    """``kind = "lstm"``."""

    kind: Literal["lstm"] = "lstm"

    def build(self, embedding_size: int, encoder_size: int, dropout: float) -> Decoder:
        """Return an LSTM decoder."""
        return self._build("lstm", embedding_size, encoder_size, dropout)


class GruDecoder(_Recurrent):
    """``kind = "gru"``."""

    kind: Literal["gru"] = "gru"

    def build(self, embedding_size: int, encoder_size: int, dropout: float) -> Decoder:
        """Return a GRU decoder."""
        return self._build("gru", embedding_size, encoder_size, dropout)
