"""CrossWOZ (Zhu et al. 2020): Chinese dialogues of a tourist and an assistant, one large object by their numbers.

A dialogue is ``{"sys-usr", "goal", "messages": [{"content", "role", "dialog_act", ...}], ...}``; the roles are
``usr`` and ``sys``.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.readers.records import Said, dialogues, items, string
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_ROLE = re.compile(r'"role"\s*:\s*"(?:usr|sys)"')


class CrossWozReader(Reader):
    """``kind = "crosswoz"``."""

    kind: Literal["crosswoz"] = "crosswoz"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """JSON with messages of usr and sys."""
        messages = re.match(r"\s*[{\[]", head) and re.search(r'"messages"\s*:\s*\[', head)
        return "dialogues with messages of usr and sys" if messages and _ROLE.search(head) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield a dialogue for each member; goals, states and dialogue acts are left out."""
        for part in parts:
            yield from dialogues(_records(part, tally), _said, tally)


def _records(part: Part, tally: Tally) -> Iterator[tuple[str, Any]]:
    """Yield each dialogue with its place; in a list they have no names, and are counted."""
    name = PurePath(part.name).name
    for number, (key, record) in enumerate(records(part, {"*"}, tally), 1):
        yield f"{name}:{number if key == 'item' else key}", record


def _said(record: Any) -> Said:
    return [(string(message, "role"), string(message, "content")) for message in items(record, "messages")]
