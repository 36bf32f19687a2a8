"""What imessage-exporter writes between a message's lines of text, and what of them was typed."""

import re
from collections.abc import Iterable
from itertools import zip_longest

from chatbot.corpus.readers.messages import is_command
from chatbot.corpus.readers.reader import tidy

_DELETED = "This message was deleted from the conversation!"
_TRANSLATED = "Translated from:"
_DAY, _TIME = r"[A-Z][a-z]{2} \d\d, \d{4} {1,2}", r"\d{1,2}:\d\d:\d\d [AP]M"
_FIRST_VERSION = re.compile(rf"(?:{_DAY})?{_TIME} (.*)")
_NEXT_VERSION = re.compile(r"Edited .{1,80}? later: (.*)")
_TRANSCRIPTION = re.compile(r"Transcription: .*")
_SUFFIX = (
    r"\.(?i:caf|jpe?g|png|heics?|gif|webp|tiff?|mov|mp4|m4[av]|3gpp?|amr|pdf|vcf|docx?|xlsx?|pptx?|zip|pkpass|usdz"
    r"|pluginPayloadAttachment)"
)
_HASH = "[0-9a-f]{40}"
"""A file's name in a backup of a phone."""
_ROOT, _FOLDER, _FILE = r"(?:~|[A-Za-z]:)?[\\/]", r"[^\\/]{1,255}[\\/]", r"(?:[^\\/\s]{1,255}|[^\\/]{1,250}\.\w{1,24})"
_STICKER = (
    r"(?:(?:Normal|Outline|Comic|Puffy|Shiny|Other) )?Sticker from [^:]{1,200}"
    rf"(?: not found!|: (?:.{{0,400}}(?:{_SUFFIX}|{_HASH})\b.{{0,200}})?)"
)
_MEDIA = re.compile(
    rf"{_ROOT}(?:{_FOLDER}){{0,40}}(?:Library|attachments)[\\/](?:{_FOLDER}){{1,40}}{_FILE}"  # where Messages keeps it
    rf"|attachments[\\/](?:\d{{1,9}}|orphaned)[\\/]{_FILE}"  # where the exporter has copied it
    rf"|(?:{_ROOT}|attachments[\\/])(?:{_FOLDER}){{1,40}}(?:[^\\/]{{1,250}}{_SUFFIX}|{_HASH})"
    # A name alone: one with blanks might be a sentence, unless the phone or the computer has made it up.
    rf"|(?:[^\\/:\s]{{1,200}}|Audio Message|(?:Screen ?[Ss]hot|Screen Recording|Photo on) \d.{{1,60}}){_SUFFIX}"
    rf"|{_STICKER}"
    r"|Attachment missing(?: name metadata)?!|Unable to (?:locate attachment|format app message).{0,600}"
    r"|Digital Touch [A-Z]\w{1,20}(?: with \w{1,20})?(?: \(.{1,80}\)|: .{1,80})?"
    r"|Handwritten (?:Message|messages are not yet supported!)",
)
_TAPBACKS = re.compile(r" *(?:Tapbacks|Reactions):")
_TAPBACK = re.compile(
    r" *(?:(?:Loved|Liked|Disliked|Laughed(?: at)?|Emphasized|Questioned|[^A-Za-z\s]{1,20}) by .{1,200}"
    rf"|{_STICKER})"
)
_UNSENT = re.compile(r".{1,200} unsent (?:a message|this message part)(?: .{1,80} after sending)?!")
_EFFECTS = (
    "Slam|Loud|Gentle|Invisible Ink|Confetti|Echo|Fireworks|Balloons|Heart|Lasers|Shooting Start?|Sparkles|Spotlight"
)
_NOTICE = re.compile(
    rf"Sent with (?:{_EFFECTS})|SharePlay Message|(?:Started|Stopped) sharing location!|Shared location!"
)

_APPS = (
    "Files|Freeform|GamePigeon|Keynote|Maps|Notes|Numbers|Pages|Photos|Podcasts|Reminders|Safari|iCloud Drive"
    r"|[a-z]\w{1,20}(?:\.[\w-]{1,60}){2,8}"
)
"""Whose messages bear their names: what else stands before "message:" might be a person's words."""
_BALLOON = re.compile(
    rf"(?:{_APPS}) message:\n(?s:.+)"
    r"|(?:.{1,300}\n){3}https://(?:geo\.)?music\.apple\.com/\S+"  # a song, its album and its artist
    r"|Photo album: .{1,300} https://share\.icloud\.com/\S+"
    r"|Apple (?:Cash|Pay) transaction: .{1,100}"
    r"|Find[ \u00a0]My: (?:[A-Z][a-z]{1,20} ){1,5}Location"
    rf"|.{{1,200}}\n(?:Expected|Was expected|Checked in) at {_DAY}{_TIME}"
    # A poll: who voted for an option stands below it, in which it differs from a list that was typed.
    r"|(?:- .{1,300} \((?:0\)|[1-9]\d{0,3}\)(?:\n {2,8}- .{1,200})+)(?:\n|\Z)){2,}"
)
_SHARED = re.compile(r"\shttps?://\S+\Z")


def read_body(lines: list[str]) -> tuple[str, str]:
    """Return what was typed of a message's lines below its sender, and why it is left out, if it is."""
    if lines and lines[0] == _DELETED:
        return "", "deleted"
    marked = _marked(_latest(_original(lines)))
    text = tidy("\n".join(line for line, reason in marked if not reason))
    if text:
        return text, _balloon(text) or ("command" if is_command(text) else "")
    reasons = {reason for _, reason in marked}
    return text, next((reason for reason in ("deleted", "media", "system") if reason in reasons), "empty")


def _balloon(text: str) -> str:
    """Return why a text is left out that an app wrote; nothing if it was typed."""
    if not _BALLOON.fullmatch(text):
        return ""
    return "media" if _SHARED.search(text) else "system"


def _original(lines: list[str]) -> list[str]:
    """Return the lines without the translation that stands above what was typed."""
    below = lines.index(_TRANSLATED, 1) + 1 if _TRANSLATED in lines[1:] else 0
    return lines[below:] if any(line.strip() for line in lines[below:]) else lines


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
    marked, before = list[tuple[str, str]](), "sender"
    for line, after in zip_longest(lines, lines[1:], fillvalue=""):
        before = "tapbacks" if _lists_tapbacks(line, before, after) else _mark(line, before)
        marked.append((line, "system" if before == "tapbacks" else before))
    return marked


def _lists_tapbacks(line: str, before: str, after: str) -> bool:
    """Return whether a line begins a list of tapbacks; what is not indented must stand below something for that."""
    below = before != "sender" or after.startswith(" ")
    return below and _TAPBACKS.fullmatch(line) is not None and _TAPBACK.fullmatch(after) is not None


def _mark(line: str, before: str) -> str:
    """Return what a line is; a tapback, a transcription and the end of a game are known by the line ``before``."""
    if before == "tapbacks" and _TAPBACK.fullmatch(line):
        return "tapbacks"
    if _MEDIA.fullmatch(line) or (before == "media" and _TRANSCRIPTION.fullmatch(line)):
        return "media"
    if _UNSENT.fullmatch(line):
        return "deleted"
    return "system" if _NOTICE.fullmatch(line) or (before == "system" and line == "Ended") else ""
