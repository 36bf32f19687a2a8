"""Messages to dialogues: order, merging, cutting and links, the same for every chat application."""

import gc
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from pydantic import Field

from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue, Turn, age, silence

COMMAND = re.compile(r"/[A-Za-z0-9_]{1,64}(?:@\w+)?(?=\s|$)")
"""What is said to bots: /start."""
_NOTHING = timedelta(0)
_WINDOW = 4096
"""How many messages a row may stand too early or too late."""
_MOST_TURNS = 1000
"""A dialogue without a silence is cut here, or a busy group's log of years would be one, and in memory at once."""
_REMEMBERED = 250_000
"""How many messages back a reply can always reach; never twice as many."""
_RECOGNISED = 600_000
"""How many messages back a repeat is always known; a set of so many numbers has just not grown to double its size."""
_NUMBER = 2**60 - 1
"""So large a number takes no more memory than a small one."""


class Message(NamedTuple):
    """One message as the log has it. ``place`` names it in a dialogue's id; ``channel`` is where it was said."""

    speaker: str
    text: str
    time: datetime | None
    place: str
    channel: str = ""
    id: str | None = None
    reply_to: str | None = None


class ChatReader(Reader):
    """A reader of an application's messages."""

    merge_seconds: int = Field(300, ge=0)
    """Most seconds between two messages of one speaker that become one turn."""
    gap_minutes: int = Field(60, ge=1)
    """A longer silence starts a new dialogue."""
    forwards: bool = False
    """Keep forwarded messages."""

    def dialogues(self, messages: Iterable[Message], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues that ``messages`` make."""
        yield from _undisturbed(self._made(messages, tally))

    def _made(self, messages: Iterable[Message], tally: Tally) -> Iterator[Dialogue]:
        builder = _Builder(timedelta(seconds=self.merge_seconds), timedelta(minutes=self.gap_minutes))
        for message in _once(_in_order(messages), tally):
            if ended := builder.add(message):
                yield ended
        if ended := builder.finish():
            yield ended


def _undisturbed(dialogues: Iterator[Dialogue]) -> Iterator[Dialogue]:
    """Yield dialogues; while one is made, Python does not look for objects that hold each other.

    There are none, and looking through the thousands of messages that wait, again and again, takes an eighth of the
    time. Between two dialogues everything is as the caller has it.
    """
    while True:
        looking = gc.isenabled()
        gc.disable()
        try:
            dialogue = next(dialogues, None)
        finally:
            if looking:
                gc.enable()
        if dialogue is None:
            return
        yield dialogue


def is_command(text: str) -> bool:
    """Return whether a text is for a bot alone: ``/start``."""
    return text.startswith("/") and COMMAND.match(text) is not None


@dataclass(slots=True)
class _Run:
    """Messages of one speaker that become one turn."""

    first: Message
    texts: list[str]
    last_time: datetime | None
    reply_to: str | None

    def turn(self) -> Turn:
        first = self.first
        return Turn(first.speaker, "\n".join(self.texts), first.time, first.id, self.reply_to)


@dataclass(slots=True)
class _Builder:
    merge: timedelta
    gap: timedelta
    runs: list[_Run] = field(default_factory=list)
    turn_ids: dict[str, str] = field(default_factory=dict)
    """Of each message's id that of its turn; when there are many, they become ``older`` and those are forgotten."""
    older: dict[str, str] = field(default_factory=dict)

    def add(self, message: Message) -> Dialogue | None:
        """Take one more message in; return the dialogue that it ended, if it did."""
        ended = None
        last = self.runs[-1] if self.runs else None
        waited = silence(last.last_time, message.time) if last else _NOTHING
        if last and (last.first.channel != message.channel or waited > self.gap or len(self.runs) == _MOST_TURNS):
            ended = self.finish()
            if last.first.channel != message.channel:
                self.turn_ids, self.older = {}, {}
            last = None
        if last and waited <= self.merge and self._merges(last, message):
            last.texts.append(message.text)
            last.last_time = message.time
        else:
            last = _Run(message, [message.text], message.time, self._linked(message))
            self.runs.append(last)
        self._remember(last, message)
        return ended

    def finish(self) -> Dialogue | None:
        """Return the dialogue that is left, if there is one."""
        runs, self.runs = self.runs, []
        return Dialogue(runs[0].first.place, tuple([run.turn() for run in runs])) if runs else None

    def _merges(self, last: _Run, message: Message) -> bool:
        if last.first.speaker != message.speaker:
            return False
        linked = self._linked(message)
        return message.reply_to is None or (linked is not None and linked in (last.first.id, last.reply_to))

    def _linked(self, message: Message) -> str | None:
        """Return the id of the turn that a message answers, if it is remembered."""
        if not message.reply_to:
            return None
        return self.turn_ids.get(message.reply_to) or self.older.get(message.reply_to)

    def _remember(self, run: _Run, message: Message) -> None:
        if message.id is None or run.first.id is None:
            return
        if len(self.turn_ids) >= _REMEMBERED:
            self.turn_ids, self.older = {}, self.turn_ids
        self.turn_ids[message.id] = run.first.id


def _in_order(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield messages by time within each channel, stable, looking ``_WINDOW`` ahead; without times, as they come.

    Twice as many are sorted at once as may go: nearly all logs are in order, where that costs next to nothing.
    """
    waiting: list[tuple[timedelta, Message]] = []
    latest, channel = _NOTHING, None
    for message in messages:
        if message.channel != channel:
            yield from _sorted(waiting)
            waiting.clear()
            channel, latest = message.channel, _NOTHING
        # A message without a time stays behind the one before it.
        latest = age(message.time) if message.time else latest
        waiting.append((latest, message))
        if len(waiting) == 2 * _WINDOW:
            yield from _sorted(waiting)[:_WINDOW]
            del waiting[:_WINDOW]
    yield from _sorted(waiting)


def _sorted(waiting: list[tuple[timedelta, Message]]) -> list[Message]:
    """Sort by age, stable; return the messages."""
    waiting.sort(key=itemgetter(0))
    return [message for _, message in waiting]


def _once(messages: Iterable[Message], tally: Tally) -> Iterator[Message]:
    """Yield messages without repeats of an id: joined exports of one chat say all that was said before again.

    An id is remembered as a number: two among a million ids have the same one in one log of a million.
    """
    recent, older = set[int](), set[int]()
    for message in messages:
        if message.id:
            key = hash((message.channel, message.id)) & _NUMBER
            if key in recent or key in older:
                tally.skip("duplicate")
                continue
            if len(recent) == _RECOGNISED:
                recent, older = set(), recent
            recent.add(key)
        yield message
