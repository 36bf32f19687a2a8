"""Google Chat as Takeout exports it: a folder for each chat, with its messages in ``messages.json``.

``Google Chat/Groups/<DM or Space id>/messages.json`` is ``{"messages": [{"creator": {"name", "email", "user_type"},
"created_date": "Tuesday, February 10, 2015 at 6:03:26 PM UTC", "text", "topic_id", "message_id", ...}]}``; the date is
in the language of the account.
"""

import re
import reprlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.sorting import instant, sort_messages
from chatbot.corpus.readers.worded_dates import parse_worded_date
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,64}(?=\s|$)")
_TOPICS = 10_000
"""How many topics back a message can go on with."""


class GoogleChatReader(ChatReader):
    """``kind = "google-chat"``."""

    kind: Literal["google-chat"] = "google-chat"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """An object with messages that have a creator and a date of creation."""
        marks = re.search(r'"messages"\s{0,9}:\s{0,9}\[', head) and '"creator"' in head and '"created_date"' in head
        return "a chat exported by Google Takeout" if marks and head.lstrip().startswith("{") else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        yield from self.dialogues(_messages(parts, tally), tally)


def _messages(parts: list[Part], tally: Tally) -> Iterator[Message]:
    """Yield the messages chat after chat: one chat may be in several exports."""
    for chat, files in groupby(sorted(parts, key=_chat), _chat):
        yield from _linked(sort_messages((m for part in files for m in _file(part, chat, tally)), instant))


def _chat(part: Part) -> str:
    path = PurePath(part.name)
    return path.parent.name if path.parent.parent.name == "Groups" else part.name


def _file(part: Part, chat: str, tally: Tally) -> Iterator[Message]:
    name = PurePath(part.name).name if chat == part.name else chat
    for number, (_, record) in enumerate(records(part, ["messages.item"], tally), 1):
        place = f"{name}:{number}"
        try:
            message, reason = _message(record, place, chat)
        except (ValueError, TypeError, OverflowError):
            tally.fault(place, reprlib.repr(record))
            continue
        if reason:
            tally.skip(reason)
        else:
            yield message


def _linked(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield messages, those that go back to a topic after another one linked to what was said last in it.

    In a chat of two each message is a topic of its own; ids are ``<chat>/<topic>/<message>``.
    """
    latest: OrderedDict[str, str] = OrderedDict()
    current = ""
    for message in messages:
        topic = "/".join((message.id or "").split("/")[:2])
        link = latest.get(topic) if topic != current else None
        yield message if message.reply_to or not link else message._replace(reply_to=link)
        current = topic
        if message.id:
            latest[topic] = message.id
            latest.move_to_end(topic)
        if len(latest) > _TOPICS:
            latest.popitem(last=False)


def _message(record: Any, place: str, chat: str) -> tuple[Message, str]:
    """Return the message of one record, and why it is left out, if it is.

    Raises:
        ValueError, TypeError: it is no message.
    """
    if not isinstance(record, dict):
        raise TypeError("a message is not an object")
    text, time = tidy(_string(record.get("text") or "")), _time(record)
    creator = record.get("creator") or {}
    speaker = (
        tidy(_string(creator.get("name") or creator.get("email") or "unknown")) if isinstance(creator, dict) else ""
    )
    identity, quoted = record.get("message_id"), record.get("quoted_message_metadata")
    answered = quoted.get("message_id") if isinstance(quoted, dict) else None
    message = Message(speaker or "unknown", text, time, place, chat, _identity(identity), _identity(answered))
    return message, _dropped(record, text)


def _time(record: dict[str, Any]) -> datetime | None:
    date = record.get("created_date")
    return parse_worded_date(_string(date)) if date else None


def _dropped(record: dict[str, Any], text: str) -> str:
    if record.get("message_state") == "DELETED" or record.get("deletion_metadata"):
        return "deleted"
    annotations = record.get("annotations")
    marks = (
        {key for mark in annotations if isinstance(mark, dict) for key in mark} if isinstance(annotations, list) else {}
    )
    if "membership_changed_metadata" in marks or "group_retention_settings_updated_metadata" in marks:
        return "system"
    if not text:
        return "media" if record.get("attached_files") or marks else "empty"
    return "command" if "slash_command_metadata" in marks or _COMMAND.match(text) else ""


def _identity(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a name or a text is not a string")
    return value
