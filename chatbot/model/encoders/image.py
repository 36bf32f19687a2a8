"""An encoder of pictures: a small residual CNN (after He et al. 2016), whose last grid is what a decoder looks at.

Attending to the cells of a convolutional grid follows Xu et al. (2015).
"""

from itertools import pairwise
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.encoders.encoder import Encoded, Encoder, EncoderSettings, mean_state
from chatbot.model.positions import add_positions
from chatbot.pictures import PictureShape

_GRID = 8
"""Halve until at most so many cells are in a row."""


class ImageEncoder(Encoder):
    """Blocks that halve a picture and double its channels; each cell of the last grid is a state."""

    def __init__(self, settings: "ImageEncoderSettings", dropout: float) -> None:
        super().__init__()
        widths = [3] + [min(settings.hidden_size, settings.channels * 2**stage) for stage in range(settings.halvings)]
        self.blocks = nn.Sequential(*(Block(*pair) for pair in pairwise(widths)))
        self.leave = nn.Linear(widths[-1], settings.hidden_size)
        self.norm = nn.LayerNorm(settings.hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.output_size = settings.hidden_size

    def forward(self, embedded: Tensor, lengths: Tensor) -> Encoded:
        """Return states [B, cells, H], row by row, and their mean, for pictures [B, 3, P, P] of bytes."""
        # In rows of bytes as Pillow has them (channels last), oneDNN's convolutions crashed in the backward pass.
        pictures = embedded.contiguous().float() / 127.5 - 1
        grid = self.blocks(pictures).flatten(2).transpose(1, 2)
        states = self.norm(add_positions(self.dropout(self.leave(grid))))
        mask = torch.ones(states.shape[:2], dtype=torch.bool, device=states.device)
        return Encoded(states, mask, mean_state(states, mask)[:, None])


class Block(nn.Module):
    """Two convolutions of which the first halves, with a shortcut around both."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.halve = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1)
        self.keep = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=2)
        self.norms = nn.ModuleList(nn.GroupNorm(1, outputs) for _ in range(2))
        for layer in (self.halve, self.keep, self.shortcut):
            # Keeps the signal's variance (He et al. 2015); torch's own weights are 2.4 times smaller and learn slower.
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, pictures: Tensor) -> Tensor:
        """Return [B, C', P / 2, P / 2] for [B, C, P, P]."""
        inner = nn.functional.gelu(self.norms[0](self.halve(pictures)))
        outputs: Tensor = nn.functional.gelu(self.norms[1](self.keep(inner)) + self.shortcut(pictures))
        return outputs


class ImageEncoderSettings(EncoderSettings):
    """``kind = "image"``."""

    kind: Literal["image"] = "image"
    picture_size: int = Field(64, ge=64, le=224, multiple_of=32)
    """Pixels of a picture's side, to which all are scaled."""
    channels: int = Field(32, ge=1, le=1024)
    """Of the first block; each further one has twice as many, at most ``hidden_size``."""
    hidden_size: int = Field(256, ge=1, le=16384)
    """Size of a state."""

    @property
    def halvings(self) -> int:
        """How many blocks there are."""
        halvings = 1
        while self.picture_size / 2**halvings > _GRID:
            halvings += 1
        return halvings

    @property
    def pictures(self) -> PictureShape:
        """What it wants to see."""
        side = self.picture_size
        for _ in range(self.halvings):
            side = (side + 1) // 2
        return PictureShape(self.picture_size, side * side)

    def build(self, embedding_size: int, dropout: float, cells: bool) -> Encoder:
        """Return an image encoder."""
        return ImageEncoder(self, dropout)

    @property
    def final_shape(self) -> tuple[int, int]:
        """One mean state."""
        return 1, self.hidden_size
