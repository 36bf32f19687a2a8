"""What there is to know about one reply."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of a reply: its ``probability``, the likeliest others with theirs, and a weight for each source piece.

    ``weights`` are 0 without attention.
    """

    piece: str
    probability: float
    others: tuple[tuple[str, float], ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A pair of the training data: ``nearness`` of its question to the message is from 0 to 1."""

    question: str
    answer: str
    nearness: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The ``steps`` of a ``reply`` from the ``source`` pieces that the model saw, and the nearest training pairs."""

    reply: str
    source: tuple[str, ...]
    steps: tuple[Step, ...]
    neighbours: tuple[Neighbour, ...] = ()

    @property
    def attends(self) -> bool:
        """There was an attention."""
        return any(weight > 0 for step in self.steps for weight in step.weights)
