"""The messages in the text that QQ's PC client exports: where each begins and ends."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally

_TITLE = "消息记录（此消息记录为文本格式"
_HEADER = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ \t]+(?:([上下]午)[ \t]?)?(\d{1,2}):(\d{2}):(\d{2})"
    r"(?:[ \t]?([AP])M(?=[ \t]))?[ \t]+(\S.*)"
)
_NUMBERED = re.compile(r"(.*?)[ \t]?(?:\((\d{1,20})\)|<([^<>\s]{1,200})>)[ \t]*$")
_ABOUT = re.compile(r"消息(分组|对象)[:：](.*)")
_TITLES = re.compile(r"(?:【[^【】]{0,60}】\s{0,9})+")
_RULE = re.compile(r"={10,}\s*$")
_LONGEST_NAME = 60
"""More characters than a nickname or a group's title and card can have."""
_LONGEST_HEADER = 400
_OUT_OF_ORDER = timedelta(hours=1)
"""So long before the message above it, one may have been sent by someone who has written before."""
_REMEMBERED = 100_000
"""Names of so many people."""
_RECENT = "最近联系人"
"""Under this group the client repeats the chats of others, and under this target messages of all chats."""


@dataclass(slots=True)
class Found:
    """A message as it stands in the text. ``number`` is the sender's QQ number or mail address."""

    place: str
    channel: str
    speaker: str
    number: str
    time: datetime
    lines: list[str] = field(default_factory=list)
    repeated: bool = False
    """Whether it stands in another group, too."""


def is_qq_text(head: str) -> str:
    """Return why a text that begins with ``head`` is QQ's, or nothing."""
    lines = head.split("\n")
    start = "\n".join(lines[:12])
    if _TITLE in start or (_ABOUT.search(start) and "消息对象" in start):
        return "the title of messages exported by QQ"
    headers = [found[9] for line in lines if (found := _HEADER.match(line))]
    numbered = sum(_NUMBERED.match(name) is not None for name in headers)
    return f"{numbered} headers with a date, a name and a QQ number" if numbered > len(headers) / 2 else ""


def find_messages(part: Part, tally: Tally) -> Iterator[Found]:
    """Yield the messages of a text; what stands before the first one and is none of QQ's own lines is counted."""
    chat = _Chat(PurePath(part.name).name, part.name, tally, _separated(part.text_head()))
    for number, line in part.lines(tally):
        if (found := chat.add(number, line)) is not None:
            yield found
    if chat.found is not None:
        yield chat.found


def _separated(head: str) -> bool:
    """Return whether an empty line stands before most headers: then one that has none before it may be text."""
    lines = head.split("\n")
    before = [not above.strip() for above, line in pairwise(lines) if _HEADER.match(line)]
    return sum(before) > len(before) / 2


_Header = tuple[datetime, str, str]
"""When, who, and the number or mail address of who it was, if it is there."""


@dataclass(slots=True)
class _Chat:
    """What was read of a text so far."""

    name: str
    part: str
    tally: Tally
    separated: bool
    group: str = ""
    target: str = ""
    found: Found | None = None
    above: str = ""
    """The line above."""
    names: OrderedDict[str, str] = field(default_factory=OrderedDict)
    """The last name of each number."""
    bare: set[str] = field(default_factory=set)
    """Names without a number: few, as only chats of two have them."""
    spans: dict[tuple[str, bool], tuple[datetime, datetime]] = field(default_factory=dict)
    """From when to when each target's messages go that were found outside and inside of the group that repeats."""

    def add(self, number: int, line: str) -> Found | None:
        """Take one line in; return the message that it ended, if it did."""
        above, self.above = self.above, line
        ended = self.found
        if (ended is None or _RULE.match(above)) and (about := _ABOUT.match(line)):
            if ended is not None:
                ended.lines.pop()  # the rule
            self._turn_to(about[1], tidy(about[2]))
            return ended
        if header := self._header(line, above):
            self._begin(number, header)
            return ended
        self._keep(number, line)
        return None

    def _turn_to(self, what: str, name: str) -> None:
        self.found = None
        if what == "分组":
            self.group, self.target = name, ""
        else:
            self.target = name

    def _header(self, line: str, above: str) -> _Header | None:
        """Return what a header says; a name without a number may as well be text that begins with a date."""
        read = _read_header(line)
        if read is None or read[2] or self.found is None:
            return read
        known = read[1] in self.bare and abs(read[0] - self.found.time) < _OUT_OF_ORDER
        is_text = (self.separated and above.strip()) or len(read[1]) > _LONGEST_NAME
        return None if is_text or (read[0] < self.found.time and not known) else read

    def _begin(self, number: int, header: _Header) -> None:
        time, name, identity = header
        speaker = self._speaker(tidy(name), identity)
        channel = f"{self.part}/{self.group}/{self.target}"
        self.found = Found(f"{self.name}:{number}", channel, speaker, identity, time, repeated=self._repeats(time))

    def _repeats(self, time: datetime) -> bool:
        """Return whether a message of that time was found before, on the other side."""
        recent = self.group == _RECENT
        other = self.spans.get((self.target, not recent))
        if self.target == _RECENT or (other and other[0] <= time <= other[1]):
            return True
        first, last = self.spans.get((self.target, recent), (time, time))
        self.spans[self.target, recent] = min(first, time), max(last, time)
        return False

    def _speaker(self, name: str, identity: str) -> str:
        """Return the name without titles such as 【管理员】; one that is but the number is not known."""
        titles = _TITLES.match(name)
        bare = name[titles.end() :].strip() if titles else name
        if not identity:
            if len(self.bare) < _REMEMBERED:
                self.bare.add(name)
            return bare or name
        if not bare or bare == identity:
            return self.names.get(identity, identity)
        self.names[identity] = bare
        if len(self.names) > _REMEMBERED:
            self.names.popitem(last=False)
        return bare

    def _keep(self, number: int, line: str) -> None:
        """Take a line as one more of the message's."""
        if self.found is not None:
            self.found.lines.append(line)
        elif line.strip() and not _RULE.match(line) and not line.startswith(_TITLE):
            self.tally.fault(f"{self.name}:{number}", line)


def _read_header(line: str) -> _Header | None:
    if len(line) > _LONGEST_HEADER or not (found := _HEADER.match(line)):
        return None
    year, month, day, hour, minute, second = (int(found[group]) for group in (1, 2, 3, 5, 6, 7))
    if found[4] or found[8]:
        hour = hour % 12 + (12 if found[4] == "下午" or found[8] == "P" else 0)
    try:
        time = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the log states no zone
    except ValueError:
        return None
    numbered = _NUMBERED.match(found[9])
    return (time, numbered[1], numbered[2] or numbered[3]) if numbered else (time, found[9], "")
