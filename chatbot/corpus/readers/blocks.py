"""Logs in which a message starts at a header line, and everything up to the next header belongs to it."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.readers.messages import Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally

_LONGEST = 2**20
"""More characters than any application lets into one message: what goes on for longer is no message."""
_HEAD_LINES = 5
"""A log begins with a message, or with a few lines that tell what it is."""

Lines = Iterable[tuple[int, str]]
Find = Callable[[str], re.Match[str] | None]


@dataclass(slots=True)
class Block:
    """A header with the text below it. ``header`` is None for what stands before the first one."""

    number: int
    header: re.Match[str] | None
    lines: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, line: str) -> None:
        """Take one more line in, unless there are far too many."""
        self.size += len(line) + 1
        if self.whole:
            self.lines.append(line)

    @property
    def whole(self) -> bool:
        """Whether it is short enough for a message."""
        return self.size <= _LONGEST

    @property
    def text(self) -> str:
        """What stands behind the header and below it."""
        return "\n".join(self.lines)

    def first_line(self) -> str:
        """Return the header and what stands behind it, to be shown."""
        return (self.header[0] if self.header else "") + (self.lines[0] if self.lines else "")


def blocks(lines: Lines, find: Find) -> Iterator[Block]:
    """Yield the blocks of a log; ``find`` matches the header at a line's beginning."""
    block = Block(1, None)
    for number, line in lines:
        header = find(line)
        if header is None:
            block.add(line)
            continue
        if block.header or block.lines:
            yield block
        block = Block(number, header)
        block.add(line[header.end() :])
    if block.header or block.lines:
        yield block


@dataclass(frozen=True, slots=True)
class Log:
    """One part that is being read: makes its messages and counts what is none."""

    part: Part
    tally: Tally
    name: str
    """The part's name without its folders."""

    @classmethod
    def of(cls, part: Part, tally: Tally) -> "Log":
        """Return a part as a log whose messages are counted in ``tally``."""
        return cls(part, tally, PurePath(part.name).name)

    def fault(self, number: int, text: str) -> None:
        """Count what cannot be read."""
        self.tally.fault(f"{self.name}:{number}", text)

    def stray(self, block: Block, known: Find | None = None) -> None:
        """Count the lines that are no message's, but for those that ``known`` matches."""
        for number, line in enumerate(block.lines, block.number):
            if tidy(line) and not (known and known(line)):
                self.fault(number, line)
        if not block.whole:
            self.fault(block.number + len(block.lines), "and more lines like these")

    def message(self, block: Block, speaker: str, text: str, reason: str, time: datetime | None) -> Message | None:
        """Return the message of a block, or count it: for ``reason``, or as empty, as a command or as malformed."""
        if not block.whole or not (speaker or reason):
            self.fault(block.number, block.first_line())
            return None
        reason = reason or ("" if text else "empty") or ("command" if is_command(text) else "")
        if reason:
            self.tally.skip(reason)
            return None
        return Message(speaker, text, time, f"{self.name}:{block.number}", self.part.name)


def first_lines(head: str) -> list[str]:
    """Return the few lines with text that a log begins with, direction marks removed."""
    return [line for line in map(tidy, head.split("\n", 50)[:50]) if line][:_HEAD_LINES]


def headers(head: str, find: Find) -> list[re.Match[str]]:
    """Return the headers in a log's beginning; none unless one is among its first lines with text."""
    lines = [line for line in head.split("\n") if line.strip()]
    if not any(find(line) for line in lines[:_HEAD_LINES]):
        return []
    return [match for match in map(find, lines) if match]


def beginning(lines: Lines, characters: int) -> list[tuple[int, str]]:
    """Take the first lines, of about so many ``characters``, off a log."""
    taken, size = [], 0
    for number, line in lines:
        taken.append((number, line))
        size += len(line) + 1
        if size > characters:
            break
    return taken
