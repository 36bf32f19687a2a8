"""The records of WeChat messages in other tools' exports: which tool wrote them, and what is what in them."""

import csv
import re
import reprlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice
from pathlib import PurePath
from typing import Any

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.rows import rows
from chatbot.corpus.tally import Tally
from chatbot.errors import LogError

SYSTEM = "系统消息"
"""Who sent, or what kind is, what nobody sent."""
_CHUNK = re.compile(r"_(\d{1,12})_(\d{1,12})$|\s?\(\d{1,4}\)$")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns, or keys, of a tool's records say what. Of several the first that is filled counts."""

    tool: str
    heading: tuple[str, ...]
    """The columns by which it is known, and that no record lacks."""
    text: str
    names: tuple[str, ...]
    times: tuple[str, ...]
    kind: tuple[str, ...] = ()
    own: str = ""
    """Says whether the exporter's owner wrote it."""
    named: tuple[str, ...] = ()
    """Where all of these are empty, the names of what the owner wrote are none of the owner's."""
    chat: str = ""
    local: bool = False
    """The chat's number means something in this file only."""
    ids: tuple[tuple[str, ...], ...] = ()
    reply: str = ""


_MEMOTRACE = Layout(
    "MemoTrace",
    ("localId", "TalkerId", "Type", "SubType", "IsSender", "CreateTime", "Status", "StrContent", "StrTime"),
    "StrContent",
    ("Remark", "NickName", "Sender"),
    ("CreateTime", "StrTime"),
    kind=("Type", "SubType"),
    own="IsSender",
    named=("Sender",),
    chat="TalkerId",
    local=True,
    ids=(("MsgSvrID",), ("localId", "CreateTime")),
    reply="svrid",
)
_MEMOTRACE_CHAT = Layout(
    "MemoTrace",
    ("消息ID", "类型", "发送人", "时间", "内容"),
    "内容",
    ("发送人", "备注", "昵称"),
    ("时间",),
    kind=("类型",),
    ids=(("消息ID",),),
)
_PYWXDUMP = Layout(
    "PyWxDump",
    ("id", "MsgSvrID", "type_name", "is_sender", "talker", "msg", "src", "CreateTime"),
    "msg",
    ("talker",),
    ("CreateTime",),
    kind=("type_name",),
    own="is_sender",
    named=("talker",),
    chat="room_name",
    ids=(("id", "MsgSvrID"),),  # Excel rounds the long one, so that messages share it
)
_PYWXDUMP_OLD = replace(
    _PYWXDUMP,
    heading=("id", "MsgSvrID", "type_name", "is_sender", "talker", "room_name", "content", "CreateTime"),
    text="content",
)
_CHATLOG = Layout(
    "chatlog",
    ("Time", "SenderName", "Sender", "TalkerName", "Talker", "Content"),
    "Content",
    ("SenderName", "Sender"),
    ("Time",),
    chat="Talker",
    ids=(("MessageID",),),
)
_WEFLOW = Layout(
    "WeFlow",
    ("type", "content"),
    "content",
    ("senderDisplayName", "senderUsername"),
    ("createTime", "formattedTime"),
    kind=("type",),
    own="isSend",
    named=("senderDisplayName", "senderUsername"),
    ids=(("platformMessageId",), ("localId", "createTime")),
    reply="replyToMessageId",
)
_TABLES = (_MEMOTRACE, _MEMOTRACE_CHAT, _PYWXDUMP, _PYWXDUMP_OLD, _CHATLOG)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it stands, whose layout it has, the chat it is of, and its cells by their names."""

    place: str
    layout: Layout
    channel: str
    cells: dict[str, str]

    def first(self, columns: tuple[str, ...]) -> str:
        """Return the first of these cells that is filled, or nothing."""
        return next(filter(None, (tidy(self.cells.get(column, "")) for column in columns)), "")

    def is_own(self) -> bool:
        """Return whether the exporter's owner wrote it."""
        return self.cells.get(self.layout.own) in {"1", "True", "true"}


def layout_of(columns: list[str]) -> Layout | None:
    """Return the layout of a table with these columns."""
    names = {column.strip() for column in columns}
    return next((layout for layout in _TABLES if names.issuperset(layout.heading)), None)


