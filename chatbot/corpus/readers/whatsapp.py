"""WhatsApp's "Export chat", from Android and from the iPhone, in any language.

A message starts at a header, ``DATE, TIME - NAME: TEXT`` or ``[DATE, TIME] NAME: TEXT``, and goes on to the next. How
a phone writes a date is its locale's matter and stands nowhere: it is found out from the first megabytes of a file.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers import matrix_text
from chatbot.corpus.readers.blocks import Block, Log, beginning, blocks, headers
from chatbot.corpus.readers.dates import DATE, MARKS, TIME, Order, moment, settled_order
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.signal import SignalReader
from chatbot.corpus.readers.whatsapp_phrases import content, is_notice_of_encryption, tells_of_a_group
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_SURVEYED = 4 * 2**20
"""How many characters are looked through before any is read: WhatsApp itself ends an export at 40,000 messages."""
_OFTEN = 2
"""Who says more is no part of a notice."""
_COMMA = rf"(?:{MARKS}[,،、]{MARKS}\s{{0,2}}|\s{{1,2}})"
_BEFORE, _AFTER = rf"{MARKS}(?P<bracket>\[)?{MARKS}", r"(?P<end>(?(bracket)\]|(?:\s[-–—]|:)))(?:\s|$)"
_DATE_FIRST = re.compile(f"{_BEFORE}{DATE}{_COMMA}{TIME}{MARKS}{_AFTER}")
_TIME_FIRST = re.compile(rf"(?={MARKS}[\[\d]){_BEFORE}{TIME}{_COMMA}{DATE}{MARKS}{_AFTER}")
_NAME = re.compile(r"(.{1,200}?):(?:\s|(?=[\u200e\u200f])|\.?$)")
_QUOTES = {"“": "”", "‘": "’", "„": "“”", "«": "»", "「": "」", "『": "』"}
_GROUP = re.compile(r"[^\n:\u200e]{1,100}: [^\n\u200e]{1,100}: \u200e")
"""What stands before the first notice of a group whose name has a colon in it."""


class WhatsAppReader(ChatReader):
    """``kind = "whatsapp"``."""

    kind: Literal["whatsapp"] = "whatsapp"
    date_order: Order | None = None
    """Day, month and year as the phone wrote them, where the log itself does not tell."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Headers with a time and, most often, a name; a group's may begin with a thousand people who join it."""
        found = headers(head, _header)
        rows = [match.string[match.end() :] for match in found]
        named = sum(_NAME.match(row) is not None for row in rows)
        noticed = rows and (is_notice_of_encryption(rows[0]) or sum(map(tells_of_a_group, rows)) > len(rows) / 2)
        if not noticed and named < max(1, len(rows) / 10):
            return ""
        if head.startswith("====") or SignalReader.recognises(head, name) or matrix_text.recognised(head, name):
            return ""
        return f"messages start as WhatsApp writes them: {tidy(found[0][0])}"

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        yield from self.dialogues((m for part in parts for m in self._messages(Log.of(part, tally))), tally)

    def _messages(self, log: Log) -> Iterator[Message]:
        lines = iter(log.part.lines(log.tally))
        head = beginning(lines, _SURVEYED)
        style = _survey([line for _, line in head], self.date_order)
        for block in blocks(chain(head, lines), style.header):
            if block.header is None:
                log.stray(block)
            elif message := self._message(block, block.header, style, log):
                yield message

    def _message(self, block: Block, header: re.Match[str], style: "_Style", log: Log) -> Message | None:
        try:
            time = moment(header, style.order)
        except ValueError:
            log.fault(block.number, block.first_line())
            return None
        speaker, raw = style.said(block.text)
        text, reason = content(raw) if speaker else ("", "system")
        return log.message(block, speaker, text, reason, time)


@dataclass(frozen=True, slots=True)
class _Style:
    """How one phone writes: what ends a header, the order of a date's parts, who speaks, and what is no speaker."""

    end: str
    order: Order
    speakers: Counter[str]
    group: str
    """A group's name with a colon in it, which would seem to speak; mostly none."""

    def header(self, line: str) -> re.Match[str] | None:
        """Match a header of this phone's: others stand in texts that were copied from elsewhere."""
        match = _header(line)
        return match if match and match["end"].strip() == self.end else None

    def said(self, text: str) -> tuple[str, str]:
        """Return who says something, and what; nobody for what WhatsApp itself says."""
        named = None if self.group and text.startswith(self.group) else _NAME.match(text)
        speaker = _speaker(named[1]) if named else ""
        if named is None or not speaker or (self.speakers.get(speaker, 0) <= _OFTEN and self._is_notice(speaker)):
            return "", text
        return speaker, text[named.end() :]

    def _is_notice(self, name: str) -> bool:
        """Tell whether a name that is not read often begins a notice that quotes something with a colon in it."""
        if not tells_of_a_group(name):
            return False
        words = name.split(" ")
        starts = (" ".join(words[:count]) for count in range(1, len(words) - 4))
        return _opens(name) or any(self.speakers[start] > 1 for start in starts)


def _header(line: str) -> re.Match[str] | None:
    return _DATE_FIRST.match(line) or _TIME_FIRST.match(line)


def _survey(lines: list[str], chosen: Order | None) -> _Style:
    """Return the style in which a log begins."""
    found = [match for match in map(_header, lines) if match]
    ends = Counter(match["end"].strip() for match in found)
    end = max(ends, key=ends.__getitem__, default="-")
    found = [match for match in found if match["end"].strip() == end]
    order = settled_order(found, chosen)
    names = (_NAME.match(match.string, match.end()) for match in found)
    speakers = Counter(_speaker(named[1]) if named else "" for named in names)
    group = _GROUP.match(found[0].string, found[0].end()) if found else None
    return _Style(end, order, speakers, group[0] if group else "")


@lru_cache(1024)
def _speaker(name: str) -> str:
    """Return a name without the tilde of people who are in nobody's contacts; numbers have plain blanks."""
    return tidy(tidy(name).removeprefix("~")).replace("\u00a0", " ").replace("\u202f", " ")


def _opens(name: str) -> bool:
    """Tell whether a quotation begins in a name and does not end there."""
    if name.count('"') % 2 or (name.count("”") % 2 and not {"“", "„"} & set(name)):
        return True
    return any(
        mark in name and not any(end in name.rpartition(mark)[2] for end in ends) for mark, ends in _QUOTES.items()
    )
