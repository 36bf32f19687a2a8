"""Telegram Desktop's exports as web pages, its first choice: ``messages.html``, ``messages2.html`` and so on.

A message is ``div.message.default`` with the time in ``div.date[title]``, the name in ``div.from_name`` and the text in
``div.text``; without a name (``joined``) it is by whom the one before it is. What the pages lack is who a person is
beyond the name, so that JSON is the better source where there are both.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.readers.html_stream import Element, elements
from chatbot.corpus.readers.messages import Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally

_MARKS = ('class="history"', 'class="message default', 'class="message service')
_PAGE = re.compile(r"messages(\d{1,9})?\.html")
_TIME = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)(?: UTC([+-]\d\d:?\d\d))?")
_ANSWERED = re.compile(r"go_to_message(\d{1,20})")
_VIA = re.compile(r" via @\w{1,64}$")


def recognised(head: str) -> str:
    """Return why a part that begins with ``head`` is such a page, or nothing."""
    known = head.lstrip().startswith("<") and "Exported Data" in head and any(mark in head for mark in _MARKS)
    return "a chat exported by Telegram Desktop as web pages" if known else ""


def messages(parts: list[Part], tally: Tally, forwards: bool) -> Iterator[Message]:
    """Yield the messages of every chat, which is a folder of pages."""
    for folder, pages in groupby(sorted(parts, key=_place), lambda part: _place(part)[0]):
        speaker = "unknown"
        for page in pages:
            for number, element in elements(page, ("message",), tally):
                place = f"{'/'.join(PurePath(page.name).parts[-2:])}:{number}"
                name = None if "joined" in element.classes else element.first("from_name")
                speaker = (tidy(_VIA.sub("", tidy(name.text()))) or "unknown") if name else speaker
                if not element.whole:
                    tally.fault(place, f"{speaker}: a message that is too long")
                elif message := _message(element, speaker, folder, place, tally, forwards):
                    yield message


def _place(part: Part) -> tuple[str, int]:
    """Return the folder that a page is in, and its number there."""
    path = PurePath(part.name)
    number = _PAGE.fullmatch(path.name)
    return str(path.parent), int(number[1] or 1) if number else 0


def _message(
    element: Element, speaker: str, channel: str, place: str, tally: Tally, forwards: bool
) -> Message | None:  # fmt: skip
    """Return the message that an element is, or count why it is none; what marks a day is nothing."""
    identity = element.attribute("id").removeprefix("message")
    if identity.startswith("-"):
        return None
    said = element.first("text")
    text = tidy(said.text()) if said else ""
    if reason := _dropped(element, text, forwards):
        tally.skip(reason)
        return None
    time = _time(element)
    if time is None:
        tally.fault(place, f"{speaker}: {text}")
        return None
    return Message(speaker, text, time, place, channel, identity or None, _answered(element))


def _dropped(element: Element, text: str, forwards: bool) -> str:
    if "service" in element.classes or element.first("media_call"):
        return "system"
    if not forwards and element.first("forwarded"):
        return "forwarded"
    if not text:
        return "media" if element.first("media_wrap") else "empty"
    return "command" if is_command(text) else ""


def _time(element: Element) -> datetime | None:
    date = element.first("date")
    found = _TIME.match(date.attribute("title")) if date else None
    if found is None:
        return None
    day, month, year, clock, offset = found.groups("")
    try:
        return datetime.fromisoformat(f"{year}-{month}-{day}T{clock}{offset}")
    except ValueError:
        return None


def _answered(element: Element) -> str | None:
    reply = element.first("reply_to")
    links = [inner.attribute("href") for inner in reply.inside if isinstance(inner, Element)] if reply else []
    return next((found[1] for found in map(_ANSWERED.search, links) if found), None)
