"""Translation pairs, tab-separated: those of manythings.org/anki, and the sentence pairs that tatoeba.org hands out.

The first has the two sentences and whose they are (older files do not say); the second has each sentence's number in
front of it.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.reader import Reader, tidy
from chatbot.corpus.readers.text import alternate
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_CREDITS = ("tatoeba.org", "CC-BY")


class TranslationReader(Reader):
    """``kind = "translation"``."""

    kind: Literal["translation"] = "translation"
    speakers: tuple[str, ...] = Field(("source", "target"), min_length=2, max_length=2)
    """The names of the two languages, in the order of the dialogues' turns."""
    reverse: bool = False
    """Go from the second sentence of a line to the first."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Most lines have two sentences and Tatoeba's marks."""
        lines = [line for line in head.split("\n") if line.strip()]
        pairs = sum(_marked(line) for line in lines)
        return f"{pairs} of the first {len(lines)} lines are Tatoeba's sentence pairs" if pairs > len(lines) / 2 else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield a dialogue of two turns for each line."""
        for part in parts:
            name = PurePath(part.name).name
            for number, line in part.lines(tally):
                texts = _sentences(line)
                if len(texts) == 2 and all(texts):
                    yield Dialogue(f"{name}:{number}", alternate(texts[::-1] if self.reverse else texts, self.speakers))
                elif any(texts):
                    tally.fault(f"{name}:{number}", line)
                else:
                    tally.skip("empty")


def _marked(line: str) -> bool:
    columns = line.split("\t")
    return _numbered(columns) or (len(columns) == 3 and any(mark in columns[2] for mark in _CREDITS))


def _numbered(columns: list[str]) -> bool:
    """Return whether sentences have their numbers in front: number, sentence, number, sentence."""
    return len(columns) == 4 and tidy(columns[0]).isdecimal() and tidy(columns[2]).isdecimal()


def _sentences(line: str) -> list[str]:
    """Return the two sentences of a line, fewer when it lacks them."""
    columns = line.split("\t")
    return [tidy(text) for text in (columns[1::2] if _numbered(columns) else columns[:2])]
