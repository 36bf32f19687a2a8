"""Chinese in one script, whichever of the two people write: OpenCC's conversion, phrase by phrase."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Literal

from chatbot.dialogue import Pair, Turn
from chatbot.text.clean import clean

if TYPE_CHECKING:
    from opencc import OpenCC

Script = Literal["as-written", "simplified", "traditional"]
_CONVERSIONS: dict[Script, str] = {"simplified": "t2s", "traditional": "s2tw"}


def in_script(text: str, script: Script) -> str:
    """Return ``text`` with its Chinese characters in ``script``; anything else stays as it is."""
    if script not in _CONVERSIONS or text.isascii():
        return text
    converted: str = _converter(script).convert(clean(text))
    return converted


def turns_in_script(turns: Sequence[Turn], script: Script) -> Sequence[Turn]:
    """Return ``turns`` with their texts in ``script``."""
    if script not in _CONVERSIONS:
        return turns
    return tuple(replace(turn, text=in_script(turn.text, script)) for turn in turns)


def pairs_in_script(pairs: Iterable[Pair], script: Script) -> Iterator[Pair]:
    """Yield ``pairs`` with their texts in ``script``."""
    for pair in pairs:
        *turns, answer = turns_in_script((*pair.question, pair.answer), script)
        yield replace(pair, question=tuple(turns), answer=answer)


def script_of(texts: Iterable[str]) -> Script:
    """Return the script that most of ``texts`` are in: those that the other one would write differently."""
    found: Counter[Script] = Counter()
    for text in map(clean, texts):
        found["simplified"] += in_script(text, "traditional") != text
        found["traditional"] += in_script(text, "simplified") != text
    return max(found, key=lambda script: found[script]) if found.total() else "as-written"


@cache
def _converter(script: Script) -> "OpenCC":
    from opencc import OpenCC

    return OpenCC(_CONVERSIONS[script])
