"""Apache Parquet: columns as those of CSV, or records as those of OpenAI, ShareGPT and Alpaca; needs pyarrow.

Hugging Face hands data sets out in such files.
"""

import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.alpaca import AlpacaReader
from chatbot.corpus.readers.columns import ColumnsReader
from chatbot.corpus.readers.openai import messages_said
from chatbot.corpus.readers.records import Said, dialogues
from chatbot.corpus.readers.sharegpt import conversation_said
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

_MAGIC = b"PAR1"
_ROWS = 1024
"""How many rows are in memory at a time."""
_MOST = 2**29
"""The largest file that is read from an archive or standard input: whole, for its end tells what is where."""
_TURNS = ("messages", "conversations", "conversation")
_RECORDS = {*_TURNS, "instruction", "input", "output", "chosen", "history", "system", "images"}


class ParquetReader(ColumnsReader):
    """``kind = "parquet"``."""

    kind: Literal["parquet"] = "parquet"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """A Parquet file is no text."""
        return ""

    @classmethod
    def recognises_bytes(cls, head: bytes) -> str:
        """The file begins with Parquet's magic."""
        return "it begins as Parquet files do" if head.startswith(_MAGIC) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of each part."""
        for part in parts:
            columns = _columns(part)
            if self.fits(columns):
                yield from self.from_rows(columns, _rows(part, self.chosen()), tally)
            elif columns & {*_TURNS, "instruction"}:
                yield from dialogues(_rows(part, _RECORDS), lambda record: _said(record, tally), tally)
            else:
                found = ", ".join(sorted(columns))
                raise LogError(f"{part.name}: has no such columns: {found}"[:200], f"expected {self.wanted()}")


def _said(record: dict[str, Any], tally: Tally) -> Said:
    """Return who says what in a record of one of the layouts for language models."""
    record = {name: value for name, value in record.items() if value is not None}
    turns = next((record[name] for name in _TURNS if name in record), None)
    if not turns:
        return AlpacaReader().said(record, tally)
    shared = isinstance(turns, list) and isinstance(turns[0], dict) and "from" in turns[0]
    return (conversation_said if shared else messages_said)(record, tally)


def _columns(part: Part) -> set[str]:
    """Return the names of the columns, in small letters."""
    with _opened(part) as file:
        return {name.lower() for name in file.schema_arrow.names}


def _rows(part: Part, wanted: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each row, by the names of those columns that are wanted, with its place."""
    name, number = PurePath(part.name).name, 0
    with _opened(part) as file:
        columns = [column for column in file.schema_arrow.names if column.lower() in wanted]
        for batch in _batches(file, columns, part):
            values = [_values(batch.column(place)) for place in range(len(columns))]
            for row in zip(*values, strict=True):
                number += 1
                yield f"{name}:{number}", {column.lower(): value for column, value in zip(columns, row, strict=True)}


@contextmanager
def _opened(part: Part) -> Iterator[Any]:
    """Open the file; it is closed in the end.

    Raises:
        LogError: pyarrow is not installed, or the file is damaged.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise LogError(f"{part.name}: Parquet needs pyarrow", "pip install 'chatbot[parquet]'") from None
    with _seekable(part) as stream:
        try:
            file = ParquetFile(stream)
        except (ArrowException, OSError, ValueError) as error:
            raise _damaged(part, error) from None
        yield file


def _batches(file: Any, columns: list[str], part: Part) -> Iterator[Any]:
    """Yield some rows at a time."""
    from pyarrow import ArrowException

    try:
        for group in range(file.num_row_groups):
            yield from file.iter_batches(_ROWS, row_groups=[group], columns=columns, use_threads=False)
            if part.progress is not None and _is_plain(part):  # elsewhere, the bytes were told as they were read
                part.progress(_packed_size(file.metadata.row_group(group)))
    except (ArrowException, OSError, ValueError) as error:
        raise _damaged(part, error) from None


def _seekable(part: Part) -> Any:
    """Return the part's bytes as a file that can be read from any place."""
    if _is_plain(part):
        return part.opener()
    with part.open() as stream:
        data = stream.read(_MOST + 1)
    if len(data) > _MOST:
        raise LogError(f"{part.name}: is too large to be read from an archive", "unpack it first")
    return io.BytesIO(data)


def _is_plain(part: Part) -> bool:
    """Return whether the part is a file on disk, as it stands there."""
    if part.name == "-":
        return False
    with closing(part.opener()) as stream:
        return isinstance(stream, io.FileIO)


def _packed_size(group: Any) -> int:
    return sum(group.column(place).total_compressed_size for place in range(group.num_columns))


def _values(column: Any) -> list[Any]:
    """Return a column's values; a text's bad bytes are replaced."""
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_dictionary(column.type):
        column = column.dictionary_decode()
    if kinds.is_string(column.type) or kinds.is_large_string(column.type):
        binary = column.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "replace") for value in binary]
    if kinds.is_timestamp(column.type):  # Python knows no nanoseconds
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return list(column.to_pylist())


def _damaged(part: Part, error: Exception) -> LogError:
    reason = " ".join(str(error).split())[:120]
    return LogError(f"{part.name}: is no whole Parquet file: {reason}", "fetch or export it again")
