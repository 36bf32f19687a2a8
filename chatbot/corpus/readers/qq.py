"""QQ's "export chat history" as text (PC client), and JSON and text of shuakami's qq-chat-exporter (QQNT).

The client's text has a header line for each message, its text below until the next header. ``qq_text`` finds the
messages in it, ``qq_exported`` those in the exporter's text.
"""

import re
import reprlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.canonical import load_json
from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.qq_exported import find_exported, is_exported
from chatbot.corpus.readers.qq_text import Found, find_messages, is_qq_text
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_PLACEHOLDER = re.compile(
    r"\[(?:图片|文件|视频|短视频|语音(?: \d{1,4}秒)?|闪照|位置|位置消息|分享|音乐|链接|转账|红包|QQ红包|聊天记录"
    r"|卡片消息|小程序|动画表情|表情\d{0,6}|表情消息|(?:(?:image|video|audio|file)、?){1,9}消息|无文本内容"
    r"|回复消息|转发消息|JSON消息|戳一戳|窗口抖动|语音通话|视频通话)(?:[:：][^\[\]\n]{0,300})?\]"
)
"""Stands where something else than text was sent; named faces such as ``[微笑]`` are typed."""
_QUOTED = re.compile(r"\[回复[^\[\]\n]{0,300}\]")
_RECALLED = re.compile(r".{0,80}撤回了(?:一条|.{1,80}的)(?:成员)?消息[，,。.]?(?:\s?重新编辑)?")
_AUTOMATIC = re.compile(
    r"\[自动回复\]|\[QQ红包\]|\[系统消息\]|我们已(?:经是|成功添加为)好友|你们已经是好友|你已经?(?:和|添加了?).{1,60}(?:成为好友|现在可以开始聊天)"
)
"""Begins what QQ writes in a person's name."""
_SYSTEM_NUMBERS = {"10000", "1000000"}
_SYSTEM_NAMES = {"系统消息", "系统提示"}


class QqReader(ChatReader):
    """``kind = "qq"``."""

    kind: Literal["qq"] = "qq"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The client's title or its headers, or the exporter's title or the names that it gives."""
        start = head.lstrip()
        if is_exported(start):
            return "a chat exported by qq-chat-exporter as text"
        if not start.startswith("{"):
            return is_qq_text(head)
        if re.search(r'"metadata"\s*:\s*\{[^{}]{0,2000}"QQ ?ChatExporter', head):
            return "a chat exported by qq-chat-exporter"
        people = re.search(r'"sender"\s*:\s*\{[^{}]{0,2000}"ui[dn]"\s*:', head)
        contents = re.search(r'"content"\s*:\s*\{[^{}]{0,9000}"text"\s*:', head) and re.search(r'"timestamp"\s*:', head)
        if '"chatInfo"' in head and (people or '"messages"' in head):
            return "a chat exported by qq-chat-exporter"
        return "a message a line, exported by qq-chat-exporter" if people and contents else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        yield from self.dialogues((message for part in parts for message in self._messages(part, tally)), tally)

    def _messages(self, part: Part, tally: Tally) -> Iterator[Message]:
        start = part.text_head().lstrip()
        if not start.startswith("{"):
            for found in find_exported(part, tally) if is_exported(start) else find_messages(part, tally):
                if (message := _from_text(found, tally)) is not None:
                    yield message
            return
        for place, channel, record in _lines(part, tally) if _is_lines(part) else _whole(part, tally):
            try:
                message = self._from_record(record, place, channel, tally)
            except (ValueError, OverflowError, OSError):
                tally.fault(place, reprlib.repr(record))
                continue
            if message is not None:
                yield message

    def _from_record(self, record: Any, place: str, channel: str, tally: Tally) -> Message | None:
        """Return the message of one record of JSON, or count why there is none.

        Raises:
            ValueError: the record has another shape.
        """
        content = _object(record, "content")
        sender, text = _object(record, "sender"), _typed(content)
        if reason := self._dropped(record, sender, content, text):
            tally.skip(reason)
            return None
        identity = _string(record.get("messageId") or record.get("id"))
        return Message(_name(record, sender), text, _moment(record), place, channel, identity, _answered(content))

    def _dropped(self, record: dict[str, Any], sender: dict[str, Any], content: dict[str, Any], text: str) -> str:
        if record.get("isRecalled") is True or record.get("recalled") is True:
            return "deleted"
        if record.get("isSystemMessage") is True or record.get("system") is True or record.get("type") == "system":
            return "system"
        if _string(sender.get("uin")) in _SYSTEM_NUMBERS:
            return "system"
        if not self.forwards and (record.get("type") == "forward" or _element(content, "forward")):
            return "forwarded"
        return _automatic(text) if text else _untyped(content)


def _from_text(found: Found, tally: Tally) -> Message | None:
    """Return the message that was found in a text, or count why there is none."""
    whole = tidy("\n".join(found.lines))
    text = _unquoted(whole)
    if found.repeated:
        reason = "duplicate"
    elif found.number in _SYSTEM_NUMBERS or found.speaker in _SYSTEM_NAMES:
        reason = "deleted" if _RECALLED.fullmatch(whole) else "system"
    else:
        reason = _automatic(whole) or ("" if text else "media" if whole else "empty")
    if reason:
        tally.skip(reason)
        return None
    return Message(found.speaker, text, found.time, found.place, found.channel)


def _untyped(content: dict[str, Any]) -> str:
    """Return why there is no text in a content."""
    if _element(content, "av_record"):  # a call
        return "system"
    return "media" if content.get("text") or content.get("resources") or content.get("elements") else "empty"


def _automatic(text: str) -> str:
    if _RECALLED.fullmatch(text):
        return "deleted"
    return "system" if _AUTOMATIC.match(text) else ""


_Placed = tuple[str, str, Any]
"""A record of JSON after its place and the chat that it is of."""


def _is_lines(part: Part) -> bool:
    """Return whether the part has a message a line: what begins with a whole object that is a message."""
    try:
        record = load_json(part.text_head().lstrip().split("\n", 1)[0])
    except ValueError:  # one object over many lines, or one line longer than the head
        return '"messages"' not in part.text_head() and '"chatInfo"' not in part.text_head()
    return isinstance(record, dict) and "sender" in record


def _lines(part: Part, tally: Tally) -> Iterator[_Placed]:
    """Yield the records of a chunk; all chunks of one folder are of one chat."""
    name, chat = PurePath(part.name).name, str(PurePath(part.name).parent)
    for number, line in part.lines(tally):
        if not line.strip():
            continue
        try:
            yield f"{name}:{number}", chat, load_json(line)
        except ValueError:
            tally.fault(f"{name}:{number}", line)


def _whole(part: Part, tally: Tally) -> Iterator[_Placed]:
    name, chat, number = PurePath(part.name).name, part.name, 0
    for path, value in records(part, ("chatInfo", "messages.item", "chunks.item.messages.item"), tally):
        if path == "chatInfo":
            known = value if isinstance(value, dict) else {}
            chat = tidy(f"{known.get('type')}/{known['name']}") if known.get("name") else chat
            continue
        number += 1
        yield f"{name}:{number}", chat, value


def _typed(content: dict[str, Any]) -> str:
    """Return what was typed: the elements where they are listed, else the text without its placeholders."""
    if (elements := content.get("elements")) and isinstance(elements, list):
        return tidy("".join(map(_said, elements)))
    text = content.get("text") or ""
    if not isinstance(text, str):
        raise ValueError("a text is no string")
    return _unquoted(text)


def _unquoted(text: str) -> str:
    """Return a text without what it answers and without its placeholders."""
    quoted = _QUOTED.match(text)
    return tidy(_PLACEHOLDER.sub("", text[quoted.end() :] if quoted else text))


def _said(element: Any) -> str:
    """Return what an element adds to the text: itself, whom it mentions, or a face's name."""
    data = element.get("data") if isinstance(element, dict) else None
    if not isinstance(data, dict):
        return ""
    if element.get("type") == "text":
        return str(data.get("text") or "")
    name = str(data.get("name") or data.get("text") or "")
    if element.get("type") == "at":
        return f"@{name.removeprefix('@')}" if name else ""
    return _PLACEHOLDER.sub("", f"[{name.strip('[]/')}]") if element.get("type") == "face" and name else ""


