"""Reading one JSON document of any size: the values at some paths in it, one at a time.

The library decodes each value, and what is here finds where it begins and has the text read on where it is cut; so
that a record costs a few microseconds, and memory no more than the longest record.
"""

import io
import json
import re
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from enum import Enum
from typing import IO, Any

from chatbot.corpus.log import Part
from chatbot.corpus.tally import Tally
from chatbot.errors import LogError

_CHUNK, _LONGEST = 2**20, 2**26
"""Characters read at once, and the most that a value may have."""
_DIGITS = 1000
"""No export has a longer number: what follows is cut off. One whose exponent makes it longer is none."""
_NEAR = 16
"""A fault so near to the end of what has been read may be none: -Infinity and \\uXXXX are cut there, too."""
_BLANKS = re.compile(r"[ \t\n\r]*")
_MARK = re.compile(r'"(?:[^"\\]|\\.)*+"|["{}\[\]]', re.DOTALL)
"""A string, the beginning of one that is cut, or a bracket."""


class Begins(Enum):
    """Stands for a value that begins."""

    HERE = "begins"


def records(
    part: Part, paths: Collection[str], tally: Tally, begins: Collection[str] = ()
) -> Iterator[tuple[str, Any]]:
    """Yield each value that stands at one of ``paths``, with its path: ``chats.item`` is any item of the list "chats".

    The path ``*`` is any member of the outermost object, whose path is its key, and any item of the outermost list.
    Of what stands at a path in ``begins``, ``Begins.HERE`` is yielded before what is in it.

    One that is nested too deep for Python is None.

    Raises:
        LogError: the JSON is broken; says after which record.
    """
    found = 0
    try:
        with io.TextIOWrapper(part.open_utf8(tally.replace), "utf-8", newline="") as stream:
            for path, value in _Reading(stream, paths, begins).values():
                found += value is not Begins.HERE
                yield path, value
    except (ArithmeticError, ValueError, RecursionError) as error:
        reason = str(error)
        place = f"after record {found}" if found else "before the first record"
        raise LogError(
            f"{part.name}: {place}: is not whole JSON: {reason[:120]}", "export the chat again, or repair the file"
        ) from None


