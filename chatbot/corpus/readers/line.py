r"""LINE's "Send chat history" as text, from the phone and from the computer.

Below a line with the day, ``TIME TAB NAME TAB TEXT``; a text of several lines stands in double quotes. Some exports
have blanks for the tabs.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, takewhile
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.blocks import Block, Log, beginning, blocks, first_lines
from chatbot.corpus.readers.dates import DATE, MARKS, Order, Parts, clock, day
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_SURVEYED = 2**20
"""How many characters are looked through for names with blanks before any message is read."""
_TIME = (
    r"(?:(?P<before>[上下]午|午[前後]|오[전후]|凌晨|早上|中午|晚上|[AP]M)\s?)?(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<seconds>\d{2}))?(?:\s?(?P<after>[AaPp]\.?[Mm]\.?))?"
)
_TABBED = re.compile(rf"{MARKS}{_TIME}\t(?:(?P<name>[^\t]{{0,200}})\t)?")
_SPACED = re.compile(rf"{MARKS}{_TIME} (?=\S)")
_WEEKDAY = r"\s?(?:[(（][^\d()（）]{1,12}[)）]|[周週]\w|星期\w|\w曜日?|\w요일|[A-Za-z]{3,9})?"
_DAY = re.compile(rf"{MARKS}(?:(?P<weekday>[^\W\d]{{2,12}})[,.]?\s)?{DATE}{_WEEKDAY}\s{{0,3}}$")
_BANNER = re.compile(r"\[LINE\]|Chat history (?:with|in) |\D{1,30}[:：]\s?\D{0,15}\d{1,4}[/.年-]")
_PARTNER = re.compile(
    r"(?:\[LINE\] )?(?:Chat history with (?P<en>.+)|(?P<ja>.+)とのトーク履歴|[與与](?P<zh>.+)的聊天[記记][錄录])$"
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MEDIA = re.compile(
    r"\[(?:Photos?|Videos?|Stickers?|Voice message|Audio|File|Location|Contact|Gift|Albums?|Notes?|Poll|Flex message|"
    r"写真|動画|スタンプ|ボイスメッセージ|ファイル|位置情報|連絡先|ギフト|アルバム|ノート|投票|"
    r"照片|影片|貼圖|語音訊息|檔案|位置訊息|位置資訊|位置|聯絡資訊|聯絡人|禮物|相簿|記事本|"
    r"图片|视频|贴图|语音信息|语音消息|文件|联系人|相册|"
    r"사진|동영상|스티커|음성메시지|음성 메시지|파일|위치|연락처|null)\]"
)
_DELETED = re.compile(
    r"(?:.{0,60} unsent a message|Message unsent|.{0,60}(?:已收回訊息|收回了訊息|撤回了一条消息|已撤回消息|已收回讯息|"
    r"メッセージの送信を取り消しました|送信を取り消しました|메시지 전송을 취소했습니다|메시지를 삭제했습니다))[.。]?$"
)
_CALL = re.compile(r"☎|📞")


class LineReader(ChatReader):
    """``kind = "line"``."""

    kind: Literal["line"] = "line"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """LINE's first row or a day's line, and messages that begin with a time."""
        first, lines = first_lines(head), head.split("\n")
        if not any(_TABBED.match(line) or _SPACED.match(line) for line in lines):
            return ""
        if first[0].startswith("[LINE]") or _PARTNER.match(first[0]):
            return f"its first row is LINE's: {first[0]}"
        return "below days, messages with a time and a name" if any(map(_DAY.match, first)) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        yield from self.dialogues((m for part in parts for m in self._messages(Log.of(part, tally))), tally)

    def _messages(self, log: Log) -> Iterator[Message]:
        lines = iter(log.part.lines(log.tally))
        head = beginning(lines, _SURVEYED)
        style = _survey([line for _, line in head])
        today: date | None = None
        for block in blocks(chain(head, lines), style.header.match):
            header, rest = block.header, 0
            if header:
                text, rest = _parted(block.lines)
                if message := self._message(block, header, style.said(header, text), today, log):
                    yield message
            for number, line in enumerate(block.lines[rest:], block.number + rest):
                today = style.day(line, number, log) or today

    def _message(
        self, block: Block, header: re.Match[str], said: tuple[str, str], today: date | None, log: Log
    ) -> Message | None:
        speaker, text = said
        try:
            clocked = clock(header)
        except ValueError:
            log.fault(block.number, block.first_line())
            return None
        time = datetime.combine(today, clocked) if today else None
        return log.message(block, speaker, text, _reason(speaker, text), time)


@dataclass(frozen=True, slots=True)
class _Style:
    """How one export is written."""

    header: re.Pattern[str]
    order: Order
    names: list[str] = field(default_factory=list)
    """Names that are known to have blanks, longest first; only where blanks stand for tabs."""

    def said(self, header: re.Match[str], text: str) -> tuple[str, str]:
        """Return who says something, and what; nobody for what LINE itself says."""
        if self.header is _TABBED:
            return tidy(header["name"] or ""), tidy(text)
        if _DELETED.match(tidy(text)):
            return "", tidy(text)
        for name in self.names:
            if text.startswith(f"{name} "):
                return tidy(name), tidy(text[len(name) :])
        name, _, said = text.partition(" ")
        return (tidy(name), tidy(said)) if said else ("", tidy(text))

    def day(self, line: str, number: int, log: Log) -> date | None:
        """Return the day that a line states; what is neither that nor one of the first rows is counted."""
        if found := _DAY.match(line):
            try:
                return day(_numbers(found), self.order if len(found["first"]) < 4 else "ymd")
            except ValueError:
                log.fault(number, line)
        elif tidy(line) and not _BANNER.match(tidy(line)):
            log.fault(number, line)
        return None


def _survey(lines: list[str]) -> _Style:
    """Return the style in which an export begins."""
    days = [found for line in lines if (found := _DAY.match(line)) and found["weekday"]]
    fits = {order: sum(_falls(found, order) for found in days) for order in _ORDERS}
    order = max(_ORDERS, key=fits.__getitem__)
    if any(map(_TABBED.match, lines)):
        return _Style(_TABBED, order)
    partner = _PARTNER.match(tidy(lines[0])) if lines else None
    names = [name for name in partner.groups() if name] if partner else []
    return _Style(_SPACED, order, sorted({*names, *_names_with_blanks(lines)}, key=len, reverse=True))


_ORDERS: tuple[Order, ...] = ("mdy", "dmy")


def _falls(found: re.Match[str], order: Order) -> bool:
    """Tell whether a date falls on its weekday."""
    try:
        return _WEEKDAYS[day(_numbers(found), order).weekday()] == found["weekday"][:3].lower()
    except ValueError:
        return False


def _names_with_blanks(lines: list[str]) -> Iterator[str]:
    """Yield what all lines that begin with the same word have in common, if it is more than that word."""
    said: dict[str, list[list[str]]] = defaultdict(list)
    for line in lines:
        if header := _SPACED.match(line):
            words = line[header.end() :].split(" ", 5)[:5]
            said[words[0]].append(words[:-1])
    for texts in said.values():
        common = [column[0] for column in takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False))]
        if len(texts) > 2 and len(common) > 1:
            yield " ".join(common)


def _parted(lines: list[str]) -> tuple[str, int]:
    """Return a message's text and how many lines it takes: to the closing quote, else to the next day."""
    if lines and lines[0].lstrip().startswith('"'):
        for end, line in enumerate(lines[1:], 1):
            stripped = line.rstrip()
            if (len(stripped) - len(stripped.rstrip('"'))) % 2:
                whole = "\n".join(lines[: end + 1]).strip()
                return whole[1:-1].replace('""', '"'), end + 1
    end = next((number for number, line in enumerate(lines) if number and _DAY.match(line)), len(lines))
    return "\n".join(lines[:end]), end


def _reason(speaker: str, text: str) -> str:
    if _DELETED.match(text):
        return "deleted"
    if not speaker or _CALL.match(text):
        return "system"
    return "media" if _MEDIA.match(text) else ""


def _numbers(found: re.Match[str]) -> Parts:
    return found["first"], found["second"], found["third"]
