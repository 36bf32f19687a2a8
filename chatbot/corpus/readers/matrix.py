"""Matrix rooms as Element exports them: JSON, or plain text in the browser's language.

JSON is ``{"room_name", "room_creator", "topic", "export_date", "exported_by", "messages": [events]}``, with events as
the client-server API of the Matrix specification has them; plain text is in ``matrix_text``.
"""

import re
import reprlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers import matrix_text
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.local_dates import Order
from chatbot.corpus.readers.messages import ChatReader, Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.sorting import sorted_by_time
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_SAID = {"m.text", "m.emote", "m.notice"}
_FILES = {"m.image", "m.file", "m.audio", "m.video", "m.location"}
_MEDIA = {"m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start"}
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_FALLBACK = re.compile(r"> (?:\* )?<@[^>\n]*>")


@dataclass(slots=True)
class _Later:
    """What later events say of people and of earlier messages, by their ids; all is known once these are in order."""

    names: dict[str, str] = field(default_factory=dict)
    edits: dict[str, dict[str, Message]] = field(default_factory=dict)
    """The last edit by the id of what it edits and by sender: only who wrote a message may edit it."""
    edited: dict[str, str] = field(default_factory=dict)
    """What an edit edits, by its own id."""
    redacted: set[str] = field(default_factory=set)


class MatrixReader(ChatReader):
    """``kind = "matrix"``."""

    kind: Literal["matrix"] = "matrix"
    bots: bool = True
    """Keep notices, which is what bots send."""
    date_order: Order = ""
    """The order of day and month in plain text, when it is guessed wrongly."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """An object with a room's name, who exported it, and messages; or text with Matrix ids and notes on media."""
        if not head.lstrip().startswith("{"):
            return matrix_text.recognised(head, name)
        keys = ('"room_name"', '"export_date"', '"exported_by"')
        return "a room exported by Element" if sum(key in head for key in keys) > 1 else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every room."""
        later = _Later()
        messages = sorted_by_time(self._messages(parts, later, tally))
        yield from self.dialogues(_last_state(messages, later, tally), tally)

    def _messages(self, parts: list[Part], later: _Later, tally: Tally) -> Iterator[Message]:
        for part in parts:
            if part.text_head().lstrip().startswith("{"):
                yield from self._from_json(part, later, tally)
            else:
                yield from matrix_text.messages(part, tally, self.date_order)

    def _from_json(self, part: Part, later: _Later, tally: Tally) -> Iterator[Message]:
        for number, (_, value) in enumerate(records(part, {"messages.item"}, tally), 1):
            message = self._message(value, part.name, number, later, tally)
            if message is not None:
                yield message

    def _message(self, record: Any, name: str, number: int, later: _Later, tally: Tally) -> Message | None:
        """Return the message of one event, the ``number``-th of the log, or count why there is none."""
        place = f"{PurePath(name).name}:{number}"
        try:
            reason = self._dropped(record)
            _note(record, later)
            message = None if reason else _as_message(record, name, number)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            reason, message = "malformed", None
        if message is not None:
            _note_edit(message, record, later)
            return message
        tally.fault(place, reprlib.repr(record)) if reason == "malformed" else tally.skip(reason)
        return None

    def _dropped(self, record: dict[str, Any]) -> str:
        """Return why an event is no message; one that could not be decrypted cannot be read."""
        kind, content = record["type"], record["content"]
        if kind not in {"m.room.message", "m.room.encrypted", *_MEDIA}:
            return "system"
        if not content or (record.get("unsigned") or {}).get("redacted_because"):
            return "deleted"
        said = content.get("msgtype")
        if kind == "m.room.encrypted" or said == "m.bad.encrypted":
            return "malformed"
        if kind in _MEDIA or (said in _FILES and not _caption(content)):
            return "media"
        if said not in _SAID | _FILES or (said == "m.notice" and not self.bots):
            return "system"
        text = _text(record)
        return "command" if is_command(text) else "" if text else "empty"


def _as_message(record: dict[str, Any], name: str, number: int) -> Message:
    time = _BEGIN + timedelta(milliseconds=int(record["origin_server_ts"]))
    room, identity = str(record.get("room_id") or name), record.get("event_id")
    identity = identity if isinstance(identity, str) else None
    place = f"{PurePath(name).name}:{identity or number}"
    return Message(tidy(record["sender"]) or "unknown", _text(record), time, place, room, identity, _answered(record))


def _note(record: dict[str, Any], later: _Later) -> None:
    """Keep what an event says of others: a name, or that a message was redacted."""
    content = record["content"]
    if record["type"] == "m.room.member" and isinstance(content.get("displayname"), str):
        later.names[str(record.get("state_key"))] = tidy(content["displayname"])
    if record["type"] == "m.room.redaction":
        later.redacted.add(str(record.get("redacts") or content.get("redacts")))


def _note_edit(message: Message, record: dict[str, Any], later: _Later) -> None:
    target = _relation(record).get("event_id") if _is_edit(record) else None
    if not isinstance(target, str) or message.id is None:
        return
    later.edited[message.id] = target
    edits = later.edits.setdefault(target, {})
    last = edits.get(message.speaker)
    if last is None or (last.time and message.time and last.time <= message.time):
        edits[message.speaker] = message


def _last_state(messages: Iterable[Message], later: _Later, tally: Tally) -> Iterator[Message]:
    """Yield the messages with their last texts and their senders' last names, those that were redacted left out.

    An edit whose message is not in the log stands for it.
    """
    for message in messages:
        identity = message.id or ""
        if identity in later.redacted:
            tally.skip("deleted")
            continue
        target = later.edited.get(identity)
        edits = later.edits.pop(identity, {}) if target is None else later.edits.get(target, {})
        edit = edits.get(message.speaker)
        if target is not None and (edit is None or edit.id != identity):
            continue  # a message before it has this edit's text, or will have a later one's
        text = edit.text if edit is not None else message.text
        yield message._replace(text=text, speaker=later.names.get(message.speaker) or message.speaker)


def _text(record: dict[str, Any]) -> str:
    """Return what was typed: of an edit the new text, of a reply without the quotation, of a file its caption."""
    content = record["content"]
    if _is_edit(record):
        content = content.get("m.new_content") or {"body": (content.get("body") or "").removeprefix("* ")}
    text = _caption(content) if content.get("msgtype") in _FILES else content.get("body") or ""
    return matrix_text.with_names(tidy(_unquoted(text)))


def _caption(content: dict[str, Any]) -> str:
    """Return the text beside a file: since version 1.10 of the specification a body that is not the file's name."""
    body, name = content.get("body") or "", content.get("filename")
    return body if name and body != name else ""


def _unquoted(text: str) -> str:
    """Return a text without the lines that quote what it answers, which clients put in front of it until 2024."""
    if not _FALLBACK.match(text):
        return text
    lines = text.split("\n")
    said = next((number for number, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return "\n".join(lines[said:])


def _answered(record: dict[str, Any]) -> str | None:
    answered = (_relation(record).get("m.in_reply_to") or {}).get("event_id")
    return answered if isinstance(answered, str) else None


def _is_edit(record: dict[str, Any]) -> bool:
    return bool(_relation(record).get("rel_type") == "m.replace")


def _relation(record: dict[str, Any]) -> dict[str, Any]:
    relation = record["content"].get("m.relates_to")
    return relation if isinstance(relation, dict) else {}
