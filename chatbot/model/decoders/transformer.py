"""The Transformer's decoder (Vaswani et al. 2017), normalised before each part (Xiong et al. 2020)."""

from typing import Literal, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.attention import Attention, Memory
from chatbot.model.bridge import Context, StateShape
from chatbot.model.decoders.decoder import Decoder, DecoderSettings, State, Surroundings
from chatbot.model.positions import add_positions
from chatbot.model.transformer import FeedForward, SelfAttention, earlier_places


class TransformerDecoder(Decoder):
    """Layers in which every token looks at earlier ones and, with the model's attention, at the source."""

    def __init__(self, settings: "TransformerDecoderSettings", around: Surroundings) -> None:
        super().__init__()
        size = settings.hidden_size
        self.enter = nn.Linear(around.embedding_size + around.context_size, size)
        self.looks = nn.ModuleList(SelfAttention(size, settings.heads, around.dropout) for _ in range(settings.layers))
        self.sources = nn.ModuleList(SourceAttention(size, around) for _ in range(settings.layers * around.attends))
        self.forwards = nn.ModuleList(FeedForward(size, around.dropout) for _ in range(settings.layers))
        self.leave = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, around.embedding_size))

    def attentions(self) -> list[Attention]:
        """Return each layer's attention to the source."""
        return [cast("SourceAttention", source).attention for source in self.sources]

    def begin(self, rows: int, context: Context | None, like: Tensor) -> dict[str, Tensor]:
        """Return no keys and values yet: [B, 0, L, 2 H]."""
        return {"past": like.new_zeros(rows, 0, len(self.looks), 2 * self.enter.out_features)}

    def forward(self, embedded: Tensor, state: State) -> tuple[Tensor, State]:
        """Return outputs [B, T, E] and the next state."""
        past = state.cache["past"]
        before = past.shape[1]
        begin = torch.full_like(embedded[:, 0, 0], before, dtype=torch.long)
        states = self.enter(add_positions(self.with_context(embedded, state), begin))
        mask = earlier_places(embedded.shape[1], before, embedded.device)
        new, weights = [], state.weights[:, None]
        for index, look in enumerate(self.looks):
            states, seen = cast("SelfAttention", look).follow(states, past[:, :, index], mask)
            new.append(seen)
            if state.memories:
                states, weights = self.sources[index](states, state.memories[index])
            states = self.forwards[index](states)
        cache = {"past": torch.cat([past, torch.stack(new, dim=2).to(past.dtype)], dim=1)}
        return self.leave(states), state.after(cache, weights)


class SourceAttention(nn.Module):
    """An attention to the source within a layer: normalised before and added after."""

    def __init__(self, size: int, around: Surroundings) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(size)
        self.attention: Attention = around.attention.build(size, around.memory_size)
        self.output = nn.Linear(self.attention.output_size, size, bias=False)
        self.dropout = nn.Dropout(around.dropout)

    def forward(self, states: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return [B, T, H] for [B, T, H], and the weights [B, T, S]."""
        found, weights = self.attention(self.norm(states), memory)
        return states + self.dropout(self.output(found)), weights


class TransformerDecoderSettings(DecoderSettings):
    """``kind = "transformer"``."""

    kind: Literal["transformer"] = "transformer"
    hidden_size: int = Field(256, ge=1, le=16384)
    """Size of a state."""
    layers: int = Field(3, ge=1, le=64)
    """How many, one upon another."""
    heads: int = Field(4, ge=1, le=256)
    """How many attentions to earlier tokens share a layer."""

    def build(self, around: Surroundings) -> Decoder:
        """Return a Transformer decoder."""
        return TransformerDecoder(self, around)

    @property
    def initial_shape(self) -> StateShape:
        """It has no state of its own; this is the size of a vector beside each input."""
        return StateShape(1, self.hidden_size, cells=False)

    def objection(self) -> str:
        """Heads share the size evenly."""
        if self.hidden_size % self.heads == 0:
            return ""
        return f"{self.heads} heads cannot share a hidden_size of {self.hidden_size} evenly"
