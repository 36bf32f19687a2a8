"""Recurrent encoders: LSTM (Hochreiter and Schmidhuber 1997) and GRU (Cho et al. 2014)."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.encoders.encoder import Encoded, Encoder, EncoderSettings, real_tokens
from chatbot.model.rnn import Cell, LockedDropout, Rnn, RnnState, reverse


class RecurrentEncoder(Encoder):
    """Layers of one or two directions (Schuster and Paliwal 1997), which share a layer's ``hidden_size``."""

    def __init__(
        self, cell: Cell, embedding_size: int, settings: "RecurrentSettings", dropout: float, cells: bool
    ) -> None:
        super().__init__()
        ways = 2 if settings.bidirectional else 1
        sizes = [embedding_size] + [settings.hidden_size] * (settings.layers - 1)
        self.output_size = settings.hidden_size
        self.cells = cells and cell == "lstm"
        self.dropout = LockedDropout(dropout)
        self.forwards = _direction(cell, sizes, settings.hidden_size // ways)
        self.backwards = _direction(cell, sizes if ways == 2 else [], settings.hidden_size // ways)

    def forward(self, embedded: Tensor, lengths: Tensor) -> Encoded:
        """Return states [B, S, H] and final states [B, L, H], each direction's after its last token."""
        states, finals = embedded, []
        for index in range(len(self.forwards)):
            states, final = self._layer(index, self.dropout(states) if index else states, lengths)
            finals.append(final)
        cell = torch.cat([final.cell for final in finals if final.cell is not None], dim=1) if self.cells else None
        mask = real_tokens(lengths, embedded.shape[1])
        return Encoded(states, mask, torch.cat([final.hidden for final in finals], dim=1), cell)

    def _layer(self, index: int, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, RnnState]:
        states, final = self._run(self.forwards[index], inputs, lengths)
        if not len(self.backwards):
            return states, final
        backward_states, backward_final = self._run(self.backwards[index], reverse(inputs, lengths), lengths)
        states = torch.cat([states, reverse(backward_states, lengths)], dim=-1)
        return states, final.beside(backward_final)

    def _run(self, layer: nn.Module, inputs: Tensor, lengths: Tensor) -> tuple[Tensor, RnnState]:
        """Return the outputs [B, S, H], and the state after each row's last token [B, 1, H]."""
        outputs, state = layer(inputs, lengths=lengths if self.cells else None)
        if self.cells:
            return outputs, state
        # Padding stands behind the tokens, so it cannot reach their outputs; the RNN's own last state has run on
        # over it, but a hidden state is an output too. Packing, which stops in time, takes twice as long.
        last = outputs[torch.arange(len(lengths), device=lengths.device), lengths - 1]
        return outputs, RnnState(last[:, None], None)


class RecurrentSettings(EncoderSettings):
    """What recurrent encoders have in common."""

    hidden_size: int = Field(256, ge=2, le=16384, multiple_of=2)
    """Size of a state, both directions together."""
    layers: int = Field(1, ge=1, le=16)
    """How many, one upon another."""
    bidirectional: bool = True
    """Read backwards too."""

    @property
    def final_shape(self) -> tuple[int, int]:
        """One final state a layer."""
        return self.layers, self.hidden_size


class LstmEncoder(RecurrentSettings):
    """``kind = "lstm"``."""

    kind: Literal["lstm"] = "lstm"

    def build(self, embedding_size: int, dropout: float, cells: bool) -> Encoder:
        """Return an LSTM encoder."""
        return RecurrentEncoder("lstm", embedding_size, self, dropout, cells)


class GruEncoder(RecurrentSettings):
    """``kind = "gru"``."""

    kind: Literal["gru"] = "gru"

    def build(self, embedding_size: int, dropout: float, cells: bool) -> Encoder:
        """Return a GRU encoder."""
        return RecurrentEncoder("gru", embedding_size, self, dropout, cells=False)


def _direction(cell: Cell, sizes: list[int], hidden_size: int) -> nn.ModuleList:
    return nn.ModuleList(Rnn(cell, size, hidden_size, layers=1, dropout=0) for size in sizes)
