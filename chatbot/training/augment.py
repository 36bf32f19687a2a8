"""More pairs from the same dialogues."""

import random
from collections.abc import Sequence

from chatbot.dialogue import Pair, Turn


def change_topics(pairs: Sequence[Pair], share: float, seed: int) -> list[Pair]:
    """Return the pairs, and a ``share`` of the first ones of their dialogues once more behind another dialogue.

    A corpus of short dialogues has no changes of subject, people do: what begins a dialogue can follow anything.
    """
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    more = []
    for pair in pairs:
        if len(pair.question) == 1 and dice.random() < share:
            before = dice.choice(pairs)
            more.append(Pair(_recast(before, pair) + pair.question, pair.answer, pair.dialogue))
    return [*pairs, *more]


def _recast(before: Pair, pair: Pair) -> tuple[Turn, ...]:
    """Return the turns of ``before``, spoken by the speakers of ``pair``."""
    asker, answerer = pair.question[-1].speaker, pair.answer.speaker
    turns = (*before.question, before.answer)
    return tuple(Turn(answerer if turn.speaker == before.answer.speaker else asker, turn.text) for turn in turns)
