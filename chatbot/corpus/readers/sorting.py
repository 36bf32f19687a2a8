"""Putting a log in order that is not: sorted by what a key says, in memory that does not grow with the log."""

import heapq
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import pairwise
from typing import IO, Any

from chatbot.corpus.ragged import large_folder
from chatbot.corpus.readers.messages import Message
from chatbot.dialogue import age
from chatbot.errors import LogError

_MOST_MESSAGES, _MOST_CHARACTERS = 50_000, 20_000_000
"""What is sorted in memory at once; more than that is sorted in runs, which are then merged."""
_NOTHING = timedelta(0)

Key = Callable[[Message], Any]


def sort_messages(messages: Iterable[Message], key: Key) -> Iterator[Message]:
    """Yield messages by ``key``, those with equal keys as they were said; a log that is newest first is turned round.

    A log of more than one run is kept in temporary files without names until it has been read.
    """
    runs = _runs(messages, key)
    first, second = next(runs, []), next(runs, None)
    if second is None:
        yield from first
        return
    with ExitStack() as opened:
        files = [_saved(first, opened), _saved(second, opened), *(_saved(run, opened) for run in runs)]
        yield from heapq.merge(*(map(_loaded, file) for file in files), key=key)


def sorted_by_time(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield messages channel by channel, by time in each."""
    return sort_messages(messages, key=lambda message: (message.channel, instant(message)))


def instant(message: Message) -> timedelta:
    """Return when a message was sent, for comparing; the log's beginning where it does not say."""
    return age(message.time) if message.time else _NOTHING


def _runs(messages: Iterable[Message], key: Key) -> Iterator[list[Message]]:
    run, characters = list[Message](), 0
    for message in messages:
        run.append(message)
        characters += len(message.text)
        if len(run) >= _MOST_MESSAGES or characters >= _MOST_CHARACTERS:
            yield _sorted(run, key)
            run, characters = [], 0
    if run:
        yield _sorted(run, key)


def _sorted(run: list[Message], key: Key) -> list[Message]:
    steps = [instant(later) - instant(earlier) for earlier, later in pairwise(run) if _log(earlier) == _log(later)]
    newest_first = sum(step < _NOTHING for step in steps) > sum(step > _NOTHING for step in steps)
    return sorted(reversed(run) if newest_first else run, key=key)


def _log(message: Message) -> tuple[str, str]:
    """Return what was written in one go: from one channel or part to the next, time may step back."""
    return message.channel, message.place.partition(":")[0]


def _saved(run: list[Message], opened: ExitStack) -> IO[str]:
    """Return the run in a file that only this process can see and that goes when it is closed."""
    try:
        file = opened.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", dir=large_folder()))  # noqa: SIM115 - the stack closes it
        file.writelines(_line(message) for message in run)
        file.seek(0)
    except OSError as error:
        raise LogError(
            f"the log cannot be sorted: {error.strerror or error}", "TMPDIR names a folder with room"
        ) from None
    return file


def _line(message: Message) -> str:
    time = message.time.isoformat() if message.time else None
    fields = (message.speaker, message.text, time, message.place, message.channel, message.id, message.reply_to)
    return json.dumps(fields) + "\n"


def _loaded(line: str) -> Message:
    speaker, text, time, *rest = json.loads(line)
    return Message(speaker, text, datetime.fromisoformat(time) if time else None, *rest)
