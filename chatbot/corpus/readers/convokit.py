"""ConvoKit's layout of a corpus (convokit.cornell.edu): utterances that name their conversation, a line each."""

import re
import reprlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import PurePath
from typing import Any

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.messages import Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.records import json_lines, string
from chatbot.corpus.readers.shelf import open_shelf
from chatbot.corpus.tally import Tally

_CONVERSATION = ("conversation_id", "root")
_SPEAKER = ("speaker", "user")
_REPLY = ("reply-to", "reply_to")
"""How newer and older versions call the same."""
_DELETED = ("[deleted]", "[removed]")
"""What stands in place of a text in corpora taken from Reddit."""


@dataclass(frozen=True, slots=True)
class _Utterance:
    conversation: str
    id: str
    speaker: str
    reply_to: str | None
    time: float | None
    text: str


def is_utterances(head: str) -> bool:
    """Tell whether the first line has an utterance's keys."""
    line = head.lstrip().split("\n", 1)[0]
    keys = (_CONVERSATION, _SPEAKER, _REPLY, ("text",))
    return line.startswith("{") and all(re.search(rf'"(?:{"|".join(names)})"\s*:', line) for names in keys)


def is_speakers(head: str) -> bool:
    """Tell whether a part has the characters' names."""
    named = re.match(r"\s*\{", head) and re.search(r'"character_name"\s*:', head)
    return named is not None and not is_utterances(head)


def character_names(part: Part, tally: Tally) -> Iterator[tuple[str, str]]:
    """Yield the speakers' ids with the characters' names."""
    for key, value in records(part, {"*"}, tally):
        about = value.get("meta", value) if isinstance(value, dict) else {}
        name = about.get("character_name") if isinstance(about, dict) else None
        if isinstance(name, str) and tidy(name):
            yield key, tidy(name)


def utterances(part: Part, names: dict[str, str], tally: Tally) -> Iterator[Message]:
    """Yield the messages of each conversation, wherever they stand, replies after what they answer."""
    name = PurePath(part.name).name
    with open_shelf("said (number INTEGER PRIMARY KEY, conversation, id, speaker, reply_to, time, text)") as shelf:
        for number, record in json_lines(part, tally):
            try:
                _keep(shelf, number, _utterance(record))
            except (ValueError, OverflowError):
                tally.fault(f"{name}:{number}", reprlib.repr(record))
        for _, group in groupby(_grouped(shelf), key=lambda utterance: utterance.conversation):
            for utterance in _in_order(list(group)):
                if utterance.text and utterance.text not in _DELETED:
                    yield _message(utterance, name, f"{part.name}/{utterance.conversation}", names)
                else:
                    tally.skip("deleted" if utterance.text else "empty")


def _utterance(record: Any) -> _Utterance:
    """Return the utterance of a record.

    Raises:
        ValueError: it is none.
        OverflowError: its time is in no calendar.
    """
    conversation, speaker = _named(record, _CONVERSATION), _named(record, _SPEAKER)
    identity, reply, text = string(record, "id"), _named(record, _REPLY), string(record, "text")
    if not isinstance(conversation, str) or not isinstance(speaker, str) or not isinstance(reply, str | None):
        raise ValueError("has no conversation or speaker")
    return _Utterance(
        tidy(conversation),
        tidy(identity),
        tidy(speaker) or "unknown",
        reply and tidy(reply),
        _epoch(record),
        tidy(text),
    )


def _named(record: Any, names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if name in record), None) if isinstance(record, dict) else None


def _epoch(record: Any) -> float | None:
    """Return the seconds since 1970, if it has them."""
    time = record.get("timestamp")
    if time is None or time == "":
        return None
    if isinstance(time, bool) or not isinstance(time, int | float | str):
        raise ValueError('"timestamp" is no number')
    return datetime.fromtimestamp(float(time), UTC).timestamp()


def _keep(shelf: sqlite3.Connection, number: int, utterance: _Utterance) -> None:
    u = utterance
    row = (number, u.conversation, u.id, u.speaker, u.reply_to, u.time, u.text)
    shelf.execute("INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _grouped(shelf: sqlite3.Connection) -> Iterator[_Utterance]:
    """Yield all utterances, those of one conversation together, otherwise as they stand in the file."""
    rows = shelf.execute(
        "SELECT conversation, id, speaker, reply_to, time, text FROM said"
        " ORDER BY min(number) OVER (PARTITION BY conversation), number"
    )
    for row in rows:
        yield _Utterance(*row)


def _in_order(conversation: list[_Utterance]) -> list[_Utterance]:
    """Return the utterances with replies after what they answer: files have them backwards."""
    parents = {utterance.id: utterance.reply_to for utterance in conversation}
    depths: dict[str, int] = {}
    for utterance in conversation:
        path: dict[str, None] = {}
        place: str | None = utterance.id
        while place is not None and place in parents and place not in depths and place not in path:
            path[place] = None
            place = parents[place]
        depth = depths.get(place or "", -1)
        for identity in reversed(path):
            depth += 1
            depths[identity] = depth
    return sorted(conversation, key=lambda utterance: depths[utterance.id])


def _message(utterance: _Utterance, name: str, channel: str, names: dict[str, str]) -> Message:
    time = datetime.fromtimestamp(utterance.time, UTC) if utterance.time is not None else None
    speaker = names.get(utterance.speaker, utterance.speaker)
    place = f"{name}:{utterance.id}"
    return Message(speaker, utterance.text, time, place, channel, utterance.id, utterance.reply_to)
