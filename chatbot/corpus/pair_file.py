"""Pairs that may be more than the memory holds: their turns lie in a mapped file, each of them once."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from chatbot.corpus.marks import MARKS, Marks, Places, marks_of
from chatbot.corpus.ragged import Packing, Ragged, Spool
from chatbot.dialogue import Pair, Turn

_BLOCK = 10_000
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Packed:
    """Some pairs, packed: turns and names of dialogues as JSON, and of each pair the places of its name and turns."""

    records: bytes
    record_lengths: list[int]
    places: list[int]
    place_counts: list[int]
    marks: Marks


def pack(pairs: Sequence[Pair]) -> Packed:
    """Return ``pairs`` packed."""
    known: dict[str | Turn, int] = {}
    rows = [[known.setdefault(one, len(known)) for one in _records(pair)] for pair in pairs]
    records = [_dump(one) for one in known]
    places = [place for row in rows for place in row]
    return Packed(b"".join(records), list(map(len, records)), places, list(map(len, rows)), marks_of(pairs))


class PairWriter:
    """Puts packed pairs together."""

    def __init__(self) -> None:
        self._records, self._rows = Packing(np.uint8), Packing(np.int64)
        self._marks = Spool[np.void](MARKS)

    def add(self, packed: Packed) -> None:
        """Put packed pairs behind those that are there."""
        places = np.array(packed.places, dtype=np.int64) + len(self._records)
        self._records.extend(np.frombuffer(packed.records, np.uint8), packed.record_lengths)
        self._rows.extend(places, packed.place_counts)
        self._marks.append(packed.marks)

    def join(self, pairs: "PairFile") -> None:
        """Put the pairs of a file behind those that are there, as they are packed there."""
        before = len(self._records)
        self._records.extend(pairs.records.values, pairs.records.lengths)
        for chosen in np.array_split(pairs.chosen, 1 + len(pairs) // _BLOCK):
            rows = [pairs.rows[place] for place in chosen]
            self._rows.extend(np.concatenate([np.empty(0, np.int64), *rows]) + before, list(map(len, rows)))
            self._marks.append(pairs.all_marks[chosen])

    def done(self) -> "PairFile":
        """Return all pairs; none can be added then."""
        return PairFile(self._records.done(), self._rows.done(), self._marks.array())


class PairFile(Sequence[Pair]):
    """A sequence of pairs: all that were written, or those ``chosen``.

    ``records`` are turns and names of dialogues, ``rows`` of each pair the places of its name and turns among them.
    """

    def __init__(
        self, records: Ragged[np.uint8], rows: Ragged[np.int64], marks: Marks, chosen: Places | None = None
    ) -> None:
        self.records, self.rows, self.all_marks = records, rows, marks
        self.chosen = np.arange(len(rows)) if chosen is None else chosen
        self._read: dict[int, Any] = {}

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> "PairFile":
        """Return ``pairs``, written as they come."""
        writer, rest = PairWriter(), iter(pairs)
        while block := list(islice(rest, _BLOCK)):
            writer.add(pack(block))
        return writer.done()

    @property
    def marks(self) -> Marks:
        """The marks of each pair."""
        found: Marks = self.all_marks[self.chosen]
        return found

    def at(self, places: Places) -> "PairFile":
        """Return the pairs at ``places``."""
        return PairFile(self.records, self.rows, self.all_marks, self.chosen[places])

    def __len__(self) -> int:
        return len(self.chosen)

    @overload
    def __getitem__(self, place: int) -> Pair: ...
    @overload
    def __getitem__(self, place: slice) -> "PairFile": ...
    def __getitem__(self, place: int | slice) -> "Pair | PairFile":
        if isinstance(place, slice):
            return self.at(np.arange(len(self))[place])
        name, *turns = map(self._record, self.rows[int(self.chosen[place])].tolist())
        return Pair(tuple(turns[:-1]), turns[-1], name)

    def __iter__(self) -> Iterator[Pair]:
        return (self[place] for place in range(len(self)))

    def _record(self, place: int) -> Any:
        """Return a turn or a name; what neighbours share is read once."""
        if place not in self._read:
            if len(self._read) > _REMEMBERED:
                self._read.clear()
            self._read[place] = _load(self.records[place].tobytes())
        return self._read[place]


def together(parts: Sequence[Sequence[Pair]]) -> Sequence[Pair]:
    """Return the pairs of all ``parts``."""
    filled = [part for part in parts if part]
    if len(filled) < 2:
        return filled[0] if filled else []
    writer = PairWriter()
    for part in filled:
        writer.join(part if isinstance(part, PairFile) else PairFile.of(part))
    return writer.done()


def choose(pairs: Sequence[Pair], places: Places) -> Sequence[Pair]:
    """Return the pairs at ``places``."""
    return pairs.at(places) if isinstance(pairs, PairFile) else [pairs[place] for place in places]


def spread(pairs: Sequence[Pair], most: int) -> Sequence[Pair]:
    """Return at most ``most`` of the pairs, evenly spread."""
    return choose(pairs, spread_places(len(pairs), most))


def spread_places(count: int, most: int) -> Places:
    """Return at most ``most`` places among ``count``, evenly spread."""
    wanted = min(count, most)
    return np.arange(wanted, dtype=np.int64) * count // max(1, wanted)


def dialogues(pairs: Sequence[Pair]) -> tuple[list[str], Places]:
    """Return names of dialogues, one perhaps several times, and of each pair the place of its own among them."""
    if not isinstance(pairs, PairFile):
        return [pair.dialogue for pair in pairs], np.arange(len(pairs))
    records, which = np.unique(pairs.rows.values[pairs.rows.offsets[pairs.chosen]], return_inverse=True)
    return [str(_load(pairs.records[place].tobytes())) for place in records], which


def exchanges(pairs: Sequence[Pair]) -> NDArray[np.uint64]:
    """Return the exchange mark of each pair."""
    marks = pairs.marks if isinstance(pairs, PairFile) else marks_of(pairs)
    found: NDArray[np.uint64] = marks["exchange"]
    return found


def _records(pair: Pair) -> tuple[str | Turn, ...]:
    return (pair.dialogue, *pair.question, pair.answer)


def _dump(record: str | Turn) -> bytes:
    if isinstance(record, Turn):
        time = record.time.isoformat() if record.time else None
        parts = [record.speaker, record.text, time, record.id, record.reply_to]
        return json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return json.dumps(record).encode()


def _load(data: bytes) -> str | Turn:
    record = json.loads(data.decode("utf-8", "surrogatepass"))
    if isinstance(record, str):
        return record
    speaker, text, time, number, reply_to = record
    return Turn(speaker, text, datetime.fromisoformat(time) if time else None, number, reply_to)
