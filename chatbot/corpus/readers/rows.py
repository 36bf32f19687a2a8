"""The rows of comma-separated values (RFC 4180), the same for every program that writes them."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.tally import Tally

_END = "\0end\0"
"""A row after the last one. Where it turns up inside a field, that field's quotation mark was never closed."""


def first_row(text: str) -> list[str]:
    """Return the cells of a text's first line, trimmed; none if it is no row."""
    try:
        return [cell.strip() for cell in next(csv.reader([text.lstrip("\ufeff").partition("\n")[0]]), [])]
    except csv.Error:
        return []


def rows(part: Part, tally: Tally) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of its first line."""
    found = parsed((line for _, line in part.lines(tally)), PurePath(part.name).name, tally)
    yield from ((number, row) for number, row in found if any(row))


def parsed(
    lines: Iterable[str], name: str, tally: Tally, delimiter: str = ",", start: int = 1
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of lines, each with the number of its first one, the first line's being ``start``.

    One with a field whose quotation mark was never closed is counted: with more than 128 KiB, or the end in it.
    """
    table = csv.reader((f"{line}\n" for line in chain(lines, [_END])), delimiter=delimiter)
    while True:
        number = table.line_num + start
        try:
            row = next(table, None)
        except csv.Error as error:
            tally.fault(f"{name}:{number}", str(error))
            continue
        if row is None or row == [_END]:
            return
        if any(_END in cell for cell in row):
            tally.fault(f"{name}:{number}", delimiter.join(row).partition(_END)[0])
            return
        yield number, row
