"""The convolutional decoder (Gehring et al. 2017)."""

from typing import Literal, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.attention import Attention, Memory
from chatbot.model.bridge import Context, StateShape
from chatbot.model.convolution import GatedConvolution
from chatbot.model.decoders.decoder import Decoder, DecoderSettings, State, Surroundings
from chatbot.model.positions import add_positions


class ConvolutionalDecoder(Decoder):
    """Gated convolutions over earlier tokens, with an attention to the source in every layer."""

    def __init__(self, settings: "CnnDecoder", around: Surroundings) -> None:
        super().__init__()
        size, dropout = settings.hidden_size, around.dropout
        self.enter = nn.Linear(around.embedding_size + around.context_size, size)
        self.layers = nn.ModuleList(GatedConvolution(size, settings.width, dropout) for _ in range(settings.layers))
        self.sources = nn.ModuleList(SourceLook(size, around) for _ in range(settings.layers * around.attends))
        self.leave = nn.Linear(size, around.embedding_size)
        self.before = settings.width - 1

    def attentions(self) -> list[Attention]:
        """Return each layer's attention to the source."""
        return [cast("SourceLook", source).attention for source in self.sources]

    def begin(self, rows: int, context: Context | None, like: Tensor) -> dict[str, Tensor]:
        """Return place 0, and zeros before it: each layer's last inputs [B, L, width - 1, H]."""
        zeros = like.new_zeros(rows, len(self.layers), self.before, self.enter.out_features)
        return {"place": like.new_zeros(rows, dtype=torch.long), "past": zeros}

    def forward(self, embedded: Tensor, state: State) -> tuple[Tensor, State]:
        """Return outputs [B, T, E] and the next state."""
        past, place = state.cache["past"], state.cache["place"]
        tokens = self.enter(add_positions(self.with_context(embedded, state), place))
        states, kept, weights = tokens, [], state.weights[:, None]
        for index, layer in enumerate(self.layers):
            padded = torch.cat([past[:, index].to(states.dtype), states], dim=1)
            kept.append(padded[:, padded.shape[1] - self.before :])
            found = layer(padded)
            if state.memories:
                found, weights = self.sources[index](found, tokens, state.memories[index])
            states = (found + states) * 0.5**0.5
        cache = {"place": place + embedded.shape[1], "past": torch.stack(kept, dim=1).to(past.dtype)}
        return self.leave(states), state.after(cache, weights)


class SourceLook(nn.Module):
    """A layer's attention: its query is the convolved state together with the token's own embedding."""

    def __init__(self, size: int, around: Surroundings) -> None:
        super().__init__()
        self.query = nn.Linear(size, size)
        self.attention: Attention = around.attention.build(size, around.memory_size)
        self.output = nn.Linear(self.attention.output_size, size, bias=False)

    def forward(self, states: Tensor, tokens: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """Return [B, T, H] for [B, T, H], and the weights [B, T, S]."""
        found, weights = self.attention((self.query(states) + tokens) * 0.5**0.5, memory)
        return (states + self.output(found)) * 0.5**0.5, weights


class CnnDecoder(DecoderSettings):
    """``kind = "cnn"``."""

    kind: Literal["cnn"] = "cnn"
    hidden_size: int = Field(256, ge=1, le=16384)
    """Size of a state."""
    layers: int = Field(3, ge=1, le=64)
    """How many, one upon another; each widens what a state sees by ``width`` - 1 earlier tokens."""
    width: int = Field(3, ge=1, le=31)
    """How many tokens a layer sees: this one and those before it."""

    def build(self, around: Surroundings) -> Decoder:
        """Return a convolutional decoder."""
        return ConvolutionalDecoder(self, around)

    @property
    def initial_shape(self) -> StateShape:
        """It has no state of its own; this is the size of a vector beside each input."""
        return StateShape(1, self.hidden_size, cells=False)
