"""Discord channels as DiscordChatExporter writes them: web pages, JSON, CSV or plain text.

JSON is ``{"guild", "channel", "dateRange", "messages": [...], "messageCount"}``, read as a stream; CSV and plain text
are in ``discord_rows``, web pages in ``discord_html``. The parts of a channel, and exports of it that overlap, are
one log.
"""

import re
import reprlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers import discord_html, discord_rows
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.local_dates import Order
from chatbot.corpus.readers.messages import ChatReader, Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.sorting import sorted_by_time
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

_SAID = {"Default", "Reply", "0", "19"}
_COMMANDS = {"ChatInputCommand", "ContextMenuCommand", "20", "23"}
"""The types of messages; what a version did not know by name yet it wrote as a number."""
_MEDIA = ("attachments", "embeds", "stickers", "components")
_MARKUP = re.compile(r"<(?:@!?(\d{1,20})|a?(:\w{1,64}:)\d{1,20})>")
_OWN_JSON = re.compile(r'"ID"\s*:.{0,80}"Timestamp"\s*:.{0,80}"Contents"\s*:', re.DOTALL)
_OWN_CSV = "ID,Timestamp,Contents,Attachments"


class DiscordReader(ChatReader):
    """``kind = "discord"``."""

    kind: Literal["discord"] = "discord"
    bots: bool = True
    """Keep what bots wrote, where the log tells who is one."""
    date_order: Order = ""
    """The order of day and month in plain text and old CSV, when it is guessed wrongly."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """An object with a guild, a channel and messages; a heading of CSV columns; or a banner with a guild."""
        begin = head.lstrip()
        if begin.startswith("{"):
            keys = (r'"guild"\s*:\s*\{', r'"channel"\s*:\s*\{', r'"(?:messages"\s*:\s*\[|dateRange"\s*:\s*\{)')
            return "a channel exported by DiscordChatExporter" if all(re.search(key, begin) for key in keys) else ""
        if begin.startswith(_OWN_CSV) or (begin.startswith("[") and _OWN_JSON.search(begin[:4096])):
            return "messages of one user, from the data that Discord sends on request"
        return discord_html.recognised(begin) or discord_rows.recognised(begin)

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every channel."""
        yield from self.dialogues(sorted_by_time(self._messages(parts, tally)), tally)

    def _messages(self, parts: list[Part], tally: Tally) -> Iterator[Message]:
        for part in parts:
            head = part.text_head().lstrip()
            if head.startswith((_OWN_CSV, "[")):
                raise LogError(
                    f"{part.name}: holds one user's messages without what they answered",
                    "export the channels with DiscordChatExporter",
                )
            if head.startswith("{"):
                yield from self._from_json(part, tally)
            elif head.startswith("<"):
                yield from discord_html.messages(part, tally, self.bots, self.forwards)
            else:
                yield from discord_rows.messages(part, tally, self.date_order, self.forwards)

    def _from_json(self, part: Part, tally: Tally) -> Iterator[Message]:
        name, channel, number = PurePath(part.name).name, part.name, 0
        for path, value in records(part, {"channel.id", "messages.item"}, tally):
            if path == "channel.id":
                channel = str(value)
            else:
                number += 1
                message = self._message(value, channel, name, number, tally)
                if message is not None:
                    yield message

    def _message(self, record: Any, channel: str, name: str, number: int, tally: Tally) -> Message | None:
        """Return the message of one record, the ``number``-th of the log, or count why there is none."""
        place = f"{name}:{_string(record.get('id')) or number}" if isinstance(record, dict) else f"{name}:{number}"
        try:
            text, time, speaker = self._text(record), datetime.fromisoformat(record["timestamp"]), _speaker(record)
            reason, answered = self._dropped(record, text), _answered(record, channel)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            tally.fault(place, reprlib.repr(record))
            return None
        if reason:
            tally.skip(reason)
            return None
        return Message(speaker, text, time, place, channel, _string(record.get("id")), answered)

    def _text(self, record: dict[str, Any]) -> str:
        """Return what was typed, mentions that the exporter has left as ids resolved."""
        text = record.get("content") or ""
        if not text and self.forwards and _is_forward(record):
            text = (record.get("forwardedMessage") or {}).get("content") or ""
        names = {str(user.get("id")): _name(user) for user in record.get("mentions") or ()}
        return tidy(_MARKUP.sub(lambda found: found[2] or _mention(found, names), text))

    def _dropped(self, record: dict[str, Any], text: str) -> str:
        kind = str(record.get("type", "Default"))
        if kind not in _SAID:
            return "command" if kind in _COMMANDS else "system"
        if not self.bots and record["author"].get("isBot"):
            return "system"
        if not self.forwards and _is_forward(record):
            return "forwarded"
        if not text:
            return "media" if any(record.get(key) for key in _MEDIA) else "empty"
        return "command" if is_command(text) else ""


def _is_forward(record: dict[str, Any]) -> bool:
    reference = record.get("reference") or {}
    return bool(record.get("forwardedMessage")) or reference.get("type") == "Forward"


def _answered(record: dict[str, Any], channel: str) -> str | None:
    """Return the id of the message that this one answers; a crosspost refers to one in another channel."""
    reference = record.get("reference") or {}
    if _is_forward(record) or _string(reference.get("channelId")) not in {None, channel}:
        return None
    return _string(reference.get("messageId"))


def _speaker(record: dict[str, Any]) -> str:
    author = record["author"]
    return _name(author) or _string(author.get("id")) or "unknown"


def _name(user: dict[str, Any]) -> str:
    return tidy(user.get("nickname") or "") or tidy(user.get("name") or "")


def _mention(found: re.Match[str], names: dict[str, str]) -> str:
    name = names.get(found[1])
    return f"@{name}" if name else found[0]


def _string(identity: object) -> str | None:
    return str(identity) if isinstance(identity, int | str) and not isinstance(identity, bool) and identity else None
