"""Canonical dialogues, one JSON object a line: what ``chatbot corpus export`` writes."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

from chatbot.corpus.canonical import load_json, parse_dialogue
from chatbot.corpus.log import Part
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_BEGINNING = re.compile(r'"turns": \[\{"speaker": "(?:[^"\\]|\\.)*", "text": "')


class JsonlReader(Reader):
    """``kind = "jsonl"``."""

    kind: Literal["jsonl"] = "jsonl"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first line is an object with turns."""
        first = head.lstrip().split("\n", 1)[0]
        if not first.startswith("{"):
            return ""
        try:
            record = load_json(first)
        except ValueError:  # a first line longer than the head
            return 'the first line begins an object with "turns"' if _BEGINNING.search(first) else ""
        turns = record.get("turns") if isinstance(record, dict) else None
        ours = isinstance(turns, list) and all(isinstance(turn, dict) and "text" in turn for turn in turns[:1])
        return 'each line is an object with "turns"' if ours else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues as they are; lines that are none are counted."""
        for part in parts:
            name = PurePath(part.name).name
            for number, line in part.lines(tally):
                place = f"{name}:{number}"
                if not line.strip():
                    continue
                try:
                    dialogue = parse_dialogue(line, place)
                except ValueError:
                    tally.fault(place, line)
                    continue
                if dialogue.turns:
                    yield dialogue
                else:
                    tally.skip("empty")
