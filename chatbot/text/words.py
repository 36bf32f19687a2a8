"""Words of a text, in every language: those between blanks, and each Chinese or Japanese character."""

import re
import unicodedata

from chatbot.text.clean import is_cjk

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_PIECES = re.compile(rf"[{_CJK}]|[^\s{_CJK}]+")
_SIGNS = re.compile(r"[^\s\ufe0f]")
_TERMS = re.compile(rf"[{_CJK}]+|[^\W{_CJK}]+")


def split_words(text: str) -> list[str]:
    """Return the words of a text as they stand, punctuation and all; each Chinese character is one."""
    return _PIECES.findall(text)


def count_words(text: str) -> int:
    """Return the number of words between blanks, or of characters where the text is Chinese."""
    if any(is_cjk(character) for character in text):
        return sum(not character.isspace() for character in text)
    return len(text.split())


def search_terms(text: str) -> list[str]:
    """Return what texts are compared by: words in lower case without punctuation; of Chinese, characters and pairs.

    Full-width letters are as others are.
    """
    if text.isascii():
        found: list[str] = _TERMS.findall(text.lower())
        return found
    plain = unicodedata.normalize("NFKC", text).lower()
    terms = []
    for run in _TERMS.findall(plain):
        if is_cjk(run[0]):
            terms.extend(run)
            terms.extend(run[place : place + 2] for place in range(len(run) - 1))
        else:
            terms.append(run)
    return terms


def signs(text: str) -> list[str]:
    """Return the characters of a text one by one, full-width ones as others, without how emoji are to be drawn."""
    found: list[str] = _SIGNS.findall(unicodedata.normalize("NFKC", text))
    return found


def index_terms(text: str) -> list[str]:
    """Return the words and Chinese characters of a text in their order, as they are looked up: no case, no accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = unicodedata.normalize("NFC", "".join(one for one in plain if unicodedata.category(one) != "Mn"))
    return [term for run in _TERMS.findall(plain) for term in (run if is_cjk(run[0]) else [run])]
