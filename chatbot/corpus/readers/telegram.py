"""Telegram Desktop's "Export chat history" and "Export Telegram data", in machine-readable JSON or as web pages.

A chat is ``{"name", "type", "id", "messages": [...]}``; an account holds many under ``chats.list`` and
``left_chats.list``. Such a file is one JSON object of up to several GB and is read as a stream.
Web pages are in ``telegram_html``; those of a folder that holds the same in JSON are left out.
"""

import re
import reprlib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers import telegram_html
from chatbot.corpus.readers.json_stream import Begins, records
from chatbot.corpus.readers.messages import ChatReader, Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_MEDIA = (
    "media_type", "photo", "file", "poll", "location_information", "contact_information", "game_title",
    "invoice_information", "live_location_period_seconds", "dice_emoji", "sticker_emoji", "giveaway_information",
    "paid_media", "todo_list", "story",
)  # fmt: skip
_IDENTITIES = (int, str, Decimal)
_CHATS = {"", "chats.list.item", "left_chats.list.item"}
_IDS = {"id", "chats.list.item.id", "left_chats.list.item.id"}
_MESSAGES = {"messages.item", "chats.list.item.messages.item", "left_chats.list.item.messages.item"}

_EXPORTED = "result.json"


class TelegramReader(ChatReader):
    """``kind = "telegram"``."""

    kind: Literal["telegram"] = "telegram"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """An object with messages or chats, and Telegram's names for what is in a message; or a page of them."""
        if not head.lstrip().startswith("{"):
            return telegram_html.recognised(head)
        chats = re.search(r'"(?:chats|left_chats)"\s*:\s*\{', head) and re.search(r'"list"\s*:\s*\[', head)
        if chats or (re.search(r'"personal_information"\s*:\s*\{', head) and re.search(r'"about"\s*:', head)):
            return "an account exported by Telegram Desktop"
        messages = re.search(r'"messages"\s*:\s*\[', head)
        marks = re.search(r'"(?:from_id|date_unixtime|text_entities)"\s*:|"type"\s*:\s*"(?:service|message)"', head)
        chat = re.search(r'"type"\s*:\s*"(?:\w+_(?:chat|group|supergroup|channel)|saved_messages)"', head)
        return "a chat exported by Telegram Desktop" if messages and (marks or chat) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        yield from self.dialogues(self._messages(parts, tally), tally)

    def _messages(self, parts: list[Part], tally: Tally) -> Iterator[Message]:
        pages, logs = list[Part](), list[Part]()
        for part in parts:
            (pages if telegram_html.recognised(part.text_head()) else logs).append(part)
        twice = {PurePath(part.name).parent for part in logs if PurePath(part.name).name == _EXPORTED}
        alone = [page for page in pages if twice.isdisjoint(_beside(page))]
        tally.skipped.update(["also in JSON"] * (len(pages) - len(alone)))
        yield from telegram_html.messages(alone, tally, self.forwards)
        for part in logs:
            name = PurePath(part.name).name
            for number, (channel, record) in enumerate(_records(part, tally), 1):
                message = self._message(record, channel, name, number, tally)
                if message is not None:
                    yield message

    def _message(self, record: Any, channel: str, name: str, number: int, tally: Tally) -> Message | None:
        """Return the message of one record, the ``number``-th of the log, or count why there is none."""
        if not isinstance(record, dict):
            tally.fault(f"{name}:{number}", reprlib.repr(record))
            return None
        place = f"{name}:{record.get('id', number)}"
        try:
            text, time = _text(record), _time(record)
        except (ValueError, TypeError, OverflowError, OSError, RecursionError):
            tally.fault(place, reprlib.repr(record))
            return None
        if reason := self._dropped(record, text):
            tally.skip(reason)
            return None
        identity = _string(record.get("id"))
        return Message(_speaker(record), text, time, place, channel, identity, _answered(record))

    def _dropped(self, record: dict[str, Any], text: str) -> str:
        if record.get("type", "message") != "message":
            return "system"
        if not self.forwards and ("forwarded_from" in record or "forwarded_from_id" in record):
            return "forwarded"
        if not text:
            return "media" if any(key in record for key in _MEDIA) else "empty"
        return "command" if text.startswith("/") and _is_command(record, text) else ""


def _beside(page: Part) -> set[PurePath]:
    """Return the folders whose JSON says what a page says: its own, and of ``chats/chat_001`` that of the account."""
    folder = PurePath(page.name).parent
    return {folder, *([folder.parent.parent] if folder.parent.name == "chats" else [])}


def _records(part: Part, tally: Tally) -> Iterator[tuple[str, Any]]:
    """Yield each message with its chat.

    A chat is told by its id, so that its parts in several exports are one; without an id, by its place.
    """
    chats, chat = 0, ""
    for path, value in records(part, _MESSAGES | _IDS, tally, _CHATS):
        if value is Begins.HERE:
            chats, chat = chats + 1, f"{part.name}/{chats}"
        elif path in _IDS:
            chat = str(value)
        else:
            yield chat, value


def _text(record: dict[str, Any]) -> str:
    """Return what was typed: a string, or parts of which some are entities with a text."""
    parts = record.get("text") or record.get("text_entities") or ""
    if isinstance(parts, str):
        return tidy(parts)
    if not isinstance(parts, list):
        parts = [parts]
    return tidy("".join(_checked(part.get("text") if isinstance(part, dict) else part) for part in parts))


def _checked(part: object) -> str:
    if not isinstance(part, str):
        raise TypeError("a text is neither string nor entity")
    return part


def _time(record: dict[str, Any]) -> datetime | None:
    """Return the time in UTC where the log has the epoch, else the local one without a zone."""
    if epoch := record.get("date_unixtime"):
        return datetime.fromtimestamp(int(epoch), UTC)
    date = record.get("date")
    return datetime.fromisoformat(date) if date else None


def _speaker(record: dict[str, Any]) -> str:
    identity = record.get("from_id")
    name = record.get("from")
    return (tidy(name) if isinstance(name, str) else "") or _string(identity) or "unknown"


def _answered(record: dict[str, Any]) -> str | None:
    """Return the id of the message that one answers; of one in another chat no id that this chat has."""
    reply = _string(record.get("reply_to_message_id"))
    peer = record.get("reply_to_peer_id")
    return reply if peer is None else f"{peer}/{reply}"


def _string(identity: object) -> str | None:
    if type(identity) in _IDENTITIES:  # and not a bool
        return str(identity)
    return None


def _is_command(record: dict[str, Any], text: str) -> bool:
    entities = record.get("text_entities") or record.get("text")
    if isinstance(entities, list) and entities:
        first = entities[0]
        return isinstance(first, dict) and first.get("type") == "bot_command"
    return is_command(text)
