"""Opening logs: a file, a folder, a glob, a .zip, .gz or .zst of these, or standard input, as named parts.

Nothing is unpacked to disk, and a path inside an archive is only ever a name.
"""

import codecs
import glob
import gzip
import io
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Protocol, cast

import zstandard

from chatbot.corpus.decoding import sniff_encoding
from chatbot.errors import LogError

HEAD = 64 * 1024
"""How many bytes of a part its format is recognised by."""
_FREE, _RATIO = 64 * 2**20, 200
"""A packed part may expand to ``_FREE`` bytes, and beyond that to ``_RATIO`` times its packed size."""
_PACKED = (".gz", ".zst")
_LONGEST = 2**24
"""Characters of a line: more than any dialogue has."""
_DAMAGED = (OSError, EOFError, RuntimeError, ValueError, LookupError, struct.error, zipfile.BadZipFile)
"""What a zip archive can raise; of a kind that is not supported, RuntimeError."""
_IGNORED = {"corpus.toml", "__MACOSX"}

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


@dataclass(frozen=True, slots=True)
class Part:
    """One named stream of bytes. ``opener`` begins it anew each time; ``encoding`` is the user's, or empty."""

    name: str
    opener: Callable[[], Bytes]
    encoding: str = ""
    progress: Progress | None = None
    _head: list[bytes] = field(default_factory=list)

    def head(self) -> bytes:
        """Return the first 64 KiB."""
        if not self._head:
            with self.open() as stream:
                self._head.append(stream.read(HEAD))
        return self._head[0]

    def open(self) -> io.BufferedReader:
        """Return the part from its beginning, unpacked."""
        try:
            return io.BufferedReader(_Counted(self.opener(), self.name, self.progress), 2**20)
        except OSError as error:
            raise LogError(f"{self.name}: cannot be opened: {error.strerror or error}") from None

    def open_utf8(self, replaced: Progress) -> io.BufferedReader:
        """Return the part from its beginning as UTF-8 without a BOM, for readers that parse bytes.

        ``replaced`` is told how many runs of bytes were none of the encoding's, and stand as U+FFFD now.
        """
        encoding = sniff_encoding(self.head(), self.encoding, self.name)
        return io.BufferedReader(_Utf8(self.open(), encoding, replaced), 2**20)

    def text_head(self) -> str:
        """Return the head decoded, its broken last character left out."""
        head = self.head()
        encoding = sniff_encoding(head, self.encoding, self.name)
        return head.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n").rstrip("\ufffd")

    def lines(self, replaced: Progress) -> Iterator[tuple[int, str]]:
        """Yield numbered lines from 1 on, without their ends; only LF, CRLF and CR end a line.

        Raises:
            LogError: a line has more than ``_LONGEST`` characters.
        """
        with io.TextIOWrapper(self.open_utf8(replaced), "utf-8", newline=None) as stream:
            for number, line in enumerate(iter(partial(stream.readline, _LONGEST), ""), 1):
                if len(line) == _LONGEST:
                    raise LogError(f"{self.name}: line {number}: has more than {_LONGEST:,} characters")
                yield number, line.removesuffix("\n")


def open_log(path: str, encoding: str = "", progress: Progress | None = None) -> list[Part]:
    """Return the parts of the log at ``path`` (``-``: standard input), sorted by name.

    Raises:
        LogError: there is nothing at the path, or an archive cannot be read.
    """
    if path == "-":
        return [_standard_input(encoding, progress)]
    files = _files(path)
    parts = [part for file in files for part in _parts(file, encoding, progress)]
    if not parts:
        raise LogError(f"{path}: holds no files", "name a log file, or a folder or archive with one")
    return parts


def log_size(path: str) -> int:
    """Return the bytes that reading the log will take from disk, packed; 0 for standard input."""
    return 0 if path == "-" else sum(file.stat().st_size for file in _files(path))


def _files(path: str) -> list[Path]:
    place = Path(path).expanduser()
    if place.is_dir():
        return sorted(p for p in place.rglob("*") if p.is_file() and not _hidden(p.relative_to(place).parts))
    if place.exists():
        return [place]
    found = sorted(Path(name) for name in glob.glob(str(place), recursive=True) if Path(name).is_file())  # noqa: PTH207 - a pattern may be absolute
    if not found:
        raise LogError(f"{path}: there is no such file or folder", "check the path; a pattern may need quotes")
    return found


