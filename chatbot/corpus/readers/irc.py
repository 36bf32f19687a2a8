"""IRC logs of irssi, mIRC, WeeChat and ZNC, and the logs of Ubuntu's channels.

Each has a line for each message, ``<nick> text`` after a time of day; the date stands in lines of its own (irssi,
mIRC), in the line (WeeChat), or only in the file's path (ZNC, Ubuntu). Nobody's messages have ids, but
people begin theirs with the name of whom they answer.
"""

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import PurePath
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_LINE = re.compile(r"\[?(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2}))?\]? (.*)")
_WEECHAT = re.compile(r"(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?)\t([^\t]*)\t(.*)")
_SAID = re.compile(r"<([^<>]{1,100})>(?: (.*))?$")
_ACTION = re.compile(r" ?\* (\S{1,100})(?: (.*))?$")
_EVENTS = ("-", "***", "===", "=!=", "<--", ">>>", "!")
"""Begin what the server or the client says, and notices, which programs send."""
_STARRED = re.compile(
    r"\* (?:(?:Joins|Parts|Quits): |Now talking (?:in|on) [#&]|Topic is '|Set by \S{1,100} on |Disconnected$"
    r"|\S{1,100} (?:\([^\s@]{1,100}@[^\s()]{1,200}\) (?:has )?(?:joined|left|quit)\b|sets mode: |changes topic to '"
    r"|is now known as \S{1,100}$|was kicked by \S{1,100} \())"
)
"""mIRC writes events as others write what somebody does."""
_DATED = re.compile(r"(?:--- (?:Log opened|Log closed|Day changed)|Session (?:Start|Time|Ident|Close):) (.{1,100})")
_MODES = "@+%&~! "
"""Stand before a nick and tell what its owner may do; irssi writes a blank for nothing."""
_COLOURS = re.compile("\x03(?:\\d{1,2}(?:,\\d{1,2})?)?|\x04[0-9A-Fa-f]{6}|[\x01\x02\x0f\x11\x16\x1d\x1e\x1f]")
_ADDRESSED = re.compile(r"@?([^\s:,<>]{1,60})[:,](?:\s|$)")
_NAME_DATE = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")
_PATH_DATE = re.compile(r"(?<!\d)(\d{4})/(\d{2})/(\d{2})(?=/)")
_ANSWERED_WITHIN = timedelta(hours=12)
"""A name says whom a message answers; what its owner said a day before is hardly meant."""
_SET_BACK = timedelta(hours=2)
"""Clocks are set back by less in autumn."""
_REMEMBERED = 10_000
"""Nicks in one channel."""
_MONTHS = (
    "jan ene gen sty led tammi oca янв", "feb fev fév févr lut úno helmi şub фев", "mar mär mrt bře maalis мар",
    "apr avr abr kwi dub huhti nis апр", "may mai maj mag mei kvě touko май мая", "jun juin giu cze čen kesä haz июн",
    "jul juil lug lip čec heinä tem июл", "aug ago aoû sie srp elo ağu авг", "sep set wrz zář syys eyl сен",
    "oct okt ott out paź říj loka eki окт", "nov lis marras kas ноя", "dec dez dic déc gru pro joulu ara дек",
)  # fmt: skip
"""How abbreviated names of months begin in the locales that irssi may run in."""
_STEMS = {stem: number for number, stems in enumerate(_MONTHS, 1) for stem in stems.split()}


