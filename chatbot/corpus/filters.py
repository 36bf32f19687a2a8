"""Which pairs are not worth learning from; each one left out is counted by reason."""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b

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
    """How many pairs may have one identical answer; 0: a fifth of a per cent of all pairs so far, 20 at least."""


_FREE, _SHARE = 20, 0.002


def filter_pairs(pairs: Iterable[Pair], settings: FilterSettings, tally: Tally) -> Iterator[Pair]:
    """Yield the pairs worth learning from."""
    seen: set[int] = set()
    answers: Counter[str] = Counter()
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
        key = answer.casefold()
        if answers[key] >= (settings.same_answer or max(_FREE, int(kept * _SHARE))):
            tally.skip("frequent answer")
            continue
        seen.add(mark)
        answers[key] += 1
        kept += 1
        yield pair


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
