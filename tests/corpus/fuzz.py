"""Throws damaged and hostile logs at every reader: ``python -m tests.corpus.fuzz --minutes 5 --reader irc``.

Each input follows from its seed alone, so that what is found can be looked at again: ``--seed N --inputs 1``.
"""

import argparse
import gzip
import io
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import FrameType

import zstandard

from chatbot.corpus.canonical import dump_dialogue, parse_dialogue
from chatbot.corpus.log import open_log
from chatbot.corpus.readers import READERS, Tally, recognise
from chatbot.errors import LogError
from tests.corpus.readers.test_readers import SAMPLES

_MEMORY = 3 * 2**30
"""Bytes of address space; the interpreter with all readers takes a fraction of it."""
_LEAST_SECONDS, _SECONDS_PER_MEGABYTE, _MOST_SECONDS = 2, 25, 120
_LARGEST = 2**18
"""Bytes that a change may add; what takes quadratic time takes minutes for so many."""
_JUNK = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b'"\\ud800\\ud800"', b"\r", b"\r\n", b"\n\n", b"\n", b"\x85",
    b"\xe2\x80\xa8", b"\xe2\x80\xae", b"\x1b[31m", b'"', b"'", b"`", b"[", b"]", b"{", b"}", b"<", b">", b"<b>",
    b"</", b"&#", b"&amp;", b"\\", b"/", b"/start", b": ", b" - ", b"--", b"---\n", b"[[", b'{"a":', b"null", b"true",
    b"-1", b"1e999", b"NaN", b"0", b"9", b"99", b"31/02/2024", b"2024-02-31", b"0000-00-00", b"24:60", b"25:00:00",
    b"\t", b" ", b"  ", b",", b";", b"|", b"* ", b"&a *a ", b"!!python/object:os.system ", b"\xd9\xa3", b"\xc2\xa0",
    b"\xe2\x80\xaf", b"\xf0\x9f\x98\x80", b"a", b"@", b"#", b"__eou__", b"...", b"M ", b"E\n", b"> ",
    b"\xe4\xb8\x8b\xe5\x8d\x88", b"\xeb\x8b\x98\xec\x9d\xb4 ", b"<@U1>", b"(1)", b"%s", b"..", b"=" * 62,
)  # fmt: skip
_NUMBERS = (*b"0 00 13 31 32 60 99 -1 9999999 1e5".split(), b"9" * 20, b"9" * 400, b"9" * 5000)
_NAMES = ("../../evil", "/etc/evil", "C:\\evil", "a\nb", "a\x1b[31m", "messages.json", "a/" * 500 + "b", "..", "log")


class _TooLong(BaseException):
    """An input takes more time than its size allows; no reader catches it by accident."""


def samples() -> dict[str, list[bytes]]:
    """Return logs for each format: its own of ``SAMPLES``, and every other one that the readers' tests hold."""
    found = {kind: [sample.encode()] for kind, sample in SAMPLES.items()}
    for path in sorted((Path(__file__).parent / "readers").glob("test_*.py")):
        for value in vars(import_module(f"tests.corpus.readers.{path.stem}")).values():
            if isinstance(value, str) and len(value) > 80:
                for kind, logs in found.items():
                    if READERS[kind].recognises(value[:65536], "log"):
                        logs.append(value.encode("utf-8", "replace"))
    return found


def damage(chance: random.Random, logs: list[bytes]) -> bytes:
    """Return one of the logs, changed in up to four ways."""
    log = chance.choice(logs)
    for _ in range(chance.randint(1, 4)):
        log = chance.choice(_CHANGES)(chance, log, logs)[: 2 * _LARGEST]
    return log


def _span(chance: random.Random, log: bytes) -> tuple[int, int]:
    start = chance.randint(0, len(log))
    return start, min(len(log), start + chance.choice((1, 4, 20, 100, len(log))))


def _cut(chance: random.Random, log: bytes, logs: list[bytes]) -> bytes:
    return log[: chance.randint(0, len(log))]


def _drop(chance: random.Random, log: bytes, logs: list[bytes]) -> bytes:
    start, end = _span(chance, log)
    return log[:start] + log[end:]


def _insert(chance: random.Random, log: bytes, logs: list[bytes]) -> bytes:
    start, end = _span(chance, log)
    junk = b"".join(chance.choice(_JUNK) for _ in range(chance.randint(1, 3)))
    return log[:start] + junk * chance.choice((1, 1, 2, 50)) + log[start if chance.random() < 0.5 else end :]


