"""Which encoding a log is in."""

import codecs

from chatbot.errors import LogError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def sniff_encoding(head: bytes, chosen: str = "", name: str = "the log") -> str:
    """Return the encoding of a log that begins with ``head``; ``chosen``, the user's, wins.

    A BOM decides; else UTF-8, stray bad bytes allowed; else GB18030 when it decodes strictly to mostly Chinese;
    else Windows-1252.

    Raises:
        LogError: ``chosen`` is unknown, or the log is empty or binary.
    """
    if chosen:
        return _known(chosen)
    if not head:
        raise LogError(f"{name}: is empty", "expected a log with at least one dialogue")
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if b"\0" in head:
        raise LogError(f"{name}: byte {head.index(0)}: is binary, not text", "name the encoding if it is UTF-16")
    return _guess(head)


def _known(chosen: str) -> str:
    try:
        b"text".decode(chosen, "replace")
        return codecs.lookup(chosen).name
    except (LookupError, UnicodeError):
        raise LogError(f'there is no encoding "{chosen}"', "for example utf-8, gb18030, utf-16, cp1252") from None


def _guess(head: bytes) -> str:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    bad = text.count("\ufffd")
    if bad == 0 or bad <= sum(character > "\x7f" for character in text) - bad:
        return "utf-8"
    if _mostly_chinese(head):
        return "gb18030"
    return "cp1252"


def _mostly_chinese(head: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("gb18030")("strict").decode(head)
    except UnicodeDecodeError:
        return False
    beyond = [character for character in text if character > "\x7f"]
    chinese = sum("\u4e00" <= c <= "\u9fff" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef" for c in beyond)
    return chinese > len(beyond) / 2
