"""Kinds of attention of a decoder over the encoder's states."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.settings import Settings


@dataclass(frozen=True, slots=True)
class Memory:
    """Encoder states as an attention wants them: ``keys`` [B, S, K] to compare with, ``values`` [B, S, H] to take.

    ``mask`` [B, S] is true where they are not padding.
    """

    keys: Tensor
    values: Tensor
    mask: Tensor

    def select(self, rows: Tensor) -> "Memory":
        """Return the memory of the given rows of the batch."""
        return Memory(*(part.index_select(0, rows) for part in (self.keys, self.values, self.mask)))


class Attention(nn.Module):
    """Looks at encoder states with a decoder's: global attention (Luong et al. 2015), any number of queries at once."""

    output_size: int
    """C of the contexts."""

    @abstractmethod
    def remember(self, states: Tensor, mask: Tensor) -> Memory:
        """Return ``states`` [B, S, H] as a memory; what does not depend on queries is computed here, once."""

    @abstractmethod
    def forward(self, queries: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return contexts [B, T, C] and weights [B, T, S], which sum to 1, for ``queries`` [B, T, D]."""


class Unattending(Attention):
    """No attention: what the bridge hands over is all that the decoder gets (Sutskever et al. 2014)."""

    output_size = 0

    def remember(self, states: Tensor, mask: Tensor) -> Memory:
        """Return a memory of nothing."""
        return Memory(states[..., :0], states[..., :0], mask)

    def forward(self, queries: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return empty contexts [B, T, 0] and weights of zero [B, T, S]."""
        weights = queries.new_zeros(*queries.shape[:2], memory.mask.shape[1], dtype=torch.float32)
        return queries[..., :0], weights


class Multiplicative(Attention):
    """score(d, e) = d . key(e) (Luong et al. 2015)."""

    def __init__(self, key: nn.Module, state_size: int) -> None:
        super().__init__()
        self.key = key
        self.output_size = state_size

    def remember(self, states: Tensor, mask: Tensor) -> Memory:
        """Return keys [B, S, D] and the states as values."""
        return Memory(self.key(states), states, mask)

    def forward(self, queries: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return contexts [B, T, H] and weights [B, T, S]."""
        weights = _shares(torch.bmm(queries, memory.keys.transpose(1, 2)), memory.mask[:, None])
        return torch.bmm(weights.to(memory.values.dtype), memory.values), weights


class Additive(Attention):
    """score(d, e) = v . tanh(W d + U e) (Bahdanau et al. 2015; Luong et al. 2015 call it concat)."""

    def __init__(self, query_size: int, state_size: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_size, query_size, bias=False)
        self.key = nn.Linear(state_size, query_size)
        self.score = nn.Linear(query_size, 1, bias=False)
        self.output_size = state_size

    def remember(self, states: Tensor, mask: Tensor) -> Memory:
        """Return keys U e [B, S, D] and the states as values."""
        return Memory(self.key(states), states, mask)

    def forward(self, queries: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return contexts [B, T, H] and weights [B, T, S]; takes B x T x S x D numbers meanwhile."""
        mixed = torch.tanh(self.query(queries)[:, :, None] + memory.keys[:, None])
        weights = _shares(self.score(mixed)[..., 0], memory.mask[:, None])
        return torch.bmm(weights.to(memory.values.dtype), memory.values), weights


class MultiHead(Attention):
    """Scaled dot products of several small projections side by side (Vaswani et al. 2017)."""

    def __init__(self, query_size: int, state_size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(query_size, query_size)
        self.key = nn.Linear(state_size, query_size)
        self.value = nn.Linear(state_size, query_size)
        self.output = nn.Linear(query_size, query_size)
        self.output_size = query_size

    def remember(self, states: Tensor, mask: Tensor) -> Memory:
        """Return keys and values [B, S, D] of all heads."""
        return Memory(self.key(states), self.value(states), mask)

    def forward(self, queries: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return contexts [B, T, D] and the heads' mean weights [B, T, S]."""
        parts = (self.query(queries), memory.keys, memory.values)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        scores = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
        weights = _shares(scores, memory.mask[:, None, None])
        contexts = (weights.to(value.dtype) @ value).transpose(1, 2).flatten(-2)
        return self.output(contexts), weights.mean(dim=1)


class AttentionSettings(Settings):
    """Settings of an attention, with the verb that builds it."""

    before_step: ClassVar[bool] = False
    """The decoder looks before its step, with its previous state, so that steps go one by one."""

    @abstractmethod
    def build(self, query_size: int, state_size: int) -> Attention:
        """Return a new attention of ``query_size`` decoder outputs over ``state_size`` encoder states."""

    def objection(self, query_size: int, state_size: int) -> str:
        """Return why it cannot compare states of these sizes, or nothing."""
        return ""


class NoAttention(AttentionSettings):
    """``kind = "none"``: the context vector is all that the decoder gets, as in the first encoder-decoders."""

    kind: Literal["none"] = "none"

    def build(self, query_size: int, state_size: int) -> Attention:
        """Return no attention."""
        return Unattending()


class DotAttention(AttentionSettings):
    """``kind = "dot"``: score(d, e) = d . e; both sides have one size (Luong et al. 2015)."""

    kind: Literal["dot"] = "dot"

    def build(self, query_size: int, state_size: int) -> Attention:
        """Return dot attention."""
        return Multiplicative(nn.Identity(), state_size)

    def objection(self, query_size: int, state_size: int) -> str:
        """States of two sizes have no dot product."""
        if query_size == state_size:
            return ""
        return f"dot attention needs decoder and encoder of one hidden_size: {query_size}, {state_size}"


class GeneralAttention(AttentionSettings):
    """``kind = "general"``: score(d, e) = d W e (Luong et al. 2015)."""

    kind: Literal["general"] = "general"

    def build(self, query_size: int, state_size: int) -> Attention:
        """Return general attention."""
        return Multiplicative(nn.Linear(state_size, query_size, bias=False), state_size)


class ConcatAttention(AttentionSettings):
    """``kind = "concat"``: score(d, e) = v tanh(W [d; e]), after the decoder's step (Luong et al. 2015)."""

    kind: Literal["concat"] = "concat"

    def build(self, query_size: int, state_size: int) -> Attention:
        """Return concat attention."""
        return Additive(query_size, state_size)


class AdditiveAttention(AttentionSettings):
    """``kind = "additive"``: the score of concat with the decoder's previous state; the context enters the step.

    (Bahdanau et al. 2015.) The steps of a reply depend on each other, so they are computed one by one.
    """

    kind: Literal["additive"] = "additive"
    before_step: ClassVar[bool] = True

    def build(self, query_size: int, state_size: int) -> Attention:
        """Return additive attention."""
        return Additive(query_size, state_size)


class MultiHeadAttention(AttentionSettings):
    """``kind = "multi-head"``: several scaled dot products side by side (Vaswani et al. 2017)."""

    kind: Literal["multi-head"] = "multi-head"
    heads: int = Field(4, ge=1, le=256)
    """How many; they share the decoder's ``hidden_size``."""

    def build(self, query_size: int, state_size: int) -> Attention:
        """Return multi-head attention."""
        return MultiHead(query_size, state_size, self.heads)

    def objection(self, query_size: int, state_size: int) -> str:
        """Heads share the decoder's size evenly."""
        if query_size % self.heads == 0:
            return ""
        return f"{self.heads} heads cannot share the decoder's hidden_size of {query_size} evenly"


def _shares(scores: Tensor, mask: Tensor) -> Tensor:
    return scores.float().masked_fill(~mask, float("-inf")).softmax(dim=-1)


ATTENTIONS: dict[str, type[AttentionSettings]] = {
    "none": NoAttention,
    "dot": DotAttention,
    "general": GeneralAttention,
    "concat": ConcatAttention,
    "additive": AdditiveAttention,
    "multi-head": MultiHeadAttention,
}
AnyAttention = Annotated[
    NoAttention | DotAttention | GeneralAttention | ConcatAttention | AdditiveAttention | MultiHeadAttention,
    Field(discriminator="kind"),
]
