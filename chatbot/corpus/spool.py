"""Arrays that grow beyond what memory should hold: long ones lie in files without names, and are mapped."""

import mmap
import os
import tempfile
from collections.abc import Sequence
from typing import IO, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)

_IN_MEMORY = 32 * 2**20
_LARGE = "/var/tmp"  # noqa: S108 - on a disk, where /tmp may be memory; the files never have a name there


class Spool(Generic[Number]):
    """One array, put together of parts. In a file, it has no name, so that nothing of it outlives the process."""

    def __init__(self, dtype: type[Number]) -> None:
        self._dtype = np.dtype(dtype)
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
            self._file = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115 - mapped, then closed
        for part in self._parts:
            self._file.write(part.data)
        self._file.flush()
        self._parts, self._held = [], 0


def _folder() -> str | None:
    """Return where large files go: as ``TMPDIR`` says, else where there is a disk."""
    return _LARGE if "TMPDIR" not in os.environ and os.access(_LARGE, os.W_OK) else None
