"""Messages of a log that has them in no order, or several channels mixed: sorted, in memory that does not grow."""

import heapq
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import IO

from chatbot.corpus.readers.messages import Message

_RUN_MESSAGES, _RUN_CHARACTERS = 100_000, 2**25
"""So much is sorted in memory; what is more waits in unnamed files, which vanish with the process."""

_Row = tuple[str, datetime, int, Message]


def sorted_by_time(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield the messages channel by channel, by time in each, stable; one without a time stays behind the one before.

    The first is there only when all are read.
    """
    rows: list[_Row] = []
    characters = 0
    with ExitStack() as stack:
        runs: list[IO[str]] = []
        for row in _rows(messages):
            rows.append(row)
            characters += len(row[3].text)
            if len(rows) >= _RUN_MESSAGES or characters >= _RUN_CHARACTERS:
                runs.append(stack.enter_context(tempfile.TemporaryFile("w+", encoding="ascii")))
                _write(sorted(rows), runs[-1])
                rows, characters = [], 0
        for *_, message in heapq.merge(sorted(rows), *map(_read, runs)):
            yield message


def _rows(messages: Iterable[Message]) -> Iterator[_Row]:
    channel, latest = None, datetime.min.replace(tzinfo=UTC)
    for number, message in enumerate(messages):
        if message.time is not None:
            latest = message.time if message.time.tzinfo else message.time.replace(tzinfo=UTC)
        elif message.channel != channel:
            latest = datetime.min.replace(tzinfo=UTC)
        channel = message.channel
        yield message.channel, latest, number, message


def _write(rows: list[_Row], file: IO[str]) -> None:
    for channel, instant, number, message in rows:
        time = message.time and message.time.isoformat()
        rest = (message.speaker, message.text, time, message.place, message.id, message.reply_to)
        file.write(json.dumps([channel, instant.isoformat(), number, *rest]) + "\n")


def _read(file: IO[str]) -> Iterator[_Row]:
    file.seek(0)
    for line in file:
        channel, instant, number, speaker, text, written, place, identity, reply_to = json.loads(line)
        time = written and datetime.fromisoformat(written)
        message = Message(speaker, text, time, place, channel, identity, reply_to)
        yield channel, datetime.fromisoformat(instant), number, message
