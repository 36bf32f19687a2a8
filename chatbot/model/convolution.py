"""Stacked gated convolutions (Gehring et al. 2017), for encoders and decoders alike."""

import math

from torch import Tensor, nn

from chatbot.model.rnn import LockedDropout


class GatedConvolution(nn.Module):
    """One convolution with gated linear units (Dauphin et al. 2017); knows its padding on the left only.

    Its weights begin with the variance that keeps that of the signal (Gehring et al. 2017, section 3.4). Its inputs are
    normalised (Ba et al. 2016) where the paper normalises its weights: with neither, some seeds learnt nothing.
    """

    def __init__(self, size: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.norm = nn.LayerNorm(size)
        self.dropout = LockedDropout(dropout)
        self.weights = nn.Linear(width * size, 2 * size)
        nn.init.normal_(self.weights.weight, std=math.sqrt(4 * (1 - dropout) / (width * size)))
        nn.init.zeros_(self.weights.bias)

    def forward(self, padded: Tensor) -> Tensor:
        """Return [B, S, H] for [B, S + width - 1, H]."""
        # A convolution as a matrix product over windows: oneDNN's own is slower for short sequences.
        windows = self.dropout(self.norm(padded)).unfold(1, self.width, 1).flatten(-2)
        gated: Tensor = nn.functional.glu(self.weights(windows))
        return gated


class GatedConvolutions(nn.Module):
    """Layers of gated convolutions with residuals around each."""

    def __init__(self, size: int, layers: int, width: int, dropout: float, causal: bool) -> None:
        super().__init__()
        self.size = size
        self.left = width - 1 if causal else width // 2
        self.right = width - 1 - self.left
        self.layers = nn.ModuleList(GatedConvolution(size, width, dropout) for _ in range(layers))

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """Return [B, S, H] for ``inputs`` [B, S, H]; what ``mask`` [B, S] rules out counts as zero."""
        real = mask[..., None].to(inputs.dtype)
        states = inputs * real
        for layer in self.layers:
            padded = nn.functional.pad(states, (0, 0, self.left, self.right))
            states = (layer(padded) + states) * 0.5**0.5 * real
        return states
