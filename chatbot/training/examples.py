"""Pairs as ids, kept flat: a few numbers an example instead of a few objects, and many of them on disk."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.cores import on_all_cores
from chatbot.corpus.ragged import Packing, Ragged
from chatbot.dialogue import Pair
from chatbot.pictures import PictureShape, Pixels, load_pictures
from chatbot.text.context import TextSettings, render_answer, render_context
from chatbot.text.tokenizer import Tokenizer

Ints = NDArray[np.int32]
_Rows = tuple[Ints, Ints]
"""Rows end to end, and their lengths."""
_BLOCK = 2000
"""Pairs of one piece of work: about an eighth of a second."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures [N, 3, P, P]; each one's length is the number of states that an encoder makes of it."""

    values: Pixels
    cells: int

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> Pixels:
        picture: Pixels = self.values[index]
        return picture

    @property
    def lengths(self) -> Ints:
        """The length of each picture."""
        return np.full(len(self), self.cells, np.int32)


@dataclass(frozen=True, slots=True)
class Examples:
    """``source`` ids of contexts, or pictures, and ``target`` ids of answers, the end of the reply included.

    The last ``disliked`` of them are answers that the model should not give, the ``recalled`` before these are old.
    """

    source: Ragged[np.int32] | Pictures
    target: Ragged[np.int32]
    disliked: int = 0
    recalled: int = 0

    def __len__(self) -> int:
        return len(self.source)


def make_examples(
    pairs: Iterable[Pair], tokenizer: Tokenizer, settings: TextSettings, pictures: PictureShape | None = None
) -> Examples:
    """Return the examples of ``pairs``, in their order; with ``pictures``, questions are paths of such ones.

    An answer longer than ``answer_tokens`` is cut, without an end, so that a bot does not learn to stop there.
    """
    sources, targets = Packing(np.int32), Packing(np.int32)
    pairs = list(pairs) if pictures else pairs
    work = partial(_encode, tokenizer=tokenizer, settings=settings, pictured=pictures is not None)
    for contexts, answers in on_all_cores(work, _blocks(pairs)):
        sources.extend(*contexts)
        targets.extend(*answers)
    if pictures:
        paths = [pair.question[-1].text for pair in pairs]
        return Examples(Pictures(load_pictures(paths, pictures), pictures.cells), targets.done())
    return Examples(sources.done(), targets.done())


def _encode(pairs: list[Pair], tokenizer: Tokenizer, settings: TextSettings, pictured: bool) -> tuple[_Rows, _Rows]:
    """Return the sources of pairs, none where these are pictures, and their targets."""
    shown = [] if pictured else [render_context(pair.question, pair.answer.speaker, settings) for pair in pairs]
    answers = [render_answer(pair.answer.text) for pair in pairs]
    # An answer is mostly the next question, and both are turns of the contexts that follow.
    known = tokenizer.encode_all([*answers, *(segment.text for segments in shown for segment in segments)])
    return (
        _rows([tokenizer.join(segments, known, settings.context_tokens) for segments in shown]),
        _rows([[*known[answer], tokenizer.end][: settings.answer_tokens] for answer in answers]),
    )


def _rows(rows: list[list[int]]) -> _Rows:
    return np.fromiter(chain.from_iterable(rows), np.int32), np.fromiter(map(len, rows), np.int32)


def _blocks(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    rest = iter(pairs)
    while block := list(islice(rest, _BLOCK)):
        yield block