def read_records(part: Part, tally: Tally) -> Iterator[Record]:
    """Yield the records of a file; those that lack something are counted.

    Raises:
        LogError: its heading is no tool's, or its JSON is broken.
    """
    is_json = part.text_head().lstrip().startswith("{")
    yield from _session(part, tally) if is_json else _table(part, tally)


def in_order(parts: list[Part]) -> list[Part]:
    """Return the parts in the order of their messages: ``Ada_730_1460.csv`` comes before ``Ada_1460_2190.csv``."""
    return sorted(parts, key=lambda part: (str(PurePath(part.name).parent), _stem(part.name), _chunk(part.name)))


def _table(part: Part, tally: Tally) -> Iterator[Record]:
    name, stem = PurePath(part.name).name, _stem(part.name)
    table = rows(part, tally)
    columns = [column.strip() for column in next(table, (1, []))[1]]
    if (layout := layout_of(columns)) is None:
        raise LogError(f"{part.name}:1: has no heading of WeChat messages", f"such as {','.join(_PYWXDUMP.heading)}")
    others = _others(layout, columns, part.text_head())
    for number, row in table:
        if len(row) < len(layout.heading):
            tally.fault(f"{name}:{number}", ",".join(row))
            continue
        cells = _cells(layout, columns, row)
        chat = cells.get(layout.chat, "").strip()
        record = Record(f"{name}:{number}", layout, f"{stem}/{chat}" if layout.local else chat or stem, cells)
        if record.is_own() and others == {record.first(layout.named)}:
            cells.update(dict.fromkeys(layout.named, ""))
        yield record


def _others(layout: Layout, columns: list[str], head: str) -> set[str]:
    """Return the names of others. One that all of them and the owner have is the chat's, and not a person's."""
    table = islice(csv.reader(f"{line}\n" for line in head.split("\n")), 1, None)
    records = (Record("", layout, "", _cells(layout, columns, row)) for row in table)
    return {record.first(layout.named) for record in records if not record.is_own()} - {""}


def _cells(layout: Layout, columns: list[str], row: list[str]) -> dict[str, str]:
    number = row[9].strip() if layout is _MEMOTRACE and len(row) > 9 else ""
    # Of what the owner could not send, the message's id is 0.
    if not re.fullmatch(r"\d{12,20}", number) and not (number == "0" and row[4] == "1"):
        return dict(zip(columns, row, strict=False))
    # Older versions wrote the message's id there without saying so in the heading; what follows names the chat.
    cells = dict(zip((*columns[:9], "MsgSvrID", *columns[9:]), row, strict=False))
    if cells.get("Sender"):
        cells["Remark"] = cells["NickName"] = ""
    return cells


def _session(part: Part, tally: Tally) -> Iterator[Record]:
    name, chat, number = PurePath(part.name).name, _stem(part.name), 0
    names: dict[str, str] = {}
    for path, value in records(part, ("session", "senders.item", "messages.item"), tally):
        known = _flat(value) if isinstance(value, dict) else {}
        if path == "session":
            chat = known.get("wxid") or known.get("accountId") or chat
            continue
        if path == "senders.item":
            names[known.get("senderID", "")] = known.get("displayName") or known.get("wxid", "")
            continue
        number += 1
        if isinstance(value, dict) and isinstance(value.get("content", ""), str | None):
            cells = {"senderDisplayName": names.get(known.get("senderID", ""), ""), **known}
            yield Record(f"{name}:{cells.get('localId', number)}", _WEFLOW, chat, cells)
        else:
            tally.fault(f"{name}:{number}", reprlib.repr(value))


def _flat(value: dict[str, Any]) -> dict[str, str]:
    cells = {key: tidy(str(cell)) for key, cell in value.items() if isinstance(cell, str | int | Decimal)}
    if value.get("isSend", 0) is None or cells.get("senderUsername", "").endswith("@chatroom"):
        cells["type"] = SYSTEM
    return {"content": "", **cells}


def _stem(name: str) -> str:
    """Return a file's name without its endings and without the numbers of its part."""
    return _CHUNK.sub("", _bare(name))


def _chunk(name: str) -> int:
    found = _CHUNK.search(_bare(name))
    return int(found[1]) if found and found[1] else 0


def _bare(name: str) -> str:
    return re.sub(r"\.(?:csv|json)(?:\.gz|\.zst)?$", "", PurePath(name).name)
