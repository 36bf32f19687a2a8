"""Pairs as they might also have come."""

import random
from collections.abc import Iterable, Iterator, Sequence

from chatbot.dialogue import Pair, Turn, rename

_STRANGE_ASKERS, _STRANGE_ANSWERERS = 0.5, 0.1
_STRANGER, _ANYONE = "\0stranger", "\0anyone"
"""What nobody in a log is called."""


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


def among_strangers(pairs: Iterable[Pair], seed: int) -> Iterator[Pair]:
    """Yield the pairs, in half of which nobody but the answerer is told apart, and in a tenth the answerer neither.

    Who talks to a bot later is a stranger to it, and so is the tag of strangers, where everyone in the log has another.
    """
    dice = random.Random(f"strangers {seed}")  # noqa: S311 - not for secrets
    return (_as_strangers(pair, dice.random()) for pair in pairs)


def _as_strangers(pair: Pair, chance: float) -> Pair:
    if chance >= _STRANGE_ASKERS:
        return pair
    names = {turn.speaker: _STRANGER for turn in pair.question} | {pair.answer.speaker: pair.answer.speaker}
    if chance < _STRANGE_ANSWERERS:
        names[pair.answer.speaker] = _ANYONE
    question, (answer,) = rename(pair.question, names), rename([pair.answer], names)
    return Pair(question, answer, pair.dialogue)


def _recast(before: Pair, pair: Pair) -> tuple[Turn, ...]:
    """Return the turns of ``before``, spoken by the speakers of ``pair``."""
    asker, answerer = pair.question[-1].speaker, pair.answer.speaker
    turns = (*before.question, before.answer)
    return tuple(Turn(answerer if turn.speaker == before.answer.speaker else asker, turn.text) for turn in turns)
