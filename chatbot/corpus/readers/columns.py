"""Rows with named columns, of a CSV, JSON or Parquet file, to messages."""

import re
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydantic import Field

from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue, Turn

_WAITING = 4096
"""How many messages wait while rows of their dialogue may still come."""
_EPOCHS = {10: 1, 13: 1_000, 16: 1_000_000}
"""Digits of today's seconds, milliseconds and microseconds since 1970, and how many of them make a second."""
_CLOCK = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?)?")

Row = tuple[str, Mapping[str, Any]]
"""Where a row stands, and its values by the names of their columns in small letters."""


class ColumnsReader(ChatReader):
    """A reader of rows: a question with its answer each, or a message with its speaker."""

    speakers: tuple[str, ...] = Field(("A", "B"), min_length=2, max_length=2)
    """Who asks and who answers, where the columns are question and answer."""
    question: str = "question"
    """The name of the column with questions."""
    answer: str = "answer"
    """The name of the column with answers."""
    speaker: str = "speaker"
    """The name of the column that says who speaks."""
    text: str = "text"
    """The name of the column that says what."""
    time: str = "time"
    """The name of the column that says when; it may be missing."""
    dialogue: str = "dialogue"
    """The name of the column that tells dialogues apart; it may be missing."""
    time_format: str = ""
    """How times are written, as in "%d/%m/%Y %H:%M"; empty: ISO 8601, or seconds since 1970."""

    def fits(self, columns: Collection[str]) -> bool:
        """Return whether a header with these names, all in small letters, has what is needed."""
        return self._asks(columns) or {self.speaker.lower(), self.text.lower()} <= {*columns}

    def wanted(self) -> str:
        """Return which columns are needed, for people."""
        return f"the columns {self.question} and {self.answer}, or {self.speaker} and {self.text}"

    def chosen(self) -> set[str]:
        """Return the names, in small letters, of all columns that are looked at."""
        names = (self.question, self.answer, self.speaker, self.text, self.time, self.dialogue)
        return {name.lower() for name in names}

    def from_rows(self, columns: Collection[str], rows: Iterable[Row], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of rows, which have these columns, each row with its place."""
        if self._asks(columns) and self.dialogue.lower() not in columns:
            for place, row in rows:
                turns = tuple(Turn(said.speaker, said.text, said.time) for said in self._row(place, row, tally))
                if turns:
                    yield Dialogue(place, turns)
            return
        messages = (message for place, row in rows for message in self._row(place, row, tally))
        yield from self.dialogues(_gathered(messages), tally)

    def _row(self, place: str, row: Mapping[str, Any], tally: Tally) -> Iterator[Message]:
        try:
            time = _time(row.get(self.time.lower()), self.time_format)
            channel = _text(row.get(self.dialogue.lower()))
            said = self._said(row)
        except (ValueError, OverflowError, OSError):
            tally.fault(place, " | ".join(str(value)[:80] for value in row.values()))
            return
        for speaker, text in said:
            if text:
                yield Message(speaker, text, time, place, channel or self._alone(row, place))
            else:
                tally.skip("empty")

    def _said(self, row: Mapping[str, Any]) -> list[tuple[str, str]]:
        if self._asks(row):
            texts = (_text(row[self.question.lower()]), _text(row[self.answer.lower()]))
            return list(zip(self.speakers, texts, strict=True))
        return [(_text(row[self.speaker.lower()]) or "unknown", _text(row[self.text.lower()]))]

    def _asks(self, columns: Collection[str]) -> bool:
        return {self.question.lower(), self.answer.lower()} <= {*columns}

    def _alone(self, row: Mapping[str, Any], place: str) -> str:
        """Return the channel of a row that names no dialogue: a question with its answer is one of its own."""
        return place if self._asks(row) else ""


def _gathered(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield messages of one channel side by side, though a few thousand others may stand between them."""
    waiting: dict[str, list[Message]] = {}
    lately: OrderedDict[str, None] = OrderedDict()
    count = 0
    for message in messages:
        waiting.setdefault(message.channel, []).append(message)
        lately[message.channel] = None
        lately.move_to_end(message.channel)
        count += 1
        while count > _WAITING:
            channel, _ = lately.popitem(last=False)
            count -= len(waiting[channel])
            yield from waiting.pop(channel)
    for left in waiting.values():
        yield from left


def _text(value: object) -> str:
    """Return a cell's text.

    Raises:
        ValueError: it holds something that is no text.
    """
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        raise ValueError("is no text")
    return tidy(str(value))


def _time(value: object, written: str) -> datetime | None:
    """Return a cell's time.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
    text = _text(value)
    if not text or written:
        return datetime.strptime(text, written) if text else None  # noqa: DTZ007 - the log may state no zone
    if epoch := _EPOCHS.get(len(text.split(".")[0])) if text.replace(".", "", 1).isdecimal() else None:
        return datetime.fromtimestamp(float(text) / epoch, UTC)
    found = _CLOCK.fullmatch(text)  # with one digit for a month or an hour, as spreadsheets write it
    if found is None:
        return datetime.fromisoformat(text)
    year, month, day, hour, minute, second = (int(number or 0) for number in found.groups())
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - it states no zone
