"""JSON lines, or a JSON list, of objects with columns as those of CSV: question and answer, or speaker and text."""

import reprlib
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.columns import ColumnsReader, Row
from chatbot.corpus.readers.language_models import begins_records, json_records
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

_KEYS = (("question", "answer"), ("speaker", "text"))


class JsonReader(ColumnsReader):
    """``kind = "json"``."""

    kind: Literal["json"] = "json"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Objects have a question and an answer, or a speaker and a text."""
        for keys in _KEYS:
            if begins_records(head, *(rf'(?i)"{key}"\s{{0,9}}:\s{{0,9}}"' for key in keys)):
                return f"objects with {' and '.join(keys)}"
        return ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of each part."""
        for part in parts:
            rows = self._whole(self._rows(part, tally), tally)
            if first := next(rows, None):
                yield from self.from_rows(first[1], chain([first], rows), tally)

    def _rows(self, part: Part, tally: Tally) -> Iterator[Row]:
        """Yield each object by its keys in small letters; what is none is counted."""
        for place, record in json_records(part, tally):
            if isinstance(record, dict):
                yield place, {key.lower(): _plain(value) for key, value in record.items()}
            else:
                tally.fault(place, reprlib.repr(record))

    def _whole(self, rows: Iterator[Row], tally: Tally) -> Iterator[Row]:
        """Yield the rows that have the keys; those that lack some are counted, and are an error if all do."""
        fitting, lacking = False, ("", "")
        for place, row in rows:
            if self.fits(row):
                fitting = True
                yield place, row
            else:
                tally.fault(place, reprlib.repr(row))
                lacking = lacking if lacking[0] else (place, ", ".join(row)[:80])
        if lacking[0] and not fitting:
            raise LogError(f"{lacking[0]}: has no such keys: {lacking[1]}", f"expected {self.wanted()}")


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
