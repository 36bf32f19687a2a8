"""What a search needs of a model."""

from collections.abc import Sequence
from typing import Protocol, Self, TypeVar

from torch import Tensor


class SearchState(Protocol):
    """Where a batch of replies stands."""

    def select(self, rows: Tensor) -> Self:
        """Return the state of the given rows of the batch, which may repeat."""


State = TypeVar("State", bound=SearchState)


class Scorer(Protocol[State]):
    """Scores the next token of each reply in a batch."""

    def start(self, source: Tensor, lengths: Tensor, seeds: Sequence[int]) -> State:
        """Return the state before the first token, for ``source`` [B, S] with ``lengths`` [B].

        A scorer that draws something at the start does so with the rows' ``seeds``; there may be none.
        """

    def step(self, state: State, ids: Tensor) -> tuple[Tensor, State]:
        """Return the logits [B, V] of the tokens after ``ids`` [B], and the state after ``ids``."""
