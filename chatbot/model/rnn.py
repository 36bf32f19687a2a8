"""Recurrent layers, batch first, for encoders and decoders alike."""

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

Cell = Literal["lstm", "gru"]


@dataclass(frozen=True, slots=True)
class RnnState:
    """Hidden and, for an LSTM, cell states of every layer: [B, L, H] each."""

    hidden: Tensor
    cell: Tensor | None

    def select(self, rows: Tensor) -> "RnnState":
        """Return the states of the given rows of the batch."""
        cell = None if self.cell is None else self.cell.index_select(0, rows)
        return RnnState(self.hidden.index_select(0, rows), cell)

    def beside(self, other: "RnnState") -> "RnnState":
        """Return the states of two directions as one, their numbers side by side."""
        cell = None if self.cell is None or other.cell is None else torch.cat([self.cell, other.cell], dim=-1)
        return RnnState(torch.cat([self.hidden, other.hidden], dim=-1), cell)


class LockedDropout(nn.Module):
    """Dropout with one mask for all positions of a sequence (Gal and Ghahramani 2016)."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, inputs: Tensor) -> Tensor:
        """Return [B, S, E] for [B, S, E]."""
        if not self.training or self.probability == 0:
            return inputs
        keep = 1 - self.probability
        mask = torch.empty_like(inputs[:, :1]).bernoulli_(keep).div_(keep)
        return inputs * mask


class Rnn(nn.Module):
    """Unidirectional layers with dropout between them."""

    def __init__(self, cell: Cell, input_size: int, hidden_size: int, layers: int, dropout: float) -> None:
        super().__init__()
        kind = nn.LSTM if cell == "lstm" else nn.GRU
        sizes = [input_size] + [hidden_size] * (layers - 1)
        self.cell = cell
        self.hidden_size = hidden_size
        self.layers = nn.ModuleList(kind(size, hidden_size, batch_first=True) for size in sizes)
        self.dropout = LockedDropout(dropout)
        self.apply(_initialise)

    def forward(
        self, inputs: Tensor, state: RnnState | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, RnnState]:
        """Return the last layer's outputs [B, S, H] and every layer's last state.

        That is the state after the last position, or with ``lengths`` [B] after each row's last token.
        """
        states = []
        for index, layer in enumerate(self.layers):
            if index:
                inputs = self.dropout(inputs)
            inputs, last = _run(layer, inputs, self._initial(state, index), lengths)
            states.append(last)
        if self.cell == "gru":
            return inputs, RnnState(_stack(states), None)
        return inputs, RnnState(_stack([hidden for hidden, _ in states]), _stack([cell for _, cell in states]))

    @staticmethod
    def _initial(state: RnnState | None, layer: int) -> Tensor | tuple[Tensor, Tensor] | None:
        if state is None:
            return None
        hidden = state.hidden[:, layer][None].contiguous()
        return hidden if state.cell is None else (hidden, state.cell[:, layer][None].contiguous())


def reverse(inputs: Tensor, lengths: Tensor) -> Tensor:
    """Return [B, S, ...] with the first ``lengths`` positions of each row in reverse order, padding in place."""
    positions = torch.arange(inputs.shape[1], device=inputs.device)
    backwards = (lengths[:, None] - 1 - positions).where(positions < lengths[:, None], positions)
    return inputs.gather(1, backwards[..., None].expand_as(inputs))


def _run(layer: nn.Module, inputs: Tensor, initial: Any, lengths: Tensor | None) -> tuple[Tensor, Any]:
    if lengths is None and inputs.shape[1] == 1 and initial is not None:
        return _step(layer, inputs[:, 0], initial)
    if lengths is None:
        outputs, last = layer(inputs, initial)
        return outputs, last
    packed = pack_padded_sequence(inputs, lengths.cpu(), batch_first=True, enforce_sorted=False)
    outputs, last = layer(packed, initial)
    return pad_packed_sequence(outputs, batch_first=True, total_length=inputs.shape[1])[0], last


def _step(layer: nn.Module, inputs: Tensor, initial: Any) -> tuple[Tensor, Any]:
    """Return what ``layer`` does for one position, in two thirds of the time of its own call."""
    weights = [getattr(layer, name) for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")]
    if isinstance(layer, nn.GRU):
        hidden = torch.gru_cell(inputs, initial[0], *weights)
        return hidden[:, None], hidden[None]
    hidden, cell = torch.lstm_cell(inputs, (initial[0][0], initial[1][0]), *weights)
    return hidden[:, None], (hidden[None], cell[None])


def _stack(states: list[Tensor]) -> Tensor:
    return torch.cat(states).transpose(0, 1)


def _initialise(module: nn.Module) -> None:
    """Orthogonal recurrent weights, and forget gates that start open (Jozefowicz et al. 2015)."""
    if not isinstance(module, nn.LSTM | nn.GRU):
        return
    for name, parameter in module.named_parameters():
        if name.startswith("weight_hh"):
            for gate in parameter.data.split(module.hidden_size):
                nn.init.orthogonal_(gate)
        elif name.startswith("weight_ih"):
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
            if isinstance(module, nn.LSTM) and name.startswith("bias_ih"):
                parameter.data[module.hidden_size : 2 * module.hidden_size] = 1
