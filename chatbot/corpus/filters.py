"""Which pairs are not worth learning from; each one left out is counted by reason."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from chatbot.corpus.marks import Marks, Places, marks_of
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Pair
from chatbot.settings import Settings


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
    entropy: float = Field(6.0, ge=0, le=64)
    """Most bits of the answers that one question has, and of the questions before one answer: what goes with everything
    says nothing (Csaky et al. 2019), and only as many of those stay as make up so many bits; 0: any."""
    rare_script: float = Field(0.02, ge=0, lt=1)
    """An answer in a script that a smaller share of the log's letters is of is left out as off-topic; 0: none is."""


_FREE, _SHARE = 20, 0.002
_MANY_LETTERS, _SOME_LETTERS = 2000, 8
"""Among fewer, no script is rare; and an answer of fewer is in none."""


def filter_pairs(pairs: Sequence[Pair], settings: FilterSettings, tally: Tally) -> list[Pair]:
    """Return the pairs worth learning from."""
    return [pairs[place] for place in worth_learning(marks_of(pairs), settings, tally)]


def worth_learning(marks: Marks, settings: FilterSettings, tally: Tally) -> Places:
    """Return the places of the pairs worth learning from, in their order; of equal ones, the first stay."""
    places = np.arange(len(marks))

    def leave(kept: NDArray[np.bool_], reason: str) -> None:
        nonlocal places
        if left_out := int(len(places) - kept.sum()):
            tally.skipped[reason] += left_out
            places = places[kept]

    leave((marks["asked"] > 0)[places] & (marks["said"] > 0)[places], "empty after cleaning")
    leave(marks["asked"][places] <= settings.longest_question, "long question")
    leave(marks["said"][places] <= settings.longest_answer, "long answer")
    if not settings.repeats:
        leave(_ranks(marks["whole"][places]) == 0, "repeated pair")
    most = settings.same_answer or max(_FREE, int(len(places) * _SHARE))
    leave(_ranks(marks["answer"][places]) < most, "frequent answer")
    if settings.rare_script:
        leave(~_rare(marks["script"][places], marks["letters"][places], settings.rare_script), "off-topic script")
    if settings.entropy:
        questions, answers = marks["question"][places], marks["answer"][places]
        leave(
            ~(_various(questions, answers, settings.entropy) | _various(answers, questions, settings.entropy)),
            "goes with everything",
        )
    return places


def _ranks(values: NDArray[np.uint64]) -> Places:
    """Return how many equal values stand before each."""
    order = np.argsort(values, kind="stable")
    starts = _starts(values[order])
    ranks = np.empty(len(values), np.int64)
    ranks[order] = np.arange(len(values)) - np.repeat(starts, np.diff(starts, append=len(values)))
    return ranks


def _starts(ordered: NDArray[np.uint64]) -> Places:
    """Return where each run of equal values begins."""
    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(ordered) else np.empty(0, int)


def _rare(scripts: NDArray[np.uint8], letters: NDArray[np.uint32], least: float) -> NDArray[np.bool_]:
    """Tell which texts are in scripts that less than a share ``least`` of all letters is of."""
    totals = np.bincount(scripts, letters, minlength=256)
    rare = totals < least * totals.sum() if totals.sum() > _MANY_LETTERS else np.zeros(256, bool)
    found: NDArray[np.bool_] = rare[scripts] & (letters >= _SOME_LETTERS)
    return found


def _various(values: NDArray[np.uint64], partners: NDArray[np.uint64], most: float) -> NDArray[np.bool_]:
    """Tell which pairs have values whose partners' entropy is above ``most`` bits, but for the first 2 ** most."""
    if not len(values):
        return np.zeros(0, bool)
    order = np.lexsort((partners, values))
    value, partner = values[order], partners[order]
    runs = np.union1d(_starts(value), _starts(partner))
    counts = np.diff(runs, append=len(order))
    groups = _starts(value[runs])
    total = np.add.reduceat(counts, groups)
    bits = np.log2(total) - np.add.reduceat(counts * np.log2(counts), groups) / total
    great = np.zeros(len(values), bool)
    great[order] = np.repeat(bits > most, total)
    return great & (_ranks(values) >= 2**most)
