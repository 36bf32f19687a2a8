"""Google Hangouts as Takeout exported it: all conversations in one ``Hangouts.json``.

``{"conversations": [{"conversation": {"conversation": {"participant_data": [...]}}, "events": [...]}]}``; before 2017
``{"conversation_state": [{"conversation_state": {"conversation": {"participant_data": [...]}, "event": [...]}}]}``.
"""

import re
import reprlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.sorting import instant, sort_messages
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONVERSATIONS = {"conversations.item.conversation", "conversation_state.item.conversation_state.conversation"}
_EVENTS = {"conversations.item.events.item", "conversation_state.item.conversation_state.event.item"}
_TYPED = {"REGULAR_CHAT_MESSAGE", "SMS"}


class HangoutsReader(ChatReader):
    """``kind = "hangouts"``."""

    kind: Literal["hangouts"] = "hangouts"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """An object with conversations that have participants."""
        listed = re.search(r'"(?:conversations|conversation_state)"\s{0,9}:\s{0,9}\[', head)
        marks = re.search(r'"(?:participant_data|chat_message|self_conversation_state)"\s{0,9}:', head)
        known = listed and marks and head.lstrip().startswith("{")
        return "conversations exported by Google Hangouts" if known else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every conversation; names may stand below the events, so they come in last."""
        names: dict[str, str] = {}
        messages = sort_messages(
            (m for part in parts for m in _messages(part, names, tally)), lambda m: (m.channel, instant(m))
        )
        yield from self.dialogues((m._replace(speaker=_speaker(m.speaker, names)) for m in messages), tally)


def _messages(part: Part, names: dict[str, str], tally: Tally) -> Iterator[Message]:
    """Yield the messages, each with its sender's ids for a speaker; put the names that are found in ``names``."""
    name, number = PurePath(part.name).name, 0
    for path, record in records(part, _CONVERSATIONS | _EVENTS, tally):
        if path in _CONVERSATIONS:
            names.update(_names(record))
            continue
        number += 1
        place = f"{name}:{number}"
        try:
            message, reason = _message(record, place)
        except (ValueError, TypeError, OverflowError):
            tally.fault(place, reprlib.repr(record))
            continue
        if reason:
            tally.skip(reason)
        else:
            yield message


def _names(conversation: Any) -> Iterator[tuple[str, str]]:
    """Yield the ids of a conversation's people, with their names."""
    inner = _object(conversation).get("conversation", conversation)
    people = _object(inner).get("participant_data")
    for person in people if isinstance(people, list) else []:
        name, ids = _object(person).get("fallback_name"), _object(_object(person).get("id"))
        if isinstance(name, str) and tidy(name):
            yield from ((identity, tidy(name)) for identity in ids.values() if isinstance(identity, str))


def _message(event: Any, place: str) -> tuple[Message, str]:
    """Return the message of one event, and why it is left out, if it is.

    Raises:
        ValueError, TypeError: it is no event.
    """
    if not isinstance(event, dict):
        raise TypeError("an event is not an object")
    time = _EPOCH + timedelta(microseconds=int(event.get("timestamp") or ""))
    content = _object(_object(event.get("chat_message")).get("message_content"))
    text = tidy("".join(_segment(segment) for segment in content.get("segment") or ()))
    channel, identity = _object(event.get("conversation_id")).get("id"), event.get("event_id")
    identity = identity if isinstance(identity, str) and identity else None
    message = Message(_sender(event), text, time, place, str(channel or ""), identity)
    if event.get("event_type", "REGULAR_CHAT_MESSAGE") not in _TYPED:
        return message, "system"
    return message, "" if text else "media" if content.get("attachment") else "empty"


def _sender(event: dict[str, Any]) -> str:
    """Return the ids of who sent an event, a line each."""
    sender = _object(event.get("sender_id"))
    return "\n".join(tidy(one) for key in ("gaia_id", "chat_id") if isinstance(one := sender.get(key), str))


def _speaker(sender: str, names: dict[str, str]) -> str:
    """Return the sender's name; of people whom no conversation names, the id."""
    ids = [identity for identity in sender.split("\n") if identity]
    return next((names[identity] for identity in ids if identity in names), ids[0] if ids else "unknown")


def _segment(segment: Any) -> str:
    """Return the text of one segment; that of a line break or a link may be missing."""
    if not isinstance(segment, dict):
        raise TypeError("a segment is not an object")
    if segment.get("type") == "LINE_BREAK":
        return "\n"
    text = segment.get("text") or _object(segment.get("link_data")).get("link_target") or ""
    if not isinstance(text, str):
        raise TypeError("a text is not a string")
    return text


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
