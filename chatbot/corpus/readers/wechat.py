"""WeChat as other tools export it: CSV of MemoTrace, PyWxDump (WeClone) and chatlog, JSON of WeFlow and EchoTrace.

WeChat has no export of its own. Each of these tools writes a record a message, under names of its own; what is what
is in ``wechat_records``.
"""

import re
import reprlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.html_stream import unescape
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.rows import first_row
from chatbot.corpus.readers.wechat_records import SYSTEM, Record, in_order, layout_of, read_records
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_OWNER = "我"
"""What the tools themselves call their user, and what WeChat's windows say."""
_UNTOLD = ("", "text")
"""Kinds that do not tell text from the rest: chatlog names none, and WeFlow's tables call most things text."""
_TEXTS = ("1,0", "1,", "文本", "文本消息", "粘贴的文本")
_QUOTES = ("49,57", "引用", "引用回复", "引用消息")
"""Kinds whose text has the quoted message before or behind it."""
_FORWARDED = ("49,19", "合并转发的聊天记录", "聊天记录", "聊天记录合并转发")
_SYSTEM = re.compile(r"(?:50|10000|10002)(?:,|$)|49,62$|.{0,9}(?:系统|通话|拍一拍|邀请加群|添加好友)")
_WRITTEN_BY_WECHAT = (
    "我通过了你的朋友验证请求，现在我们可以开始聊天了",
    "I've accepted your friend request. Now let's chat!",
)
_PLACEHOLDER = re.compile(
    r"!\[(?:图片|视频|动画表情)\]\(|\[红包\]$|\[(?:图片|语音|语音消息|视频|动画表情|表情包|GIF表情|位置|链接|文件|笔记|小程序|视频号|"
    r"视频号直播|群公告|音乐|红包封面|分享|名片|转账)[\]|]"
)
"""Begins what stands for media where nothing else tells; ``[微笑]`` and its like are typed."""
_NOTICE = re.compile(
    r'\[(?:语音|视频)通话[\]|]|(?:你|".{1,60}") ?(?:拍了拍 ?(?:自己|我|".{1,60}")|邀请.{1,300}加入了群聊)|'
    r'(?:你|".{1,60}") ?修改群名为[“"]|".{1,60}"通过扫描.{1,90}二维码加入群聊|你已添加了.{1,60}，现在可以开始聊天了。?$'
)
_RECALLED = re.compile(r'(?:你|".{1,60}") ?撤回了一条消息(?: ?重新编辑)?$|You recalled a message$')
_RECALLED_BY = re.compile(r'(?:<revokemsg>)?"?.{1,60}?"? ?撤回了一条消息|.{1,60} recalled a message')
"""A notice of a recall; as a text that nothing tells about, it may be someone's own words."""
_UNREAD = re.compile(r"Type: \d{1,10}(?: SubType: \d{1,10})? Content: ?<")
"""What chatlog writes of kinds that it does not know."""
_MEMBER = re.compile(r"\s*(wxid_[\w-]{1,40}|[\w-]{1,40}@openim):\s*\n")
_TIME = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$")
_MOST_WAITING = 4096


class WechatReader(ChatReader):
    """``kind = "wechat"``."""

    kind: Literal["wechat"] = "wechat"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """A heading with a tool's columns, or WeFlow's session before its messages."""
        if head.lstrip().startswith("{"):
            session = re.search(r'"session"\s*:\s*\{', head)
            marks = re.search(r'"type"\s*:\s*"(?:私聊|群聊)"|"(?:wxid|senderUsername|weflow)"\s*:', head)
            return "a chat exported by WeFlow or EchoTrace" if session and marks else ""
        layout = layout_of(first_row(head) if "," in head[:2000] else [])
        return f"a table of WeChat messages exported by {layout.tool}" if layout else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        messages = (message for part in in_order(parts) for message in self._messages(part, tally))
        yield from self.dialogues(_by_chat(messages, timedelta(minutes=self.gap_minutes)), tally)

    def _messages(self, part: Part, tally: Tally) -> Iterator[Message]:
        for record in read_records(part, tally):
            try:
                message = self._message(record, tally)
            except ValueError:
                tally.fault(record.place, reprlib.repr(record.cells))
                continue
            if message is not None:
                yield message

    def _message(self, record: Record, tally: Tally) -> Message | None:
        """Return the message of a record, or count why there is none.

        Raises:
            ValueError: its time is none.
        """
        layout, kind = record.layout, ",".join(record.cells.get(column, "").strip() for column in record.layout.kind)
        member, text = _without_member(record.cells[layout.text], record.cells.get("Sender", ""))
        reason = self._dropped(kind, record, text)
        text, quoted = _without_quote(text) if kind in {*_QUOTES, *_UNTOLD} else (text, "")
        text = tidy(text)
        if reason := reason or _empty_or_automatic(text):
            tally.skip(reason)
            return None
        time = _time([cell for column in layout.times if (cell := record.cells.get(column, "").strip())])
        reply = record.cells.get(layout.reply) or (quoted if layout.reply == "svrid" else "")
        speaker = _speaker(record, member)
        return Message(speaker, text, time, record.place, record.channel, _id(record), reply or None)

    def _dropped(self, kind: str, record: Record, text: str) -> str:
        """Return why a record is no message, or nothing."""
        if "撤回" in kind:
            return "deleted"
        if _SYSTEM.match(kind) or record.cells.get("Sender") == SYSTEM:
            return "deleted" if _RECALLED_BY.match(text.strip()) else "system"
        if kind in _FORWARDED or (kind in _UNTOLD and text.startswith("[合并转发")):
            return "" if self.forwards else "forwarded"
        if kind in _UNTOLD:
            return _untold(text)
        return "" if kind in _TEXTS or kind in _QUOTES else "media"


