"""Kinds of bridges: each forms the context vector, what an encoder hands over to a decoder."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.encoders import Encoded
from chatbot.settings import Settings

To = Literal["initial-state", "every-step", "both"]


@dataclass(frozen=True, slots=True)
class StateShape:
    """Of a decoder's initial state: ``layers`` of ``size`` numbers, with ``cells`` or without."""

    layers: int
    size: int
    cells: bool


@dataclass(frozen=True, slots=True)
class Context:
    """A context vector: ``vector`` [B, C] as one, ``hidden`` and ``cell`` [B, L, H] as a decoder's initial state."""

    vector: Tensor
    hidden: Tensor
    cell: Tensor | None


class Bridge(nn.Module):
    """Makes context vectors of encoded sources."""

    output_size: int
    """C of the vector."""

    @abstractmethod
    def forward(self, encoded: Encoded) -> Context:
        """Return the context vector of each row."""


class Handover(Bridge):
    """The encoder's final state, untouched."""

    def __init__(self, size: int, shape: StateShape) -> None:
        super().__init__()
        self.cells = shape.cells
        self.output_size = size

    def forward(self, encoded: Encoded) -> Context:
        """Return the final states; without cells of the encoder's own, the cells begin at zero."""
        cell = encoded.cell if encoded.cell is not None else torch.zeros_like(encoded.final)
        return Context(encoded.final[:, -1], encoded.final, cell if self.cells else None)


class Expansion(nn.Module):
    """A learned transform, tanh(W p), of one vector p into all that a decoder's first state consists of."""

    def __init__(self, size: int, shape: StateShape) -> None:
        super().__init__()
        self.shape = (shape.layers, shape.size)
        self.hidden = _linear(size, shape.layers * shape.size)
        self.cell = _linear(size, shape.layers * shape.size) if shape.cells else None
        self.output_size = shape.size

    def forward(self, vector: Tensor) -> Context:
        """Return the context vectors of [B, P]; the last layer's stands for all."""
        hidden = torch.tanh(self.hidden(vector)).unflatten(-1, self.shape)
        cell = None if self.cell is None else self.cell(vector).unflatten(-1, self.shape)
        return Context(hidden[:, -1], hidden, cell)


class Transform(Bridge):
    """An expansion of a vector that ``pool`` makes of what was encoded.

    Bahdanau et al. (2015), appendix A, so begin their decoder from the last state. Normalising the vector first makes
    up for encoder states that begin ten times smaller than embeddings: without it, a decoder that has nothing else
    hardly hears its context vector, and reversed 0.1-0.3 of short strings where it now reverses 0.8.
    """

    def __init__(self, pool: nn.Module, encoder_size: int, shape: StateShape) -> None:
        super().__init__()
        self.pool = nn.Sequential(pool, nn.LayerNorm(encoder_size))
        self.expansion = Expansion(encoder_size, shape)
        self.output_size = self.expansion.output_size

    def forward(self, encoded: Encoded) -> Context:
        """Return the expanded vectors."""
        context: Context = self.expansion(self.pool(encoded))
        return context


class Final(nn.Module):
    """The last layer's final state."""

    def forward(self, encoded: Encoded) -> Tensor:
        """Return [B, H]."""
        return encoded.final[:, -1]


class Mean(nn.Module):
    """The mean of all states."""

    def forward(self, encoded: Encoded) -> Tensor:
        """Return [B, H]."""
        return encoded.mean()


class Max(nn.Module):
    """The largest of all states, number by number (Conneau et al. 2017)."""

    def forward(self, encoded: Encoded) -> Tensor:
        """Return [B, H]."""
        return encoded.states.masked_fill(~encoded.mask[..., None], float("-inf")).amax(dim=1)


class SelfAttentive(nn.Module):
    """A mean of all states by learned weights, softmax(v tanh(W e)) (Lin et al. 2017, with one hop)."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(size, size)
        self.score = nn.Linear(size, 1, bias=False)

    def forward(self, encoded: Encoded) -> Tensor:
        """Return [B, H]."""
        scores = self.score(torch.tanh(self.hidden(encoded.states)))[..., 0].float()
        weights = scores.masked_fill(~encoded.mask, float("-inf")).softmax(-1).to(encoded.states.dtype)
        return torch.bmm(weights[:, None], encoded.states)[:, 0]


def _linear(inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


class BridgeSettings(Settings):
    """Settings of a bridge, with the verb that builds it."""

    @abstractmethod
    def build(self, encoder_size: int, shape: StateShape) -> Bridge | None:
        """Return a new bridge from states of ``encoder_size``."""

    def pool(self, encoder_size: int) -> nn.Module | None:
        """Return what makes one vector [B, H] of encoded sources, for a latent to be drawn from; or nothing."""
        return None

    def objection(self, encoder_shape: tuple[int, int], decoder_shape: tuple[int, int]) -> str:
        """Return why it cannot lead from an encoder to a decoder of so many (layers, hidden_size), or nothing."""
        return ""


class NoBridge(BridgeSettings):
    """``kind = "none"``: attention alone leads to the source."""

    kind: Literal["none"] = "none"
    to: ClassVar[To] = "every-step"

    def build(self, encoder_size: int, shape: StateShape) -> Bridge | None:
        """Return nothing."""
        return None


class VectorSettings(BridgeSettings):
    """What bridges with a context vector have in common."""

    to: To = "initial-state"
    """Where the context vector goes: into the decoder's first state, beside each of its inputs, or both."""


class LastBridge(VectorSettings):
    """``kind = "last"``: the encoder's final state as it is (Sutskever et al. 2014)."""

    kind: Literal["last"] = "last"

    def build(self, encoder_size: int, shape: StateShape) -> Bridge:
        """Return a handover."""
        return Handover(encoder_size, shape)

    def objection(self, encoder_shape: tuple[int, int], decoder_shape: tuple[int, int]) -> str:
        """A state fits only where one of the same shape was."""
        if encoder_shape == decoder_shape or self.to == "every-step":
            return ""
        told = "the encoder's final state has (layers, hidden_size) {}, the decoder's first one {}"
        return told.format(encoder_shape, decoder_shape) + '; kind "projected" fits any'


class ProjectedBridge(VectorSettings):
    """``kind = "projected"``: tanh(W s) of the encoder's final state s (Cho et al. 2014)."""

    kind: Literal["projected"] = "projected"

    def build(self, encoder_size: int, shape: StateShape) -> Bridge:
        """Return a transform of the final state."""
        return Transform(self.pool(encoder_size), encoder_size, shape)

    def pool(self, encoder_size: int) -> nn.Module:
        """Return what takes the final state."""
        return Final()


class PooledBridge(VectorSettings):
    """``kind = "pooled"``: tanh(W p) of a pool p of all the encoder's states."""

    kind: Literal["pooled"] = "pooled"
    by: Literal["mean", "max", "attention"] = "mean"
    """How; ``attention`` learns the weights of a mean."""

    def build(self, encoder_size: int, shape: StateShape) -> Bridge:
        """Return a transform of the pool."""
        return Transform(self.pool(encoder_size), encoder_size, shape)

    def pool(self, encoder_size: int) -> nn.Module:
        """Return the pool."""
        pools = {"mean": Mean(), "max": Max(), "attention": SelfAttentive(encoder_size)}
        return pools[self.by]


BRIDGES: dict[str, type[BridgeSettings]] = {
    "none": NoBridge,
    "last": LastBridge,
    "projected": ProjectedBridge,
    "pooled": PooledBridge,
}
AnyBridge = Annotated[NoBridge | LastBridge | ProjectedBridge | PooledBridge, Field(discriminator="kind")]
