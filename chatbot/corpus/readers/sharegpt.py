"""ShareGPT's format: records of ``{"conversations": [{"from", "value"}, ...]}``, as FastChat and LLaMA-Factory have it.

Who speaks is ``human``, ``gpt``, ``system``, ``function_call`` or ``observation``; older dumps have other names. A
record's ``system`` is its system prompt, and a preferred answer may stand apart, as ``chosen``.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.language_models import begins_records, json_records, one_of, without_marks
from chatbot.corpus.readers.reader import Reader, tidy
from chatbot.corpus.readers.records import SYSTEM, Said, dialogues, items, string
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_LISTS = ("conversations", "conversation", "messages")


class ShareGPTReader(Reader):
    """``kind = "sharegpt"``."""

    kind: Literal["sharegpt"] = "sharegpt"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Records have conversations of who and what."""
        marks = (r'"conversations?"\s*:\s*\[', r'"from"\s*:\s*"[^"\\]*"', r'"value"\s*:')
        return "records have conversations with from and value" if begins_records(head, *marks) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogue of each record."""
        for part in parts:
            yield from dialogues(json_records(part, tally), partial(conversation_said, tally=tally), tally)


def conversation_said(record: Any, tally: Tally) -> Said:
    """Return who says what in a record, the system prompt first.

    Raises:
        ValueError: it is of another shape.
    """
    turns = items(record, one_of(record, _LISTS))
    if "chosen" in record:
        turns = [*turns, record["chosen"]]
        tally.skip("rejected")
    said = [line for turn in turns for line in _line(turn, record, tally)]
    prompt = record.get("system")
    if isinstance(prompt, str) and tidy(prompt) and (SYSTEM, prompt) not in said:
        said.insert(0, (SYSTEM, prompt))
    return said


def _line(turn: Any, record: dict[str, Any], tally: Tally) -> Said:
    """Return the speaker and the text of a turn, or nothing for a picture alone, which is counted."""
    speaker = string(turn, "from")
    value = "" if turn.get("value", turn) is None else string(turn, "value")
    text = without_marks(value, record)
    if not tidy(text) and text != value:
        tally.skip("media")
        return []
    return [(speaker, text)]
