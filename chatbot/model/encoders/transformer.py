"""The Transformer's encoder (Vaswani et al. 2017), normalised before each part (Xiong et al. 2020)."""

from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from chatbot.model.encoders.encoder import Encoded, Encoder, EncoderSettings, mean_state, real_tokens
from chatbot.model.positions import add_positions
from chatbot.model.transformer import FeedForward, SelfAttention


class TransformerEncoder(Encoder):
    """Layers in which every token looks at all others. The mean of the states stands for a final one."""

    def __init__(self, embedding_size: int, settings: "TransformerEncoderSettings", dropout: float) -> None:
        super().__init__()
        size = settings.hidden_size
        self.enter = nn.Linear(embedding_size, size)
        self.attentions = nn.ModuleList(SelfAttention(size, settings.heads, dropout) for _ in range(settings.layers))
        self.forwards = nn.ModuleList(FeedForward(size, dropout) for _ in range(settings.layers))
        self.norm = nn.LayerNorm(size)
        self.output_size = size

    def forward(self, embedded: Tensor, lengths: Tensor) -> Encoded:
        """Return states [B, S, H] and their mean [B, 1, H]."""
        mask = real_tokens(lengths, embedded.shape[1])
        states = self.enter(add_positions(embedded))
        for attention, forward in zip(self.attentions, self.forwards, strict=True):
            states = forward(attention(states, mask[:, None, None]))
        states = self.norm(states)
        return Encoded(states, mask, mean_state(states, mask)[:, None])


class TransformerEncoderSettings(EncoderSettings):
    """``kind = "transformer"``."""

    kind: Literal["transformer"] = "transformer"
    hidden_size: int = Field(256, ge=1, le=16384)
    """Size of a state."""
    layers: int = Field(3, ge=1, le=64)
    """How many, one upon another."""
    heads: int = Field(4, ge=1, le=256)
    """How many attentions side by side share a layer."""

    def build(self, embedding_size: int, dropout: float, cells: bool) -> Encoder:
        """Return a Transformer encoder."""
        return TransformerEncoder(embedding_size, self, dropout)

    @property
    def final_shape(self) -> tuple[int, int]:
        """One mean state."""
        return 1, self.hidden_size

    def objection(self) -> str:
        """Heads share the size evenly."""
        if self.hidden_size % self.heads == 0:
            return ""
        return f"{self.heads} heads cannot share a hidden_size of {self.hidden_size} evenly"
