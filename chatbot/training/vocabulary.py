"""Whether a tokenizer spells what is new as briefly as what is old, and the entries that it gains when it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.text.tokenizer import Tokenizer
from chatbot.training.settings import RetrainingSettings


@dataclass(frozen=True, slots=True)
class Growth:
    """A tokenizer, of which old ids each new entry consists, and ``figures`` of both for the card."""

    tokenizer: Tokenizer
    parts: list[list[int]]
    figures: dict[str, Any]


def bytes_per_token(tokenizer: Tokenizer, texts: Sequence[str]) -> float | None:
    """Return how many UTF-8 bytes of the texts a token holds; none of no texts."""
    tokens = sum(map(len, tokenizer.encode_batch(texts)))
    return sum(len(text.encode("utf-8", "replace")) for text in texts) / tokens if tokens else None


def grow_if_worse(
    tokenizer: Tokenizer, old: Sequence[str], new: Sequence[str], settings: RetrainingSettings, own: bool
) -> Growth:
    """Return the tokenizer, grown for the ``new`` texts if their tokens hold less than those of the ``old`` ones.

    One that a bot did not train itself (its ``own``) stays as it is. Only new texts say what is added: entries for
    what is frequent in old ones would change how these are spelt, which the model knows.
    """
    before = {"old": bytes_per_token(tokenizer, old), "new": bytes_per_token(tokenizer, new)}
    grown, parts = tokenizer, list[list[int]]()
    if own and settings.grow_at and _worse(before["old"], before["new"], settings.grow_at):
        grown, parts = tokenizer.grow(new, round(len(tokenizer) * settings.grow_by))
    after = {"old": bytes_per_token(grown, old), "new": bytes_per_token(grown, new)} if parts else before
    figures = {"entries": len(grown), "added": len(parts), "own": own, "before": before, "after": after}
    return Growth(grown, parts, figures)


def _worse(old: float | None, new: float | None, share: float) -> bool:
    return old is not None and new is not None and new < old * (1 - share)
