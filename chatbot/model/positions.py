"""Where a token stands, for networks that would not know: sinusoids (Vaswani et al. 2017, section 3.5)."""

import torch
from torch import Tensor


def add_positions(embedded: Tensor, begin: Tensor | None = None) -> Tensor:
    """Return ``embedded`` [B, S, E] with each place's code added; a row's first place is ``begin`` [B], else 0."""
    places = torch.arange(embedded.shape[1], device=embedded.device)[None]
    if begin is not None:
        places = places + begin[:, None]
    return embedded + _sinusoids(places, embedded.shape[-1]).to(embedded.dtype)


def _sinusoids(places: Tensor, size: int) -> Tensor:
    """Return codes [..., ``size``] whose waves are from 2 pi to 10,000 x 2 pi places long."""
    rates = torch.pow(10_000.0, -torch.arange(0, size, 2, device=places.device) / size)
    angles = places[..., None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)[..., :size]
