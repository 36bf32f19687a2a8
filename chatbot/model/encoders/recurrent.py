"""Recurrent encoders: LSTM (Hochreiter and Schmidhuber 1997) and GRU (Cho et al. 2014)."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.encoders.encoder import Encoded, Encoder, EncoderSettings
from chatbot.model.rnn import Cell, LockedDropout, Rnn, reverse


class RecurrentEncoder(Encoder):
    """Layers of one or two directions (Schuster and Paliwal 1997), which share a layer's ``hidden_size``."""

    def __init__(self, cell: Cell, embedding_size: int, settings: "_Recurrent", dropout: float) -> None:
        super().__init__()
        ways = 2 if settings.bidirectional else 1
        sizes = [embedding_size] + [settings.hidden_size] * (settings.layers - 1)
        self.output_size = settings.hidden_size
        self.layers = settings.layers
        self.dropout = LockedDropout(dropout)
        self.forwards = _direction(cell, sizes, settings.hidden_size // ways)
        self.backwards = _direction(cell, sizes if ways == 2 else [], settings.hidden_size // ways)

    def forward(self, embedded: Tensor, lengths: Tensor) -> Encoded:
        """Return states [B, S, H] and final states [B, L, H], each direction's after its last token."""
        states, finals = embedded, []
        for index in range(self.layers):
            states, final = self._layer(index, self.dropout(states) if index else states, lengths)
            finals.append(final)
        return Encoded(states, torch.stack(finals, dim=1))

    def _layer(self, index: int, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        states, final = _run(self.forwards[index], inputs, lengths)
        if not len(self.backwards):
            return states, final
        backward_states, backward_final = _run(self.backwards[index], reverse(inputs, lengths), lengths)
        states = torch.cat([states, reverse(backward_states, lengths)], dim=-1)
        return states, torch.cat([final, backward_final], dim=-1)


class _Recurrent(EncoderSettings):
    hidden_size: int = Field(256, ge=2, le=16384, multiple_of=2)
    """Size of a state, both directions together."""
    layers: int = Field(1, ge=1, le=16)
    """How many, one upon another."""
    bidirectional: bool = True
    """Read backwards too."""


class LstmEncoder(_Recurrent):
    """``kind = "lstm"``."""

    kind: Literal["lstm"] = "lstm"

    def build(self, embedding_size: int, dropout: float) -> Encoder:
        """Return an LSTM encoder."""
        return RecurrentEncoder("lstm", embedding_size, self, dropout)


class GruEncoder(_Recurrent):
    """``kind = "gru"``."""

    kind: Literal["gru"] = "gru"

    def build(self, embedding_size: int, dropout: float) -> Encoder:
        """Return a GRU encoder."""
        return RecurrentEncoder("gru", embedding_size, self, dropout)


def _direction(cell: Cell, sizes: list[int], hidden_size: int) -> nn.ModuleList:
    return nn.ModuleList(Rnn(cell, size, hidden_size, layers=1, dropout=0) for size in sizes)


def _run(layer: nn.Module, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return the outputs [B, S, H], and the one of each row's last token [B, H].

    Padding stands behind the tokens, so it cannot reach their states; the RNN's own last state has run on over it.
    """
    outputs, _ = layer(inputs)
    return outputs, outputs[torch.arange(len(lengths), device=lengths.device), lengths - 1]
