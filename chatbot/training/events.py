"""What a trainer tells."""

from dataclasses import dataclass, field

from chatbot.training.energy import Spent


@dataclass(frozen=True, slots=True)
class Started:
    """Training begins, or goes on at ``step``."""

    step: int
    examples: int
    parameters: int
    padding: float
    device: str
    precision: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """One step was made. ``loss`` is in nats per target token; ``progress`` the share of the budget spent."""

    step: int
    epoch: float
    loss: float
    rate: float
    tokens_per_second: float
    progress: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Validated:
    """The averaged weights were measured on the held-out pairs; ``samples`` are (question, reply, reference)."""

    step: int
    epoch: float
    loss: float
    bits_per_byte: float | None
    word_perplexity: float | None
    best: bool
    seconds: float
    samples: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a resumed training needs is on disk."""

    step: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Training is over; ``reason`` is "budget" or "patience"; ``seconds`` are those of steps alone."""

    step: int
    epoch: float
    seconds: float
    tokens_per_second: float
    reason: str
    spent: Spent


@dataclass(frozen=True, slots=True)
class Measuring:
    """What came of it is measured now, beside the version before it and baselines; that can take minutes."""


Event = Started | Stepped | Validated | Saved | Finished | Measuring
