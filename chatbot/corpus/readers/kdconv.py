"""KdConv (Zhou et al. 2020): Chinese dialogues of two people about films, music and travel, a list in each file.

A dialogue is ``{"name", "messages": [{"message", "attrs"}]}``; the two people speak in turn, and ``attrs`` is what
they looked up.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Literal

from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.readers.records import Said, dialogues, items, string
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_MESSAGES = re.compile(r'"messages"\s*:\s*\[\s*\{\s*"(?:attrs"\s*:\s*(?:\[|null)|message"\s*:\s*")')


class KdConvReader(Reader):
    """``kind = "kdconv"``."""

    kind: Literal["kdconv"] = "kdconv"
    speakers: tuple[str, ...] = Field(("A", "B"), min_length=2)
    """Who speaks in turn."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """A list of objects whose messages have a message and attributes."""
        listed = re.match(r"\s*\[\s*\{", head)
        return "a list of dialogues whose messages have attributes" if listed and _MESSAGES.search(head) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield a dialogue for each record; what was looked up is left out."""
        for part in parts:
            name = PurePath(part.name).name
            found = enumerate(records(part, {"item"}, tally), 1)
            yield from dialogues(((f"{name}:{number}", record) for number, (_, record) in found), self._said, tally)

    def _said(self, record: Any) -> Said:
        texts = [string(message, "message") for message in items(record, "messages")]
        return [(self.speakers[number % len(self.speakers)], text) for number, text in enumerate(texts)]
