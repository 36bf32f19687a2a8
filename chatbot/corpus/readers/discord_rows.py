"""DiscordChatExporter's CSV and plain text: messages without links, in CSV of older versions and text in local time.

A text file begins with a banner of 62 ``=`` round the guild and the channel; then each message is a line
``[date time] author``, its text, and blocks such as ``{Attachments}``, with empty lines between all of these.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.readers.discord_html import channel_of
from chatbot.corpus.readers.local_dates import Order, Written, dated, parse_written
from chatbot.corpus.readers.messages import Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.rows import rows
from chatbot.corpus.tally import Tally

_COLUMNS = ("AuthorID", "Author", "Date", "Content", "Attachments")
_RULE = "=" * 62
_BANNER = re.compile(rf"{_RULE}\n(?:Guild|Server): .*\nChannel: ")
_HEADER = re.compile(r"\[([^\]]{8,48})\] (.+)")
_END = re.compile(r"Exported [\d.,\s’']+ message\(s\)")
_BLOCK = re.compile(r"\{(Attachments|Embed|Stickers|Reactions|Invite|Forwarded Message)\}")
_PART = re.compile(r" \[part \d+\]")
_TAG = re.compile(r"#\d{4}$")
_SENT = re.compile(r"Originally sent: ")
_SYSTEM = re.compile(
    r"Added .+ to the group\.|Added a recipient\.|Removed .+ from the group\.|Removed a recipient\.|Left the group\."
    r"|Started a call that lasted [\d,]+ minutes\.|Changed the channel name(?:: .*|\.)|Changed the channel icon\."
    r"|Pinned a message\.|Started a thread\.|Joined the server\."
)


@dataclass(slots=True)
class _Record:
    """One message as CSV and text have it; ``blocks`` are those after the text."""

    number: int
    author: str
    id: str | None = None
    lines: list[str] = field(default_factory=list)
    blocks: set[str] = field(default_factory=set)
    forwarded: list[str] = field(default_factory=list)


def recognised(begin: str) -> str:
    """Return why a part that begins so is in one of the two layouts, or nothing."""
    if _BANNER.match(begin):
        return "a channel exported by DiscordChatExporter as plain text"
    named = _named(begin.split("\n", 1)[0])
    return "a channel exported by DiscordChatExporter as CSV" if named else ""


def messages(part: Part, tally: Tally, order: Order, forwards: bool) -> Iterator[Message]:
    """Yield the messages of a part in either layout."""
    name, channel = PurePath(part.name).name, channel_of(part)
    log = _PART.sub("", part.name)  # without ids, nothing tells what two exports of a channel repeat
    is_text = part.text_head().lstrip().startswith(_RULE)
    records = _text_records(part, tally) if is_text else _csv_records(part, tally)
    for when, record in _timed(records, order):
        place = f"{name}:{record.id or record.number}"
        text = tidy("\n".join(record.lines)) or (tidy("\n".join(record.forwarded)) if forwards else "")
        if when is None:
            tally.fault(place, f"{record.author} {text}")
        elif reason := _dropped(record, text, forwards):
            tally.skip(reason)
        else:
            speaker = _TAG.sub("", tidy(record.author)) or "unknown"
            yield Message(speaker, text, when, place, channel if record.id else log, record.id)


def _dropped(record: _Record, text: str, forwards: bool) -> str:
    if "Forwarded Message" in record.blocks and not forwards:
        return "forwarded"
    if not text:
        return "media" if record.blocks - {"Reactions"} else "empty"
    if _SYSTEM.fullmatch(text):
        return "system"
    return "command" if is_command(text) else ""


def _timed(records: Iterable[tuple[str, _Record]], order: Order) -> Iterator[tuple[datetime | None, _Record]]:
    """Yield the records with their times: ISO ones, of newer CSV, as they are, others as one locale writes them."""
    local: Iterator[tuple[datetime | None, tuple[str, _Record]]]
    local = dated(((_local(written), (written, record)) for written, record in records), order)
    for when, (written, record) in local:
        yield when or _iso(written), record


def _local(written: str) -> Written | None:
    return None if _iso(written) else parse_written(written)


def _iso(written: str) -> datetime | None:
    if "T" not in written:
        return None
    try:
        return datetime.fromisoformat(written.strip())
    except ValueError:
        return None


def _named(line: str) -> list[str] | None:
    """Return the columns that the first line of a CSV file names, if they are Discord's."""
    names = [name.strip() for name in line.replace('"', "").split(",")]
    return names if set(_COLUMNS) <= set(names) else None


def _csv_records(part: Part, tally: Tally) -> Iterator[tuple[str, _Record]]:
    """Yield each row's date and record."""
    names: list[str] | None = None
    for number, row in rows(part, tally):
        if names is None:
            names = _named(",".join(row)) or [*_COLUMNS, "Reactions"]
            if _named(",".join(row)):
                continue
        if len(row) != len(names):
            tally.fault(f"{PurePath(part.name).name}:{number}", ",".join(row))
            continue
        named = dict(zip(names, row, strict=True))
        author = named["Author"] or named["AuthorID"]
        record = _Record(number, author, named.get("MessageID") or None, [named["Content"]])
        record.blocks = {"Attachments"} if named["Attachments"] else set()
        yield named["Date"], record


def _text_records(part: Part, tally: Tally) -> Iterator[tuple[str, _Record]]:
    """Yield each message's date and record.

    A header counts only after an empty line, which the exporter writes before each: texts quote headers too.
    """
    written, record, block, last = "", None, "", ""
    for number, line in _without_banners(part, tally):
        header = _HEADER.fullmatch(line) if not last.strip() else None
        if header and parse_written(header[1]):
            if record is not None:
                yield written, record
            written, block = header[1], ""
            record = _Record(number, header[2].removesuffix(" (pinned)"))
        elif record is not None:
            found = _BLOCK.fullmatch(line) if not last.strip() else None
            block = found[1] if found else block
            _add(record, line, block, begins=found is not None)
        elif line.strip():
            tally.fault(f"{PurePath(part.name).name}:{number}", line)
        last = line
    if record is not None:
        yield written, record


def _add(record: _Record, line: str, block: str, *, begins: bool) -> None:
    if not block:
        record.lines.append(line)
    elif begins:
        record.blocks.add(block)
    elif block == "Forwarded Message" and not _SENT.match(line):
        record.forwarded.append(line)


def _without_banners(part: Part, tally: Tally) -> Iterator[tuple[int, str]]:
    """Yield the lines outside the banners at the beginning and the end, of which joined exports have many."""
    inside, held = False, None
    for number, line in part.lines(tally):
        if inside:
            inside = line != _RULE
        elif held is not None and (line.startswith(("Guild: ", "Server: ")) or _END.fullmatch(line)):
            inside, held = True, None
        else:
            if held is not None:
                yield held, _RULE
            held = number if line == _RULE else None
            if held is None:
                yield number, line
    if held is not None and not inside:
        yield held, _RULE
