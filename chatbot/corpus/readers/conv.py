"""Dialogues of ``E`` and ``M`` lines: the Chinese film subtitles of dgk_lost_conv and the Xiaohuangji chats.

``E`` begins a dialogue, and each ``M`` line is a turn. Files of words cut apart have a slash behind each of them.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.readers.records import Said, make_dialogue
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_SLASHES = re.compile(r"/(?:/(?=/|$))?")


class ConvReader(Reader):
    """``kind = "conv"``."""

    kind: Literal["conv"] = "conv"
    speakers: tuple[str, ...] = Field(("A", "B"), min_length=2)
    """Who speaks in turn."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """All lines are ``E`` or ``M`` with a text."""
        lines = [line for line in head.split("\n") if line.strip()]
        marked = sum(_is_end(line) or _is_turn(line) for line in lines)
        ends = any(map(_is_end, lines[:1000]))
        return "lines begin with E and M" if ends and len(lines) > 1 and marked > 0.9 * len(lines) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of each part."""
        for part in parts:
            yield from self._read_part(part, tally)

    def _read_part(self, part: Part, tally: Tally) -> Iterator[Dialogue]:
        name, cut = PurePath(part.name).name, _is_cut(part.text_head())
        start, texts = 0, list[str]()
        for number, line in part.lines(tally):
            if _is_end(line):
                yield from self._dialogue(f"{name}:{start}", texts, tally)
                start, texts = number, []
            elif _is_turn(line):
                texts.append(_joined(line[2:]) if cut else line[2:])
            elif line.strip():
                tally.fault(f"{name}:{number}", line)
        yield from self._dialogue(f"{name}:{start}", texts, tally)

    def _dialogue(self, place: str, texts: list[str], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogue of the texts, of which empty ones are counted, when there is one."""
        said: Said = [(self.speakers[index % len(self.speakers)], text) for index, text in enumerate(texts)]
        if said and (dialogue := make_dialogue(place, said, tally)) is not None:
            yield dialogue


def _is_end(line: str) -> bool:
    return line.strip() == "E"


def _is_turn(line: str) -> bool:
    return line.startswith("M ") or line.rstrip() == "M"


def _is_cut(head: str) -> bool:
    """Return whether words are cut apart by slashes: most longer lines have them."""
    longer = [line for line in head.split("\n") if line.startswith("M ") and len(line.strip()) > 6]
    return sum("/" in line for line in longer) > len(longer) / 2


def _joined(text: str) -> str:
    """Return words put together; a slash that is itself a word stays: ``1/2`` is written ``1///2``."""
    return _SLASHES.sub(lambda found: "/" if len(found[0]) > 1 else "", text)
