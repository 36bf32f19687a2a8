"""Long texts in pieces that Telegram takes."""

LONGEST = 4096
"""UTF-16 units of a message (https://core.telegram.org/bots/api#sendmessage)."""
_BREAKS = ("\n\n", "\n", "。", "！", "？", ". ", "! ", "? ", "，", ", ", " ")


def split_text(text: str, longest: int = LONGEST) -> list[str]:
    """Return ``text`` in pieces of at most ``longest`` UTF-16 units, cut at paragraphs, lines, sentences or words.

    No character is cut, and nothing but blanks at the cuts is lost.
    """
    pieces = []
    rest = text.strip()
    while rest:
        fits = _fitting(rest, longest)
        cut = fits if fits == len(rest) else _cut(rest, fits)
        if piece := rest[:cut].strip():
            pieces.append(piece)
        rest = rest[cut:].strip()
    return pieces


def units(text: str) -> int:
    """Return how many UTF-16 units a text has."""
    return len(text) + sum(character > "\uffff" for character in text)


def _fitting(text: str, longest: int) -> int:
    """Return how many characters from the start fit."""
    if units(text) <= longest:
        return len(text)
    room = longest
    for place, character in enumerate(text):
        room -= 2 if character > "\uffff" else 1
        if room < 0:
            return place
    return len(text)


def _cut(text: str, most: int) -> int:
    """Return where to cut: behind the last break of the best kind in the latter half, or else right at ``most``."""
    for mark in _BREAKS:
        found = text.rfind(mark, most // 2, most)
        if found >= 0:
            return found + len(mark)
    # A joined emoji or a character with its marks stays whole.
    while most > 1 and (text[most] in "\u200d\ufe0f" or text[most - 1] == "\u200d"):
        most -= 1
    return most
