"""What one person does in one chat, with all that is needed to answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatbot.adapters.telegram.arrivals import Arrival
from chatbot.adapters.telegram.pieces import split_text
from chatbot.adapters.telegram.texts import Language, Texts
from chatbot.conversation.letters import Exchange, Letter, Outcome, Standing
from chatbot.conversation.manager import Talk

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """Letters of a chat that make one turn of a person; ``talk`` is their conversation there."""

    chat: str
    letters: Sequence[tuple[Letter, Arrival]]
    standing: Standing
    language: Language
    talk: Talk
    texts: Texts

    @property
    def person(self) -> int:
        """The person's number."""
        return self.standing.person

    @property
    def arrival(self) -> Arrival:
        """The first of what arrived."""
        return self.letters[0][1]

    def text(self, key: str, **facts: object) -> list[Body]:
        """Return one of the bot's own texts as messages."""
        return self.message(self.texts.say(key, self.language, name=self.talk.bot.name, **facts))

    def ask(self, key: str, *buttons: tuple[str, str]) -> list[Body]:
        """Return one of the bot's own texts with buttons under it: (what they say, their data)."""
        bodies = self.text(key)
        bodies[-1]["keyboard"] = [list(button) for button in buttons]
        return bodies

    def message(self, text: str, buttons: bool = False) -> list[Body]:
        """Return a text as messages; in a group, the first answers what arrived. Buttons come under the last."""
        bodies: list[Body] = [{"kind": "text", "text": piece} for piece in split_text(text)]
        return self.addressed(bodies, buttons)

    def addressed(self, bodies: list[Body], buttons: bool = False) -> list[Body]:
        """Have the first of some messages answer what arrived when others are there to hear it."""
        if bodies and not self.arrival.private and self.arrival.message:
            bodies[0]["reply_to"] = self.letters[-1][1].message
        if bodies and buttons:
            bodies[-1]["buttons"] = True
        return bodies

    def outcome(self, *bodies: Body, exchange: Exchange | None = None, facts: dict[str, Any] | None = None) -> Outcome:
        """Return what comes of the letters."""
        return Outcome(
            self.chat, [letter.number for letter, _ in self.letters], self.person, bodies, exchange, facts or {}
        )
