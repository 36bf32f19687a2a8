"""Slack workspaces as the export of a workspace has them: a zip or folder of channels, a JSON file a day in each.

Beside the channels' folders lie ``users.json`` (``org_users.json`` on Grid), ``channels.json``, ``groups.json``,
``mpims.json`` and ``dms.json``, which give names to ids. A thread is a dialogue of its own, head first.
"""

import re
import reprlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.messages import ChatReader, Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.slack_names import Names, block_text, plain
from chatbot.corpus.readers.sorting import sorted_by_time
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_SAID = {"", "thread_broadcast", "me_message", "file_comment", "file_share", "bot_message"}
"""The subtypes of what people and bots say; all others are about channels, files and calls."""
_MEDIA = ("files", "file", "attachments", "blocks", "upload")
_TS = re.compile(r"(\d{1,11})(?:\.(\d{1,9}))?")
_UPLOAD = re.compile(r"<@\w+(?:\|[^>]*)?> (?:uploaded|shared) (?:a|an) ")
_DAY = re.compile(r'"ts"\s*:\s*"?\d{9,11}(?:\.\d+)?"?\s*[,}]')
_DAYS_NAME = re.compile(r"\d{4}-\d\d-\d\d\.json")
"""A day's name, for one whose first message is so long that its ``ts`` is not in the head."""
_MESSAGE = re.compile(r'"type"\s*:\s*"message"')
_USERS = (r'"(?:profile"\s*:\s*\{|team_id"|is_bot")', r'"(?:real_name|display_name)"')
_CHANNELS = (r'"created"\s*:\s*\d', r'"(?:members|is_channel|is_private)"\s*:')
_TABLES = {"users.json", "org_users.json", "channels.json", "groups.json", "mpims.json", "dms.json"}


class SlackReader(ChatReader):
    """``kind = "slack"``."""

    kind: Literal["slack"] = "slack"
    bots: bool = True
    """Keep what bots wrote."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """A list of objects: messages with a ``ts``, users with a profile, or channels with members."""
        if not re.match(r"\s*\[\s*\{", head):
            return ""
        if _MESSAGE.search(head) and (_DAY.search(head) or _DAYS_NAME.fullmatch(PurePath(name).name)):
            return "a day of a Slack channel"
        is_list = re.search(r'"id"\s*:\s*"\w+"', head) is not None
        listed = PurePath(name).name in _TABLES or any(_all_in(head, marks) for marks in (_USERS, _CHANNELS))
        return "names of a Slack workspace" if is_list and listed else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every channel, and of every thread."""
        days, names = [], Names()
        for part in parts:
            if len(parts) == 1 or _MESSAGE.search(part.text_head()):
                days.append(part)
            else:
                names.learn(part, tally)
        yield from self.dialogues(sorted_by_time(self._messages(days, names, tally)), tally)

    def _messages(self, parts: list[Part], names: Names, tally: Tally) -> Iterator[Message]:
        for part in parts:
            folder = PurePath(part.name).parent
            name, channel = f"{folder.name}/{PurePath(part.name).name}", names.channel(folder)
            for number, (_, value) in enumerate(records(part, {"item"}, tally), 1):
                message = self._message(value, channel, f"{name}:{number}", names, tally)
                if message is not None:
                    yield message

    def _message(self, record: Any, channel: str, place: str, names: Names, tally: Tally) -> Message | None:
        """Return the message of one record, or count why there is none."""
        try:
            identity, time = str(record["ts"]), _time(str(record["ts"]))
            text, speaker = _text(record, names), names.speaker(record)
            reason = self._dropped(record, text)
            thread = _thread(record)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            tally.fault(place, reprlib.repr(record))
            return None
        if reason:
            tally.skip(reason)
            return None
        place = f"{place.rpartition(':')[0]}:{identity}"
        answered = thread if thread not in {"", identity} else None
        return Message(speaker, text, time, place, f"{channel}/{thread}" if thread else channel, identity, answered)

    def _dropped(self, record: dict[str, Any], text: str) -> str:
        kind = record.get("subtype") or ""
        if kind in {"tombstone", "message_deleted"}:
            return "deleted"
        if record.get("type", "message") != "message" or kind not in _SAID:
            return "system"
        if not self.bots and (kind == "bot_message" or record.get("bot_id") or record.get("user") == "USLACKBOT"):
            return "system"
        if not self.forwards and _is_forward(record):
            return "forwarded"
        if not text:
            return "media" if any(record.get(key) for key in _MEDIA) else "empty"
        return "command" if is_command(text) else ""


def _all_in(head: str, marks: tuple[str, ...]) -> bool:
    return all(re.search(mark, head) for mark in marks)


def _time(identity: str) -> datetime:
    found = _TS.fullmatch(identity)
    if found is None:
        raise ValueError("a ts is seconds, a point and microseconds")
    fraction = timedelta(microseconds=int((found[2] or "").ljust(6, "0")[:6]))
    return datetime.fromtimestamp(int(found[1]), UTC) + fraction


def _thread(record: dict[str, Any]) -> str:
    """Return the ts of the head of the thread that a message is in; nothing for a head whose replies are all gone."""
    if record.get("reply_count") == 0 and record.get("thread_ts") in {None, record["ts"]}:
        return ""
    return str(record.get("thread_ts") or (record["ts"] if record.get("replies") else ""))


def _text(record: dict[str, Any], names: Names) -> str:
    """Return what was typed: in old exports files came with a sentence in the person's name, and a comment."""
    kind = record.get("subtype")
    text = record.get("text") or ""
    if kind == "file_comment":
        text = (record.get("comment") or {}).get("comment") or text
    elif kind == "file_share" and _UPLOAD.match(text):
        text = ((record.get("file") or {}).get("initial_comment") or {}).get("comment") or ""
    if not text:
        text = "\n".join(filter(None, _shown(record)))
    return tidy(plain(text, names))


def _shown(record: dict[str, Any]) -> Iterator[str]:
    """Yield what stands in blocks and attachments: bots write there, and shared messages are there."""
    for block in record.get("blocks") or ():
        yield block_text(block)
    for attached in record.get("attachments") or ():
        yield from (attached.get(key) or "" for key in ("pretext", "text"))


def _is_forward(record: dict[str, Any]) -> bool:
    """Return whether a message only shares another one."""
    attachments = record.get("attachments") or ()
    return not record.get("text") and any(shared.get("is_share") for shared in attachments)
