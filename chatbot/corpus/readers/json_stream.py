"""Large JSON as a stream: one record in memory at a time, and one error for every way in which a file can be broken."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import ijson

from chatbot.corpus.log import Bytes, Part
from chatbot.corpus.readers.reader import Tally
from chatbot.errors import LogError

_LONGEST_NUMBER = 1000
_DIGITS = b"0123456789"
_DEPTH = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}
_LONG_RUN = re.compile(rb"(\d{%d})\d+" % _LONGEST_NUMBER)


def json_values(part: Part, tally: Tally, whole: Callable[[str], bool]) -> Iterator[tuple[str, str, Any]]:
    """Yield ijson's prefixes, events and values; a value whose prefix is ``whole`` in one piece, as the event "whole".

    Raises:
        LogError: the JSON is broken; says where.
    """
    builder, depth = None, 0
    with part.open_utf8(tally.replace) as stream:
        try:
            for prefix, event, value in ijson.parse(_Shortened(stream)):
                if builder is None:
                    if not whole(prefix):
                        yield prefix, event, value
                        continue
                    builder = ijson.ObjectBuilder()
                builder.event(event, value)
                depth += _DEPTH.get(event, 0)
                if depth == 0:
                    yield prefix, "whole", builder.value
                    builder = None
        except (ijson.JSONError, ArithmeticError, ValueError, RecursionError) as error:
            reason = re.sub(r"\s+", " ", str(error)).strip()[:120]
            raise LogError(
                f"{part.name}: is not whole JSON: {reason}", "export the chat again, or repair the file"
            ) from None


class _Shortened:
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
