"""Pairs as ids, kept flat: a few numbers an example instead of a few objects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from chatbot.dialogue import Pair
from chatbot.pictures import PictureShape, Pixels, load_pictures
from chatbot.text.context import TextSettings, render_answer, render_context
from chatbot.text.tokenizer import Tokenizer

Ints = NDArray[np.int32]
_BLOCK = 10_000


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths, end to end: row ``i`` is ``values[offsets[i]:offsets[i + 1]]``."""

    values: Ints
    offsets: NDArray[np.int64]

    @classmethod
    def pack(cls, rows: Iterable[Sequence[int]]) -> "Ragged":
        """Return the rows packed."""
        arrays = [np.asarray(row, dtype=np.int32) for row in rows]
        offsets = np.cumsum([0, *(len(array) for array in arrays)], dtype=np.int64)
        return cls(np.concatenate(arrays) if arrays else np.empty(0, np.int32), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> Ints:
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    @property
    def lengths(self) -> Ints:
        """The length of each row."""
        return np.diff(self.offsets).astype(np.int32)


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

    The last ``disliked`` of them are answers that the model should not give.
    """

    source: Ragged | Pictures
    target: Ragged
    disliked: int = 0

    def __len__(self) -> int:
        return len(self.source)


def make_examples(
    pairs: Iterable[Pair], tokenizer: Tokenizer, settings: TextSettings, pictures: PictureShape | None = None
) -> Examples:
    """Return the examples of ``pairs``, in their order; with ``pictures``, questions are paths of such ones.

    An answer longer than ``answer_tokens`` is cut, without an end, so that a bot does not learn to stop there.
    """
    sources: list[list[int]] = []
    paths: list[str] = []
    targets: list[list[int]] = []
    rest = iter(pairs)
    while block := list(islice(rest, _BLOCK)):
        if pictures:
            paths += [pair.question[-1].text for pair in block]
        else:
            sources += encode_sources(block, tokenizer, settings)
        answers = tokenizer.encode_batch([render_answer(pair.answer.text) for pair in block])
        targets += [[*ids, tokenizer.end][: settings.answer_tokens] for ids in answers]
    source = Pictures(load_pictures(paths, pictures), pictures.cells) if pictures else Ragged.pack(sources)
    return Examples(source, Ragged.pack(targets))


def encode_sources(pairs: Iterable[Pair], tokenizer: Tokenizer, settings: TextSettings) -> Iterator[list[int]]:
    """Return the source ids of each pair."""
    contexts = [render_context(pair.question, pair.answer.speaker, settings) for pair in pairs]
    return tokenizer.encode_contexts(contexts, settings.context_tokens)
