"""Tab-separated values: a dialogue a line, a turn a column; most often question and answer."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.reader import Reader, tidy
from chatbot.corpus.readers.text import alternate
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue


class TsvReader(Reader):
    """``kind = "tsv"``."""

    kind: Literal["tsv"] = "tsv"
    speakers: tuple[str, ...] = Field(("A", "B"), min_length=2)
    """Who speaks in turn."""
    columns: tuple[Annotated[int, Field(ge=1)], ...] = ()
    """The columns that are turns, in their order, the first being 1; empty: all columns."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Most lines have a tab."""
        lines = [line for line in head.split("\n") if line.strip()]
        tabbed = sum("\t" in line.strip() for line in lines)
        if "__eou__" in head or head.lstrip()[:1] == "{" or tabbed <= len(lines) / 2:
            return ""
        return f"{tabbed} of the first {len(lines)} lines have tab-separated columns"

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield a dialogue for each line with two columns or more; empty columns are skipped."""
        for part in parts:
            name = PurePath(part.name).name
            for number, line in part.lines(tally):
                texts = self._chosen([tidy(column) for column in line.split("\t")])
                filled = [text for text in texts if text]
                if len(filled) < 2 or not all(texts[:2]):
                    tally.skip("empty") if not filled else tally.fault(f"{name}:{number}", line)
                    continue
                yield Dialogue(f"{name}:{number}", alternate(filled, self.speakers))

    def _chosen(self, columns: list[str]) -> list[str]:
        """Return the turns' columns; one that a line lacks is empty."""
        if not self.columns:
            return columns
        return [columns[place - 1] if place <= len(columns) else "" for place in self.columns]