def _hidden(names: tuple[str, ...]) -> bool:
    return any((name.startswith(".") and name.strip(".")) or name in _IGNORED for name in names)


def _parts(file: Path, encoding: str, progress: Progress | None) -> Iterator[Part]:
    name = str(file)
    if file.suffix.lower() == ".zip":
        yield from _members(file, encoding, progress)
    else:
        yield Part(name, lambda: _unpacked(name, io.FileIO(file), file.stat().st_size), encoding, progress)


def _members(file: Path, encoding: str, progress: Progress | None) -> Iterator[Part]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
    except _DAMAGED as error:
        raise LogError(f"{file}: is not a readable zip archive: {error}") from None
    for info in sorted(members, key=lambda info: info.filename):
        if not _hidden(tuple(info.filename.split("/"))):
            yield Part(f"{file}/{_printable(info.filename)}", _member_opener(file, info), encoding, progress)


def _printable(name: str) -> str:
    """Return the name of an archive's member as a terminal may show it, in one line."""
    return "".join(character if character.isprintable() else "\ufffd" for character in name)


def _member_opener(file: Path, info: zipfile.ZipInfo) -> Callable[[], Bytes]:
    name = f"{file}/{_printable(info.filename)}"

    def opener() -> Bytes:
        try:
            archive = zipfile.ZipFile(file)
            member = archive.open(info)
        except _DAMAGED as error:
            raise LogError(f"{name}: cannot be unpacked: {error}") from None
        return _unpacked(info.filename, _Bounded(member, name, info.compress_size, archive.close), info.compress_size)

    return opener


def _unpacked(name: str, stream: Bytes, size: int) -> Bytes:
    if name.lower().endswith(".gz"):
        return _Bounded(gzip.GzipFile(fileobj=cast("IO[bytes]", stream)), name, size, stream.close)
    if name.lower().endswith(".zst"):
        reader = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(
            cast("IO[bytes]", stream), read_across_frames=True
        )
        return _Bounded(reader, name, size, stream.close)
    return stream


def _standard_input(encoding: str, progress: Progress | None) -> Part:
    """Return standard input as a part: its head is kept, so that it can be looked at and then read."""
    stream = sys.stdin.buffer
    head = stream.read(HEAD)
    used: list[bool] = []

    def opener() -> Bytes:
        if used:
            raise LogError("standard input can be read only once", "save it to a file first")
        used.append(True)
        return io.BufferedReader(_Chained(head, stream))

    return Part("-", opener, encoding, progress, [head])


class _Chained(io.RawIOBase):
    """The head that was read already, then the rest of a stream."""

    def __init__(self, head: bytes, rest: Bytes) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


class _Counted(io.RawIOBase):
    """Passes a stream on, tells how many bytes went by, and names the part in its errors."""

    def __init__(self, stream: Bytes, name: str, progress: Progress | None) -> None:
        self._stream, self._name, self._progress = stream, name, progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
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
        if not self.closed and self._name != "-":
            self._stream.close()
        super().close()


class _Utf8(io.RawIOBase):
    """Passes a stream on in UTF-8, bytes that are none in its encoding replaced and counted."""

    def __init__(self, stream: Bytes, encoding: str, replaced: Progress) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("chatbot.bad")
        self._replaced = replaced
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
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
        self._stream.close()
        super().close()


class _Bounded(io.RawIOBase):
    """Refuses a packed stream that expands past the stated bound."""

    def __init__(self, stream: Bytes, name: str, packed: int, close_also: Callable[[], None]) -> None:
        self._stream, self._name, self._close_also = stream, name, close_also
        self._left = max(_FREE, packed * _RATIO)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise LogError(
                f"{self._name}: expands to more than {_RATIO} times its packed size",
                "unpack it yourself if you trust it",
            )
        return data

    def close(self) -> None:
        self._stream.close()
        self._close_also()  # gzip leaves what it reads from open, and a member its archive
        super().close()
