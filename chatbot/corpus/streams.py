"""What a log's bytes pass through on their way to a reader: unpacked within bounds, counted, and turned into UTF-8."""

import codecs
import io
import zipfile
from collections.abc import Callable
from typing import Protocol, cast

import zstandard

from chatbot.errors import LogError

_FREE, _RATIO = 64 * 2**20, 200
"""A packed part may expand to ``_FREE`` bytes, and beyond that to ``_RATIO`` times its packed size."""

Progress = Callable[[int], None]
_BAD = "\udcff"
"""Stands for bad bytes while they are counted: no encoding has a lone surrogate, while U+FFFD may have been typed."""
codecs.register_error("chatbot.bad", lambda error: (_BAD, cast("UnicodeDecodeError", error).end))


class Bytes(Protocol):
    """What can be read from and closed: files, archives' members and the wrappers below."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""

    def close(self) -> None:
        """Close it."""


class Chained(io.RawIOBase):
    """The head that was read already, then the rest of a stream."""

    def __init__(self, head: bytes, rest: Bytes) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as one piece goes; return how far."""
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


class Counted(io.RawIOBase):
    """Passes a stream on, tells how many bytes went by, and names the part in its errors."""

    def __init__(self, stream: Bytes, name: str, progress: Progress | None) -> None:
        self._stream, self._name, self._progress = stream, name, progress

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as one piece goes; return how far."""
        try:
            data = self._stream.read(len(buffer))
        except (OSError, EOFError, zipfile.BadZipFile, zstandard.ZstdError, ValueError) as error:
            raise LogError(f"{self._name}: cannot be read to its end: {error}") from None
        except Exception as error:  # zlib.error and lzma's have no common base
            raise LogError(f"{self._name}: is damaged: {error}") from None
        buffer[: len(data)] = data
        if self._progress is not None:
            self._progress(len(data))
        return len(data)

    def close(self) -> None:
        """Close what is beneath, but for standard input."""
        if not self.closed and self._name != "-":
            self._stream.close()
        super().close()


class Utf8(io.RawIOBase):
    """Passes a stream on in UTF-8, bytes that are none in its encoding replaced and counted."""

    def __init__(self, stream: Bytes, encoding: str, replaced: Progress) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("chatbot.bad")
        self._replaced = replaced
        self._rest = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as one piece goes; return how far."""
        while not self._rest:
            block = self._stream.read(len(buffer))
            text = self._decoder.decode(block, final=not block)
            if bad := text.count(_BAD):
                self._replaced(bad)
            self._rest = text.replace(_BAD, "\ufffd").encode("utf-8", "replace")
            if not block:
                break
        data, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close what is beneath."""
        self._stream.close()
        super().close()


class Bounded(io.RawIOBase):
    """Refuses a packed stream that expands past the stated bound."""

    def __init__(self, stream: Bytes, name: str, packed: int, beneath: Bytes | None = None) -> None:
        self._stream, self._name, self._beneath = stream, name, beneath
        self._left = max(_FREE, packed * _RATIO)

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise LogError(
                f"{self._name}: expands to more than {_RATIO} times its packed size",
                "unpack it yourself if you trust it",
            )
        return data

    def close(self) -> None:
        """Close what is beneath."""
        self._stream.close()
        if self._beneath is not None:
            self._beneath.close()  # gzip leaves what it reads from open
        super().close()
