"""Answers of the corpus that a reply may be chosen from: those to the questions nearest to a message."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from chatbot.corpus.nearest import NearestQuestions
from chatbot.errors import CheckpointError
from chatbot.files import replacing
from chatbot.generation.searches import Candidate
from chatbot.text.tokenizer import Tokenizer

_SPARE = 4
"""So many times more questions are looked up than answers wanted, since some share theirs."""


class Shortlist:
    """Finds candidates for a message among (question, answer) texts."""

    def __init__(self, pairs: Sequence[tuple[str, str]], tokenizer: Tokenizer) -> None:
        self._nearest = NearestQuestions([question for question, _ in pairs])
        self._answers = [(*ids, tokenizer.end) for ids in tokenizer.encode_batch([answer for _, answer in pairs])]

    def candidates(self, message: str, most: int) -> tuple[Candidate, ...]:
        """Return at most ``most`` different answers, nearest first; none when no question shares a word."""
        found: dict[tuple[int, ...], float] = {}
        for place, nearness in self._nearest.find(message, most * _SPARE):
            if nearness > 0 and len(found) < most:
                found.setdefault(self._answers[place], nearness)
        return tuple(Candidate(ids, nearness) for ids, nearness in found.items())


def save_pairs(path: Path, pairs: Iterable[tuple[str, str]]) -> None:
    """Write (question, answer) texts, one JSON array a line."""
    with replacing(path) as stream:
        stream.writelines(json.dumps(pair, ensure_ascii=False) + "\n" for pair in dict.fromkeys(pairs))


def load_pairs(path: Path) -> list[tuple[str, str]]:
    """Return what ``save_pairs`` wrote.

    Raises:
        CheckpointError: the version has none, or they are damaged.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        return [(question, answer) for question, answer in (json.loads(line) for line in lines if line)]
    except FileNotFoundError:
        message = f'{path.parent}: was trained for another [search] than "known"'
        raise CheckpointError(message, "train the bot again, or choose another search") from None
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(f"{path}: is damaged: {error}", "chatbot rollback takes an earlier version") from None
