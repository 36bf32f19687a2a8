"""Dialogues to pairs: a question with its context, and the answer."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from chatbot.dialogue import Dialogue, Pair, Turn
from chatbot.settings import Settings


class PairingSettings(Settings):
    """The ``[pairing]`` table of a corpus file."""

    answers_by: tuple[str, ...] = ()
    """The speakers whom the bot learns from; empty: everyone."""
    context_turns: int = Field(8, ge=1, le=100)
    """Most turns of a question, the one answered included; a bot file's ``context_turns`` may show fewer."""


def make_pairs(dialogue: Dialogue, settings: PairingSettings) -> Iterator[Pair]:
    """Yield a pair for each turn that answers another speaker.

    A turn answers the one before it, or the earlier one that it links to: then its context is what stood before that.
    A link into another dialogue makes no pair.
    A speaker tag tells the model who spoke (``text.context``), so a context may hold several people.
    """
    places = {turn.id: place for place, turn in enumerate(dialogue.turns) if turn.id is not None}
    for place, turn in enumerate(dialogue.turns):
        if settings.answers_by and turn.speaker not in settings.answers_by:
            continue
        asked = places.get(turn.reply_to, -1) if turn.reply_to else place - 1
        if 0 <= asked < place and dialogue.turns[asked].speaker != turn.speaker:
            yield Pair(_context(dialogue.turns, asked, settings.context_turns), turn, dialogue.id)


def _context(turns: Sequence[Turn], asked: int, most: int) -> tuple[Turn, ...]:
    return tuple(turns[max(0, asked + 1 - most) : asked + 1])
