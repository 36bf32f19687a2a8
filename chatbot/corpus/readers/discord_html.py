"""DiscordChatExporter's web pages, its first choice.

Of messages by one person in a row, only the first has its author. A message's id tells when it was sent, to the
millisecond; what the page says is in the words of the exporting machine. Versions before 2022 have other names for some
of the classes; there, the author and what is answered stand before the message, not in it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.readers.html_stream import Element, elements
from chatbot.corpus.readers.messages import Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
"""Since then count the milliseconds in an id above its lowest 22 bits (https://discord.com/developers/docs/reference)."""
_MESSAGE = ("chatlog__message-container", "chatlog__message")
_AUTHOR = ("chatlog__author", "chatlog__author-name")
_TEXT = ("chatlog__markdown-preserve", "preserve-whitespace")
_REPLY = ("chatlog__reply", "chatlog__reference", "chatlog__followup")
_BOT = ("chatlog__author-tag", "chatlog__bot-label", "chatlog__bot-tag")
_MEDIA = ("chatlog__attachment", "chatlog__embed", "chatlog__sticker")
_EDITED = "chatlog__edited-timestamp"
_CHANNEL = re.compile(r"\[(\d{15,20})\]")
_ANSWERED = re.compile(r"scrollToMessage\(event, ?'(\d{1,20})'\)")


def recognised(begin: str) -> str:
    """Return why a part that begins so is such a page, or nothing."""
    known = begin.startswith("<") and "chatlog__message" in begin
    return "a channel exported by DiscordChatExporter as a web page" if known else ""


def messages(part: Part, tally: Tally, bots: bool, forwards: bool) -> Iterator[Message]:
    """Yield the messages of a page."""
    name, channel = PurePath(part.name).name, channel_of(part)
    speaker, is_bot, answered = "unknown", False, None
    for number, element in elements(part, (*_MESSAGE, *_AUTHOR, *_BOT, *_REPLY), tally):
        if author := _find(element, *_AUTHOR):
            speaker, is_bot = tidy(author.text()) or author.attribute("title") or "unknown", False
        is_bot = is_bot or _find(element, *_BOT) is not None
        answered = _answered(element) or answered
        if element.is_of(*_MESSAGE):
            identity = element.attribute("data-message-id")
            message = Message(
                speaker, _text(element, forwards), _time(identity), f"{name}:{identity or number}", channel, identity,
                answered,
            )  # fmt: skip
            if _is_kept(element, message, is_bot and not bots, forwards, tally):
                yield message
            answered = None


def channel_of(part: Part) -> str:
    """Return the channel that a part is of: the name that the exporter gives a file has the channel's id."""
    known = _CHANNEL.search(PurePath(part.name).name)
    return known[1] if known else part.name


def _find(element: Element, *classes: str) -> Element | None:
    """Return the element if it is of one of the classes, or the first in it that is."""
    return element if element.is_of(*classes) else element.first(*classes)


def _is_kept(element: Element, message: Message, is_bots: bool, forwards: bool, tally: Tally) -> bool:
    """Return whether a message is one, or count why not."""
    reason = "system" if is_bots else _dropped(element, message.text, forwards)
    if message.time is None or not element.whole:
        tally.fault(message.place, f"{message.speaker}: {message.text}")
    elif reason:
        tally.skip(reason)
    else:
        return True
    return False


def _text(element: Element, forwards: bool) -> str:
    """Return what was typed, and for want of that what was forwarded, if wanted."""
    contents = [*element.all("chatlog__content"), *(element.all("chatlog__forwarded-content") if forwards else ())]
    bare = [_without_marks(content) for content in contents]
    return next((text for one in bare if (text := tidy((one.first(*_TEXT) or one).text()))), "")


def _without_marks(content: Element) -> Element:
    """Return a content without the mark that it was changed, and without the media that some bots' pages have in it."""
    inside = [one for one in content.inside if isinstance(one, str) or not one.is_of(_EDITED, *_MEDIA)]
    return Element(content.name, content.attributes, inside)


def _dropped(element: Element, text: str, forwards: bool) -> str:
    if element.first("chatlog__system-notification-author"):
        return "system"
    if not forwards and element.first("chatlog__forwarded", "chatlog__forwarded-content"):
        return "forwarded"
    reply = element.first("chatlog__reply-content")
    if is_command(text) or (reply and _answered(element) is None and tidy(reply.text()).startswith("used /")):
        return "command"
    return "" if text else "media" if element.first(*_MEDIA) else "empty"


def _time(identity: str) -> datetime | None:
    if not re.fullmatch(r"[0-9]{1,19}", identity):
        return None
    return _EPOCH + timedelta(milliseconds=int(identity) >> 22)


def _answered(element: Element) -> str | None:
    reply = _find(element, *_REPLY)
    links = reply.all("chatlog__reply-link", "chatlog__reference-link") if reply else ()
    return next((found[1] for link in links if (found := _ANSWERED.search(link.attribute("onclick")))), None)
