"""The Ubuntu Dialogue Corpus (Lowe et al. 2015): two people's talks about Ubuntu, taken from its IRC channels.

Three layouts: ``dialogs/3/1.tsv``, a dialogue a file, of time, sender, recipient and text; ``dialogueText.csv`` with
the columns ``folder,dialogueID,date,from,to,text``; and the tables for ranking replies, whose ``Context`` has turns
that end with ``__eot__`` and messages that end with ``__eou__`` (in the first version turns that end with ``__EOS__``).
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.rows import first_row, rows
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_ROW = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?Z?\t[^\t\n]*\t[^\t\n]*\t")
_FORMATTING = re.compile("\x03(?:\\d{1,2}(?:,\\d{1,2})?)?|[\x02\x0f\x16\x1d\x1f]")
"""IRC's colours and type faces."""
_TURN_END = re.compile("__eot__|__EOS__")
_TABLE = ("dialogueID", "date", "from", "text")
_ANSWERS = ("Utterance", "Ground Truth Utterance")


class UbuntuDialogueReader(ChatReader):
    """``kind = "ubuntu-dialogue"``."""

    kind: Literal["ubuntu-dialogue"] = "ubuntu-dialogue"
    speakers: tuple[str, str] = ("A", "B")
    """Who speaks in turn, in the tables for ranking replies: they name nobody."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first line is a row with time, sender, recipient and text, or names such columns."""
        first = head.lstrip("\n").split("\n", 1)[0]
        if _ROW.match(first):
            return "rows of time, sender, recipient and text"
        columns = first_row(first)
        if all(column in columns for column in _TABLE):
            return f"a table of {', '.join(columns)}"
        return "a table of contexts and replies" if _ranked(columns) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues; replies that only stand there to be told from the right one are left out."""
        yield from self.dialogues(self._messages(parts, tally), tally)

    def _messages(self, parts: list[Part], tally: Tally) -> Iterator[Message]:
        for part in parts:
            columns = first_row(part.text_head().lstrip("\n"))
            if {*_TABLE} <= {*columns}:
                yield from _table(part, tally)
            elif answer := _ranked(columns):
                yield from self._ranking(part, answer, tally)
            else:
                yield from _file(part, tally)

    def _ranking(self, part: Part, answer: str, tally: Tally) -> Iterator[Message]:
        for place, row in _rows(part, {"Context", answer}, tally):
            if row.get("Label", "1").strip() not in {"1", "1.0"}:
                tally.skip("negative")
                continue
            turns = [turn for turn in (*_TURN_END.split(row["Context"]), row[answer]) if turn.strip()]
            for number, turn in enumerate(turns):
                for text in filter(str.strip, turn.split("__eou__")):
                    if message := _message(self.speakers[number % 2], text, None, place, place, tally):
                        yield message


def _ranked(columns: list[str]) -> str:
    """Return which column of a table has the right replies; nothing if it is no such table."""
    return next((column for column in _ANSWERS if column in columns), "") if "Context" in columns else ""


def _file(part: Part, tally: Tally) -> Iterator[Message]:
    """Yield the messages of a file that is one dialogue."""
    name = PurePath(part.name).name
    for number, line in part.lines(tally):
        if not line.strip():
            continue
        place = f"{name}:{number}"
        fields = line.split("\t", 3)
        time = _time(fields[0])
        if len(fields) < 4 or time is None:
            tally.fault(place, line)
        elif message := _message(fields[1], fields[3], time, place, part.name, tally):
            yield message


def _table(part: Part, tally: Tally) -> Iterator[Message]:
    """Yield the messages of a table of many dialogues."""
    for place, row in _rows(part, {*_TABLE}, tally):
        time = _time(row["date"])
        if time is None:
            tally.fault(place, str(row))
            continue
        channel = f"{part.name}/{row.get('folder', '')}/{row['dialogueID']}"
        if message := _message(row["from"], row["text"], time, place, channel, tally):
            yield message


def _message(speaker: str, text: str, time: datetime | None, place: str, channel: str, tally: Tally) -> Message | None:
    text = tidy(_FORMATTING.sub("", text))
    if not text:
        tally.skip("empty")
        return None
    return Message(tidy(speaker) or "unknown", text, time, place, channel)


def _rows(part: Part, needed: set[str], tally: Tally) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each row of a table with its place; rows of another width, or without what is needed, are counted."""
    name = PurePath(part.name).name
    columns: list[str] = []
    for number, row in rows(part, tally):
        if not columns:
            columns = [column.strip() for column in row]
        elif len(row) == len(columns) and needed <= {*columns}:
            yield f"{name}:{number}", dict(zip(columns, row, strict=True))
        else:
            tally.fault(f"{name}:{number}", ",".join(row))


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None
