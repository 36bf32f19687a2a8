"""Talking: a message in, a reply out, and both kept."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chatbot.conversation.store import Origin, Store
from chatbot.dialogue import Turn
from chatbot.explanation import Explanation
from chatbot.text.clean import clean

_SEEDS = 2**31
_TRIES = 5


Explain = Callable[[Sequence[Turn], str, int], Explanation]
"""Explains the reply to a context, by an answerer, with a seed."""


class Answerer(Protocol):
    """What makes replies: ``chatbot.generation.replier.Replier`` is one."""

    def stream(self, context: Sequence[Turn], answerer: str, seed: int = 0) -> Iterator[str]:
        """Yield a reply in pieces."""


@dataclass(slots=True)
class Talk:
    """One person's conversation with a bot, called ``bot``; the person is ``person`` there.

    ``version`` and ``search`` are noted with each reply, ``context_turns`` is how many turns the bot sees.
    """

    store: Store
    answerer: Answerer
    bot: str
    person: str
    number: int
    person_number: int
    version: str
    search: str
    context_turns: int
    explain: Explain
    sees: bool = False
    """The bot answers pictures: a message is the path of one."""

    def say(self, message: str, seed: int | None = None) -> Iterator[str]:
        """Keep the message, then yield the reply in pieces; what was said of it is kept, interrupted or not."""
        self.store.add(self.number, self.person, clean(message))
        context = self.store.turns(self.number, self.context_turns)
        yield from self._reply(context, secrets.randbelow(_SEEDS) if seed is None else seed)

    def retry(self, seed: int | None = None) -> Iterator[str]:
        """Yield another reply to the last message, which takes the last one's place; nothing without a message."""
        context, last = self._unanswered()
        if context:
            yield from self._reply(context, self._seed_of_another(context, last) if seed is None else seed, again=True)

    def undo(self) -> list[Turn]:
        """Take the last message and its reply back; return what is gone, the latest first."""
        return self.store.forget_last(self.number, [self.bot, self.person])

    def history(self) -> list[Turn]:
        """Return all turns, oldest first."""
        return self.store.turns(self.number)

    def why(self) -> Explanation | None:
        """Return the explanation of the last reply, if there is one."""
        seed = self.store.seed_of_last(self.number)
        context, last = self._unanswered()
        return self.explain(context, self.bot, seed) if last and seed is not None else None

    def new(self) -> None:
        """Begin another conversation: its replies know nothing of this one."""
        self.number = self.store.begin(self.person_number)

    def _unanswered(self) -> tuple[list[Turn], str]:
        """Return the context up to the last message, and the reply that it has."""
        turns = self.store.turns(self.number, self.context_turns + 1)
        if turns and turns[-1].speaker == self.bot:
            return turns[:-1], turns[-1].text
        return turns[-self.context_turns :], ""

    def _seed_of_another(self, context: list[Turn], last: str) -> int:
        """Return a seed whose reply is not ``last``, if a few tries find one."""
        seed = 0
        for _ in range(_TRIES):
            seed = secrets.randbelow(_SEEDS)
            if "".join(self.answerer.stream(context, self.bot, seed)) != last:
                break
        return seed

    def _reply(self, context: list[Turn], seed: int, again: bool = False) -> Iterator[str]:
        said: list[str] = []
        begun = time.perf_counter()
        try:
            for piece in self.answerer.stream(context, self.bot, seed):
                said.append(piece)
                yield piece
        finally:
            if said:
                origin = Origin(self.version, seed, self.search, time.perf_counter() - begun)
                keep = self.store.replace_last if again else self.store.add
                keep(self.number, self.bot, "".join(said), origin)


def start_talk(
    store: Store, answerer: Answerer, bot: str, adapter: str, key: str, version: str, search: str, context_turns: int,
    explain: Explain, go_on: bool,
) -> Talk:  # fmt: skip
    """Return a talk of the person ``key`` of an adapter: their last conversation when ``go_on``, else a new one."""
    person = store.person(adapter, key)
    number = store.last(person) if go_on else None
    number = store.begin(person) if number is None else number
    name = "you" if bot != "you" else "person"
    return Talk(store, answerer, bot, name, number, person, version, search, context_turns, explain)