class _Reading:
    """Where reading stands: ``_text`` is what has been read and not yet left behind, ``_place`` the place in it.

    ``_halves`` tells that surrogates are written in it, which may lack their other half.
    """

    def __init__(self, stream: IO[str], paths: Collection[str], begins: Collection[str]) -> None:
        self._stream, self._paths, self._begins = stream, frozenset(paths), frozenset(begins)
        parts = [path.split(".") for path in (*paths, *begins)]
        self._outer = {".".join(part[:count]) for part in parts for count in range(len(part))} | set(begins)
        self._text, self._place, self._ended, self._halves = "", 0, False, False

    def values(self) -> Iterator[tuple[str, Any]]:
        """Yield what is asked for."""
        yield from self._walk("")
        if self._next():
            raise ValueError("something stands behind its end")

    def _walk(self, path: str | None) -> Iterator[tuple[str, Any]]:
        """Yield what is asked for of the value at ``path``; nothing of one that nobody asks for."""
        if path in self._paths and path is not None:
            yield path, self._value()
        elif path not in self._outer:
            yield from self._pass()
        else:
            if path in self._begins:
                yield path, Begins.HERE
            yield from self._inside(path)

    def _inside(self, path: str | None) -> Iterator[tuple[str, Any]]:
        """Yield what is asked for of what is in the value at ``path``."""
        opening = self._next()
        if opening not in ("{", "["):
            self._value()
            return
        closing, every = ("}" if opening == "{" else "]"), path == "" and "*" in self._paths
        self._place += 1
        mark = self._next()
        while mark != closing:
            name = self._name() if opening == "{" else "item"
            inner = None if path is None else f"{path}.{name}" if path else name
            if inner is not None and (every or inner in self._paths):
                yield inner, self._value()
            else:
                yield from self._walk(inner)
            mark = self._next()
            if mark == ",":
                self._place += 1
                mark = self._next()
                if mark == closing:
                    raise ValueError("a value is missing behind a comma")
            elif mark != closing:
                raise ValueError("a comma is missing, or the end")
        self._place += 1

    def _name(self) -> str:
        name = self._value()
        if not isinstance(name, str) or self._next() != ":":
            raise ValueError("a name is missing, or its colon")
        self._place += 1
        return name

    def _pass(self) -> Iterator[tuple[str, Any]]:
        """Pass a value by: in one go or, when it is long, piece by piece."""
        mark = self._next()
        if self._decode() is None:
            if mark in ("{", "["):
                yield from self._inside(None)
            else:
                self._value()

    def _value(self) -> Any:
        """Return the value that comes next."""
        self._next()
        while (found := self._decode()) is None:
            self._more()
        return found[0]

    def _decode(self, patient: bool = False) -> tuple[Any] | None:
        """Return the value that begins here, and go behind it; nothing when it may go on in what has not been read."""
        try:
            value, end = (_SCAN_ANY if patient else _SCAN)(self._text, self._place)
        except StopIteration as stop:
            fault, place = "a value is missing", int(stop.value)
        except json.JSONDecodeError as error:
            fault, place = error.msg, error.pos
        except ValueError:
            if patient:
                raise
            return self._decode(patient=True)  # there is a number that is too long for Python
        except RecursionError:
            self._leap()
            return (None,)
        else:
            if end == len(self._text) and not self._ended:
                return None
            self._place = end
            return (_paired(value) if self._halves else value,)
        cut = fault.startswith("Unterminated") or place >= len(self._text) - _NEAR
        if self._ended or not cut:
            raise ValueError(fault if self._text[self._place :].strip() else "it ends too early")
        return None

    def _leap(self) -> None:
        """Go behind a value that is nested too deep to be decoded."""
        depth = 0
        while True:
            mark = _MARK.search(self._text, self._place)
            if mark is None or mark[0] == '"':
                if self._ended:
                    raise ValueError("it ends too early")
                self._place = len(self._text) if mark is None else mark.start()
                self._more()
                continue
            self._place = mark.end()
            depth += (mark[0] in ("{", "[")) - (mark[0] in ("}", "]"))
            if depth == 0:
                return

    def _next(self) -> str:
        """Go to the next character that is no blank, and return it; nothing at the end."""
        if self._place < len(self._text) and (mark := self._text[self._place]) > " ":
            return mark
        while True:
            self._place = _BLANKS.match(self._text, self._place).end()  # type: ignore[union-attr]
            if self._place < len(self._text):
                return self._text[self._place]
            if self._ended:
                return ""
            self._more()

    def _more(self) -> None:
        """Read on: as much as there is of the value that is cut, so that a long one is not decoded again and again."""
        rest = self._text[self._place :]
        if len(rest) > _LONGEST:
            raise ValueError(f"a value has more than {_LONGEST:,} characters")
        more = self._stream.read(max(_CHUNK, len(rest)))
        self._text, self._place, self._ended = rest + more, 0, not more
        self._halves = "\\ud" in self._text or "\\uD" in self._text


def _scanner(integer: Callable[[str], int]) -> Callable[[str, int], tuple[Any, int]]:
    """Return what decodes the value at a place and tells where it ends; ``int`` is taken at once."""
    decoder = json.JSONDecoder(parse_int=integer, parse_float=_decimal, parse_constant=_refuse, strict=False)
    scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once  # type: ignore[attr-defined]
    return scan


def _integer(digits: str) -> int:
    return int(digits[:_DIGITS])


def _decimal(written: str) -> Decimal:
    number = Decimal(written)
    return number if number.adjusted() <= _DIGITS else Decimal("NaN")  # 1e999999999 would fill the memory as an integer


def _paired(value: Any) -> Any:
    """Return a value with U+FFFD for each half of a surrogate pair; nothing for one that is nested too deep."""

    def pair(one: Any) -> Any:
        if isinstance(one, str):
            return one if one.isascii() else one.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if isinstance(one, dict):
            return {pair(name): pair(inner) for name, inner in one.items()}
        return [pair(inner) for inner in one] if isinstance(one, list) else one

    try:
        return pair(value)
    except RecursionError:
        return None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")


_SCAN, _SCAN_ANY = _scanner(int), _scanner(_integer)