def _element(content: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return what the first element of that kind holds."""
    elements = content.get("elements")
    for element in elements if isinstance(elements, list) else []:
        if isinstance(element, dict) and element.get("type") == kind and isinstance(element.get("data"), dict):
            return dict(element["data"])
    return {}


def _answered(content: dict[str, Any]) -> str | None:
    """Return the id of the message that this one answers."""
    reply = content.get("reply")
    answered = reply if isinstance(reply, dict) else _element(content, "reply")
    identity = next(filter(None, (answered.get(key) for key in ("referencedMessageId", "messageId", "id"))), None)
    return _string(identity) if identity != "0" else None


def _name(record: dict[str, Any], sender: dict[str, Any]) -> str:
    raw = record.get("rawMessage")
    raw = raw if isinstance(raw, dict) else {}
    number = _string(sender.get("uin")) or _string(sender.get("uid")) or _string(raw.get("senderUin")) or "unknown"
    names = (sender.get("name"), sender.get("groupCard"), raw.get("sendMemberName"), raw.get("sendNickName"))
    known = (tidy(name) for name in (*names, sender.get("nickname")) if isinstance(name, str))
    return next((name for name in known if name and name != number), number)


def _moment(record: dict[str, Any]) -> datetime | None:
    """Return when a message was sent: seconds or milliseconds since 1970, or an ISO time.

    Raises:
        ValueError: it is none of these.
    """
    stamp = record.get("timestamp") or record.get("time")
    if not stamp:
        return None
    text = str(stamp)
    if re.fullmatch(r"\d{1,14}", text):
        return datetime.fromtimestamp(int(text) / (1000 if len(text) > 11 else 1), UTC)
    return datetime.fromisoformat(text)


def _object(record: Any, key: str) -> dict[str, Any]:
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, dict):
        raise ValueError(f'"{key}" is no object')
    return value


def _string(identity: object) -> str | None:
    return tidy(str(identity)) or None if isinstance(identity, str | int) and not isinstance(identity, bool) else None
