"""Instagram's direct messages: "Download your information" in JSON, as it has been since 2020 and as it was before.

Before, all chats stood in one ``messages.json``, each newest first:
``[{"participants": ["..."], "conversation": [{"sender", "created_at", "text", ...}]}]``, its strings in clean UTF-8.
"""

import re
import reprlib
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import Begins, records
from chatbot.corpus.readers.messages import Message, is_command
from chatbot.corpus.readers.meta_threads import MetaReader, owner, thread_shape
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.sorting import instant, sort_messages
from chatbot.corpus.tally import Tally

_LIST = re.compile(r"[\ufeff\s]*\[\s*\{")
_CHAT, _MESSAGE = "item", "item.conversation.item"
_SYSTEM = ("action", "video_call_action")
_NO_MEDIA = {"sender", "created_at", "text", "likes", "user", "mentioned_username"}
"""What else a message without a text has tells what was sent instead: a heart, a picture, a post, a voice."""


class InstagramReader(MetaReader):
    """``kind = "instagram"``."""

    kind: Literal["instagram"] = "instagram"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """A thread of Meta's, and the paths in it, or its own, say that it is Instagram's; or a list of chats."""
        if _LIST.match(head) and all(re.search(rf'"{key}"\s*:\s*\[', head) for key in ("participants", "conversation")):
            return "the chats of an account, as Instagram exported them before 2020"
        known = thread_shape(head) == "thread" and owner(head, name) == "instagram"
        return "a thread exported by Instagram" if known else ""

    def messages(self, parts: list[Part], tally: Tally) -> Iterator[Message]:
        """Yield the messages of every chat, oldest first."""
        threads = []
        for part in parts:
            if not _LIST.match(part.text_head()):
                threads.append(part)
                continue
            for _, chat in groupby(_listed(part, tally), lambda message: message.channel):
                yield from sort_messages(chat, instant)
        yield from super().messages(threads, tally)


def _listed(part: Part, tally: Tally) -> Iterator[Message]:
    name, chat, number = PurePath(part.name).name, 0, 0
    for _, record in records(part, [_MESSAGE], tally, [_CHAT]):
        if record is Begins.HERE:
            chat, number = chat + 1, 0
            continue
        number += 1
        place = f"{name}:{chat}:{number}"
        try:
            speaker, text, time = _content(record)
        except (ValueError, TypeError, OverflowError):
            tally.fault(place, reprlib.repr(record))
            continue
        if reason := _dropped(record, text):
            tally.skip(reason)
        else:
            yield Message(speaker, text, time, place, f"{part.name}/{chat}")


def _content(record: Any) -> tuple[str, str, datetime]:
    """Return who said what when.

    Raises:
        ValueError, TypeError: it is no message.
    """
    if not isinstance(record, dict):
        raise TypeError("a message is not an object")
    speaker, text = record.get("sender") or "unknown", record.get("text") or ""  # who left has no name
    if not isinstance(speaker, str) or not isinstance(text, str):
        raise TypeError("a name or a text is not a string")
    return tidy(speaker) or "unknown", tidy(text), datetime.fromisoformat(record.get("created_at"))  # type: ignore[arg-type]


def _dropped(record: dict[str, Any], text: str) -> str:
    if any(key in record for key in _SYSTEM):
        return "system"
    if text:
        return "command" if is_command(text) else ""
    return "media" if record.keys() - _NO_MEDIA else "empty"
