"""A Gaussian latent between encoder and decoder: the variational autoencoder and its conditional kin.

Kingma and Welling (2014); of sentences, Bowman et al. (2016); of replies given a context, Zhao et al. (2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.bridge import Bridge, Context, Expansion, StateShape
from chatbot.model.decoders import State
from chatbot.model.encoders import Encoded
from chatbot.model.seq2seq import ModelSettings, Question, Reading, Seq2Seq
from chatbot.settings import Settings


class LatentSettings(Settings):
    """What a model with a latent is built with."""

    latent_size: int = Field(32, ge=1, le=4096)
    """Numbers of the latent."""
    conditional: bool = False
    """Draw replies to a context, and not sentences out of nothing: the latent then holds what the context leaves
    open, and replies vary with it."""
    bag_of_words: float = Field(0.0, ge=0, le=10)
    """Weight of a second task that keeps the latent in use: to name a text's words without their order."""


@dataclass(frozen=True, slots=True)
class Gaussian:
    """Normal distributions with ``mean`` and ``log_variance`` [B, Z], number by number."""

    mean: Tensor
    log_variance: Tensor

    def draw(self, noise: Tensor) -> Tensor:
        """Return [B, Z] for standard normal ``noise`` [B, Z] (the reparameterisation of Kingma and Welling 2014)."""
        return self.mean + (self.log_variance / 2).exp() * noise

    def divergence(self, other: "Gaussian") -> Tensor:
        """Return the Kullback-Leibler divergence from ``other`` in nats, number by number [B, Z]."""
        spread = (self.log_variance - other.log_variance).exp()
        shift = (self.mean - other.mean).square() * (-other.log_variance).exp()
        return (spread + shift - 1 - self.log_variance + other.log_variance) / 2