def _untold(text: str) -> str:
    """Return why a text that nothing else tells about is none that was typed, or nothing."""
    if _RECALLED.match(text):
        return "deleted"
    if _NOTICE.match(text):
        return "system"
    return "media" if _PLACEHOLDER.match(text) or _UNREAD.match(text) else "empty" if text == "[引用]" else ""


def _without_member(text: str, sender: str) -> tuple[str, str]:
    """Return who wrote a group's message, where the text begins with that, and the text."""
    if found := _MEMBER.match(text):
        return found[1], text[found.end() :]
    if sender and text.startswith(f"{sender}:\n"):
        return sender, text[len(sender) + 2 :]
    return "", text


def _without_quote(text: str) -> tuple[str, str]:
    """Return what was typed without the message that it answers, and that message's id where it is there."""
    if "<appmsg" in text or "<refermsg>" in text:
        return _element(text, "title"), _element(text, "svrid")
    while text.startswith("> "):
        text = text.partition("\n")[2]
    text = text.partition("\n\n[引用](")[0]
    if "\n引用：" in text:
        return text.rpartition("\n引用：")[0], ""
    if text.endswith("]") and "[引用 " in text:
        return text.partition("[引用 ")[0], ""
    return text, ""


def _element(xml: str, name: str) -> str:
    """Return the text of the first element of that name; WeChat's XML is not always well-formed."""
    text = xml.partition(f"<{name}>")[2].partition(f"</{name}>")[0].strip()
    return unescape(text.removeprefix("<![CDATA[").removesuffix("]]>"))


def _empty_or_automatic(text: str) -> str:
    if not text:
        return "empty"
    return "system" if text.rstrip("。") in _WRITTEN_BY_WECHAT else ""


def _time(cells: list[str]) -> datetime | None:
    """Return the time of the first cell that is one; None if there are no cells.

    Raises:
        ValueError: none is one.
    """
    for cell in cells:
        with suppress(ValueError, OverflowError, OSError):
            return _one_time(cell)
    if cells:
        raise ValueError(f'"{cells[0]}" is no time')
    return None


def _one_time(cell: str) -> datetime:
    if re.fullmatch(r"\d{9,13}", cell):
        return datetime.fromtimestamp(int(cell) / (1000 if len(cell) == 13 else 1), UTC)
    if found := _TIME.match(cell):
        year, month, day, hour, minute, second = (int(number or 0) for number in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the log states no zone
    return datetime.fromisoformat(cell)


def _speaker(record: Record, member: str) -> str:
    layout = record.layout
    if record.is_own() and not record.first(layout.named):
        return _OWNER
    return record.first(layout.names) or member or record.first((layout.chat,)) or "unknown"


def _id(record: Record) -> str | None:
    for columns in record.layout.ids:
        cells = [record.first((column,)) for column in columns]
        if all(cells) and cells != ["0"]:
            return ":".join(cells)
    return None


def _by_chat(messages: Iterable[Message], gap: timedelta) -> Iterator[Message]:
    """Yield messages that come by time from many chats so that those of one dialogue stand together.

    The chats come in the order in which they fall silent.
    """
    waiting: OrderedDict[str, list[Message]] = OrderedDict()
    for message in messages:
        chat = waiting.setdefault(message.channel, [])
        chat.append(message)
        waiting.move_to_end(message.channel)
        if len(chat) >= _MOST_WAITING:
            yield from waiting.pop(message.channel)
        while waiting and _apart(next(iter(waiting.values()))[-1].time, message.time) > gap:
            yield from waiting.popitem(last=False)[1]
    for chat in waiting.values():
        yield from chat


def _apart(one: datetime | None, other: datetime | None) -> timedelta:
    if one is None or other is None:
        return timedelta(0)
    return abs(
        (other if other.tzinfo else other.replace(tzinfo=UTC)) - (one if one.tzinfo else one.replace(tzinfo=UTC))
    )
