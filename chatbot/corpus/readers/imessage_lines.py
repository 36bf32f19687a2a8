"""What imessage-exporter writes between a message's lines of text, and what of them was typed."""

import re
from collections.abc import Iterable

from chatbot.corpus.readers.reader import tidy

_DELETED = "This message was deleted from the conversation!"
_FIRST_VERSION = re.compile(r"(?:[A-Z][a-z]{2} \d\d, \d{4} {1,2})?\d{1,2}:\d\d:\d\d [AP]M (.*)")
_NEXT_VERSION = re.compile(r"Edited .{1,80}? later: (.*)")
_TAPBACKS = re.compile(r" *(?:Tapbacks|Reactions):")
_TAPBACK = re.compile(r" *(?:\S{1,20}(?: at)? by .{1,200}|.{0,60}Sticker from .{1,600})")
_TRANSCRIPTION = re.compile(r"Transcription: .*")
_NAMES = (
    r"caf|jpe?g|png|heics?|gif|webp|tiff?|mov|mp4|m4[av]|3gpp?|amr|pdf|vcf|docx?|xlsx?|pptx?|zip|pkpass|usdz"
    r"|pluginPayloadAttachment"
)
_MEDIA = re.compile(
    r"(?:~|[A-Za-z]:)?[\\/](?:[^\\/]{1,255}[\\/]){1,40}[^\\/]{1,255}"  # where Messages keeps it
    r"|attachments[\\/].{1,600}"  # where the exporter has copied it
    rf"|[^\\/:]{{1,200}}\.(?:{_NAMES})"
    r"|(?:.{1,40} )?Sticker from .{1,600}"
    r"|Attachment missing(?: name metadata)?!|Unable to (?:locate attachment|format app message).{0,600}"
    r"|(?:Digital Touch|Handwritten) Message.{0,200}",
    re.IGNORECASE,
)
_UNSENT = re.compile(r".{1,200} unsent (?:a message|this message part)(?: .{1,80} after sending)?!")
_EFFECTS = (
    "Slam|Loud|Gentle|Invisible Ink|Confetti|Echo|Fireworks|Balloons|Heart|Lasers|Shooting Start?|Sparkles|Spotlight"
)
_NOTICE = re.compile(
    rf"Sent with (?:{_EFFECTS})|SharePlay Message|(?:Started|Stopped) sharing location!|Shared location!"
)


def read_body(lines: list[str]) -> tuple[str, str]:
    """Return what was typed of a message's lines below its sender, and why nothing was, if so."""
    if lines and lines[0] == _DELETED:
        return "", "deleted"
    marked = _marked(_latest(lines))
    text = tidy("\n".join(line for line, reason in marked if not reason))
    reasons = {reason for _, reason in marked}
    reason = next((reason for reason in ("deleted", "media", "system") if reason in reasons), "empty")
    return text, "" if text else reason


def _latest(lines: Iterable[str]) -> list[str]:
    """Return the lines with the last version of what was edited in place of all its versions."""
    latest, begun = list[str](), -1
    for line in lines:
        edited = _NEXT_VERSION.fullmatch(line) if begun >= 0 else None
        if edited:
            latest[begun:] = [edited[1]]
            continue
        if _FIRST_VERSION.fullmatch(line):
            begun = len(latest)
        latest.append(line)
    return latest


def _marked(lines: list[str]) -> list[tuple[str, str]]:
    """Return each line with why it is left out; nothing for what was typed."""
    marked, before = list[tuple[str, str]](), ""
    for line in lines:
        before = _mark(line, before)
        marked.append((line, "system" if before == "tapbacks" else before))
    return marked


def _mark(line: str, before: str) -> str:
    """Return what a line is; a tapback, a transcription and the end of a game are known by the line ``before``."""
    if _TAPBACKS.fullmatch(line) or (before == "tapbacks" and _TAPBACK.fullmatch(line)):
        return "tapbacks"
    if _MEDIA.fullmatch(line) or (before == "media" and _TRANSCRIPTION.fullmatch(line)):
        return "media"
    if _UNSENT.fullmatch(line):
        return "deleted"
    return "system" if _NOTICE.fullmatch(line) or (before == "system" and line == "Ended") else ""
