"""The context vector: from an encoder's final state to a decoder's first."""

import torch
from torch import Tensor, nn

from chatbot.model.rnn import Cell, RnnState


class Bridge(nn.Module):
    """A learned transform of the encoder's final states (Bahdanau et al. 2015, appendix A)."""

    def __init__(self, encoder_size: int, cell: Cell, decoder_size: int, decoder_layers: int) -> None:
        super().__init__()
        self.shape = (decoder_layers, decoder_size)
        size = decoder_layers * decoder_size
        self.hidden = nn.Linear(encoder_size, size)
        self.cell = nn.Linear(encoder_size, size) if cell == "lstm" else None

    def forward(self, final: Tensor) -> RnnState:
        """Return the decoder's initial state for the encoder's ``final`` [B, L, H], of which the last layer counts."""
        top = final[:, -1]
        hidden = torch.tanh(self.hidden(top)).unflatten(-1, self.shape)
        cell = None if self.cell is None else self.cell(top).unflatten(-1, self.shape)
        return RnnState(hidden, cell)
