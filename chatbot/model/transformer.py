"""Parts of Transformer layers (Vaswani et al. 2017), each normalised before and added after (Xiong et al. 2020)."""

import torch
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Every place looks at the places that its mask allows."""

    def __init__(self, size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(size)
        self.project = nn.Linear(size, 3 * size)
        self.output = nn.Linear(size, size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return [B, S, H] for [B, S, H]; ``mask`` [B, 1, S or 1, S] is true where a place may look."""
        query, key, value = self.project(self.norm(states)).chunk(3, dim=-1)
        return self.attend(states, query, key, value, mask)

    def follow(self, states: Tensor, past: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return [B, T, H] for [B, T, H] behind earlier places, and keys and values [B, T, 2 H] of the new ones.

        ``past`` [B, P, 2 H] are those of the earlier places; ``mask`` is [T, P + T].
        """
        query, new = self.project(self.norm(states)).tensor_split([states.shape[-1]], dim=-1)
        key, value = torch.cat([past.to(new.dtype), new], dim=1).chunk(2, dim=-1)
        return self.attend(states, query, key, value, mask), new

    def attend(self, states: Tensor, query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
        """Return ``states`` [B, T, H] with what their ``query`` [B, T, H] found among ``value`` [B, S, H] added."""
        queries, keys, values = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (query, key, value))
        found = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        added: Tensor = states + self.dropout(self.output(found.transpose(1, 2).flatten(-2)))
        return added


class FeedForward(nn.Module):
    """Two products around a GELU (Hendrycks and Gimpel 2016), four times as wide inside."""

    def __init__(self, size: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(size), nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size), nn.Dropout(dropout)
        )

    def forward(self, states: Tensor) -> Tensor:
        """Return [..., H] for [..., H]."""
        added: Tensor = states + self.layers(states)
        return added


def earlier_places(new: int, before: int, device: torch.device) -> Tensor:
    """Return the mask [``new``, ``before`` + ``new``] by which each new place sees what came before it and itself."""
    places = torch.arange(before + new, device=device)
    return places <= places[before:, None]
