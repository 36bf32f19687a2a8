"""Kinds of readers: one log format each."""

from typing import Annotated

from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.captions import CaptionsReader
from chatbot.corpus.readers.dailydialog import DailyDialogReader
from chatbot.corpus.readers.discord import DiscordReader
from chatbot.corpus.readers.jsonl import JsonlReader
from chatbot.corpus.readers.matrix import MatrixReader
from chatbot.corpus.readers.mattermost import MattermostReader
from chatbot.corpus.readers.reader import Reader, Tally
from chatbot.corpus.readers.slack import SlackReader
from chatbot.corpus.readers.telegram import TelegramReader
from chatbot.corpus.readers.text import TextReader
from chatbot.corpus.readers.tsv import TsvReader
from chatbot.errors import LogError
from chatbot.settings import suggest

READERS: dict[str, type[Reader]] = {
    "captions": CaptionsReader,
    "dailydialog": DailyDialogReader,
    "discord": DiscordReader,
    "jsonl": JsonlReader,
    "matrix": MatrixReader,
    "mattermost": MattermostReader,
    "slack": SlackReader,
    "telegram": TelegramReader,
    "text": TextReader,
    "tsv": TsvReader,
}
AnyReader = Annotated[
    CaptionsReader
    | DailyDialogReader
    | DiscordReader
    | JsonlReader
    | MatrixReader
    | MattermostReader
    | SlackReader
    | TelegramReader
    | TextReader
    | TsvReader,
    Field(discriminator="kind"),
]

__all__ = ["READERS", "AnyReader", "Reader", "Tally", "named_reader", "recognise"]


def named_reader(name: str) -> Reader:
    """Return the reader of the format ``name``, with its defaults."""
    if name not in READERS:
        raise LogError(f'there is no format "{name}"{suggest(name, list(READERS))}')
    return READERS[name]()


_PLAIN = ("text", "tsv")
"""Formats that much else looks like: they count only where no other one fits."""


def recognise(parts: list[Part]) -> tuple[Reader, str, list[Part]]:
    """Return the reader of the format that the parts are in, why, and the parts that are in it.

    A folder may hold other things too: pictures, style sheets, empty files.

    Raises:
        LogError: no format fits, or more than one does.
    """
    fits, problems = _fitting(parts)
    if any(name not in _PLAIN for name in fits):
        fits = {name: found for name, found in fits.items() if name not in _PLAIN}
    if not fits and problems:
        raise problems[0]
    if not fits:
        known = ", ".join(sorted(READERS))
        raise LogError(f"{parts[0].name}: is in no format that is known", f"name it with --format: {known}")
    if len(fits) > 1:
        found = "; ".join(f"{name} ({reason}: {found[0].name})" for name, (reason, found) in sorted(fits.items()))
        raise LogError(f"the log fits more than one format: {found}", "choose one with --format")
    ((name, (reason, fitting)),) = fits.items()
    return READERS[name](), reason, fitting


def _fitting(parts: list[Part]) -> tuple[dict[str, tuple[str, list[Part]]], list[LogError]]:
    """Return for each format why it fits and which parts are in it, and what is wrong with parts that are no text."""
    fits: dict[str, tuple[str, list[Part]]] = {}
    problems = []
    for part in parts:
        try:
            head = part.text_head()
        except LogError as error:
            problems.append(error)
            continue
        for name, reader in READERS.items():
            if reason := reader.recognises(head, part.name):
                fits.setdefault(name, (reason, []))[1].append(part)
    return fits, problems
