"""Files that are swapped whole: a reader sees the old one or the new one, never half of one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import IO


def write_whole(path: Path, data: bytes | memoryview | str) -> None:
    """Write a file beside ``path``, flush it to disk and rename it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _named(path, beside):
            with beside.open("wb") as stream:
                stream.write(data.encode("utf-8") if isinstance(data, str) else data)
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Yield a text stream whose content takes the place of ``path`` when the block ends without an error.

    What is no regular file, a device or a pipe, is written to as it is.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with _named(path, beside):
            with beside.open("w", encoding="utf-8", newline="\n") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside ``path`` that takes its place when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    try:
        yield beside
        for file in beside.iterdir():
            _flush(file)
        beside.chmod(0o755 & ~_umask())
        beside.rename(path)
        _flush(path.parent)
    finally:
        if beside.exists():
            for file in beside.iterdir():
                file.unlink()
            beside.rmdir()


@contextmanager
def _named(path: Path, beside: Path) -> Iterator[None]:
    """Have errors name ``path``: those of a full disk name nothing, others what is written beside it."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename) == beside:
            error.filename, error.filename2 = str(path), None
        raise


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def hold_lock(path: Path) -> Iterator[bool]:
    """Yield whether no other process holds the lock of a path; it ends with the process, however that ends."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
