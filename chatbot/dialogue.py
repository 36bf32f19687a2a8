"""The words that everything else is said in: turns, dialogues and pairs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

_NOTHING = timedelta(0)
_BEGINNING_UTC = datetime.min.replace(tzinfo=UTC)
_BEGINNING = _BEGINNING_UTC.replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said before another one did.

    ``time`` has an offset only where the log states one. ``id`` and ``reply_to`` are there where the log
    links messages: ``reply_to`` is the id of the turn that this one answers.
    """

    speaker: str
    text: str
    time: datetime | None = None
    id: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Turns that belong together, oldest first. ``id`` names the log and the place in it."""

    id: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """What there is to learn: ``answer`` follows ``question``, whose last turn is the one answered."""

    question: tuple[Turn, ...]
    answer: Turn
    dialogue: str


def rename(turns: Iterable[Turn], names: Mapping[str, str]) -> tuple[Turn, ...]:
    """Return turns whose speakers have other ``names``, as far as there are any for them."""
    return tuple(replace(turn, speaker=names.get(turn.speaker, turn.speaker)) for turn in turns)


def silence(earlier: datetime | None, later: datetime | None) -> timedelta:
    """Return what lies between two times; nothing when one of them is not known."""
    if earlier is None or later is None:
        return _NOTHING
    if earlier.tzinfo is later.tzinfo:  # as nearly always; to name a zone would take longer than all the rest
        return later - earlier
    return age(later) - age(earlier)


def age(time: datetime) -> timedelta:
    """Return how long after the beginning of time it is; without an offset it counts as UTC."""
    return time - (_BEGINNING if time.tzinfo is None else _BEGINNING_UTC)  # several times faster than naming a zone
