"""Schema-Guided Dialogue (Rastogi et al. 2020), and MultiWOZ 2.2 in the same layout: someone and an assistant.

The data set's ``dialogues_001.json`` are lists of ``{"dialogue_id", "services", "turns": [{"speaker", "utterance",
"frames"}]}``; the same records are read from JSON lines, where a turn may also be ``[speaker, text]``.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.readers.records import Said, dialogues, items, json_lines, string
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_SHORT = re.compile(r'"turns"\s*:\s*\[\s*\[\s*"(?:USER|SYSTEM)"\s*,\s*"', re.IGNORECASE)
_SPEAKER = re.compile(r'"speaker"\s*:\s*"(?:USER|SYSTEM)"', re.IGNORECASE)
_UTTERANCE = re.compile(r'"utterance"\s*:\s*"')


class SgdReader(Reader):
    """``kind = "sgd"``."""

    kind: Literal["sgd"] = "sgd"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Records have turns of USER and SYSTEM."""
        if not re.match(r"\s*(?:\[\s*)?\{", head) or '"turns"' not in head:
            return ""
        whole = _SPEAKER.search(head) and _UTTERANCE.search(head)
        return "records with turns of USER and SYSTEM" if whole or _SHORT.search(head) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield a dialogue for each record; service calls, states and slots are left out."""
        for part in parts:
            yield from dialogues(_records(part, tally), _said, tally)


def _records(part: Part, tally: Tally) -> Iterator[tuple[str, Any]]:
    """Yield each record with its place: the records are a list, or a line each."""
    name = PurePath(part.name).name
    found: Iterable[tuple[int, Any]]
    if part.text_head().lstrip().startswith("["):
        found = enumerate((record for _, record in records(part, {"item"}, tally)), 1)
    else:
        found = json_lines(part, tally)
    for number, record in found:
        yield f"{name}:{_identity(record) or number}", record


def _identity(record: Any) -> str:
    identity = (record.get("dialogue_id") or record.get("id")) if isinstance(record, dict) else None
    return identity if isinstance(identity, str) else ""


def _said(record: Any) -> Said:
    return [_turn(turn) for turn in items(record, "turns")]


def _turn(turn: Any) -> tuple[str, str]:
    match turn:
        case [str(speaker), str(text)]:
            return speaker, text
        case _:
            return string(turn, "speaker"), string(turn, "utterance")
