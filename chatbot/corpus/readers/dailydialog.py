"""DailyDialog (Li et al. 2017) and XDailyDialog (Liu et al. 2023): a dialogue a line, turns ended by ``__eou__``.

The dev and test files of XDailyDialog have two more tab-separated columns of labels; in Chinese there are no blanks
round ``__eou__`` there.
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


class DailyDialogReader(Reader):
    """``kind = "dailydialog"``."""

    kind: Literal["dailydialog"] = "dailydialog"
    speakers: tuple[str, ...] = Field(("A", "B"), min_length=2)
    """Who speaks in turn."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Turns end with ``__eou__``, and with nothing else: the Ubuntu Dialogue Corpus has ``__eot__`` too."""
        lines = [line for line in head.splitlines() if line.strip()]
        most = 2 * sum("__eou__" in line for line in lines) > len(lines)  # a text may speak of it
        return "turns end with __eou__" if most and "__eot__" not in head else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield a dialogue for each line."""
        for part in parts:
            name = PurePath(part.name).name
            for number, line in part.lines(tally):
                texts = [tidy(text) for text in line.split("\t")[0].split("__eou__")]
                texts = [text for text in texts if text]
                if texts:
                    yield Dialogue(f"{name}:{number}", alternate(texts, self.speakers))
                else:
                    tally.skip("empty")
