"""Element's plain text: a line ``DATE - Name: text`` for each message, in the browser's language, and more lines of it.

Replies are written as ``Name: <@user:server "the first words..."> text``, and files with a note in brackets.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.readers.local_dates import Order, Written, dated, parse_written
from chatbot.corpus.readers.messages import Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally

_QUOTED = re.compile(r'<@[^\s>:]{1,255}:[^\s>"]{1,255}(?: "[^\n]{0,40}")?> ')
_MENTION = re.compile(r"(?<!\\)\[((?:\\.|[^][\\\n]){1,255})\]\(https://matrix\.to/#/[@#][^\s()]{1,255}\)")
"""A link to a person or a room; brackets in names have a backslash before them."""
_NOTES = (
    "Media omitted", "Media omitted - file size limit exceeded", "File Attached", "Error fetching file",
    "Medien ausgelassen", "Médias ignorés", "媒体省略", "媒體省略",
)  # fmt: skip
_NOTE = re.compile(r" \((?:" + "|".join(map(re.escape, _NOTES)) + r")\)$")
_SENT = re.compile(r".+ sent an? (?:image|sticker)\.")
_DELETED = re.compile(
    "Message deleted(?: by .+)?|Nachricht gelöscht(?: von .+)?|Message supprimé(?: par .+)?"
    "|Mensaje eliminado(?: por .+)?|Messaggio eliminato(?: da .+)?|Сообщение удалено|消息已(?:被 ?.+ ?)?删除|訊息已刪除"
)
_ROOM = re.compile(
    "[^:]{1,80} (?:joined the room|created (?:and configured )?(?:this|the) room"
    "|hat (?:den Raum betreten|(?:den|diesen) Raum erstellt und konfiguriert)"
    "|a (?:rejoint le salon|créé et configuré (?:le|ce) salon)"
    "|(?:已?加入了?|创建并配置了)(?:此|该)?(?:房间|聊天室))[.。]?"
)
_DID = re.compile(
    ".+ (?:left the room|banned .+|unbanned .+|removed .+|withdrew .+|(?:changed|set) (?:the|their) .+|made .+"
    "|invited .+|sent an invitation to .+|started a poll - .+)"
)
"""What stands before a colon in lines on the room, which give reasons and new names after one."""
_WORDS = 6
"""So many words may a name have before what its bearer does: ``* Mei Lin waves``."""
_OFTEN = 2
"""What stands so often before a colon is a name."""

_SURVEYED = 20_000
"""In so many first entries it is counted how often each name stands before a colon."""


@dataclass(slots=True)
class _Line:
    """One entry: its first line without the date, and the lines after it."""

    number: int
    text: str
    more: list[str]


def recognised(head: str, name: str) -> str:
    """Return why a part that begins so is in this layout, or nothing: the dates alone may be WhatsApp's too."""
    lines = [line for line in head.split("\n")[:400] if line]
    texts = [header[1] for line in lines if (header := _header(line))]
    if not texts or _header(lines[0]) is None:
        return ""
    marked = any(_QUOTED.search(text) or _NOTE.search(text) or _ROOM.fullmatch(text) for text in texts)
    named = re.search(r"matrix-[^/]*-export-| - Chat Export - ", name)
    return "a room exported by Element as plain text" if marked or named else ""


def messages(part: Part, tally: Tally, order: Order) -> Iterator[Message]:
    """Yield the messages of a part."""
    name, entries = PurePath(part.name).name, dated(_lines(part, tally), order)
    first = list(islice(entries, _SURVEYED))
    known = Counter(line.text.partition(": ")[0] for _, line in first)
    for when, line in chain(first, entries):
        place = f"{name}:{line.number}"
        speaker, text = _said(line.text, known)
        whole = "\n".join([text, *line.more])
        if when is None or whole.startswith("** Unable to decrypt"):
            tally.fault(place, line.text)
        elif reason := _dropped(speaker, tidy(whole)):
            tally.skip(reason)
        else:
            known.setdefault(speaker, _OFTEN)
            quoted = _QUOTED.match(whole)
            text = whole[quoted.end() :] if quoted else whole
            yield Message(tidy(speaker), with_names(tidy(text)), when, place, part.name)


def with_names(text: str) -> str:
    """Return a text with the names of people and rooms in it in place of links to them."""
    return _MENTION.sub(lambda found: re.sub(r"\\(.)", r"\1", found[1]), text)


def _dropped(speaker: str, text: str) -> str:
    if _NOTE.search(text) or (not speaker and _SENT.fullmatch(text)):
        return "media"
    if not speaker:
        return "system"
    if _DELETED.fullmatch(text):
        return "deleted"
    return "empty" if not text else "command" if is_command(text) else ""


def _said(text: str, known: Counter[str]) -> tuple[str, str]:
    """Return who said what; for a line on the room nobody."""
    if text.startswith("* "):
        words = text[2:].split(" ", _WORDS)
        names = (" ".join(words[:count]) for count in range(_WORDS, 0, -1))
        name = next((name for name in names if name in known), words[0])
        return name, text[2 + len(name) :]
    name, colon, said = text.partition(": ")
    if not colon and text.endswith(":"):
        name, colon = text[:-1], ":"
    is_name = colon and not _DID.fullmatch(name) and name.count('"') % 2 == 0  # or the colon stands in a new name
    return (name, said) if is_name and not _goes_on(name, known) else ("", text)


def _goes_on(name: str, known: Counter[str]) -> bool:
    """Tell whether a known name stands there with two words or more of what its bearer did, in any language.

    Many names begin as another does: by one more word, or said often.
    """
    words = name.split(" ", _WORDS + 1)
    starts = (" ".join(words[:count]) for count in range(1, len(words) - 1))
    return 0 < known[name] < _OFTEN and any(start in known for start in starts)


def _lines(part: Part, tally: Tally) -> Iterator[tuple[Written, _Line]]:
    """Yield the entries with their dates."""
    written, entry = None, None
    for number, line in part.lines(tally):
        header = _header(line)
        if header is None:
            if entry is not None:
                entry.more.append(line)
            elif line.strip():
                tally.fault(f"{PurePath(part.name).name}:{number}", line)
            continue
        if written is not None and entry is not None:
            yield written, entry
        written, entry = header[0], _Line(number, header[1], [])
    if written is not None and entry is not None:
        yield written, entry


def _header(line: str) -> tuple[Written, str] | None:
    date, dash, text = line.partition(" - ")
    written = parse_written(date) if dash else None
    return (written, text) if written else None
