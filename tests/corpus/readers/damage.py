"""What a log can be turned into by accident or on purpose, and what a reader may do with it."""

import time
from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.canonical import dump_dialogue
from chatbot.corpus.log import open_log
from chatbot.corpus.readers import READERS, Tally
from chatbot.errors import LogError


def damaged(whole: bytes) -> Iterator[bytes]:
    """Yield the log cut at every byte, and with junk in its middle and at its ends."""
    yield from (whole[:cut] for cut in range(len(whole)))
    middle = len(whole) // 2
    for junk in (b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"\r", b"\r\n", b'"', b"[" * 2000, b"9" * 5000):
        yield from (junk + whole, whole + junk, whole[:middle] + junk + whole[middle:])
    yield from (whole.replace(b"\n", b"\r\n"), whole.replace(b"\n", b"\r"), bytes(range(256)) * 8)


def survives(kind: str, place: Path, content: bytes) -> None:
    """Read ``content`` from ``place``: it holds dialogues that can be written, or one error says where it is broken."""
    place.write_bytes(content)
    try:
        for dialogue in READERS[kind]().read(open_log(str(place.parent)), Tally()):
            assert dialogue.turns
            dump_dialogue(dialogue).encode()
    except LogError as error:
        assert str(place.parent) in error.message


def seconds(kind: str, place: Path, content: bytes) -> float:
    """Return how long ``content`` takes to be recognised and read, or refused."""
    place.write_bytes(content)
    started = time.process_time()
    for part in open_log(str(place)):
        READERS[kind].recognises(content[:65536].decode("utf-8", "replace"), part.name)
    survives(kind, place, content)
    return time.process_time() - started
