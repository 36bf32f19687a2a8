"""Convolutional encoders (Gehring et al. 2017), and convolutions that feed an RNN."""

from typing import Literal

from pydantic import Field
from torch import Tensor, nn

from chatbot.model.convolution import GatedConvolutions
from chatbot.model.encoders.encoder import Encoded, Encoder, EncoderSettings, mean_state, real_tokens
from chatbot.model.encoders.recurrent import GruEncoder, LstmEncoder
from chatbot.model.positions import add_positions


class ConvolutionalEncoder(Encoder):
    """Gated convolutions over embeddings with positions: each state sees its neighbourhood, all at once.

    A state is the mean of what the convolutions found at its place and of the token itself, which the paper adds to
    what attention takes. It has no final state of its own, so the mean of all states stands for one.
    """

    def __init__(self, embedding_size: int, settings: "CnnEncoder", dropout: float) -> None:
        super().__init__()
        self.enter = nn.Linear(embedding_size, settings.hidden_size)
        self.convolutions = GatedConvolutions(
            settings.hidden_size, settings.layers, settings.width, dropout, causal=False
        )
        self.output_size = settings.hidden_size

    def forward(self, embedded: Tensor, lengths: Tensor) -> Encoded:
        """Return states [B, S, H] and their mean [B, 1, H]."""
        mask = real_tokens(lengths, embedded.shape[1])
        inputs = self.enter(add_positions(embedded))
        states = (self.convolutions(inputs, mask) + inputs) * 0.5**0.5
        return Encoded(states, mask, mean_state(states, mask)[:, None])


class ConvolvedRecurrentEncoder(Encoder):
    """Gated convolutions find patterns of neighbouring tokens, an RNN reads them in order (after Lee et al. 2017)."""

    def __init__(self, convolutions: GatedConvolutions, embedding_size: int, recurrent: Encoder) -> None:
        super().__init__()
        self.enter = nn.Linear(embedding_size, convolutions.size)
        self.convolutions = convolutions
        self.recurrent = recurrent
        self.output_size = recurrent.output_size

    def forward(self, embedded: Tensor, lengths: Tensor) -> Encoded:
        """Return the RNN's states."""
        mask = real_tokens(lengths, embedded.shape[1])
        encoded: Encoded = self.recurrent(self.convolutions(self.enter(embedded), mask), lengths)
        return encoded


class CnnEncoder(EncoderSettings):
    """``kind = "cnn"``."""

    kind: Literal["cnn"] = "cnn"
    hidden_size: int = Field(256, ge=1, le=16384)
    """Size of a state."""
    layers: int = Field(4, ge=1, le=64)
    """How many, one upon another; each widens what a state sees by ``width`` - 1 tokens."""
    width: int = Field(3, ge=1, le=31)
    """How many neighbouring tokens a layer sees; odd."""

    def build(self, embedding_size: int, dropout: float, cells: bool) -> Encoder:
        """Return a convolutional encoder."""
        return ConvolutionalEncoder(embedding_size, self, dropout)

    @property
    def final_shape(self) -> tuple[int, int]:
        """One mean state."""
        return 1, self.hidden_size

    def objection(self) -> str:
        """A place has as many neighbours on the left as on the right."""
        return "" if self.width % 2 else f"width must be odd, so that a state stands in the middle: {self.width}"


class CnnRnnEncoder(EncoderSettings):
    """``kind = "cnn-rnn"``."""

    kind: Literal["cnn-rnn"] = "cnn-rnn"
    cell: Literal["lstm", "gru"] = "gru"
    """What reads the convolutions."""
    hidden_size: int = Field(256, ge=2, le=16384, multiple_of=2)
    """Size of a state, both directions together, and of the convolutions."""
    convolutions: int = Field(2, ge=1, le=64)
    """How many layers of convolutions."""
    width: int = Field(3, ge=1, le=31)
    """How many neighbouring tokens a convolution sees; odd."""
    layers: int = Field(1, ge=1, le=16)
    """How many layers of the RNN."""
    bidirectional: bool = True
    """Read backwards too."""

    def build(self, embedding_size: int, dropout: float, cells: bool) -> Encoder:
        """Return convolutions with an RNN behind them."""
        kind = LstmEncoder if self.cell == "lstm" else GruEncoder
        recurrent = kind(hidden_size=self.hidden_size, layers=self.layers, bidirectional=self.bidirectional)
        convolutions = GatedConvolutions(self.hidden_size, self.convolutions, self.width, dropout, causal=False)
        return ConvolvedRecurrentEncoder(
            convolutions, embedding_size, recurrent.build(self.hidden_size, dropout, cells)
        )

    @property
    def final_shape(self) -> tuple[int, int]:
        """The RNN's."""
        return self.layers, self.hidden_size

    def objection(self) -> str:
        """A place has as many neighbours on the left as on the right."""
        return "" if self.width % 2 else f"width must be odd, so that a state stands in the middle: {self.width}"
