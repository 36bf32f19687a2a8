"""The rows of comma-separated values (RFC 4180), the same for every program that writes them."""

import csv
from collections.abc import Iterator
from pathlib import PurePath

from chatbot.corpus.log import Part
from chatbot.corpus.tally import Tally


def first_row(text: str) -> list[str]:
    """Return the cells of a text's first line, trimmed; none if it is no row."""
    try:
        return [cell.strip() for cell in next(csv.reader([text.lstrip("\ufeff").partition("\n")[0]]), [])]
    except csv.Error:
        return []


def rows(part: Part, tally: Tally) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with the number of its first line.

    One with a field of more than 128 KiB, whose quotation mark was never closed, is counted.
    """
    table = csv.reader(f"{line}\n" for _, line in part.lines(tally))
    while True:
        number = table.line_num + 1
        try:
            row = next(table, None)
        except csv.Error as error:
            tally.fault(f"{PurePath(part.name).name}:{number}", str(error))
            continue
        if row is None:
            return
        if any(row):
            yield number, row
