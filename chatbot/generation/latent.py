"""Walks in the latent of a variational autoencoder: sentences from points, and points of sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatbot.dialogue import Turn
from chatbot.generation.replier import Replier
from chatbot.model.decoders import State
from chatbot.model.latent import Gaussian, VariationalSeq2Seq

_BATCH = 64


@dataclass(frozen=True, slots=True)
class _Points:
    """Scores what the decoder says of points: the "source" of a row is the place of its point."""

    model: VariationalSeq2Seq
    points: Tensor

    def start(self, source: Tensor, lengths: Tensor, seeds: Sequence[int]) -> State:
        return self.model.start_at(self.points[source[:, 0]])

    def step(self, state: State, ids: Tensor) -> tuple[Tensor, State]:
        return self.model.step(state, ids)


@dataclass(frozen=True, slots=True)
class Latents:
    """The latent of a bot's model, which must be an unconditional one."""

    replier: Replier
    model: VariationalSeq2Seq

    def draw(self, count: int, seed: int) -> list[str]:
        """Return sentences of points drawn from the prior."""
        return self.say(self.model.latent.noise(range(seed, seed + count), self.replier.device), seed)

    def rebuild(self, text: str, count: int, seed: int) -> list[str]:
        """Return the sentence of the posterior's mean of a text, then of ``count`` draws from the posterior."""
        posterior = self.locate([text])
        noise = self.model.latent.noise(range(seed, seed + count), self.replier.device)
        return self.say(torch.cat([posterior.mean, posterior.draw(noise)]), seed)

    def walk(self, first: str, last: str, steps: int, seed: int) -> list[str]:
        """Return the sentences of points on the line between two texts, both ends included."""
        ends = self.locate([first, last]).mean
        shares = torch.linspace(0, 1, steps, device=ends.device)[:, None]
        return self.say(ends[0] + shares * (ends[1] - ends[0]), seed)

    def neighbours(self, text: str, others: Sequence[str], most: int) -> list[tuple[str, float]]:
        """Return the nearest of ``others`` and their distances, in standard deviations of the prior, nearest first."""
        here = self.locate([text]).mean.cpu().numpy()
        parts = [others[start : start + _BATCH] for start in range(0, len(others), _BATCH)]
        there = np.concatenate([self.locate(part).mean.cpu().numpy() for part in parts])
        distances: NDArray[np.float32] = np.linalg.norm(there - here, axis=1)
        nearest = np.argsort(distances, kind="stable")[:most]
        return [(others[place], float(distances[place])) for place in nearest]

    @torch.inference_mode()
    def locate(self, texts: Sequence[str]) -> Gaussian:
        """Return where the model sees the texts [N, Z]."""
        task = self.replier.task([[Turn("text", text)] for text in texts], ["again"] * len(texts), [])
        return self.model.locate(task.source, task.lengths)

    def say(self, points: Tensor, seed: int) -> list[str]:
        """Return the sentences of points [N, Z]."""
        said: list[str] = []
        for part in points.split(_BATCH):
            seeds = range(seed + len(said), seed + len(said) + len(part))
            places = torch.arange(len(part), device=part.device)
            task = self.replier.task_of(places[:, None], torch.ones_like(places), tuple(seeds), ())
            said += self.replier.finish(_Points(self.model, part), task)
        return said
