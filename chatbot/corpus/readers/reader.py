"""What every reader is, and what it leaves out."""

import re
from abc import abstractmethod
from collections.abc import Iterator

from chatbot.corpus.log import Part
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from chatbot.settings import Settings


class Reader(Settings):
    """Settings of a log format, with the verb that reads it: the ``[reader]`` table of a corpus file."""

    @classmethod
    @abstractmethod
    def recognises(cls, head: str, name: str) -> str:
        """Return why a part that begins with ``head`` is in this format, or nothing."""

    @classmethod
    def recognises_bytes(cls, head: bytes) -> str:
        """Return why a part that is no text and begins with ``head`` is in this format, or nothing."""
        return ""

    @classmethod
    def holds(cls, part: Part) -> bool:
        """Return whether a part seems to be in this format."""
        try:
            return bool(cls.recognises(part.text_head(), part.name))
        except LogError:
            return False

    @abstractmethod
    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of a log in one pass; what is left out is counted in ``tally``."""


def tidy(text: str) -> str:
    """Return what was typed: without direction marks, lone surrogates, NULs, carriage returns and blank ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    untidy = "\0" in text if text.isascii() else _UNTIDY.search(text)
    if not untidy:  # as nearly always, and many times faster
        return text.strip()
    return text.translate(_MARKS).encode("utf-8", "replace").decode("utf-8").strip()


_MARKS = dict.fromkeys((8206, 8207, *range(8234, 8239), *range(8294, 8298), 65279))
_MARKS[0] = None
_UNTIDY = re.compile(f"[{re.escape(''.join(map(chr, _MARKS)))}\ud800-\udfff]")