class LatentBridge(Bridge):
    """Makes context vectors of a latent, which a posterior draws in training and a prior in conversation."""

    def __init__(
        self, pool: nn.Module, settings: LatentSettings, encoder_size: int, embedding_size: int, shape: StateShape
    ) -> None:
        super().__init__()
        self.size = settings.latent_size
        self.pool = nn.Sequential(pool, nn.LayerNorm(encoder_size))
        seen = 2 * encoder_size if settings.conditional else encoder_size
        self.posterior = nn.Linear(seen, 2 * self.size)
        self.prior = _prior(encoder_size, self.size) if settings.conditional else None
        told = self.size + (encoder_size if settings.conditional else 0)
        self.expansion = Expansion(told, shape)
        self.output_size = self.expansion.output_size
        self.bag = nn.Sequential(nn.Linear(told, embedding_size), nn.Tanh()) if settings.bag_of_words else None

    def infer(self, encoded: Encoded, answered: Encoded | None) -> tuple[Context, Tensor, Tensor | None]:
        """Return a context vector drawn from the posterior, its divergence from the prior [B, Z], and its bag [B, E].

        ``answered`` is the encoded answer, which the posterior of a conditional model knows.
        """
        seen = self.pool(encoded)
        both = seen if answered is None else torch.cat([seen, self.pool(answered)], dim=-1)
        posterior = _gaussian(self.posterior(both))
        told = self._tell(posterior.draw(torch.randn_like(posterior.mean)), seen)
        bag = None if self.bag is None else self.bag(told)
        return self.expand(told), posterior.divergence(self._prior_of(seen, posterior)), bag

    def forward(self, encoded: Encoded, noise: Tensor | None = None) -> Context:
        """Return the context vector of each row when there is no answer to look at.

        A conditional model draws it from its prior with ``noise`` [B, Z], or takes the prior's mean without; another
        one rebuilds the source from the posterior's mean.
        """
        seen = self.pool(encoded)
        if self.prior is None:
            return self.expand(_gaussian(self.posterior(seen)).mean)
        prior = _gaussian(self.prior(seen))
        return self.expand(self._tell(prior.draw(noise) if noise is not None else prior.mean, seen))

    def expand(self, told: Tensor) -> Context:
        """Return the context vectors of ``told`` [N, Z], which is all of what an unconditional model gets."""
        context: Context = self.expansion(told)
        return context

    def locate(self, encoded: Encoded) -> Gaussian:
        """Return where an unconditional model's posterior sees the sources."""
        return _gaussian(self.posterior(self.pool(encoded)))

    def noise(self, seeds: Sequence[int], device: torch.device) -> Tensor:
        """Return standard normal numbers [B, Z], a row for each seed."""
        rows = [torch.randn(self.size, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
        return torch.stack(rows).to(device)

    def _tell(self, latents: Tensor, seen: Tensor) -> Tensor:
        return latents if self.prior is None else torch.cat([latents, seen.to(latents.dtype)], dim=-1)

    def _prior_of(self, seen: Tensor, posterior: Gaussian) -> Gaussian:
        if self.prior is None:
            return Gaussian(torch.zeros_like(posterior.mean), torch.zeros_like(posterior.mean))
        return _gaussian(self.prior(seen))


class VariationalSeq2Seq(Seq2Seq):
    """An encoder-decoder with a latent where others have a bridge."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int, padding_id: int, latent: LatentSettings) -> None:
        def build_bridge(encoder_size: int, shape: StateShape) -> LatentBridge:
            pool = settings.chosen_bridge.pool(encoder_size)
            if pool is None:
                raise ValueError(f'a latent is not drawn from a bridge of kind "{settings.chosen_bridge.kind}"')
            return LatentBridge(pool, latent, encoder_size, settings.embedding_size, shape)

        super().__init__(settings, vocabulary_size, padding_id, build_bridge)
        self.conditional = latent.conditional

    @property
    def latent(self) -> LatentBridge:
        """The bridge."""
        return cast("LatentBridge", self.bridge)

    def read(self, batch: Question) -> Reading:
        """Return the state for latents drawn from the posterior, and what drawing them cost."""
        encoded = self.encode(batch.source, batch.lengths)
        answered = self.encode(batch.targets, batch.target_lengths) if self.conditional else None
        context, divergence, bag = self.latent.infer(encoded, answered)
        return Reading(self.decoder.start(encoded, context, self.beside), divergence, bag)

    def start(self, source: Tensor, lengths: Tensor, seeds: Sequence[int] = ()) -> State:
        """Return the state before the first target token; a conditional model draws its latent by ``seeds``."""
        encoded = self.encode(source, lengths)
        noise = self.latent.noise(seeds, source.device) if seeds else None
        return self.decoder.start(encoded, self.latent(encoded, noise), self.beside)

    def start_at(self, latents: Tensor) -> State:
        """Return the state before the first target token for ``latents`` [N, Z]; unconditional models only."""
        nothing = latents.new_zeros(len(latents), 1, self.encoder.output_size)
        encoded = Encoded(nothing, torch.ones_like(nothing[..., 0], dtype=torch.bool), nothing)
        return self.decoder.start(encoded, self.latent.expand(latents), self.beside)

    def locate(self, source: Tensor, lengths: Tensor) -> Gaussian:
        """Return where the latents of ``source`` ids [B, S] with ``lengths`` [B] lie; unconditional models only."""
        return self.latent.locate(self.encode(source, lengths))


def make_model(
    settings: ModelSettings, vocabulary_size: int, padding_id: int, latent: LatentSettings | None
) -> Seq2Seq:
    """Return a model with random weights, with a latent if there is to be one."""
    if latent is None:
        return Seq2Seq(settings, vocabulary_size, padding_id)
    return VariationalSeq2Seq(settings, vocabulary_size, padding_id, latent)


def _prior(encoder_size: int, size: int) -> nn.Module:
    return nn.Sequential(nn.Linear(encoder_size, encoder_size), nn.Tanh(), nn.Linear(encoder_size, 2 * size))


def _gaussian(numbers: Tensor) -> Gaussian:
    mean, log_variance = numbers.float().chunk(2, dim=-1)
    # Beyond these, exp() under- or overflows early in training.
    return Gaussian(mean, log_variance.clamp(-12, 6))
