"""Tokens drawn at random, by their probabilities."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from chatbot.generation.logits import keep_top_k, keep_top_p
from chatbot.generation.scorer import Scorer, State
from chatbot.generation.searches.search import Search, Steps, Task


class SamplingSearch(Search):
    """``kind = "sampling"``. Each row draws with its own seed, so it says the same alone and in any batch."""

    kind: Literal["sampling"] = "sampling"
    temperature: float = Field(0.8, gt=0, le=10)
    """Below 1 the likely becomes likelier, above 1 the unlikely does."""
    top_k: int = Field(0, ge=0)
    """Draw from the likeliest tokens only; 0: from all."""
    top_p: float = Field(1.0, gt=0, le=1)
    """Draw from the fewest tokens that hold this share of the probability."""

    def search(self, scorer: Scorer[State], task: Task) -> Steps:
        """Draw tokens."""
        seeds = task.seeds or tuple(range(len(task.lengths)))
        dice = [torch.Generator().manual_seed(seed) for seed in seeds]
        return self.one_by_one(scorer, task, lambda scores: self._draw(scores, dice))

    def _draw(self, scores: Tensor, dice: list[torch.Generator]) -> Tensor:
        """Return ids [B]: the largest of scores plus Gumbel noise is a draw by the scores' softmax."""
        kept = keep_top_p(keep_top_k(scores / self.temperature, self.top_k), self.top_p)
        noise = torch.stack([torch.empty(scores.shape[-1]).exponential_(generator=die) for die in dice])
        return (kept - noise.log().to(kept.device)).argmax(-1)
