"""iMessage and SMS as text: a file for each chat, written by imessage-exporter with ``-f txt``.

A message is a line with its date, a line with its sender and lines of text; only the next date ends it, since a text
may hold empty lines. Replies stand a second time, indented, under what they answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.imessage_lines import read_body
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = (
    rf"(?P<month>{'|'.join(_MONTHS)}) (?P<day>\d\d), (?P<year>\d{{4}}) {{1,2}}"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d) (?P<half>[AP]M)"
)
_HEADER = re.compile(rf"{_DATE}(?P<read> \(Read by .{{1,300}}\))?(?P<rest> .{{1,2000}})?")
_COPY = re.compile(rf" {{4,}}{_DATE}(?: \(Read by .{{1,300}}\))?")
_RESPONDED = "This message responded to an earlier message."
_SOMETHING = "earlier"
"""What an answer links to: the log does not say which message it is, but a link keeps it a turn of its own."""


class IMessageReader(ChatReader):
    """``kind = "imessage"``."""

    kind: Literal["imessage"] = "imessage"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first line is a date as imessage-exporter writes it, and a sender follows on one."""
        lines = head.lstrip("\ufeff\n ").split("\n")
        begins = _HEADER.fullmatch(lines[0])
        found = [_HEADER.fullmatch(line) for line in lines]
        follows = any(
            header and not header["rest"] and line.strip() for header, line in zip(found, lines[1:], strict=False)
        )
        return "dates, senders and texts as imessage-exporter writes them" if begins and follows else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        yield from self.dialogues((m for part in parts for m in _messages(part, tally)), tally)


@dataclass(slots=True)
class _Block:
    """A message's lines, from its date on."""

    number: int
    header: re.Match[str]
    lines: list[str] = field(default_factory=list)
    copied: bool = False
    """The last line belongs to the copy of an answer."""

    def add(self, line: str, *, after_empty: bool) -> None:
        """Take a line in, unless it belongs to the copy of an answer.

        A copy ends with an empty line, below which a later part of the message may stand. Old exporters indent the
        first line of a copied text alone.
        """
        if _COPY.fullmatch(line):
            self.copied = True
        elif after_empty and line.strip() and not line.startswith(" "):
            self.copied = False
        if not self.copied or line == _RESPONDED:
            self.lines.append(line)


def _blocks(part: Part, tally: Tally) -> Iterator[_Block]:
    """Yield each message and each announcement; lines before the first one are counted."""
    block, after_empty = None, True
    for number, line in part.lines(tally):
        header = _HEADER.fullmatch(line)
        # A date with more behind it is an announcement, but inside a message it is the first version of an edited text.
        if header and (after_empty or not header["rest"]):
            if block:
                yield block
            block = _Block(number, header)
        elif block:
            block.add(line, after_empty=after_empty)
        elif line.strip():
            tally.fault(f"{PurePath(part.name).name}:{number}", line)
        after_empty = not line.strip()
    if block:
        yield block


def _messages(part: Part, tally: Tally) -> Iterator[Message]:
    name = PurePath(part.name).name
    for block in _blocks(part, tally):
        place = f"{name}:{block.number}"
        try:
            time = _time(block.header)
        except ValueError:
            tally.fault(place, block.header[0])
            continue
        if rest := block.header["rest"]:
            tally.skip("deleted" if rest.endswith(" unsent a message!") else "system")
            continue
        answers = _RESPONDED in block.lines[1:]
        text, reason = read_body([line for line in block.lines[1:] if line != _RESPONDED])
        if reason:
            tally.skip(reason)
        else:
            speaker = tidy(block.lines[0]) or "unknown"
            yield Message(speaker, text, time, place, part.name, reply_to=_SOMETHING if answers else None)


def _time(header: re.Match[str]) -> datetime:
    """Return the time of a date line, which is the phone's own."""
    hour = int(header["hour"])
    if not 1 <= hour <= 12:
        raise ValueError("there is no such hour")
    hour = hour % 12 + (12 if header["half"] == "PM" else 0)
    month = _MONTHS.index(header["month"]) + 1
    return datetime(int(header["year"]), month, int(header["day"]), hour, int(header["minute"]), int(header["second"]))  # noqa: DTZ001 - the log states no zone
