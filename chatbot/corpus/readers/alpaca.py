"""Stanford Alpaca's format (Taori et al. 2023): records of ``{"instruction", "input", "output"}``.

LLaMA-Factory adds ``system``, a ``history`` of questions with their answers, and ``chosen`` in place of ``output``.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.language_models import begins_records, json_records, one_of, without_marks
from chatbot.corpus.readers.reader import Reader, tidy
from chatbot.corpus.readers.records import SYSTEM, Said, dialogues, items
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_ANSWERS = ("output", "chosen", "response", "target")


class AlpacaReader(Reader):
    """``kind = "alpaca"``."""

    kind: Literal["alpaca"] = "alpaca"
    speakers: tuple[str, ...] = Field(("user", "assistant"), min_length=2, max_length=2)
    """Who instructs and who answers."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Records have an instruction and an output."""
        marks = (r'"instruction"\s*:\s*"', r'"(?:input|output|chosen|target)"\s*:')
        return "records have an instruction and an output" if begins_records(head, *marks) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogue of each record."""
        for part in parts:
            yield from dialogues(json_records(part, tally), partial(self.said, tally=tally), tally)

    def said(self, record: Any, tally: Tally) -> Said:
        """Return who says what in a record: the system prompt, the history, then the instruction and its output.

        Raises:
            ValueError: it is of another shape.
        """
        if not isinstance(record, dict) or "instruction" not in record:
            raise ValueError("has no instruction")
        answer = one_of(record, _ANSWERS)
        texts = [text for pair in _history(record) for text in pair]
        prompt = "\n".join(filter(tidy, (_text(record, "instruction"), _text(record, "input"))))
        texts += [without_marks(prompt, record), _text(record, answer)]
        if answer == "chosen":
            tally.skip("rejected")
        system = _text(record, "system")
        said = [(self.speakers[index % 2], text) for index, text in enumerate(texts)]
        return [(SYSTEM, system), *said] if tidy(system) else said


def _history(record: dict[str, Any]) -> list[list[str]]:
    """Return the earlier questions, each with its answer."""
    pairs = items(record, "history") if record.get("history") else []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise ValueError("the history is not of questions with their answers")
    return pairs


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{key}" is not a string')
    return value or ""
