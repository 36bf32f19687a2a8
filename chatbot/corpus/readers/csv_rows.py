"""Comma-separated values (RFC 4180) with a header: question and answer, or speaker and text; what spreadsheets save."""

import csv
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.columns import ColumnsReader, Row
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.rows import parsed
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

_DELIMITERS = ",;\t"
"""Spreadsheets write semicolons where a comma stands in decimal numbers."""


class CsvReader(ColumnsReader):
    """``kind = "csv"``."""

    kind: Literal["csv"] = "csv"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first line names the columns."""
        reader = cls()
        header = reader._header(head.lstrip("\ufeff\n").split("\n", 1)[0])
        return f"the columns are {', '.join(header[1])}" if header else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of each part."""
        for part in parts:
            yield from self.from_rows(*self._table(part, tally), tally)

    def _table(self, part: Part, tally: Tally) -> tuple[list[str], Iterator[Row]]:
        """Return the columns' names and the rows, each with the number of its first line."""
        lines = (line for _, line in part.lines(tally))
        skipped, first = next(((number, line) for number, line in enumerate(lines) if tidy(line)), (0, ""))
        header = self._header(first)
        if header is None:
            raise LogError(
                f"{part.name}: line {skipped + 1}: names no such columns: {first[:80]}", f"expected {self.wanted()}"
            )
        name = PurePath(part.name).name
        rows = parsed(lines, name, tally, header[0], skipped + 2)
        return header[1], self._rows(header[1], rows, name, tally)

    def _rows(
        self, columns: list[str], rows: Iterator[tuple[int, list[str]]], name: str, tally: Tally
    ) -> Iterator[Row]:
        for number, row in rows:
            place = f"{name}:{number}"
            if self._whole(row, columns):
                yield place, dict(zip(columns, row, strict=False))
            elif row:
                tally.fault(place, ", ".join(row))

    def _whole(self, row: list[str], columns: list[str]) -> bool:
        """Return whether a row has what is needed, and no more columns than the header."""
        if not row:
            return False
        return len(row) == len(columns) or (self.fits(columns[: len(row)]) and not any(map(tidy, row[len(columns) :])))

    def _header(self, line: str) -> tuple[str, list[str]] | None:
        """Return the delimiter and the columns' names in small letters, or nothing when those needed are missing."""
        for delimiter in _DELIMITERS:
            try:
                columns = [tidy(column).lower() for column in next(csv.reader([line], delimiter=delimiter), [])]
            except csv.Error:
                return None
            if self.fits(columns):
                return delimiter, columns
        return None
