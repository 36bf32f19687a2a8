"""What every decoder is."""

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor, nn

from chatbot.model.attention import Attention, AttentionSettings, Memory, NoAttention
from chatbot.model.bridge import Context, StateShape
from chatbot.model.encoders import Encoded
from chatbot.settings import Settings


@dataclass(frozen=True, slots=True)
class State:
    """Where a batch of replies stands.

    ``memories`` are what the decoder's attentions look at, ``context`` [B, C] is what stands beside each input (C is 0
    where nothing does), ``cache`` holds the decoder's own tensors, batch first; ``weights`` [B, S] are the attention
    of the last step.
    """

    memories: tuple[Memory, ...]
    context: Tensor
    cache: dict[str, Tensor]
    weights: Tensor

    def select(self, rows: Tensor) -> "State":
        """Return the state of the given rows of the batch, which may repeat."""
        return State(
            tuple(memory.select(rows) for memory in self.memories),
            self.context.index_select(0, rows),
            {name: tensor.index_select(0, rows) for name, tensor in self.cache.items()},
            self.weights.index_select(0, rows),
        )

    def after(self, cache: dict[str, Tensor], weights: Tensor) -> "State":
        """Return the state some steps later, whose attentions [B, T, S] are ``weights``."""
        return replace(self, cache=cache, weights=weights[:, -1])


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a decoder is built into: sizes of what it gets, and the attention that it looks with.

    ``memory_size`` is H of the encoder's states, ``context_size`` C of the vector beside each input, 0 for none.
    ``initial`` says whether a context vector is its first state, ``input_feeding`` whether its last output comes in
    with its next input.
    """

    embedding_size: int
    memory_size: int
    context_size: int
    initial: bool
    attention: AttentionSettings
    input_feeding: bool
    dropout: float

    @property
    def attends(self) -> bool:
        """There is an attention that finds something."""
        return not isinstance(self.attention, NoAttention)


class Decoder(nn.Module):
    """Turns embedded target tokens into outputs, looking at an encoded source."""

    def start(self, encoded: Encoded, context: Context | None, beside: bool) -> State:
        """Return the state before the first target token; ``beside`` puts the context vector beside each input."""
        memories = tuple(attention.remember(encoded.states, encoded.mask) for attention in self.attentions())
        rows = encoded.states.shape[0]
        empty = encoded.states.new_zeros(rows, 0)
        vector = context.vector if context is not None and beside else empty
        weights = encoded.states.new_zeros(encoded.mask.shape, dtype=torch.float32)
        return State(memories, vector, self.begin(rows, context, encoded.states), weights)

    @abstractmethod
    def attentions(self) -> list[Attention]:
        """Return the attentions, each of which gets a memory."""

    @abstractmethod
    def begin(self, rows: int, context: Context | None, like: Tensor) -> dict[str, Tensor]:
        """Return the cache before the first target token, on the device and of the dtype of ``like``."""

    @abstractmethod
    def forward(self, embedded: Tensor, state: State) -> tuple[Tensor, State]:
        """Return outputs [B, T, E] for ``embedded`` [B, T, E], and the state after the last of them."""

    @staticmethod
    def with_context(embedded: Tensor, state: State) -> Tensor:
        """Return [B, T, E + C]: the context vector beside each input."""
        beside = state.context[:, None].expand(-1, embedded.shape[1], -1)
        return torch.cat([embedded, beside.to(embedded.dtype)], dim=-1) if beside.shape[-1] else embedded


class DecoderSettings(Settings):
    """Settings of a decoder, with the verb that builds it."""

    hidden_size: int
    recurrent: ClassVar[bool] = False
    """It has a state that a context vector can be, and goes step by step."""

    @abstractmethod
    def build(self, around: Surroundings) -> Decoder:
        """Return a new decoder with random weights."""

    @property
    @abstractmethod
    def initial_shape(self) -> StateShape:
        """What a bridge must give it as initial state."""

    def objection(self) -> str:
        """Return why these settings contradict each other, or nothing."""
        return ""
