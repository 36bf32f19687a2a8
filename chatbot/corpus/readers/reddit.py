"""Reddit's comments and submissions, an object a line, as the dumps of Pushshift and Arctic Shift have them.

Comments have ``link_id`` (the thread, ``t3_...``), ``parent_id`` (``t3_...`` or the comment ``t1_...``) and ``body``;
submissions ``title`` and ``selftext``. A thread's comments stand among those of all others.
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any, Literal

from pydantic import Field

from chatbot.corpus.canonical import load_json
from chatbot.corpus.log import Part
from chatbot.corpus.readers.messages import ChatReader, Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.sorting import instant, sort_messages
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_GONE = {"[deleted]", "[removed]", "[ Removed by Reddit ]", "[deleted by user]"}
_AUTHOR = ("author", "author_fullname")
_ESCAPES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "#39": "'", "#x27": "'", "#x200b": "", "nbsp": "\u00a0"}
_ESCAPE = re.compile(r"&(?:amp;)?(#x200B|nbsp);|&(amp|lt|gt|quot|#39|#x27);", re.IGNORECASE)
"""Reddit's editor writes the first two itself, and older dumps escape them once more."""
_REMEMBERED = 500_000
"""How many comments of one thread can be answered."""
_COMMENT = re.compile(r'"(?:link_id|parent_id)"\s{0,9}:\s{0,9}"t[13]_')
_SUBMISSION = re.compile(r'"(?:selftext|subreddit|is_self|num_comments)"\s{0,9}:')


class RedditReader(ChatReader):
    """``kind = "reddit"``."""

    kind: Literal["reddit"] = "reddit"
    gap_minutes: int = Field(7 * 24 * 60, ge=1)
    """A longer silence starts a new dialogue: a week, since a thread's answers come when their readers do."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first line is an object with a comment's or a submission's keys."""
        first = head.lstrip("\ufeff\n ").split("\n", 1)[0]
        if not first.startswith("{") or not re.search(r'"created_utc"\s{0,9}:', first):
            return ""
        if '"body"' in first and _COMMENT.search(first):
            return "each line is a comment with what it answers"
        return "each line is a submission" if '"title"' in first and _SUBMISSION.search(first) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every thread."""
        threads = sort_messages((message for part in parts for message in _messages(part, tally)), _thread_and_time)
        yield from self.dialogues(sort_messages(_rooted(threads), _thread_and_time), tally)


def _thread_and_time(message: Message) -> tuple[str, timedelta]:
    return message.channel, instant(message)


def _rooted(messages: Iterable[Message]) -> Iterator[Message]:
    """Yield messages, each in a channel with what it descends from.

    A comment whose parent is gone, or in no part of the log, begins a channel: what merely stands before it in the
    thread is not what it answers.
    """
    roots: OrderedDict[str, str] = OrderedDict()
    thread = ""
    for message in messages:
        if message.channel != thread:
            roots.clear()
            thread = message.channel
        root = roots.get(message.reply_to or "") or message.id or ""
        if message.id:
            roots[message.id] = root
        if len(roots) > _REMEMBERED:
            roots.popitem(last=False)
        yield message._replace(channel=f"{thread}/{root}")


def _messages(part: Part, tally: Tally) -> Iterator[Message]:
    name = PurePath(part.name).name
    for number, line in part.lines(tally):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        try:
            message, reason = _message(load_json(line), place)
        except (ValueError, TypeError, OverflowError):
            tally.fault(place, line)
            continue
        if reason:
            tally.skip(reason)
        else:
            yield message


def _message(record: Any, place: str) -> tuple[Message, str]:
    """Return the message of one record, and why it is left out, if it is.

    Raises:
        ValueError, TypeError: it is neither a comment nor a submission.
    """
    if not isinstance(record, dict):
        raise TypeError("a record is not an object")
    comment = "body" in record
    written = _string(record["body"]) if comment else _submitted(record)
    text = "" if written.strip() in _GONE else tidy(_unescaped(written))
    if comment:
        text = _unquoted(text)
    identity = _fullname(record.get("name") or record.get("id"), "t1" if comment else "t3")
    thread, parent = _fullname(record.get("link_id"), "t3"), _fullname(record.get("parent_id"), "t3")
    channel = thread if comment else identity
    message = Message(_speaker(record), text, _time(record), place, channel, identity or None, parent or None)
    return message, _dropped(message, written)


def _dropped(message: Message, written: str) -> str:
    if written.strip() in _GONE:
        return "deleted"
    if message.speaker == "AutoModerator":
        return "system"
    if not message.text:
        return "empty"
    return "command" if is_command(message.text) else ""


def _submitted(record: dict[str, Any]) -> str:
    """Return a submission's title and what stands below it."""
    title, below = _string(record.get("title")), _string(record.get("selftext") or "")
    if title.strip() in _GONE or below.strip() in _GONE:
        below = ""
    return f"{title}\n{below}"


def _unescaped(text: str) -> str:
    """Return the text with the characters that older dumps write as in HTML."""
    return _ESCAPE.sub(lambda found: _ESCAPES[(found[1] or found[2]).lower()], text)


def _unquoted(text: str) -> str:
    """Return a comment without the lines that quote what it answers; ``>!`` begins a spoiler, not a quotation."""
    return tidy("\n".join(line for line in text.split("\n") if not line.startswith(">") or line.startswith(">!")))


def _speaker(record: dict[str, Any]) -> str:
    """Return the author's name; that of a deleted account is gone, but its id may be there."""
    name, identity = (tidy(value) if isinstance(value := record.get(key), str) else "" for key in _AUTHOR)
    return name if name and name not in _GONE else identity or "[deleted]"


def _fullname(value: object, kind: str) -> str:
    """Return an id with its kind before it, as links have it; nothing if there is none."""
    name = tidy(value) if isinstance(value, str) else ""
    return name if not name or re.match(r"t\d_", name) else f"{kind}_{name}"


def _time(record: dict[str, Any]) -> datetime | None:
    """Return when it was written; the number is a string in some dumps."""
    stamp = record.get("created_utc")
    if isinstance(stamp, bool) or not isinstance(stamp, int | float | str):
        raise TypeError("there is no time")
    return datetime.fromtimestamp(int(float(stamp)), UTC)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is not a string")
    return value
