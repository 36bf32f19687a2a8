"""What a mailbox takes and gives: letters, parcels, and what comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from chatbot.conversation.store import Origin
from chatbot.dialogue import Turn


@dataclass(frozen=True, slots=True)
class Letter:
    """What came in: ``key`` is the server's number of it, ``message`` its number in the chat, ``body`` JSON."""

    key: str
    chat: str
    body: str
    message: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to go out: ``body`` is what it says, ``turn`` the number of the reply that it carries."""

    number: int
    chat: str
    body: dict[str, Any]
    turn: int | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """Turns for a conversation's end, in the place of its last ones while these are by ``instead_of``, from the end."""

    conversation: int
    turns: Sequence[tuple[Turn, Origin | None]]
    instead_of: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of some letters of a chat: turns to keep, and what goes out."""

    chat: str
    letters: Sequence[int] = ()
    person: int | None = None
    parcels: Sequence[dict[str, Any]] = ()
    exchange: Exchange | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    """What is known of the person from now on."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a person: their number, their conversation in a chat, the language that they chose ("": none).

    ``told``: they know what is kept of them; ``blocked``: they are not answered.
    """

    person: int
    conversation: int
    language: str
    told: bool
    blocked: bool
