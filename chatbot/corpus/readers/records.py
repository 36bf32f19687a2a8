"""Data sets of dialogues: a record each, checked, and its texts made turns."""

import re
import reprlib
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import PurePath
from typing import Any

from chatbot.corpus.canonical import load_json
from chatbot.corpus.log import Part
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue, Turn

PERSONA = "persona"
"""The speaker of what a data set tells about who is talking."""
SYSTEM = "system"
"""The speaker of what stands before a dialogue as its instructions or setting."""
_SILENCE = re.compile(r"__ ?SILENCE ?__|<SILENCE>")
"""What ParlAI, ConvAI2 and bAbI write for someone who says nothing, so that the other one begins."""

Said = list[tuple[str, str]]
"""Speakers and what they said, in order."""


def dialogues(records: Iterable[tuple[str, Any]], said: Callable[[Any], Said], tally: Tally) -> Iterator[Dialogue]:
    """Yield the dialogue of each record, whose place is given; those from which ``said`` gets nothing are counted.

    ``said`` raises ValueError for a record of another shape.
    """
    for place, record in records:
        try:
            lines = said(record)
        except ValueError:
            tally.fault(place, reprlib.repr(record))
            continue
        if (dialogue := make_dialogue(place, lines, tally)) is not None:
            yield dialogue


def make_dialogue(place: str, said: Said, tally: Tally) -> Dialogue | None:
    """Return what was said as a dialogue, consecutive texts of one speaker as one turn.

    Personas come first. When nobody talks there is none, which is counted.
    """
    tidied = ((tidy(speaker) or "unknown", _kept(text, tally)) for speaker, text in said)
    kept = [(speaker, text) for speaker, text in tidied if text]
    if all(speaker in {PERSONA, SYSTEM} for speaker, _ in kept):
        if not said or kept:
            tally.skip("empty")
        return None
    kept.sort(key=lambda line: line[0] != PERSONA)
    runs = groupby(kept, key=lambda line: line[0])
    turns = tuple(Turn(speaker, "\n".join(text for _, text in lines)) for speaker, lines in runs)
    return Dialogue(tidy(place), turns)


def _kept(text: str, tally: Tally) -> str:
    """Return the tidied text, or nothing when there is none, which is counted."""
    text = tidy(text)
    if not text:
        tally.skip("empty")
    elif _SILENCE.fullmatch(text):
        tally.skip("system")
        return ""
    return text


def json_lines(part: Part, tally: Tally) -> Iterator[tuple[int, Any]]:
    """Yield the value of each line with the line's number; lines that are no JSON are counted."""
    for number, line in part.lines(tally):
        if not line.strip():
            continue
        try:
            yield number, load_json(line)
        except ValueError:
            tally.fault(f"{PurePath(part.name).name}:{number}", line)


def string(record: Any, key: str) -> str:
    """Return the string that ``record`` has under ``key``.

    Raises:
        ValueError: it has none.
    """
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, str):
        raise ValueError(f'"{key}" is not a string')
    return value


def items(record: Any, key: str) -> list[Any]:
    """Return the list that ``record`` has under ``key``.

    Raises:
        ValueError: it has none.
    """
    value = record.get(key) if isinstance(record, dict) else None
    if not isinstance(value, list):
        raise ValueError(f'"{key}" is not a list')
    return value


def strings(record: Any, key: str) -> list[str]:
    """Return the list of strings that ``record`` has under ``key``.

    Raises:
        ValueError: it has none.
    """
    values = items(record, key)
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f'"{key}" is not a list of strings')
    return values
