"""Which pairs are not worth learning from; each one left out is counted by reason."""

from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from math import log2

from pydantic import Field

from chatbot.corpus.tally import Tally
from chatbot.dialogue import Pair
from chatbot.settings import Settings
from chatbot.text.clean import clean


class FilterSettings(Settings):
    """The ``[filters]`` table of a corpus file."""

    longest_question: int = Field(2000, ge=1)
    """Most characters of the turn that is answered."""
    longest_answer: int = Field(1000, ge=1)
    """Most characters of an answer."""
    repeats: bool = False
    """Keep pairs whose question, context and answer stood there before."""
    same_answer: int = Field(0, ge=0)
    """How many pairs may have one answer, case and punctuation aside; 0: a fifth of a per cent of all, 20 at least."""
    entropy: float = Field(6.0, ge=0)
    """Most bits of the answers that one question has got so far, and of the questions before one answer: what goes with
    everything says nothing (Csaky et al. 2019); 0: any."""
    rare_script: float = Field(0.02, ge=0, lt=1)
    """An answer in a script that fewer of the log's letters so far are of is left out as off-topic; 0: none is."""


_FREE, _SHARE = 20, 0.002
_MANY_LETTERS, _SOME_LETTERS = 2000, 8
"""Before so many, no script is rare; and an answer of fewer is in none."""
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


def filter_pairs(pairs: Iterable[Pair], settings: FilterSettings, tally: Tally) -> Iterator[Pair]:
    """Yield the pairs worth learning from."""
    seen: set[int] = set()
    answers: Counter[str] = Counter()
    variety, scripts = _Variety(settings.entropy), _Scripts(settings.rare_script)
    kept = 0
    for pair in pairs:
        question, answer = clean(pair.question[-1].text), clean(pair.answer.text)
        if reason := _unfit(question, answer, settings):
            tally.skip(reason)
            continue
        mark = fingerprint(pair)
        if not settings.repeats and mark in seen:
            tally.skip("repeated pair")
            continue
        key = _gist(answer)
        if answers[key] >= (settings.same_answer or max(_FREE, int(kept * _SHARE))):
            tally.skip("frequent answer")
            continue
        if scripts.is_rare(answer):
            tally.skip("off-topic script")
            continue
        if variety.is_great(stable_hash(_gist(question)), stable_hash(key)):
            tally.skip("goes with everything")
            continue
        seen.add(mark)
        answers[key] += 1
        kept += 1
        yield pair


@dataclass(slots=True)
class _Variety:
    """How many bits the answers to each question have, and the questions before each answer; each by its mark."""

    most: float
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)
    sums: dict[tuple[bool, int], tuple[int, float]] = field(default_factory=dict)
    """Of each question (False) and answer (True): n, and the sum of c * log2(c) over the counts of its partners."""

    def is_great(self, question: int, answer: int) -> bool:
        """Tell whether a pair has a question or an answer of too many bits; if not, count it."""
        if not self.most:
            return False
        sides = ((False, question), (True, answer))
        for side in sides:
            count, total = self.sums.get(side, (0, 0.0))
            if count and log2(count) - total / count > self.most:
                return True
        before = self.pairs[question, answer]
        self.pairs[question, answer] = before + 1
        rise = (before + 1) * log2(before + 1) - (before * log2(before) if before else 0.0)
        for side in sides:
            count, total = self.sums.get(side, (0, 0.0))
            self.sums[side] = count + 1, total + rise
        return False


@dataclass(slots=True)
class _Scripts:
    """In which scripts a log has been written so far, in letters."""

    least: float
    letters: Counter[str] = field(default_factory=Counter)

    def is_rare(self, text: str) -> bool:
        """Tell whether a text is in a script that is rare; count it in any case."""
        script, count = _script(text)
        self.letters[script] += count
        total = self.letters.total()
        return total > _MANY_LETTERS and count >= _SOME_LETTERS and self.letters[script] < self.least * total


def _script(text: str) -> tuple[str, int]:
    """Return the script of most of a text's letters, and how many letters it has."""
    if text.isascii():
        return "Latin", sum(map(str.isalpha, text))
    found = Counter(_SCRIPTS[bisect(_STARTS, ord(one)) - 1][1] for one in text if one.isalpha())
    return max(found, key=lambda script: found[script], default="Latin"), found.total()


def _gist(text: str) -> str:
    """Return a text by which it is near to identical ones: its letters and digits, or itself without any."""
    return "".join(filter(str.isalnum, text.casefold())) or text


def fingerprint(pair: Pair) -> int:
    """Return a number that pairs with the same clean context, question and answer share, in every process."""
    return _digest([turn.text for turn in pair.question] + [pair.answer.text])


def exchange_mark(pair: Pair) -> int:
    """Return a number that pairs with the same clean question and answer share, whatever their context."""
    return _digest([pair.question[-1].text, pair.answer.text])


def stable_hash(text: str) -> int:
    """Return 64 bits that depend on the text alone."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _digest(texts: list[str]) -> int:
    return stable_hash("\x1f".join(clean(text) for text in texts).casefold())


def _unfit(question: str, answer: str, settings: FilterSettings) -> str:
    if not question or not answer:
        return "empty after cleaning"
    if len(question) > settings.longest_question:
        return "long question"
    if len(answer) > settings.longest_answer:
        return "long answer"
    return ""
