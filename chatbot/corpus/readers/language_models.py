"""What the data sets for language models share: a JSON list, JSON lines or one object, a dialogue in each record."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.records import json_lines
from chatbot.corpus.tally import Tally

_SPREAD = re.compile(r"\{[^\n]*(?<=[{\[,]) *\n")
"""The first line of an object that goes over several lines."""
_MARK = re.compile(r" ?<(?:image|video|audio)>\n?")
_MARKED = ("images", "videos", "audios", "image", "video", "audio")


def json_records(part: Part, tally: Tally) -> Iterator[tuple[str, Any]]:
    """Yield each record with its place, that of a list's being its number."""
    head, name = part.text_head().lstrip(), PurePath(part.name).name
    if head.startswith("{") and not _SPREAD.match(head):
        yield from ((f"{name}:{number}", record) for number, record in json_lines(part, tally))
    else:
        path = "item" if head.startswith("[") else ""
        for number, (_, record) in enumerate(records(part, [path], tally), 1):
            yield f"{name}:{number}", record


def begins_records(head: str, *marks: str) -> bool:
    """Return whether ``head`` begins an object, or a list of objects, with these marks, which are patterns."""
    return re.match(r"\s*(?:\[\s*)?\{", head) is not None and all(re.search(mark, head) for mark in marks)


def one_of(record: Any, keys: tuple[str, ...]) -> str:
    """Return the first of ``keys`` that ``record`` has, else the first of them all."""
    return next((key for key in keys if isinstance(record, dict) and key in record), keys[0])


def without_marks(text: str, record: dict[str, Any]) -> str:
    """Return ``text`` without the marks that LLaMA-Factory puts where a picture, film or sound of the record stands."""
    return _MARK.sub("", text) if any(record.get(key) for key in _MARKED) else text
