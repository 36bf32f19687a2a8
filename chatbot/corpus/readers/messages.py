"""Messages to dialogues: order, merging, cutting and links, the same for every chat application."""

import heapq
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import Field

from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue, Turn, instant, silence

COMMAND = re.compile(r"/[A-Za-z0-9_]{1,64}(?:@\w+)?(?=\s|$)")
"""What is said to bots: /start."""
_NOTHING = timedelta(0)
_WINDOW = 4096
"""How many messages a row may stand too early or too late."""
_MOST_TURNS = 1000
"""A dialogue without a silence is cut here, or a busy group's log of years would be one, and in memory at once."""
_REMEMBERED = 500_000
"""How many messages back a reply can reach."""


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
        builder = _Builder(timedelta(seconds=self.merge_seconds), timedelta(minutes=self.gap_minutes))
        for message in _once(_in_order(messages), tally):
            yield from builder.add(message)
        yield from builder.finish()


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
    turn_ids: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def add(self, message: Message) -> Iterator[Dialogue]:
        """Take one more message in; yield the dialogue that it ended, if it did."""
        last = self.runs[-1] if self.runs else None
        waited = silence(last.last_time, message.time) if last else _NOTHING
        if last and (last.first.channel != message.channel or waited > self.gap or len(self.runs) == _MOST_TURNS):
            yield from self.finish()
            if last.first.channel != message.channel:
                self.turn_ids.clear()
            last = None
        if last and waited <= self.merge and self._merges(last, message):
            last.texts.append(message.text)
            last.last_time = message.time
        else:
            linked = self.turn_ids.get(message.reply_to) if message.reply_to else None
            last = _Run(message, [message.text], message.time, linked)
            self.runs.append(last)
        self._remember(last, message)

    def finish(self) -> Iterator[Dialogue]:
        """Yield what is left."""
        if self.runs:
            yield Dialogue(self.runs[0].first.place, tuple(run.turn() for run in self.runs))
        self.runs = []

    def _merges(self, last: _Run, message: Message) -> bool:
        if last.first.speaker != message.speaker:
            return False
        linked = self.turn_ids.get(message.reply_to) if message.reply_to else None
        return message.reply_to is None or (linked is not None and linked in (last.first.id, last.reply_to))

    def _remember(self, run: _Run, message: Message) -> None:
        if message.id is None or run.first.id is None:
            return
        self.turn_ids[message.id] = run.first.id
        if len(self.turn_ids) > _REMEMBERED:
            self.turn_ids.popitem(last=False)


def _in_order(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield messages by time within each channel, stable, looking ``_WINDOW`` ahead; without times, as they come."""
    heap: list[tuple[datetime, int, Message]] = []
    latest = datetime.min.replace(tzinfo=UTC)
    channel = None
    for number, message in enumerate(messages):
        if message.channel != channel:
            while heap:
                yield heapq.heappop(heap)[2]
            channel, latest = message.channel, datetime.min.replace(tzinfo=UTC)
        # A message without a time stays behind the one before it.
        latest = instant(message.time) if message.time else latest
        entry = (latest, number, message)
        if len(heap) < _WINDOW:
            heapq.heappush(heap, entry)
        else:
            yield heapq.heappushpop(heap, entry)[2]
    while heap:
        yield heapq.heappop(heap)[2]


def _once(messages: Iterable[Message], tally: Tally) -> Iterator[Message]:
    """Yield messages without repeats of an id within a second of log time: joined exports have them side by side."""
    recent: OrderedDict[tuple[str, str], None] = OrderedDict()
    for message in messages:
        if not message.id:
            yield message
            continue
        key = (message.channel, message.id)
        if key in recent:
            tally.skip("duplicate")
            continue
        recent[key] = None
        if len(recent) > _WINDOW:
            recent.popitem(last=False)
        yield message
