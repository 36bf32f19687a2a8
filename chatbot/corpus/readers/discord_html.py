"""DiscordChatExporter's web pages, its first choice: a ``chatlog__message-group`` is by one person.

In a group only the first message has its author. A message's id tells when it was sent, to the millisecond; what the
page says is in the words of the exporting machine. Versions before 2022 have other names for some of the classes.
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
_GROUP = "chatlog__message-group"
_TEXT = ("chatlog__markdown-preserve", "preserve-whitespace")
_REPLY = ("chatlog__reply", "chatlog__reference")
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
    name = PurePath(part.name).name
    known = _CHANNEL.search(name)  # the parts of a channel, and exports of it that overlap, are one log
    channel = known[1] if known else part.name
    for number, group in elements(part, _GROUP, tally):
        author = group.first("chatlog__author", "chatlog__author-name") if group else None
        if group is None or not (author or group.first("chatlog__system-notification-author")):
            tally.fault(f"{name}:{number}", group.text() if group else "messages that are too long")
            continue
        speaker = (tidy(author.text()) or author.attribute("title") or "unknown") if author else "unknown"
        is_bot = group.first(*_BOT) is not None
        for element in group.all("chatlog__message-container") if _is_new(group) else group.all("chatlog__message"):
            identity, text = element.attribute("data-message-id"), _text(element, forwards)
            place = f"{name}:{identity or number}"
            reason = "system" if is_bot and not bots else _dropped(element, text, forwards)
            time = _time(identity)
            if time is None:
                tally.fault(place, f"{speaker}: {text}")
            elif reason:
                tally.skip(reason)
            else:
                yield Message(speaker, text, time, place, channel, identity, _answered(element))


def _is_new(group: Element) -> bool:
    return group.first("chatlog__message-container") is not None


def _text(element: Element, forwards: bool) -> str:
    """Return what was typed, and for want of that what was forwarded, if wanted."""
    contents = [*element.all("chatlog__content"), *(element.all("chatlog__forwarded-content") if forwards else ())]
    written = (content.first(*_TEXT) or _without_marks(content) for content in contents)
    return next((text for one in written if (text := tidy(one.text()))), "")


def _without_marks(content: Element) -> Element:
    """Return what old pages have as the text, without the mark that it was changed."""
    inside = [one for one in content.inside if isinstance(one, str) or _EDITED not in one.classes]
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
    reply = element.first(*_REPLY)
    links = (
        [link.attribute("onclick") for link in reply.all("chatlog__reply-link", "chatlog__reference-link")]
        if reply
        else []
    )
    return next((found[1] for found in map(_ANSWERED.search, links) if found), None)
