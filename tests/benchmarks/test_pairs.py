"""What millions of pairs take: logs to examples, in seconds and in memory of all processes together; printed.

``PAIRS`` sets how many there are (400,000); a tokenizer is trained on some of them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PAIRS = int(os.environ.get("PAIRS", "400000"))
SAID = "are you coming tonight sure at eight 你在干嘛 刚下班 what about the other thing the one from Monday 好的 maybe"
WORDS = SAID.split()
WORK = """
import re, sys, threading, time
from contextlib import suppress
from pathlib import Path

import psutil

from chatbot.corpus.filters import FilterSettings
from chatbot.corpus.gathering import gather
from chatbot.corpus.log import open_log
from chatbot.corpus.pairs import PairingSettings
from chatbot.corpus.privacy import PrivacySettings
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.split import split_pairs
from chatbot.text.context import TextSettings
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.examples import make_examples

highest = 0

def watch():
    global highest
    own = psutil.Process()
    while True:  # what belongs to the processes alone; mapped files are the system's to take back
        with suppress(OSError, psutil.Error, TypeError):
            statuses = [Path(f"/proc/{one.pid}/status").read_text() for one in (own, *own.children(recursive=True))]
            highest = max(highest, sum(int(re.search(r"RssAnon:\\s+(\\d+)", status)[1]) for status in statuses))
        time.sleep(0.05)

if __name__ == "__main__":
    threading.Thread(target=watch, daemon=True).start()
    begun = time.perf_counter()

    def lap(name):
        global highest, begun
        print(f"{name}: {time.perf_counter() - begun:.1f} s, at most {highest / 1024:.0f} MiB")
        highest, begun = 0, time.perf_counter()

    reader, _, parts = recognise(open_log(sys.argv[1]))
    pairs = gather(reader.read(parts, Tally()), PairingSettings(), PrivacySettings(), Tally(), FilterSettings())
    lap(f"{len(pairs):,} pairs read, paired, cleaned and filtered")
    training, held_out = split_pairs(pairs, 0.02, 1000, 1)
    lap(f"{len(held_out)} held out")
    some = pairs[:: max(1, len(pairs) // 100_000)]
    tokenizer = Tokenizer.train([pair.answer.text for pair in some], 4000)
    lap("tokenizer trained")
    examples = make_examples(training, tokenizer, TextSettings())
    lap(f"{len(examples):,} examples of {len(examples.source.values) + len(examples.target.values):,} tokens")
"""


def spelt(number: int) -> str:
    """Return a word of its own for every number; digits would be shielded as phone numbers."""
    return str(number).translate(str.maketrans("0123456789", "abcdefghij"))


def talk(pairs: int) -> Iterator[str]:
    """Yield dialogues of 20 turns whose words hardly repeat."""
    for number in range(pairs // 19 + 1):
        texts = (" ".join(WORDS[(number * 7 + one * step) % len(WORDS)] for step in range(1, 9)) for one in range(20))
        turns = (
            f'{{"speaker": "{"AB"[one % 2]}", "text": "{text} {spelt(number * 20 + one)}"}}'
            for one, text in enumerate(texts)
        )
        yield f'{{"id": "a:{number}", "turns": [{", ".join(turns)}]}}\n'


def test_pairs_of_a_long_log(tmp_path: Path) -> None:
    path, work = tmp_path / "log.jsonl", tmp_path / "work.py"
    work.write_text(WORK)
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(talk(PAIRS))
    print(f"\na log of {path.stat().st_size / 2**20:.0f} MiB", flush=True)
    subprocess.run([sys.executable, "-u", str(work), str(path)], check=True)
