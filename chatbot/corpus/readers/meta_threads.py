"""Threads of Messenger and Instagram as Meta's "Download your information" writes them in JSON, the same for both.

A thread is a folder with ``message_1.json``, ``message_2.json`` ..., each newest first and the first the newest:
``{"participants": [{"name"}], "messages": [{"sender_name", "timestamp_ms", "content", ...}], "thread_path": ...}``.
Every string is UTF-8 of which each byte is written as a character. End-to-end encrypted chats, a file each, are clean:
``{"participants": ["..."], "threadName": ..., "messages": [{"senderName", "timestamp", "text", "type", "media"}]}``.
"""

import re
import reprlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import PurePath
from typing import Any

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.messages import ChatReader, Message, is_command
from chatbot.corpus.readers.meta_notices import notice_reason
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.sorting import instant, sort_messages
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = 10**11
"""Times below it are in seconds, as the exports of 2018 have them: in milliseconds they would lie before March 1973."""
_MEDIA = (
    "photos", "videos", "audio_files", "files", "gifs", "sticker", "share", "media", "location", "live_location",
    "contact", "contacts",
)  # fmt: skip
_UNKEPT = {"Call": "system", "Subscribe": "system", "Unsubscribe": "system", "Payment": "system", "Plan": "system"}
"""What ``type`` says of exports until 2022 that nobody typed."""
_FILE = re.compile(r"message_(\d{1,9})\.json")


class MetaReader(ChatReader):
    """A reader of either application's threads."""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every thread, its files put together, oldest first."""
        yield from self.dialogues(self.messages(parts, tally), tally)

    def messages(self, parts: list[Part], tally: Tally) -> Iterator[Message]:
        """Yield the messages thread after thread, oldest first; what two exports of one thread share comes once."""
        for thread, files in groupby(sorted(parts, key=_place), lambda part: _place(part)[0]):
            same = list(files)
            messages = sort_messages((m for part in same for m in _thread(part, thread, tally)), instant)
            joined = len({_place(part) for part in same}) < len(same)
            yield from _once(messages, tally) if joined else messages


def thread_shape(head: str) -> str:
    """Return what the shape of an object that begins with ``head`` is called: "thread", "encrypted" or nothing."""
    if not head.lstrip("\ufeff \t\n").startswith("{"):
        return ""
    if not re.search(r'"messages"\s{0,9}:\s{0,9}\[', head):
        return ""
    if re.search(r'"timestamp(?:_ms)?"\s{0,9}:\s{0,9}\d', head):
        if '"sender_name"' in head:
            return "thread"
        marked = re.search(r'"(?:isUnsent|threadName|media|type)"\s{0,9}:', head)
        # QQ's exporter names the sender of what is quoted so, but has an object for who sent a message.
        if '"senderName"' in head and marked and not re.search(r'"sender"\s{0,9}:\s{0,9}\{', head):
            return "encrypted"
    named = re.search(r'"(?:thread_path|threadName)"\s{0,9}:', head) and '"participants"' in head
    return "thread" if named and re.search(r'"messages"\s{0,9}:\s{0,9}\[\s{0,99}\]', head) else ""


def owner(head: str, name: str) -> str:
    """Return which application a file says that it is from, by the paths in it or its own; nothing if it does not."""
    if found := re.search(r"your_(facebook|instagram)_activity", f"{name}\n{head}"):
        return found[1]
    for folder in reversed(PurePath(name).parts):
        names = set(re.findall(r"facebook|messenger|instagram", folder.lower()))
        if names and (names == {"instagram"} or "instagram" not in names):  # a folder named after both tells nothing
            return "instagram" if "instagram" in names else "facebook"
    return ""


def _place(part: Part) -> tuple[str, int]:
    """Return the thread that a file belongs to, and which of its files it is; one thread may be in many zips."""
    path = PurePath(part.name)
    number = _FILE.fullmatch(path.name)
    return ("/".join(path.parts[-3:-1]), int(number[1])) if number else (part.name, 0)


def _once(messages: Iterable[Message], tally: Tally) -> Iterator[Message]:
    """Yield messages without those that say the same at the same moment: they have no ids to tell them by."""
    for _, moment in groupby(messages, instant):
        seen = set[tuple[str, str]]()
        for message in moment:
            if (message.speaker, message.text) in seen:
                tally.skip("duplicate")
                continue
            seen.add((message.speaker, message.text))
            yield message


def _thread(part: Part, thread: str, tally: Tally) -> Iterator[Message]:
    name = "/".join(PurePath(part.name).parts[-2:]) if thread != part.name else PurePath(part.name).name
    for number, (_, record) in enumerate(records(part, ["messages.item"], tally), 1):
        place = f"{name}:{number}"
        try:
            speaker, text, time, reason = _content(record)
        except (ValueError, TypeError, OverflowError):
            tally.fault(place, reprlib.repr(record))
            continue
        if reason:
            tally.skip(reason)
        else:
            yield Message(speaker, text, time, place, thread)


def _content(record: Any) -> tuple[str, str, datetime, str]:
    """Return who said what when, and why it is left out, if it is.

    Raises:
        ValueError, TypeError: it is no message.
    """
    if not isinstance(record, dict):
        raise TypeError("a message is not an object")
    if "senderName" in record:
        speaker, text = _string(record["senderName"]), _string(record.get("text") or "")
    else:  # who has left the application has no name
        speaker, text = repair(_string(record.get("sender_name") or "")), repair(_string(record.get("content") or ""))
    speaker, text = tidy(speaker), tidy(text)
    time = _time(record.get("timestamp_ms", record.get("timestamp")))
    return speaker or "unknown", text, time, _dropped(record, speaker, text)


def _dropped(record: dict[str, Any], speaker: str, text: str) -> str:
    if record.get("is_unsent") or record.get("isUnsent") or record.get("is_taken_down"):
        return "deleted"
    if record.get("type") == "placeholder" or "call_duration" in record:
        return "system"
    media = any(record.get(key) for key in _MEDIA)
    if not text:
        return "media" if media else _UNKEPT.get(str(record.get("type")), "empty")
    reason = _UNKEPT.get(str(record.get("type")), "") or notice_reason(text, speaker, media=media)
    return reason or ("command" if is_command(text) else "")


def repair(text: str) -> str:
    """Return the text whose UTF-8 bytes were each written as a character; one that is right already stays."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a name or a text is not a string")
    return value


def _time(stamp: object) -> datetime:
    if isinstance(stamp, bool) or not isinstance(stamp, int | Decimal):
        raise TypeError("a time is not a number")
    count = int(stamp)
    return _EPOCH + timedelta(milliseconds=count * 1000 if abs(count) < _SECONDS else count)
