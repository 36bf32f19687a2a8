r"""LINE's "Send chat history" as text, from the phone and from the computer.

Below a line with the day, ``TIME TAB NAME TAB TEXT``; a text of several lines stands in double quotes. Some exports
have blanks for the tabs.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
_WEEKDAY = r"\s?(?:[(（][^\d()（）]{1,12}[)）]|[周週]\w|星期\w|\w曜日?|\w요일|วัน[ก-๎]{2,12}|[A-Za-z]{3,9})?"
_DAY = re.compile(rf"{MARKS}(?:(?P<weekday>[^\W\d]{{2,12}}|[ก-๎]{{1,12}})[,.]?\s)?{DATE}{_WEEKDAY}\s{{0,3}}$")
_BANNER = re.compile(r"\[LINE\]|Chat history (?:with|in) |(?:\D{1,30}[:：]|บันทึกเมื่อ)\s?\D{0,15}\d{1,4}[/.年-]")
_PARTNER = re.compile(
    r"(?:\[LINE\] )?(?:Chat history with (?P<en>.+)|(?P<ja>.+)とのトーク履歴|[與与](?P<zh>.+)的聊天[記记][錄录]"
    r"|ประวัติการแชทกับ ?(?P<th>.+))$"
)
_WEEKDAYS = (
    {"mon", "จ"}, {"tue", "อ"}, {"wed", "พ"}, {"thu", "พฤ"}, {"fri", "ศ"}, {"sat", "ส"}, {"sun", "อา"},
)  # fmt: skip
_MEDIA = re.compile(
    r"\[(?:Photos?|Videos?|Stickers?|Voice message|Audio|File|Location|Contact|Gift|Albums?|Notes?|Poll|Flex message|"
    r"写真|動画|スタンプ|ボイスメッセージ|ファイル|位置情報|連絡先|ギフト|アルバム|ノート|投票|"
    r"照片|影片|貼圖|語音訊息|檔案|位置訊息|位置資訊|位置|聯絡資訊|聯絡人|禮物|相簿|記事本|"
    r"图片|视频|贴图|语音信息|语音消息|文件|联系人|相册|"
    r"사진|동영상|스티커|음성메시지|음성 메시지|파일|위치|연락처|"
    r"รูป|วิดีโอ|สติกเกอร์|ข้อความเสียง|ไฟล์|ตำแหน่ง|null)\]$"
    r"|\[(?:File|ファイル|檔案|文件|파일|ไฟล์)\] .{1,250}\.\w{1,8}$"
    r"|\[(?:Location|位置情報|位置訊息|位置資訊|位置|위치|ตำแหน่ง)\] (?=.{0,300}(?:\d|://)).{1,600}$"
)
"""Only a file's name and an address with a number or a link stand behind: people begin texts with words in brackets."""
_DELETED = re.compile(
    r"(?:.{0,60} unsent a message|Message unsent|.{0,60}(?:已收回訊息|收回了訊息|撤回了一条消息|已撤回消息|已收回讯息|"
    r"メッセージの送信を取り消しました|送信を取り消しました|메시지 전송을 취소했습니다|메시지를 삭제했습니다))[.。]?$"
)
_CALL = re.compile(r"☎|📞")
_BARE = re.compile(
    r"(?:(?P<media>Stickers?|Photos?|Videos?|Voice messages?|Files?|貼圖|圖片|照片|影片|語音訊息|檔案|"
    r"スタンプ|写真|画像|動画|ボイスメッセージ|ファイル|贴图|图片|视频|语音消息|스티커|사진|동영상|สติกเกอร์|รูป|วิดีโอ)"
    r"|(?P<system>(?:Call time|通話時間|通话时长) (?:\d{1,2}:){1,2}\d\d|Missed call|未接來電|未接来电|不在着信)"
    r"|(?P<deleted>(?:貼圖|圖片|照片|影片|語音訊息|檔案|訊息)已收回))$"
)
"""What the computer writes without brackets, telephones and names, named for why it is left out."""
_MOST = 2000
"""So many times may stand in a text in quotes, with so many characters behind each."""


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
        for block in _unbroken(blocks(chain(head, lines), style.header.match)):
            header, rest = block.header, 0
            if header:
                text, rest = _parted(block.lines)
                if message := self._message(block, header, style.content(header, text), today, log):
                    yield message
            for number, line in enumerate(block.lines[rest:], block.number + rest):
                today = style.day(line, number, log) or today

    def _message(
        self, block: Block, header: re.Match[str], content: tuple[str, str, str], today: date | None, log: Log
    ) -> Message | None:
        try:
            clocked = clock(header)
        except ValueError:
            log.fault(block.number, block.first_line())
            return None
        time = datetime.combine(today, clocked) if today else None
        return log.message(block, *content, time)


@dataclass(frozen=True, slots=True)
class _Style:
    """How one export is written."""

    header: re.Pattern[str]
    order: Order
    names: list[str] = field(default_factory=list)
    """Names that are known to have blanks, longest first; only where blanks stand for tabs."""

    def content(self, header: re.Match[str], text: str) -> tuple[str, str, str]:
        """Return who says something, what, and why it is left out, if it is."""
        speaker, said = self._said(header, text)
        bare = _BARE.match(said) if self.header is _SPACED else None
        return speaker, said, bare.lastgroup or "" if bare else _reason(speaker, said)

    def _said(self, header: re.Match[str], text: str) -> tuple[str, str]:
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
        return found["weekday"][:3].lower() in _WEEKDAYS[day(_numbers(found), order).weekday()]
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


def _unbroken(found: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks; those into which times have cut a text in quotes are one again.

    A name behind the time ends such a text, for one that begins with a quote need not be in quotes.
    """
    waiting = list[Block]()
    for block in found:
        if waiting and _is_nobodys(block) and len(waiting) < _MOST:
            waiting.append(block)
            if any(map(_closes, _as_text(block))):
                yield _joined(waiting)
                waiting = []
            continue
        yield from waiting
        waiting = [block] if _opens(block) else []
        if not waiting:
            yield block
    yield from waiting


def _is_nobodys(block: Block) -> bool:
    """Tell whether a block is short and has a time and no name, not even an empty one."""
    return block.size <= _MOST and block.header is not None and block.header["name"] is None


def _opens(block: Block) -> bool:
    """Tell whether a block begins a text in quotes, in which all others are doubled, and does not end it."""
    said = block.lines[0].strip() if block.header and block.header.re is _TABBED and block.whole else ""
    return said.startswith('"') and '"' not in said[1:].replace('""', "") and not any(map(_closes, block.lines[1:]))


def _closes(line: str) -> bool:
    """Tell whether a line ends in a quote that is not doubled."""
    stripped = line.rstrip()
    return (len(stripped) - len(stripped.rstrip('"'))) % 2 == 1


def _as_text(block: Block) -> list[str]:
    return [block.first_line(), *block.lines[1:]]


def _joined(blocks: list[Block]) -> Block:
    """Return the first block with the others as more of its text."""
    whole, *others = blocks
    for line in chain.from_iterable(map(_as_text, others)):
        whole.add(line)
    return whole


def _parted(lines: list[str]) -> tuple[str, int]:
    """Return a message's text and how many lines it takes: to the closing quote, else to the next day."""
    if lines and lines[0].lstrip().startswith('"'):
        closing = next((number for number, line in enumerate(lines) if number and _closes(line)), None)
        if closing is not None:
            whole = "\n".join(lines[: closing + 1]).strip()
            return whole[1:-1].replace('""', '"'), closing + 1
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
