"""KakaoTalk's exported chats as text or CSV, from the computer and from the phone, in Korean and in English.

Below ``--------------- DATE ---------------`` come lines ``[NAME] [TIME] TEXT``, or each message begins with
``2020년 12월 31일 오후 11:59, NAME : TEXT``. CSV, of the Mac above all, has the columns ``Date,User,Message``.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.blocks import Block, Log, blocks, first_lines
from chatbot.corpus.readers.dates import clock
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.rows import first_row, rows
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_DATE = (
    r"(?:(?P<year>\d{4})\s?[년年./-]\s?(?P<month>\d{1,2})\s?[월月./-]\s?(?P<day>\d{1,2})\s?[일日.]?"
    r"|(?P<word>[A-Z][a-z]{2,8})\.? (?P<day_>\d{1,2}), (?P<year_>\d{4}))"
)
_TIME = (
    r"(?:(?P<before>오전|오후|[上下]午|午[前後]|[AP]M)\s?)?(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<seconds>\d{2}))?(?:\s?(?P<after>[AaPp]\.?[Mm]\.?))?"
)
_BRACKETED = re.compile(rf"\[(?P<name>.{{1,200}}?)\] \[{_TIME}\](?: |$)")
_DATED = re.compile(rf"{_DATE}(?:,| at)?\s{_TIME}(?:, (?P<name>.{{1,200}}?) : ?|[,:] |\s{{0,3}}$)")
_DAY = re.compile(
    rf"(?=-{{3}}|.{{1,30}}요일|[A-Z][a-z]{{2,8}}, )-{{0,40}} ?(?:[A-Z][a-z]{{2,8}}, )?{_DATE}"
    r"(?:,? ?[^\W\d]{1,9})? ?-{0,40}\s{0,3}$"
)
_NOTICE = re.compile(
    r"(?:이전 )?(?:방장|부방장|관리자)[이은가는만] (?:.{1,200} ?)?"
    r"(?:(?:변경|해제|지정|위임|설정|(?:비?활)성화|종료)(?:되었|하였|했)|나갔|바뀌었)습니다\.?$"
    r"|팀 이름이 변경되었습니다\.?$"
    r"|.{1,200}?(?:님이 (?:들어왔습니다|나갔습니다|.{1,200}님을 (?:초대했습니다|내보냈습니다))"
    r"|님을 (?:초대했습니다|내보냈습니다)"
    r"|님이 부방장에서 해제되었습니다|님이 (?:방장|부방장)이 되(?:었습니다|어 .{0,60})"
    r"|님에서 .{1,200}님으로 (?:방장이 )?변경되었습니다"
    r"|(?: has)? (?:joined|left) this chat ?room"
    r"|(?: has)? invited .{1,200} to this chat ?room)\.?$"
)
_POLICY = re.compile(r"(?:.{1,200}?님이 들어왔습니다\.? ?)?운영정책을 위반한 메시지로 신고 접수 시 카카오톡")
"""How an open chat greets who joins; more lines on the law may stand below."""
_DELETED = re.compile(
    r"(?:삭제된 메시지입니다|메시지가 삭제되었습니다|이 메시지는 삭제되었습니다"
    r"|(?:채팅방 )?관리자가 (?:\d{1,5}개의 )?메시지를 가렸습니다"
    r"|(?:This|The) message (?:was|has been) (?:deleted|hidden)(?: by .{1,60})?)\.?$"
)
_MEDIA = re.compile(
    r"(?:사진(?: \d{1,3}장)?|동영상(?: \d{1,3}개)?|\(?이모티콘\)?|음성 ?메시지|파일: .{1,300}|지도: .{1,300}"
    r"|연락처: .{1,300}"
    r"|Photos?(?: \d{1,3})?|\d{1,3} photos|Videos?|\(?[Ee]mot?icons?\)?|\(?Stickers?\)?|Voice [Mm]essage|Voice [Nn]ote"
    r"|File: .{1,300}|Map: .{1,300}|Location: .{1,300}|Contact: .{1,300})$"
)
_CALL = re.compile(
    r"(?:보이스톡|페이스톡|그룹콜|Voice Call|Video Call|Voice Talk|Face Talk)"
    r"(?: 해요| (?:\d{1,2}:)?\d{1,2}:\d\d)?\.?$"
)
_BANNER = re.compile(
    r"(?:.{1,200} )?(?:님과(?:의)? )?카카오톡 대화|.{0,200}KakaoTalk Chats?|Chat with |.{1,200} Talk Chats$"
    r"|(?:저장한 날짜|Date Saved|Saved Date) ?:|Talk_\d{4}\..{1,40}\.txt$"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COLUMNS = ["Date", "User", "Message"]
_KINDS = (_BRACKETED, _DATED, _DAY, _POLICY, _NOTICE, _DELETED)


class KakaoTalkReader(ChatReader):
    """``kind = "kakaotalk"``."""

    kind: Literal["kakaotalk"] = "kakaotalk"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """KakaoTalk's first rows or a day's row, and messages below; or the columns of its CSV."""
        first, lines = first_lines(head), head.split("\n")
        if first_row(head) == _COLUMNS and len(first) > 1 and _moment(first_row(first[1])[0]):
            return f"the columns are {', '.join(_COLUMNS)}, as KakaoTalk names them"
        if any(found["name"] for found in map(_DATED.match, lines) if found):
            return "messages start with a date, a time and a name as KakaoTalk writes them"
        rows = any(_BANNER.match(line) or _DAY.match(line) for line in first)
        return "below days, messages start with [name] [time]" if rows and any(map(_BRACKETED.match, lines)) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        yield from self.dialogues((m for part in parts for m in self._part(Log.of(part, tally))), tally)

    def _part(self, log: Log) -> Iterator[Message]:
        is_table = first_row(log.part.text_head()) == _COLUMNS
        yield from _from_rows(log) if is_table else self._messages(log)

    def _messages(self, log: Log) -> Iterator[Message]:
        today: date | None = None
        for block in blocks(log.part.lines(log.tally), _find):
            header = block.header
            if header is None:
                log.stray(block, _BANNER.match)
            elif header.re in {_BRACKETED, _DATED}:
                if message := self._message(block, header, today, log):
                    yield message
            else:
                today = _row(block, header, log) or today

    def _message(self, block: Block, header: re.Match[str], today: date | None, log: Log) -> Message | None:
        try:
            day = _day(header) if header.re is _DATED else today
            clocked = clock(header)
        except ValueError:
            log.fault(block.number, block.first_line())
            return None
        speaker, text = tidy(header["name"] or ""), tidy(block.text)
        if not speaker and not text:  # a time alone stands where a new day begins
            return None
        time = datetime.combine(day, clocked) if day else None
        return log.message(block, speaker, text, _reason(speaker, text), time)


def _from_rows(log: Log) -> Iterator[Message]:
    for number, row in islice(rows(log.part, log.tally), 1, None):
        time = _moment(row[0])
        if time is None or len(row) != len(_COLUMNS):
            log.fault(number, ",".join(row))
            continue
        speaker, text = tidy(row[1]), tidy(row[2])
        reason = "system" if _NOTICE.match(text) or _POLICY.match(text) else _reason(speaker, text)
        message = log.message(Block(number, None), speaker, text, reason, time)
        if message is not None:
            yield message


def _moment(cell: str) -> datetime | None:
    """Return the time of a CSV's row; seconds are missing where a spreadsheet has saved it."""
    try:
        return datetime.strptime(cell.strip(), "%Y-%m-%d %H:%M:%S" if cell.count(":") == 2 else "%Y-%m-%d %H:%M")  # noqa: DTZ007 - it states no zone
    except ValueError:
        return None


def _find(line: str) -> re.Match[str] | None:
    return next((match for kind in _KINDS if (match := kind.match(line))), None)


def _row(block: Block, header: re.Match[str], log: Log) -> date | None:
    """Return the day of a row that states one; count a notice, and the lines below that are no message's."""
    today = None
    if header.re is _DAY:
        try:
            today = _day(header)
        except ValueError:
            log.fault(block.number, header[0])
    else:
        log.tally.skip("deleted" if header.re is _DELETED else "system")
    if header.re is not _POLICY:
        log.stray(block, _BANNER.match)
    return today


def _day(header: re.Match[str]) -> date:
    if header["word"]:
        month = _MONTHS.index(header["word"][:3].lower()) + 1
        return date(int(header["year_"]), month, int(header["day_"]))
    return date(int(header["year"]), int(header["month"]), int(header["day"]))


def _reason(speaker: str, text: str) -> str:
    if _DELETED.match(text):
        return "deleted"
    if not speaker or _CALL.match(text):
        return "system"
    return "media" if _MEDIA.match(text) else ""
