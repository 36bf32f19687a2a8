"""Pairs as they might also have come."""

import random
from collections.abc import Iterator, Sequence

from chatbot.dialogue import Pair, Turn


def change_topics(pairs: Sequence[Pair], share: float, seed: int) -> Iterator[Pair]:
    """Yield the pairs, a ``share`` of the first ones of their dialogues behind the end of another dialogue.

    A corpus of short dialogues has no changes of subject, people do: what begins a dialogue can follow anything.
    """
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    for pair in pairs:
        first = len(pair.question) == 1
        before = dice.choice(pairs) if first and dice.random() < share else None
        question = _recast(before, pair) + pair.question if before else pair.question
        yield Pair(question, pair.answer, pair.dialogue)


def _recast(before: Pair, pair: Pair) -> tuple[Turn, ...]:
    """Return the turns of ``before``, spoken by the speakers of ``pair``."""
    asker, answerer = pair.question[-1].speaker, pair.answer.speaker
    turns = (*before.question, before.answer)
    return tuple(Turn(answerer if turn.speaker == before.answer.speaker else asker, turn.text) for turn in turns)
