"""Answers of the corpus that a reply may be chosen from: those to the questions nearest to a message."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from chatbot.corpus.nearest import NearestQuestions
from chatbot.dialogue import Pair
from chatbot.errors import CheckpointError
from chatbot.files import replacing
from chatbot.generation.searches import Candidate
from chatbot.text.clean import clean
from chatbot.text.context import SELF, TextSettings, render_answer, render_speaker
from chatbot.text.tokenizer import Tokenizer

_SPARE = 4
"""So many times more questions are looked up than answers wanted, since some share theirs."""
_FAR = 0.7
"""An answer is out of the question where another's question is so much nearer: its share of that one's nearness."""


class Known(NamedTuple):
    """The texts of a pair, and the tag of who answers."""

    question: str
    answer: str
    tag: str = SELF


class Shortlist:
    """Finds candidates for a message among known pairs."""

    def __init__(self, pairs: Sequence[Known], tokenizer: Tokenizer) -> None:
        told = {tag: [pair for pair in pairs if pair.tag == tag] for tag in {pair.tag for pair in pairs}}
        self._nearest = {tag: NearestQuestions([pair.question for pair in group]) for tag, group in told.items()}
        self._answers = {
            tag: [(*ids, tokenizer.end) for ids in tokenizer.encode_batch([pair.answer for pair in group])]
            for tag, group in told.items()
        }
        self._usual = {tag: _most_usual(answers) for tag, answers in self._answers.items()}

    def candidates(self, message: str, most: int, tag: str = SELF) -> tuple[Candidate, ...]:
        """Return at most ``most`` different answers of one answerer, nearest first; none when they gave none.

        Where no question is near, those that fit the most questions.
        """
        if tag not in self._nearest:
            return ()
        nearest = self._nearest[tag].find(message, most * _SPARE)
        found: dict[tuple[int, ...], float] = {}
        for place, nearness in nearest:
            if nearness > _FAR * nearest[0][1]:
                found.setdefault(self._answers[tag][place], nearness)
        return tuple(Candidate(*one) for one in list(found.items())[:most] or self._usual[tag][:most])


def _most_usual(answers: Sequence[tuple[int, ...]]) -> list[tuple[tuple[int, ...], float]]:
    """Return the answers to more than half as many questions as the most usual one has, short ones first."""
    times = Counter(answers).most_common()
    usual = [ids for ids, count in times if 2 * count > times[0][1]]
    return [(ids, 0.0) for ids in sorted(usual, key=len)]


def known_pairs(pairs: Iterable[Pair], text: TextSettings) -> list[Known]:
    """Return the texts of ``pairs`` as a version keeps them."""
    return [
        Known(
            clean(pair.question[-1].text),
            render_answer(pair.answer.text),
            render_speaker(pair.answer.speaker, pair.answer.speaker, text),
        )
        for pair in pairs
    ]


def save_pairs(path: Path, pairs: Iterable[Known]) -> None:
    """Write known pairs, one JSON array a line: question, answer, and the tag where answerers are told apart."""
    with replacing(path) as stream:
        for pair in dict.fromkeys(pairs):
            stream.write(json.dumps(pair[:2] if pair.tag == SELF else pair, ensure_ascii=False) + "\n")


def load_pairs(path: Path) -> list[Known]:
    """Return what ``save_pairs`` wrote.

    Raises:
        CheckpointError: the version has none, or they are damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        return [Known(*json.loads(line)) for line in lines if line]
    except FileNotFoundError:
        message = f'{path.parent}: was trained for another [search] than "known"'
        raise CheckpointError(message, "train the bot again, or choose another search") from None
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(f"{path}: is damaged: {error}") from None
