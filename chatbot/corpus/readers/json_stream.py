"""Reading one JSON object of any size: the records at a path in it, one at a time."""

import re
from collections.abc import Collection, Iterator
from typing import Any

import ijson

from chatbot.corpus.log import Bytes, Part
from chatbot.corpus.tally import Tally
from chatbot.errors import LogError

_DEEPEST = 64
"""No export nests its records deeper; what lies below is left out, so that no record is too deep for Python."""
_LONGEST_NUMBER = 1000
_DIGITS = b"0123456789"
_LONG_RUN = re.compile(rb"(\d{%d})\d+" % _LONGEST_NUMBER)


def records(part: Part, paths: Collection[str], tally: Tally) -> Iterator[tuple[str, Any]]:
    """Yield each value that stands at one of ``paths``, with its path: ``chats.item`` is any item of the list "chats".

    The path ``*`` is any member of the outermost object, whose path is its key, and any item of the outermost list.

    Raises:
        LogError: the JSON is broken; says after which record.
    """
    found = 0
    try:
        with part.open_utf8(tally.replace) as stream:
            for path, value in _values(Shortened(stream), paths):
                found += 1
                yield path, value
    except (ijson.JSONError, ArithmeticError, ValueError) as error:
        reason = re.sub(r"\s+", " ", str(error)).strip()[:120]
        place = f"after record {found}" if found else "before the first record"
        raise LogError(
            f"{part.name}: {place}: is not whole JSON: {reason}", "export the chat again, or repair the file"
        ) from None


def _values(stream: Bytes, paths: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Yield the values at ``paths``; ijson's own prefixes take time and memory that grow with the square of depth."""
    names: list[str] = []  # where the parser is: a key for each open object, "item" for each open list
    deepest = max(path.count(".") + 1 for path in paths)
    builder, start, path = None, 0, ""
    for event, value in ijson.basic_parse(stream):
        if event.startswith("end"):
            names.pop()
        if builder is None and event not in {"map_key", "end_map", "end_array"} and len(names) <= deepest:
            path = ".".join(names)
            if path in paths or ("*" in paths and len(names) == 1):
                builder, start = ijson.ObjectBuilder(), len(names)
        if builder is not None and len(names) - start < _DEEPEST:
            builder.event(event, value)
        if event == "map_key":
            names[-1] = value
        elif event.startswith("start"):
            names.append("item" if event == "start_array" else "")
        elif builder is not None and len(names) == start:
            yield path, builder.value
            builder = None


class Shortened:
    """Cuts runs of digits that no export has: ijson's C parser does not survive numbers of 5,000 digits."""

    def __init__(self, stream: Bytes) -> None:
        self._stream = stream
        self._digits = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._stream.read(size)
        while data and self._digits >= _LONGEST_NUMBER and not (data := data.lstrip(_DIGITS)):
            data = self._stream.read(size)
        trailing = len(data) - len(data.rstrip(_DIGITS))
        self._digits = trailing + (self._digits if trailing == len(data) else 0)
        return _LONG_RUN.sub(rb"\1", data)

    def close(self) -> None:
        """Close it."""
        self._stream.close()