class IrcReader(ChatReader):
    """``kind = "irc"``."""

    kind: Literal["irc"] = "irc"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Most lines are messages and events of IRC, and some of them are nobody else's."""
        lines = [line for line in _COLOURS.sub("", head).split("\n") if line.strip()]
        found = [_recognised(line) for line in lines]
        known = sum(kind != "" for kind in found)
        if "sure" not in found or known <= len(lines) / 2:
            return ""
        return f"{known} of the first {len(lines)} lines are messages and events of IRC"

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every channel."""
        yield from self.dialogues(self._messages(parts, tally), tally)

    @staticmethod
    def _messages(parts: list[Part], tally: Tally) -> Iterator[Message]:
        channel = _Channel("")
        for part in parts:
            day, path = _dated_path(part.name)
            if channel.name != path:
                channel = _Channel(path)
            channel.begin(PurePath(part.name).name, day)
            for number, line in part.lines(tally):
                if (message := channel.read(number, line, tally)) is not None:
                    yield message


@dataclass(frozen=True, slots=True)
class _Said:
    nick: str
    text: str
    when: datetime | time
    """A time of day where the line has no date."""


@dataclass(slots=True)
class _Channel:
    """What is known of a channel while its files are read."""

    name: str
    file: str = ""
    first_day: date | None = None
    day: date | None = None
    clock: time | None = None
    last: OrderedDict[str, tuple[str, datetime | None]] = field(default_factory=OrderedDict)
    """The last message of each nick: its id and time."""

    def begin(self, file: str, day: date | None) -> None:
        self.file, self.first_day, self.day, self.clock = file, day, day, None

    def read(self, number: int, line: str, tally: Tally) -> Message | None:
        """Return the message of a line, or count why there is none."""
        line = _COLOURS.sub("", line)  # mIRC may log whole lines in the colour of their kind
        if dated := _DATED.match(line):
            self.day, self.clock = _irssi_date(dated[1]) or self.day, None
            return None
        if not line.strip():
            return None
        said = _parse(line)
        if said == "malformed":
            tally.fault(f"{self.file}:{number}", line)
        elif isinstance(said, str):
            tally.skip(said)
        else:
            return self._message(number, said)
        return None

    def _message(self, number: int, said: _Said) -> Message:
        # Files of one channel are told apart by their dates, others hold a channel each.
        identity = f"{self.first_day.isoformat()}:{number}" if self.first_day else str(number)
        moment = self._moment(said.when)
        answered = self._answered(said, moment)
        self.last[said.nick.casefold()] = (identity, moment)
        self.last.move_to_end(said.nick.casefold())
        if len(self.last) > _REMEMBERED:
            self.last.popitem(last=False)
        return Message(said.nick, said.text, moment, f"{self.file}:{number}", self.name, identity, answered)

    def _moment(self, when: datetime | time) -> datetime | None:
        """Return when a message was said; a clock that goes back by hours is past midnight."""
        if isinstance(when, datetime):
            return when
        if self.day is None:
            return None
        back = datetime.combine(self.day, self.clock or when) - datetime.combine(self.day, when)
        if back > _SET_BACK and self.day < date.max:
            self.day += timedelta(days=1)
        self.clock = when
        return datetime.combine(self.day, when)

    def _answered(self, said: _Said, moment: datetime | None) -> str | None:
        """Return the last message of the person with whose name this one begins."""
        addressed = _ADDRESSED.match(said.text)
        nick = addressed[1].casefold() if addressed else ""
        if nick not in self.last or nick == said.nick.casefold():
            return None
        identity, before = self.last[nick]
        if before and moment and (before.tzinfo is None) == (moment.tzinfo is None):
            return identity if moment - before <= _ANSWERED_WITHIN else None
        return identity


def _parse(line: str) -> _Said | str:
    """Return what a line says, or why it says nothing."""
    if found := _WEECHAT.match(line):
        return _weechat(found[1], found[2], found[3])
    found = _LINE.match(line)
    if found is None:
        return "system" if line.startswith(("===", "---", "***")) else "malformed"
    body = found[5]
    message = _SAID.match(body) or _ACTION.match(body)
    if message is None or _STARRED.match(body):
        return "malformed" if message is None and not body.startswith(_EVENTS) else "system"
    try:
        clock = time(int(found[2]), int(found[3]), int(found[4] or 0))
        when = datetime.combine(date.fromisoformat(found[1]), clock) if found[1] else clock
    except ValueError:
        return "malformed"
    return _said(message[1], message[2], when)


def _weechat(stamp: str, prefix: str, text: str) -> _Said | str:
    prefix = prefix.strip()
    if prefix == "*":
        prefix, _, text = text.partition(" ")
    elif prefix in {"", "-->", "<--", "--", "=!="}:
        return "system"
    try:
        return _said(prefix.strip("<>"), text, datetime.fromisoformat(stamp))
    except ValueError:
        return "malformed"


def _said(nick: str, text: str | None, when: datetime | time) -> _Said | str:
    nick, typed = tidy(nick).strip(_MODES), tidy(text or "")
    if not nick:
        return "malformed"
    return _Said(nick, typed, when) if typed else "empty"


def _recognised(line: str) -> str:
    """Return whether a line is "sure" to be IRC's, or "likely", or nothing."""
    if _WEECHAT.match(line) and line.count("\t") == 2:  # with three, it is a row of the Ubuntu Dialogue Corpus
        return "sure"
    found = _LINE.match(line)
    if found is None:
        return "likely" if _DATED.match(line) or line.startswith("=== ") else ""
    if _SAID.match(found[5]) or _STARRED.match(found[5]) or found[5].startswith(("-!- ", "*** ")):
        return "sure"
    return "likely" if _ACTION.match(found[5]) or found[5].startswith("=== ") else ""


def _irssi_date(text: str) -> date | None:
    """Return the date of ``Mon Aug 05 23:32:20 2013``, whatever language it is in."""
    words = [word for word in text.split() if ":" not in word]
    year = next((int(word) for word in words if re.fullmatch(r"\d{4}", word)), 0)
    day = next((int(word.rstrip(".")) for word in words if re.fullmatch(r"\d{1,2}\.?", word)), 0)
    month = next(filter(None, map(_month, words[1:])), 0)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(word: str) -> int:
    """Return which month a word names, 0 for none. The first letters decide, of two fitting names the longer one."""
    if numbered := re.match(r"(\d{1,2})[月월]", word):
        return int(numbered[1])
    low = word.casefold()
    return next((_STEMS[low[:length]] for length in range(len(low), 2, -1) if low[:length] in _STEMS), 0)


def _dated_path(name: str) -> tuple[date | None, str]:
    """Return the day that a file's path names, if it does, and the path without it."""
    path = PurePath(name).as_posix()
    folder, _, file = path.rpartition("/")
    for found, before, after in (
        (_NAME_DATE.search(file), f"{folder}/", ""),
        (_PATH_DATE.search(f"{folder}/"), "", f"/{file}"),
    ):
        if found is None:
            continue
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            continue
        return day, before + found.string[: found.start()] + found.string[found.end() :].rstrip("/") + after
    return None, path
