"""Recurrent decoders (Sutskever et al. 2014; Cho et al. 2014)."""

from typing import ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.attention import Attention
from chatbot.model.bridge import Context, StateShape
from chatbot.model.decoders.decoder import Decoder, DecoderSettings, State, Surroundings
from chatbot.model.rnn import Cell, Rnn, RnnState


class RecurrentDecoder(Decoder):
    """Layers of one direction, with an attention after the step or before it.

    The output is tanh(W [context; state]) (Luong et al. 2015). After the step means: this state looks for its context.
    Before the step (``additive``, Bahdanau et al. 2015) means: the previous state looks, and what it finds enters the
    step. With input feeding (Luong et al. 2015, section 3.3), the last output enters the step too. What enters a step
    must be known before it, so these two go one by one; else all steps are computed at once.
    """

    def __init__(self, cell: Cell, settings: "RecurrentDecoderSettings", around: Surroundings) -> None:
        super().__init__()
        size = settings.hidden_size
        self.attention: Attention = around.attention.build(size, around.memory_size)
        self.looks_first = around.attention.before_step
        self.feeds_input = around.input_feeding
        self.initial = around.initial
        found = self.attention.output_size
        entering = (found if self.looks_first else 0) + (around.embedding_size if self.feeds_input else 0)
        inputs = around.embedding_size + around.context_size + entering
        self.rnn = Rnn(cell, inputs, size, settings.layers, around.dropout)
        self.shape = settings.initial_shape
        self.combine = nn.Linear(found + size, around.embedding_size)

    def attentions(self) -> list[Attention]:
        """Return the one attention."""
        return [self.attention]

    def begin(self, rows: int, context: Context | None, like: Tensor) -> dict[str, Tensor]:
        """Return the initial state, which is the context vector or zero, and an output of zero."""
        zeros = like.new_zeros(rows, self.shape.layers, self.shape.size)
        given = context if self.initial else None
        cache = {"hidden": given.hidden if given else zeros}
        if self.shape.cells:
            cache["cell"] = given.cell if given and given.cell is not None else zeros
        if self.feeds_input:
            cache["output"] = like.new_zeros(rows, 1, self.combine.out_features)
        return cache

    def forward(self, embedded: Tensor, state: State) -> tuple[Tensor, State]:
        """Return outputs [B, T, E] and the next state."""
        inputs = self.with_context(embedded, state)
        if self.looks_first or self.feeds_input:
            return self._one_by_one(inputs, state)
        states, last = self.rnn(inputs, _rnn_state(state.cache))
        found, weights = self.attention(states, state.memories[0])
        return self._output(found, states), state.after(_cache(last), weights)

    def _one_by_one(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        """Return the same, where each step needs what came of the one before."""
        memory, last, output = state.memories[0], _rnn_state(state.cache), state.cache.get("output")
        steps, outputs = [], []
        for token in inputs.split(1, dim=1):
            entering = [token] if output is None else [token, output]
            if self.looks_first:
                found, weights = self.attention(last.hidden[:, -1:], memory)
                entering.append(found)
            states, last = self.rnn(torch.cat([part.to(token.dtype) for part in entering], dim=-1), last)
            if not self.looks_first:
                found, weights = self.attention(states, memory)
            if output is not None:
                output = self._output(found, states)
                outputs.append(output)
            steps.append((found, states, weights))
        found, states, weights = (torch.cat(parts, dim=1) for parts in zip(*steps, strict=True))
        cache = _cache(last) if output is None else {**_cache(last), "output": output}
        return torch.cat(outputs, dim=1) if outputs else self._output(found, states), state.after(cache, weights)

    def _output(self, found: Tensor, states: Tensor) -> Tensor:
        return torch.tanh(self.combine(torch.cat([found, states], dim=-1)))


class RecurrentDecoderSettings(DecoderSettings):
    """What recurrent decoders have in common."""

    recurrent: ClassVar[bool] = True
    cells: ClassVar[bool] = False
    hidden_size: int = Field(256, ge=1, le=16384)
    """Size of a state."""
    layers: int = Field(1, ge=1, le=16)
    """How many, one upon another."""

    @property
    def initial_shape(self) -> StateShape:
        """One state a layer."""
        return StateShape(self.layers, self.hidden_size, self.cells)


class LstmDecoder(RecurrentDecoderSettings):
    """``kind = "lstm"``."""

    kind: Literal["lstm"] = "lstm"
    cells: ClassVar[bool] = True

    def build(self, around: Surroundings) -> Decoder:
        """Return an LSTM decoder."""
        return RecurrentDecoder("lstm", self, around)


class GruDecoder(RecurrentDecoderSettings):
    """``kind = "gru"``."""

    kind: Literal["gru"] = "gru"

    def build(self, around: Surroundings) -> Decoder:
        """Return a GRU decoder."""
        return RecurrentDecoder("gru", self, around)


def _rnn_state(cache: dict[str, Tensor]) -> RnnState:
    return RnnState(cache["hidden"], cache.get("cell"))


def _cache(state: RnnState) -> dict[str, Tensor]:
    return {"hidden": state.hidden} if state.cell is None else {"hidden": state.hidden, "cell": state.cell}
