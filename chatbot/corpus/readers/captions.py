"""Pictures with their captions: CSV with a heading, or JSON lines, of path and text."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Literal

from pydantic import Field

from chatbot.corpus.canonical import load_json
from chatbot.corpus.log import Part
from chatbot.corpus.readers.reader import Reader, tidy
from chatbot.corpus.readers.rows import first_row, rows
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue, Turn

_PATHS = ("path", "image", "picture", "file", "file_name", "filename", "image_path")
_TEXTS = ("text", "caption", "description")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|bmp|webp|tiff?)$", re.IGNORECASE)


class CaptionsReader(Reader):
    """``kind = "captions"``. A picture is a turn whose text is its path."""

    kind: Literal["captions"] = "captions"
    speakers: tuple[str, ...] = Field(("Picture", "Caption"), min_length=2, max_length=2)
    """Who shows the picture, and who tells what is on it."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first record names a picture and a text."""
        lines = [line for line in head.split("\n") if line.strip()][:2]
        if lines and lines[0].lstrip().startswith("{"):
            return "each line is an object with a picture's path and its text" if _named(_record(lines[0])) else ""
        first = dict(zip(first_row(lines[0]), first_row(lines[-1]), strict=False)) if lines else {}
        return "columns with a picture's path and its text" if _named(first) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield a dialogue for each picture; paths are from the folder of the file that names them."""
        for part in parts:
            for number, record in _records(part, tally):
                place = f"{PurePath(part.name).name}:{number}"
                found = _named(record)
                if not found:
                    tally.fault(place, str(record))
                    continue
                path, text = str(Path(part.name).parent.absolute() / found[0]), tidy(found[1])
                if not text:
                    tally.skip("empty")
                    continue
                yield Dialogue(place, (Turn(self.speakers[0], path), Turn(self.speakers[1], text)))


def _records(part: Part, tally: Tally) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield each record with the number of its first line."""
    if part.text_head().lstrip().startswith("{"):
        for number, line in part.lines(tally):
            if line.strip():
                yield number, _record(line)
        return
    table = rows(part, tally)
    columns = next(table, (1, []))[1]
    for number, row in table:
        yield number, dict(zip(columns, row, strict=False))


def _record(line: str) -> dict[str, object]:
    try:
        record = load_json(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _named(record: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the path and the text of a record that has both."""
    low = {key.strip().lower(): value for key, value in record.items()}
    path = next((low[key] for key in _PATHS if key in low), None)
    text = next((low[key] for key in _TEXTS if key in low), None)
    if isinstance(path, str) and isinstance(text, str) and _PICTURE.search(path.strip()):
        return path.strip(), text
    return None
