"""Signal's chats as signal-export (sigexport) writes them: chat.md, formerly index.md, or else data.json.

``[2019-05-29 15:04:05] NAME: TEXT``, before version 3 ``[2019-05-29, 15:04] NAME: TEXT``; one's own name is Me. The
JSON beside it says the same, a message a line, and is left out where both are there.
"""

import re
import reprlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.blocks import Block, Log, blocks, headers
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.records import json_lines, string
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_HEADER = re.compile(r"\[(\d{4}-\d\d-\d\d),? (\d\d:\d\d(?::\d\d)?)\] (?P<name>[^\n]{1,200}?):(?: |$)")
_WHATSAPP = re.compile("\u200e|WhatsApp|<attached: |" + r"\b(?:omitted>?|_chat\.txt)$", re.MULTILINE)
"""The same header stands in WhatsApp's logs where dates are written so, beside words of its own."""
_KEYS = ("date", "sender", "body", "quote", "reactions", "attachments")
_REACTIONS = re.compile(r"\(- .{1,2000} -\)")
_STICKER = re.compile(r"\(\( .{1,40} \)\)|\[[^\[\]\n]{0,40}\]\(\.\./exported_stickers/[^()\n]{1,300}\)")
_ATTACHMENT = re.compile(
    r"!?\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\]\(\./(?:[^()\n]|\([^()\n]*\))*\)"  # one pair of brackets within a name
)
_CALL = re.compile(r"(?:Incoming|Outgoing|Missed) (?:(?:voice|video|group) )?call(?: \([a-z0-9 ,]{1,60}\))?")


class SignalReader(ChatReader):
    """``kind = "signal"``."""

    kind: Literal["signal"] = "signal"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Headers with ISO dates, in Markdown or at least without any of WhatsApp's words; or the keys of its JSON."""
        if _is_json(head):
            return f"each line is an object with {', '.join(_KEYS)}, as signal-export names them"
        if not headers(head, _HEADER.match):
            return ""
        file = name.replace("\\", "/").rpartition("/")[2]
        if not file.endswith(".md") and _WHATSAPP.search(f"{file}\n{head}"):
            return ""
        return "messages start as signal-export writes them: [date time] name:"

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every chat."""
        yield from self.dialogues(self._all_messages(parts, tally), tally)

    def _all_messages(self, parts: list[Part], tally: Tally) -> Iterator[Message]:
        logs = {part.name: _is_json(part.text_head()) for part in parts}
        twice = {PurePath(name).parent for name, is_json in logs.items() if not is_json}
        for part in parts:
            if not logs[part.name]:
                yield from self._messages(Log.of(part, tally))
            elif PurePath(part.name).parent in twice:
                tally.skip("also in Markdown")
            else:
                yield from _from_json(Log.of(part, tally))

    def _messages(self, log: Log) -> Iterator[Message]:
        for block in blocks(log.part.lines(log.tally), _HEADER.match):
            if block.header is None:
                log.stray(block)
            elif message := self._message(block, block.header, log):
                yield message

    def _message(self, block: Block, header: re.Match[str], log: Log) -> Message | None:
        try:
            time = datetime.fromisoformat(f"{header[1]} {header[2]}")
        except ValueError:
            log.fault(block.number, block.first_line())
            return None
        text, reason = _content(block.lines)
        return log.message(block, tidy(header["name"]), text, reason, time)


def _is_json(head: str) -> bool:
    return head.lstrip().startswith("{") and all(f'"{key}":' in head for key in _KEYS)


def _from_json(log: Log) -> Iterator[Message]:
    for number, record in json_lines(log.part, log.tally):
        try:
            time = datetime.fromisoformat(string(record, "date"))
            speaker, body = tidy(string(record, "sender")), string(record, "body")
        except ValueError:
            log.fault(number, reprlib.repr(record))
            continue
        text, reason = _content(body.split("\n"))
        if message := log.message(Block(number, None), speaker, text, _reason(record, text) or reason, time):
            yield message


def _reason(record: dict[str, Any], text: str) -> str:
    if record.get("deleted"):
        return "deleted"
    if record.get("call"):
        return "system"
    return "media" if not text and (record.get("attachments") or record.get("sticker")) else ""


def _content(lines: list[str]) -> tuple[str, str]:
    """Return what was typed, and why a message is left out if it is."""
    kept, media = list[str](), False
    for line in _unquoted(lines):
        reactions = _REACTIONS.match(line)
        said = line[reactions.end() :] if reactions else line
        plain = _ATTACHMENT.sub("", _STICKER.sub("", said))
        media = media or plain != said
        if plain.strip() or not line.strip():
            kept.append(plain.removesuffix("  "))  # two blanks end a line in Markdown
    text = tidy("\n".join(kept))
    if text == "(This message was deleted)":
        return "", "deleted"
    if _CALL.fullmatch(text):
        return "", "system"
    return text, "media" if media and not text else ""


def _unquoted(lines: list[str]) -> list[str]:
    """Return the lines without the quotation that they begin with: it stands below an empty first line."""
    texts = [number for number, line in enumerate(lines) if line.strip()]
    if not texts or texts[0] == 0 or not lines[texts[0]].startswith("> "):
        return lines
    end = texts[0]
    while end < len(lines) and lines[end].startswith(">"):
        end += 1
    return lines[end:]
