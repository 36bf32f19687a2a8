"""Talking: a message in, a reply out, and both kept."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random, SystemRandom
from typing import Protocol

from chatbot.conversation.store import Found, Origin, Store
from chatbot.dialogue import Turn, rename, silence
from chatbot.errors import StoreError
from chatbot.explanation import Explanation
from chatbot.text.clean import clean

_SEEDS = 2**31
_TRIES = 5


class Answerer(Protocol):
    """What makes replies: ``chatbot.generation.answerer.BotAnswerer`` is one."""

    @property
    def settings(self) -> str:
        """How replies are chosen, as JSON; noted with each."""

    def stream(self, context: Sequence[Turn], answerer: str, seed: int = 0) -> Iterator[str]:
        """Yield a reply in pieces."""

    def explain(self, context: Sequence[Turn], answerer: str, seed: int) -> Explanation:
        """Return the explanation of the reply that ``stream`` makes with the same arguments."""

    def set(self, key: str, value: str) -> None:
        """Choose replies otherwise from now on."""


class BatchAnswerer(Answerer, Protocol):
    """What makes replies, one at a time in pieces or many at once."""

    def answers(
        self, contexts: Sequence[Sequence[Turn]], answerer: str, seeds: Sequence[int], seconds: float
    ) -> list[str]:
        """Return the replies that ``stream`` gives, or what there is of them after so many seconds."""


@dataclass(frozen=True, slots=True)
class Partner:
    """The bot, as a talk knows it: it sees the last ``context_turns`` turns since the last ``silence``."""

    name: str
    version: str
    context_turns: int
    silence: timedelta = timedelta(hours=12)
    sees: bool = False
    """It answers pictures: a message is the path of one."""
    answers_as: str = ""
    """Whom it answers as: what its model calls it; empty: its name."""

    @property
    def answerer(self) -> str:
        """What the model calls who answers."""
        return self.answers_as or self.name

    @property
    def person_name(self) -> str:
        """What the person is called in a conversation."""
        return "person" if "you" in (self.name, self.answerer) else "you"


@dataclass(frozen=True, slots=True)
class Serving:
    """A version, what answers with it, and what a talk knows of it."""

    version: str
    answerer: BatchAnswerer
    partner: Partner


@dataclass(slots=True)
class Talk:
    """One person's conversation with a bot; ``dice`` gives the seeds of replies."""

    store: Store
    answerer: Answerer
    bot: Partner
    person: int
    number: int
    dice: Random

    @property
    def person_name(self) -> str:
        """What the person is called in the conversation."""
        return self.bot.person_name

    def say(self, message: str, seed: int | None = None) -> Iterator[str]:
        """Keep the message, then yield the reply in pieces; what was said of it is kept, interrupted or not."""
        self.store.add(self.number, self.person_name, clean(message))
        context = self._recent(self.store.turns(self.number, self.bot.context_turns))
        yield from self._reply(context, self.seed() if seed is None else seed)

    def seed(self) -> int:
        """Return a seed for a reply."""
        return self.dice.randrange(_SEEDS)

    def context(self, message: Turn, left_out: int = 0) -> list[Turn]:
        """Return what the reply to a message will see, without keeping it; the last turns may be ``left_out``."""
        turns = self.store.turns(self.number, self.bot.context_turns - 1 + left_out)
        return self._recent([*turns[: len(turns) - left_out], message][-self.bot.context_turns :])

    def retry(self, seed: int | None = None) -> Iterator[str]:
        """Yield another reply to the last message, which takes the last one's place; nothing without a message."""
        context, last = self.unanswered()
        if context:
            yield from self._reply(context, self._seed_of_another(context, last) if seed is None else seed, again=True)

    def undo(self) -> list[Turn]:
        """Take the last message and its reply back; return what is gone, the latest first."""
        return self.store.forget_last(self.number, [self.bot.name, self.person_name])

    def edit(self, message: str) -> Iterator[str]:
        """Put a message in the place of the last one, whose reply goes, and yield the reply in pieces."""
        self.undo()
        yield from self.say(message)

    def rate(self, rating: int) -> bool:
        """Keep what the person thinks of the last reply, 1 or -1; tell whether there is one."""
        return self.store.rate(self.number, rating)

    def search(self, words: str) -> list[Found]:
        """Return what was said in this person's conversations that holds all of ``words``, the latest first."""
        return self.store.search(words, self.person)

    def history(self) -> list[Turn]:
        """Return all turns, oldest first."""
        return self.store.turns(self.number)

    def why(self) -> Explanation | None:
        """Return the explanation of the last reply, if there is one."""
        seed = self.store.seed_of_last(self.number)
        context, last = self.unanswered()
        return self.answerer.explain(context, self.bot.answerer, seed) if last and seed is not None else None

    def new(self) -> None:
        """Begin another conversation: its replies know nothing of this one."""
        self.number = self.store.begin(self.person)

    def unanswered(self) -> tuple[list[Turn], str]:
        """Return the context up to the last message, and the reply that it has."""
        turns = self.store.turns(self.number, self.bot.context_turns + 1)
        if turns and turns[-1].speaker == self.bot.name:
            return self._recent(turns[:-1]), turns[-1].text
        return self._recent(turns[-self.bot.context_turns :]), ""

    def _recent(self, turns: list[Turn]) -> list[Turn]:
        """Return the turns since the last long silence, as a model sees them."""
        begins = (
            place
            for place in range(len(turns) - 1, 0, -1)
            if silence(turns[place - 1].time, turns[place].time) > self.bot.silence
        )
        return list(rename(turns[next(begins, 0) :], {self.bot.name: self.bot.answerer}))

    def _seed_of_another(self, context: list[Turn], last: str) -> int:
        """Return a seed whose reply is not ``last``, if a few tries find one."""
        seed = 0
        for _ in range(_TRIES):
            seed = self.seed()
            if "".join(self.answerer.stream(context, self.bot.answerer, seed)) != last:
                break
        return seed

    def _reply(self, context: list[Turn], seed: int, again: bool = False) -> Iterator[str]:
        said: list[str] = []
        begun = time.perf_counter()
        try:
            for piece in self.answerer.stream(context, self.bot.answerer, seed):
                said.append(piece)
                yield piece
        finally:
            if said:
                origin = Origin(self.bot.version, seed, self.answerer.settings, time.perf_counter() - begun)
                keep = self.store.replace_last if again else self.store.add
                keep(self.number, self.bot.name, "".join(said), origin)


def start_talk(
    store: Store, answerer: Answerer, bot: Partner, adapter: str, key: str, go_on: bool = False,
    number: int | None = None, seed: int | None = None,
) -> Talk:  # fmt: skip
    """Return a talk of the person ``key`` of an adapter.

    It is their conversation ``number``, or their last one when they ``go_on``, or a new one. With a ``seed``, the same
    messages get the same replies.

    Raises:
        StoreError: they have no conversation of that number.
    """
    person = store.person(adapter, key)
    if number is not None and not store.owns(person, number):
        raise StoreError(f"you have no conversation {number}", "chatbot conversations list BOT shows their numbers")
    if number is None and go_on:
        number = store.last(person)
    dice = SystemRandom() if seed is None else Random(seed)  # noqa: S311 - nothing secret
    return Talk(store, answerer, bot, person, store.begin(person) if number is None else number, dice)
