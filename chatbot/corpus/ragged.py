"""Rows of different lengths in arrays that may outgrow the memory: long ones lie in files without names, mapped."""

import mmap
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

_IN_MEMORY = 32 * 2**20
_LARGE = "/var/tmp"  # noqa: S108 - on a disk, where /tmp may be memory; the files never have a name there


@dataclass(frozen=True, slots=True)
class Ragged(Generic[Number]):
    """Rows end to end: row ``i`` is ``values[offsets[i]:offsets[i + 1]]``."""

    values: NDArray[Number]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int32]
    """The length of each row."""

    @classmethod
    def pack(cls, rows: Iterable[Sequence[int]], dtype: type[Number]) -> "Ragged[Number]":
        """Return the rows packed."""
        packing = Packing(dtype)
        packing.add(rows)
        return packing.done()

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int) -> NDArray[Number]:
        return self.values[self.offsets[index] : self.offsets[index + 1]]


class Packing(Generic[Number]):
    """Packs rows as they come."""

    def __init__(self, dtype: type[Number]) -> None:
        self._values, self._lengths = Spool[Number](np.dtype(dtype)), Spool[np.int32](np.dtype(np.int32))

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, rows: Iterable[Sequence[int]]) -> None:
        """Put ``rows`` behind those that are there."""
        listed = list(rows)
        self.extend(list(chain.from_iterable(listed)), [len(row) for row in listed])

    def extend(self, values: Sequence[int] | NDArray[Any], lengths: Sequence[int] | NDArray[Any]) -> None:
        """Put rows that are packed already, with these lengths, behind those that are there."""
        self._values.append(values)
        self._lengths.append(lengths)

    def done(self) -> Ragged[Number]:
        """Return all rows; none can be added then."""
        lengths = self._lengths.array()
        return Ragged(self._values.array(), np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]), lengths)


class Spool(Generic[Number]):
    """One array, put together of parts. In a file, it has no name, so that nothing of it outlives the process."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._parts: list[NDArray[Any]] = []
        self._held = 0
        self._file: IO[bytes] | None = None
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, part: Sequence[Any] | NDArray[Any]) -> None:
        """Put ``part`` behind what is there."""
        array = np.ascontiguousarray(part, self._dtype)
        self._length += len(array)
        self._held += array.nbytes
        self._parts.append(array)
        if self._held > _IN_MEMORY:
            self._write_out()

    def array(self) -> NDArray[Number]:
        """Return what was appended, as one array that cannot be changed; nothing more can be appended."""
        if self._file is None:
            whole = np.concatenate([np.empty(0, self._dtype), *self._parts])
        else:
            self._write_out()
            mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            whole = np.frombuffer(mapped, self._dtype)
            self._file.close()
        self._parts = []
        whole.flags.writeable = False
        return whole

    def _write_out(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=large_folder())  # noqa: SIM115 - mapped, then closed
        for part in self._parts:
            self._file.write(part.data)
        self._file.flush()
        self._parts, self._held = [], 0


def large_folder() -> str | None:
    """Return where large files go: as ``TMPDIR`` says, else where there is a disk."""
    return _LARGE if "TMPDIR" not in os.environ and os.access(_LARGE, os.W_OK) else None