def _repeat(chance: random.Random, log: bytes, logs: list[bytes]) -> bytes:
    start, end = _span(chance, log)
    unit = chance.choice((log[start:end], chance.choice(_JUNK), chance.choice(_JUNK) + chance.choice(_JUNK))) or b" "
    times = chance.choice((10, 1000, _LARGEST // len(unit)))
    return log[:start] + unit * min(times, _LARGEST // len(unit) + 1) + log[start:]


def _renumber(chance: random.Random, log: bytes, logs: list[bytes]) -> bytes:
    places = [place for place, byte in enumerate(log[:_LARGEST]) if 48 <= byte <= 57]
    if not places:
        return log
    start = chance.choice(places)
    return log[:start] + chance.choice(_NUMBERS) + log[start + chance.randint(1, 4) :]


def _flip(chance: random.Random, log: bytes, logs: list[bytes]) -> bytes:
    place = chance.randrange(len(log)) if log else 0
    return log[:place] + bytes([chance.randrange(256)]) + log[place + 1 :]


def _splice(chance: random.Random, log: bytes, logs: list[bytes]) -> bytes:
    other = chance.choice(logs)
    return log[: chance.randint(0, len(log))] + other[chance.randint(0, len(other)) :]


def _recode(chance: random.Random, log: bytes, logs: list[bytes]) -> bytes:
    encoding = chance.choice(("utf-16", "utf-8-sig", "gb18030", "cp1252", "utf-32", "utf-16-le"))
    return log.decode("utf-8", "replace").encode(encoding, "replace")


_CHANGES: tuple[Callable[[random.Random, bytes, list[bytes]], bytes], ...] = (
    _cut, _drop, _insert, _insert, _repeat, _renumber, _renumber, _flip, _splice, _recode,
)  # fmt: skip


def giant(chance: random.Random, log: bytes) -> bytes:
    """Return the log with 100 MB in its middle that never end a line, a string, a list or a number."""
    place = chance.randint(0, len(log))
    return log[:place] + chance.choice((b"x", b"[", b"9", b'"', b"<", b" ", b"\t", b"\0")) * 10**8 + log[place:]


def packed(chance: random.Random, log: bytes) -> tuple[str, bytes]:
    """Return the name of a file and what is in it: mostly the log, else an archive of it, with odd names."""
    kind = chance.choice(("log",) * 7 + ("log.gz", "log.zst", "log.zip"))
    content = log
    if kind == "log.gz":
        content = gzip.compress(log, mtime=0)
    elif kind == "log.zst":
        content = zstandard.compress(log)
    elif kind == "log.zip":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in chance.sample(_NAMES, 2):
                archive.writestr(name, log)
        content = buffer.getvalue()
    return kind, content if kind == "log" or chance.random() < 0.7 else _flip(chance, content, [])


def check(kind: str, folder: Path) -> None:
    """Read what is in ``folder``: it holds dialogues that come back from JSON, or one line says what is wrong.

    Raises:
        AssertionError: neither.
    """
    for reader in (None, READERS[kind]()):
        try:
            parts = open_log(str(folder))
            chosen, parts = (reader, parts) if reader else recognise(parts)[::2]
            for dialogue in chosen.read(parts, Tally()):
                assert dialogue.turns, "a dialogue without turns"
                line = dump_dialogue(dialogue)
                assert parse_dialogue(line, "") == dialogue, "a dialogue that does not come back"
                line.encode()
        except LogError as error:
            assert str(folder) in error.message, f"an error that names no file: {error.message}"


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Allow what is done inside so many seconds of computing."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def attempt(seed: int, kinds: list[str], logs: dict[str, list[bytes]]) -> str:
    """Return what is wrong with how the input of a seed is read; nothing if it is read as it should be."""
    chance = random.Random(seed)
    kind = chance.choice(kinds)
    log = damage(chance, logs[kind])
    if chance.random() < 0.005:
        log = giant(chance, log)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        name, content = packed(chance, log)
        (folder / name).write_bytes(content)
        try:
            with limited(min(_LEAST_SECONDS + _SECONDS_PER_MEGABYTE * len(log) / 2**20, _MOST_SECONDS)):
                check(kind, folder)
        except (Exception, _TooLong):
            return f"{kind}, {name} of {len(log):,} bytes: {traceback.format_exc(limit=-6)}"
        left = [path.name for path in folder.rglob("*")]
        return "" if left == [name] else f"{kind}: files were written: {left}"


def main(arguments: list[str] | None = None) -> int:
    """Go on until the time is up; return 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="how long to go on (5)")
    parser.add_argument("--inputs", type=int, default=sys.maxsize, help="stop after so many inputs")
    parser.add_argument("--seed", type=int, help="the first input's seed; each next input has the next one")
    parser.add_argument("--reader", choices=sorted(SAMPLES), help="try only this format")
    chosen = parser.parse_args(arguments)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.RLIM_INFINITY))
    first = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**9)
    kinds, logs = [chosen.reader] if chosen.reader else sorted(SAMPLES), samples()
    seed, faults, end = first, 0, time.monotonic() + 60 * chosen.minutes
    while seed - first < chosen.inputs and time.monotonic() < end:
        if fault := attempt(seed, kinds, logs):
            faults += 1
            again = f" --reader {chosen.reader}" if chosen.reader else ""
            print(f"--seed {seed} --inputs 1{again}\n{fault}\n", flush=True)
        seed += 1
    print(f"{seed - first:,} inputs from seed {first} on, {faults} found wanting")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
