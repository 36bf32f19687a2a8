"""Numbers by which pairs are told apart, compared and counted without their texts."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chatbot.dialogue import Pair, Turn
from chatbot.text.clean import clean

MARKS = np.dtype([
    ("whole", np.uint64), ("exchange", np.uint64), ("question", np.uint64), ("answer", np.uint64),
    ("asked", np.uint32), ("said", np.uint32), ("letters", np.uint32), ("script", np.uint8),
])  # fmt: skip
"""Of each pair: a number that pairs with the same context, question and answer share; one for the same question and
answer; one for questions and one for answers that are nearly the same; how many characters the question and the answer
have; and how many letters the answer, of which script."""
Marks = NDArray[np.void]
Places = NDArray[np.int64]

_SCRIPTS = (
    (0x000, "Latin"), (0x370, "Greek"), (0x400, "Cyrillic"), (0x530, "Armenian"), (0x590, "Hebrew"), (0x600, "Arabic"),
    (0x780, "other"), (0x900, "Indic"), (0xE00, "Thai"), (0xE80, "other"), (0x1100, "Korean"), (0x1200, "other"),
    (0x1E00, "Latin"), (0x1F00, "Greek"), (0x2000, "other"), (0x3040, "Chinese and Japanese"), (0x3130, "Korean"),
    (0x3190, "Chinese and Japanese"), (0xA000, "other"), (0xAC00, "Korean"), (0xD7B0, "other"),
    (0xF900, "Chinese and Japanese"), (0xFB00, "other"), (0xFF21, "Latin"), (0xFF66, "Chinese and Japanese"),
    (0x10000, "other"), (0x20000, "Chinese and Japanese"), (0x323B0, "other"),
)  # fmt: skip
"""Where scripts begin, by their blocks; Chinese and Japanese share characters."""
_STARTS = [start for start, _ in _SCRIPTS]
_NAMES = sorted({name for _, name in _SCRIPTS})
_CODES = [_NAMES.index(name) for _, name in _SCRIPTS]
_LATIN = _NAMES.index("Latin")


def marks_of(pairs: Iterable[Pair]) -> Marks:
    """Return the marks of each pair."""
    known: dict[str, _Text] = {}  # a turn is the answer of one pair and in the context of several others

    def marks(pair: Pair) -> tuple[Any, ...]:
        turns = [known.get(turn.text) or known.setdefault(turn.text, _read(turn.text)) for turn in _turns(pair)]
        question, answer = turns[-2:]
        return (
            _hash(b"".join(turn.mark for turn in turns)), _exchange(question.folded, answer.folded), question.gist,
            answer.gist, question.length, answer.length, answer.letters, answer.script,
        )  # fmt: skip

    return np.array([marks(pair) for pair in pairs], dtype=MARKS)


def exchange_mark(pair: Pair) -> int:
    """Return a number that pairs with the same clean question and answer share, whatever their context."""
    return _exchange(*(clean(turn.text).casefold() for turn in _turns(pair)[-2:]))


def stable_hash(text: str) -> int:
    """Return 64 bits that depend on the text alone."""
    return _hash(text.encode("utf-8", "replace"))


class _Text(NamedTuple):
    """What the marks of a pair need of one of its texts."""

    folded: str
    mark: bytes
    gist: int
    length: int
    letters: int
    script: int


def _read(text: str) -> _Text:
    cleaned = clean(text)
    folded = cleaned.casefold()
    script, letters = _script(cleaned)
    # By letters and digits alone, texts are near to identical ones.
    gist = "".join(filter(str.isalnum, folded)) or folded
    mark = stable_hash(folded).to_bytes(8, "big")
    return _Text(folded, mark, stable_hash(gist), len(cleaned), letters, script)


def _turns(pair: Pair) -> tuple[Turn, ...]:
    return (*pair.question, pair.answer)


def _exchange(question: str, answer: str) -> int:
    return stable_hash(f"{question}\x1f{answer}")


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def _script(text: str) -> tuple[int, int]:
    """Return the number of the script of most of a text's letters, and how many letters it has."""
    if text.isascii():
        return _LATIN, sum(map(str.isalpha, text))
    found = Counter(_CODES[bisect(_STARTS, ord(one)) - 1] for one in text if one.isalpha())
    return max(found, key=lambda script: found[script], default=_LATIN), found.total()
