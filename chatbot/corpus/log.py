"""Opening logs: a file, a folder, a glob, a .zip, .gz or .zst of these, or standard input, as named parts.

Nothing is unpacked to disk, and a path inside an archive is only ever a name.
"""

import glob
import gzip
import io
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path, PurePath
from typing import IO, cast

import zstandard

from chatbot.corpus.decoding import sniff_encoding
from chatbot.corpus.streams import Bounded, Bytes, Chained, Counted, Progress, Utf8
from chatbot.corpus.tally import Tally
from chatbot.errors import LogError

HEAD, LONG_HEAD = 64 * 1024, 2**20
"""How many bytes of a part its format is recognised by, and how many where the first record may be longer than that."""
_HEADS = 64
"""Of so many parts the heads are remembered, since every format looks at each; a log may have thousands of parts."""
_LONGEST = 2**24
"""Characters of a line: more than any dialogue has."""
_DAMAGED = (OSError, EOFError, RuntimeError, ValueError, LookupError, struct.error, zipfile.BadZipFile)
"""What a zip archive can raise; of a kind that is not supported, RuntimeError."""
_IGNORED = {"corpus.toml", "__MACOSX"}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One named stream of bytes. ``opener`` begins it anew each time; ``encoding`` is the user's, or empty.

    ``begin`` is the head of one that can be opened only once.
    """

    name: str
    opener: Callable[[], Bytes]
    encoding: str = ""
    progress: Progress | None = None
    begin: bytes | None = None

    def head(self, size: int = HEAD) -> bytes:
        """Return the first 64 KiB, or as many bytes as ``LONG_HEAD``."""
        if self.begin is not None:
            return self.begin[:size]
        return _remembered_head(self) if size == HEAD else _head(self, size)

    def open(self) -> io.BufferedReader:
        """Return the part from its beginning, unpacked."""
        try:
            return io.BufferedReader(Counted(self.opener(), self.name, self.progress), 2**20)
        except OSError as error:
            raise LogError(f"{self.name}: cannot be opened: {error.strerror or error}") from None

    def open_utf8(self, replaced: Progress) -> io.BufferedReader:
        """Return the part from its beginning as UTF-8 without a BOM, for readers that parse bytes.

        ``replaced`` is told how many runs of bytes were none of the encoding's, and stand as U+FFFD now.
        """
        encoding = sniff_encoding(self.head(), self.encoding, self.name)
        return io.BufferedReader(Utf8(self.open(), encoding, replaced), 2**20)

    def text_head(self, size: int = HEAD) -> str:
        """Return the head decoded, its broken last character left out."""
        head = self.head(size)
        encoding = sniff_encoding(head, self.encoding, self.name)
        return head.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n").rstrip("\ufffd")

    def lines(self, tally: Tally) -> Iterator[tuple[int, str]]:
        """Yield numbered lines from 1 on, without their ends; only LF, CRLF and CR end a line.

        One of ``_LONGEST`` characters or more is counted instead.
        """
        with io.TextIOWrapper(self.open_utf8(tally.replace), "utf-8", newline=None) as stream:
            pieces = iter(partial(stream.readline, _LONGEST), "")
            for number, line in enumerate(pieces, 1):
                if len(line) < _LONGEST or line.endswith("\n"):
                    yield number, line.removesuffix("\n")
                else:
                    tally.fault(f"{PurePath(self.name).name}:{number}", line)
                    next((rest for rest in pieces if rest.endswith("\n")), None)


def _head(part: Part, size: int) -> bytes:
    with part.open() as stream:
        return stream.read(size)


_remembered_head = lru_cache(maxsize=_HEADS)(partial(_head, size=HEAD))


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
        archive = zipfile.ZipFile(file)  # stays open as long as a part of it is there: to list it takes long
        members = sorted((one for one in archive.infolist() if not one.is_dir()), key=lambda one: one.filename)
    except _DAMAGED as error:
        raise LogError(f"{file}: is not a readable zip archive: {error}") from None
    for member in members:
        if not _hidden(tuple(member.filename.split("/"))):
            name = f"{file}/{_printable(member.filename)}"
            yield Part(name, partial(_open_member, archive, member, name), encoding, progress)


def _printable(name: str) -> str:
    """Return the name of an archive's member as a terminal may show it, in one line."""
    return "".join(character if character.isprintable() else "\ufffd" for character in name)


def _open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Bytes:
    try:
        member = archive.open(info)
    except _DAMAGED as error:
        raise LogError(f"{name}: cannot be unpacked: {error}") from None
    return _unpacked(info.filename, Bounded(member, name, info.compress_size), info.compress_size)


def _unpacked(name: str, stream: Bytes, size: int) -> Bytes:
    if name.lower().endswith(".gz"):
        return Bounded(gzip.GzipFile(fileobj=cast("IO[bytes]", stream)), name, size, stream)
    if name.lower().endswith(".zst"):
        reader = zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(
            cast("IO[bytes]", stream), read_across_frames=True
        )
        return Bounded(reader, name, size, stream)
    return stream


def _standard_input(encoding: str, progress: Progress | None) -> Part:
    """Return standard input as a part: its head is kept, so that it can be looked at and then read."""
    stream = sys.stdin.buffer
    head = stream.read(LONG_HEAD)
    used: list[bool] = []

    def opener() -> Bytes:
        if used:
            raise LogError("standard input can be read only once", "save it to a file first")
        used.append(True)
        return io.BufferedReader(Chained(head, stream))

    return Part("-", opener, encoding, progress, head)
