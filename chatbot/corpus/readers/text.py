"""Plain text: one turn a line, an empty line between dialogues. What people write by hand."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.html_stream import is_page
from chatbot.corpus.readers.reader import Reader, tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue, Turn

_TIME = re.compile(r"(?:^|[\s)])\d{4}[-/.]\d\d?[-/.]\d\d? \d\d?:\d\d(?::\d\d)?(?:\s|$)")
_HEADER = re.compile(r"\w+([,;])\w+(?:\1\w+)*")


class TextReader(Reader):
    """``kind = "text"``."""

    kind: Literal["text"] = "text"
    speakers: tuple[str, ...] = Field(("A", "B"), min_length=2)
    """Who speaks in turn."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Text has lines, and no other format's marks."""
        lines = [line for line in head.split("\n") if line.strip()]
        if len(lines) < 2 or "__eou__" in head or is_page(head) or re.match(r"\s*(\{|\[\s*[\[{\"])", head):
            return ""
        if sum("\t" in line for line in lines) > len(lines) / 2 or _is_table(lines):
            return ""
        if 4 * sum(_TIME.search(line) is not None for line in lines) > len(lines):  # some program's export
            return ""
        return "lines of text, a turn each"

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of each part."""
        for part in parts:
            yield from self._read_part(part, tally)

    def _read_part(self, part: Part, tally: Tally) -> Iterator[Dialogue]:
        name = PurePath(part.name).name
        start, texts = 0, list[str]()
        for number, line in part.lines(tally):
            text = tidy(line)
            if text:
                start = start if texts else number
                texts.append(text)
            elif texts:
                yield self._dialogue(f"{name}:{start}", texts)
                texts = []
        if texts:
            yield self._dialogue(f"{name}:{start}", texts)

    def _dialogue(self, place: str, texts: list[str]) -> Dialogue:
        return Dialogue(place, alternate(texts, self.speakers))


def _is_table(lines: list[str]) -> bool:
    """Tell whether the first line names columns, and as many commas or semicolons as there are in all the others."""
    if lines[0].lower().startswith("sep="):
        lines = lines[1:]
    header = _HEADER.fullmatch(lines[0].strip()) if len(lines) > 1 else None
    return header is not None and all(line.count(header[1]) >= lines[0].count(header[1]) for line in lines)


def alternate(texts: list[str], speakers: tuple[str, ...]) -> tuple[Turn, ...]:
    """Return the texts as turns of the speakers in rotation."""
    return tuple(Turn(speakers[index % len(speakers)], text) for index, text in enumerate(texts))
