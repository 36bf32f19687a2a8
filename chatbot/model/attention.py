"""Kinds of attention of a decoder over the encoder's states."""

from abc import abstractmethod
from typing import Annotated, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.settings import Settings


class Attention(nn.Module):
    """Global attention after the decoder's step (Luong et al. 2015), all target steps at once."""

    def __init__(self, score: nn.Module) -> None:
        super().__init__()
        self.score = score

    def forward(self, queries: Tensor, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return contexts [B, T, H] and weights [B, T, S] for ``queries`` [B, T, D].

        ``states`` are [B, S, H]; ``mask`` [B, S] is true where they are not padding.
        """
        scores = torch.bmm(self.score(queries), states.transpose(1, 2)).float()
        weights = scores.masked_fill(~mask[:, None], float("-inf")).softmax(dim=-1)
        return torch.bmm(weights.to(states.dtype), states), weights


class AttentionSettings(Settings):
    """Settings of an attention, with the verb that builds it."""

    @abstractmethod
    def build(self, query_size: int, state_size: int) -> Attention:
        """Return a new attention of ``query_size`` decoder outputs over ``state_size`` encoder states."""


class DotAttention(AttentionSettings):
    """``kind = "dot"``: score(d, e) = d . e; both sides have one size."""

    kind: Literal["dot"] = "dot"

    def build(self, query_size: int, state_size: int) -> Attention:
        """Return dot attention."""
        if query_size != state_size:
            raise ValueError(f"dot attention needs decoder and encoder of one hidden_size: {query_size}, {state_size}")
        return Attention(nn.Identity())


class GeneralAttention(AttentionSettings):
    """``kind = "general"``: score(d, e) = d W e."""

    kind: Literal["general"] = "general"

    def build(self, query_size: int, state_size: int) -> Attention:
        """Return general attention."""
        return Attention(nn.Linear(query_size, state_size, bias=False))


ATTENTIONS: dict[str, type[AttentionSettings]] = {"dot": DotAttention, "general": GeneralAttention}
AnyAttention = Annotated[DotAttention | GeneralAttention, Field(discriminator="kind")]
