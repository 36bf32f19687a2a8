"""Lines and the conversations that they make, in two files: how the Cornell Movie-Dialogs Corpus was published."""

import codecs
import io
import re
import sqlite3
from collections.abc import Iterator
from pathlib import PurePath
from typing import cast

from chatbot.corpus.log import Part
from chatbot.corpus.readers.messages import Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.shelf import open_shelf
from chatbot.corpus.tally import Tally

MARK = "+++$+++"
_IDENTITY = re.compile(r"[\w.:/-]+")
_PUBLISHED = re.compile(rb"\s*[Lu]\d+ \+\+\+\$\+\+\+ u\d+ \+\+\+\$\+\+\+ m\d+ \+\+\+\$\+\+\+ ")


def is_lines(head: str) -> bool:
    """Tell whether a part has lines: three to five fields, of which the last is a text."""
    fields = _first(head)
    film = re.fullmatch(r"m\d+", fields[0]) is not None
    return 3 <= len(fields) <= 5 and not film and not is_conversations(head)


def is_conversations(head: str) -> bool:
    """Tell whether a part has conversations: the last field is a list of ids."""
    return bool(_identities(_first(head)[-1]))


def conversations(lines: list[Part], plans: list[Part], tally: Tally) -> Iterator[Message]:
    """Yield the messages of each conversation, whose lines stand anywhere in ``lines``."""
    with open_shelf("lines (id TEXT PRIMARY KEY, name TEXT, text TEXT, used INTEGER DEFAULT 0) WITHOUT ROWID") as shelf:
        for part in lines:
            for row in _rows(part, tally):
                if not shelf.execute("INSERT OR IGNORE INTO lines (id, name, text) VALUES (?, ?, ?)", row).rowcount:
                    tally.skip("duplicate")
        for part in plans:
            yield from _planned(part, shelf, tally)
        ((unused,),) = shelf.execute("SELECT count(*) FROM lines WHERE NOT used")
        if unused:
            tally.skipped["unused"] += unused


def _rows(part: Part, tally: Tally) -> Iterator[tuple[str, str, str]]:
    """Yield each line's id, who says it and its text."""
    name, width = PurePath(part.name).name, len(_first(part.text_head()))
    for number, line in _text(part, tally):
        fields = _fields(line, width)
        if len(fields) == width and fields[0]:
            yield fields[0], tidy(fields[-2]) or tidy(fields[1]) or "unknown", tidy(fields[-1])
        elif line.strip():
            tally.fault(f"{name}:{number}", line)


def _planned(part: Part, shelf: sqlite3.Connection, tally: Tally) -> Iterator[Message]:
    """Yield the messages of the conversations that a part lists."""
    name = PurePath(part.name).name
    for number, line in _text(part, tally):
        place = f"{name}:{number}"
        identities = _identities(_fields(line)[-1])
        if not identities and line.strip():
            tally.fault(place, line)
        for identity in identities:
            found = shelf.execute("UPDATE lines SET used = 1 WHERE id = ? RETURNING name, text", (identity,)).fetchall()
            if not found:
                tally.fault(place, f"there is no line {identity}")
            elif not found[0][1]:
                tally.skip("empty")
            else:
                yield Message(found[0][0], found[0][1], None, place, place)


def _identities(field: str) -> list[str]:
    """Return the ids of a list as Python writes it, with or without quotes; of anything else nothing."""
    if not (field.startswith("[") and field.endswith("]")):
        return []
    names = [name.strip(" '\"") for name in field[1:-1].split(",")]
    # The list of a film's genres looks the same, but genres have no digits.
    return names if all(_IDENTITY.fullmatch(name) and re.search(r"\d", name) for name in names) else []


def _first(head: str) -> list[str]:
    return _fields(head.lstrip().split("\n", 1)[0])


def _fields(line: str, width: int = 0) -> list[str]:
    """Return the fields of a line; ``width``, how many there are, keeps a separator within the text."""
    return [field.strip() for field in line.split(MARK, width - 1 if width else -1)]


def _text(part: Part, tally: Tally) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a part; the corpus as published is in one-byte characters, copies are in UTF-8."""
    if part.encoding or not _PUBLISHED.match(part.head()):
        yield from part.lines(tally)
        return
    with io.TextIOWrapper(part.open(), "utf-8", "chatbot.western", newline=None) as stream:
        yield from ((number, line.removesuffix("\n")) for number, line in enumerate(stream, 1))


def _western(error: UnicodeError) -> tuple[str, int]:
    """Return the bytes that are not UTF-8 as Windows-1252, which has more than ISO 8859-1 and clashes with none."""
    bad = cast("UnicodeDecodeError", error)
    return "".join(_western_character(byte) for byte in bad.object[bad.start : bad.end]), bad.end


def _western_character(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


codecs.register_error("chatbot.western", _western)
