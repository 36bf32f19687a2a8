"""Pairs as ids, kept flat: a few numbers an example instead of a few objects, and many of them on disk."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.ragged import Packing, Ragged
from chatbot.dialogue import Pair
from chatbot.pictures import PictureShape, Pixels, load_pictures
from chatbot.text.context import TextSettings, render_answer, render_context
from chatbot.text.tokenizer import Tokenizer

Ints = NDArray[np.int32]
_BLOCK = 10_000


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
    paths: list[str] = []
    rest = iter(pairs)
    while block := list(islice(rest, _BLOCK)):
        shown = [] if pictures else [render_context(pair.question, pair.answer.speaker, settings) for pair in block]
        answers = [render_answer(pair.answer.text) for pair in block]
        # An answer is mostly the next question, and both are turns of the contexts that follow.
        known = tokenizer.encode_all([*answers, *(segment.text for segments in shown for segment in segments)])
        targets.add([*known[answer], tokenizer.end][: settings.answer_tokens] for answer in answers)
        if pictures:
            paths += [pair.question[-1].text for pair in block]
        else:
            sources.add(tokenizer.join(segments, known, settings.context_tokens) for segments in shown)
    source = Pictures(load_pictures(paths, pictures), pictures.cells) if pictures else sources.done()
    return Examples(source, targets.done())
