"""How fast logs are read, on one core, and with how much memory; printed.

``LOG_MESSAGES`` sets how long they are; with ``LOG_GIGABYTES``, a Telegram export of that size is read as well.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

MESSAGES = int(os.environ.get("LOG_MESSAGES", "400000"))
GIGABYTES = float(os.environ.get("LOG_GIGABYTES", "0"))
MOST_MEMORY = 300
"""MiB."""
WORDS = (
    "are you coming tonight?",
    "sure, at eight",
    "你在干嘛",
    "刚下班，准备做饭 😀",
    "ok",
    "what about the other thing, the one from Monday?",
)
READ = """
import re, sys, time
from pathlib import Path
from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
begun = time.perf_counter()
reader, _, parts = recognise(open_log(sys.argv[1]))
turns = sum(len(dialogue.turns) for dialogue in reader.read(parts, Tally()))
spent = time.perf_counter() - begun
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(reader.kind, turns, spent, int(peak) / 1024)
"""


def tsv(count: int) -> Iterator[str]:
    for number in range(count // 2):
        yield f"{WORDS[number % 6]}\t{WORDS[(number + 1) % 6]} {number}\n"


def jsonl(count: int) -> Iterator[str]:
    for number in range(count // 4):
        turns = ", ".join(f'{{"speaker": "{"AB"[one % 2]}", "text": "{WORDS[one]} {number}"}}' for one in range(4))
        yield f'{{"id": "a:{number}", "turns": [{turns}]}}\n'


def whatsapp(count: int) -> Iterator[str]:
    for number in range(count):
        minute, day = number % 60, 1 + number // 1440 % 28
        when = f"{day:02}/{1 + number // 40_320 % 12:02}/{2020 + number // 483_840}, {number // 60 % 24:02}:{minute:02}"
        yield f"{when} - {('Ada', 'Bob')[number % 2]}: {WORDS[number % 6]}\n"


def telegram(count: int) -> Iterator[str]:
    yield '{"name": "Bob", "type": "personal_chat", "id": 1, "messages": [\n'
    for number in range(count):
        epoch = 1_600_000_000 + 60 * number
        yield (
            f'{"," * (number > 0)}{{"id": {number}, "type": "message", "date": "2020-09-13T12:26:40", '
            f'"date_unixtime": "{epoch}", "from": "{("Ada", "Bob")[number % 2]}", "from_id": "user{number % 2}", '
            f'"text": "{WORDS[number % 6]}", "text_entities": [{{"type": "plain", "text": "{WORDS[number % 6]}"}}]}}\n'
        )
    yield "]}\n"


def measured(path: Path) -> tuple[str, int, float, float]:
    """Return the format of the log at ``path``, its turns, the seconds that reading took and the MiB, at most."""
    done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True)
    kind, turns, spent, memory = done.stdout.split()
    return kind, int(turns), float(spent), float(memory)


@pytest.mark.parametrize("write", [tsv, jsonl, whatsapp, telegram])
def test_reading(write: Callable[[int], Iterator[str]], tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(write(MESSAGES))
    kind, turns, spent, memory = measured(path)
    print(f"\n{kind}: {MESSAGES:,} messages ({path.stat().st_size / 2**20:.0f} MiB), {turns} turns: "
          f"{MESSAGES / spent:,.0f} messages/s, at most {memory:.0f} MiB")  # fmt: skip


@pytest.mark.skipif(not GIGABYTES, reason="LOG_GIGABYTES sets how large an export is read")
def test_the_memory_that_reading_takes_does_not_grow_with_the_log(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    count = int(GIGABYTES * 10**9 / len("".join(telegram(1000)).encode()) * 1000)
    try:
        with path.open("w", encoding="utf-8") as stream:
            stream.writelines(telegram(count))
        kind, turns, spent, memory = measured(path)
        print(f"\n{kind}: {count:,} messages ({path.stat().st_size / 10**9:.1f} GB), {turns} turns: "
              f"{count / spent:,.0f} messages/s, at most {memory:.0f} MiB")  # fmt: skip
    finally:
        path.unlink(missing_ok=True)
    assert memory < MOST_MEMORY
