"""The messages in the text that qq-chat-exporter writes.

Below a banner come, between empty lines, ``NAME:``, ``时间: 2024-03-05 09:41:00`` and ``内容: TEXT``, then what else
there is to tell: how many files, who is mentioned, and what is answered, without any id.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.readers.qq_text import Found
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally

_TITLE = "[QQChatExporter V"
_CHAT = "聊天名称: "
_TIME = re.compile(r"时间: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_NAME = re.compile(r"(?:^|\n\n)(?:\[\d{1,9}\]\n)?(?P<name>[^\n]{1,200}):$")
_CONTENT = "内容: "
_BELOW = re.compile(r"资源: \d{1,4} 个文件$|提及: |回复: .{0,200} - |={40,}$")
"""Begins what stands below a text: more about the message, or the banner at the end."""
_FACE = re.compile(r"\[(\[[^\[\]\n]{1,30}\])\]")


def is_exported(head: str) -> bool:
    """Return whether a text that begins with ``head`` is the exporter's."""
    return head.startswith(_TITLE)


def find_exported(part: Part, tally: Tally) -> Iterator[Found]:
    """Yield the messages of a text; a time counts only below a name that stands alone, as texts have times, too."""
    file, channel = PurePath(part.name).name, part.name
    found: Found | None = None
    lines = list[str]()
    for number, line in part.lines(tally):
        timed = _TIME.fullmatch(line)
        named = _NAME.search("\n".join(lines[-3:])) if timed else None
        if timed is None or named is None or (time := _time(timed[1])) is None:
            lines.append(line)
            continue
        if found is None:
            channel = next((f"{part.name}/{one[len(_CHAT) :]}" for one in lines if one.startswith(_CHAT)), channel)
        else:
            found.lines = _content(lines[:-1])
            yield found
        found, lines = Found(f"{file}:{number}", channel, tidy(named["name"]), "", time), []
    if found is not None:
        found.lines = _content(lines)
        yield found


def _time(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _content(lines: list[str]) -> list[str]:
    """Return the text among the lines of a message."""
    start = next((number for number, line in enumerate(lines[:2]) if line.startswith(_CONTENT)), None)
    if start is None:
        return []
    kept = takewhile(lambda line: not _BELOW.match(line), lines[start + 1 :])
    return [_FACE.sub(r"\1", line) for line in (lines[start].removeprefix(_CONTENT), *kept)]
