"""Kinds of readers: one log format each."""

from typing import Annotated

from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.dailydialog import DailyDialogReader
from chatbot.corpus.readers.jsonl import JsonlReader
from chatbot.corpus.readers.reader import Reader, Tally
from chatbot.corpus.readers.telegram import TelegramReader
from chatbot.corpus.readers.text import TextReader
from chatbot.corpus.readers.tsv import TsvReader
from chatbot.errors import LogError
from chatbot.settings import suggest

READERS: dict[str, type[Reader]] = {
    "dailydialog": DailyDialogReader,
    "jsonl": JsonlReader,
    "telegram": TelegramReader,
    "text": TextReader,
    "tsv": TsvReader,
}
AnyReader = Annotated[
    DailyDialogReader | JsonlReader | TelegramReader | TextReader | TsvReader, Field(discriminator="kind")
]

__all__ = ["READERS", "AnyReader", "Reader", "Tally", "named_reader", "recognise"]


def named_reader(name: str) -> Reader:
    """Return the reader of the format ``name``, with its defaults."""
    if name not in READERS:
        raise LogError(f'there is no format "{name}"{suggest(name, list(READERS))}')
    return READERS[name]()


def recognise(parts: list[Part]) -> tuple[Reader, str, list[Part]]:
    """Return the reader of the format that the parts are in, why, and the parts that are in it.

    Raises:
        LogError: no format fits, or more than one does.
    """
    fits: dict[str, tuple[str, list[Part]]] = {}
    for part in parts:
        head = part.text_head()
        for name, reader in READERS.items():
            if reason := reader.recognises(head, part.name):
                fits.setdefault(name, (reason, []))[1].append(part)
    if not fits:
        known = ", ".join(sorted(READERS))
        raise LogError(f"{parts[0].name}: is in no format that is known", f"name it with --format: {known}")
    if len(fits) > 1:
        found = "; ".join(f"{name} ({reason}: {found[0].name})" for name, (reason, found) in sorted(fits.items()))
        raise LogError(f"the log fits more than one format: {found}", "choose one with --format")
    ((name, (reason, fitting)),) = fits.items()
    return READERS[name](), reason, fitting
