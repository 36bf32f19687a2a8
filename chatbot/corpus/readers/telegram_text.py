"""Messages copied out of Telegram Desktop as text: ``NAME, [DATE TIME]``, the text on the lines below."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.blocks import Block, Log, beginning, blocks, headers
from chatbot.corpus.readers.dates import DATE, MARKS, TIME, Order, moment, settled_order
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_SURVEYED = 4 * 2**20
"""How many characters are looked through for the order of the dates before any message is read."""
_HEADER = re.compile(rf"(?P<name>.{{1,200}}?), \[{MARKS}{DATE}(?:[,،]\s|\s){TIME}{MARKS}\]:?[ \t]{{0,3}}$")
_REPLY = re.compile(r"\[In reply to .{1,200}\]$|\[(?:Ответ|Antwort|回复|回覆) .{1,200}\]$")
_FORWARDED = re.compile(r"\[Forwarded from .{1,200}\]$|\[(?:Переслано от|Weitergeleitet von|转发自|轉寄自) .{1,200}\]$")
_MEDIA = re.compile(
    r"\[ [^\[\]\n]{1,250} \]$"  # as the program writes it, in any language
    r"|\[(?:\S{1,8} )?(?:Photo|Video|Video message|Voice message|Sticker|GIF|File|Audio|Audio file|Location|"
    r"Live location|Contact|Poll|Game|Invoice|Album|图片|照片|视频|语音消息|贴纸|文件|位置)"
    r"(?:(?: ?:|,) ?[^\[\]\n]{1,200})?\]$"
)


class TelegramTextReader(ChatReader):
    """``kind = "telegram-text"``."""

    kind: Literal["telegram-text"] = "telegram-text"
    date_order: Order | None = None
    """Day, month and year as the program wrote them, where the text itself does not tell."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """One of the first lines is a name with a time in brackets."""
        found = headers(head, _HEADER.match)
        return f"messages copied from Telegram: {tidy(found[0][0])}" if found else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every text."""
        yield from self.dialogues((m for part in parts for m in self._messages(Log.of(part, tally))), tally)

    def _messages(self, log: Log) -> Iterator[Message]:
        lines = iter(log.part.lines(log.tally))
        head = beginning(lines, _SURVEYED)
        found = [match for _, line in head if (match := _HEADER.match(line))]
        order = settled_order(found, self.date_order)
        for block in blocks(chain(head, lines), _HEADER.match):
            if block.header is None:
                log.stray(block)
            elif message := self._message(block, block.header, order, log):
                yield message

    def _message(self, block: Block, header: re.Match[str], order: Order, log: Log) -> Message | None:
        try:
            time = moment(header, order)
        except ValueError:
            log.fault(block.number, block.first_line())
            return None
        text, reason = self._content(tidy(block.text))
        return log.message(block, tidy(header["name"]), text, reason, time)

    def _content(self, text: str) -> tuple[str, str]:
        """Return what was typed, and why a message is left out if it is."""
        for pattern in (_FORWARDED, _REPLY):
            first, _, rest = text.partition("\n")
            if pattern.match(first):
                if pattern is _FORWARDED and not self.forwards:
                    return "", "forwarded"
                text = rest.lstrip()
        first, _, caption = text.partition("\n")
        if _MEDIA.match(first):
            return caption.strip(), "" if caption.strip() else "media"
        return text, ""
