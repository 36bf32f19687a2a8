"""The store's speed, printed: with a million turns, and with several processes that write."""

import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import insert, text

from chatbot.conversation.store import Store, now
from chatbot.conversation.tables import Conversation, StoredTurn
from chatbot.text.words import index_terms

TURNS, TURNS_EACH, AT_ONCE = 1_000_000, 100, 10_000
WRITERS, WRITTEN = 4, 3000
WRITER = """
import sys
from pathlib import Path
from chatbot.conversation.store import Origin, Store
store = Store(Path(sys.argv[1]))
number = store.begin(store.person("bench", sys.argv[2]))
made = Origin("0001", 7, "{}", 0.1)
print("ready", flush=True)
sys.stdin.readline()
for count in range(int(sys.argv[3])):
    store.add(number, "Robin", f"turn {count} 你好，今天天气怎么样 and what else is there to say", made)
"""


def fill(store: Store) -> None:
    """Keep a million turns in conversations of a hundred."""
    dice, time_ = random.Random(1), now()
    words = [f"word{number}" for number in range(5000)] + list("你我他今天气很好去公园吧")
    person = store.person("bench", "ada")
    for first in range(0, TURNS, AT_ONCE):
        said = [" ".join(dice.choices(words, k=8)) for _ in range(AT_ONCE)]
        numbers = range(first // TURNS_EACH + 1, (first + AT_ONCE) // TURNS_EACH + 1)
        turns = [
            {"conversation_id": (first + place) // TURNS_EACH + 1, "speaker": "you", "text": one, "time": time_,
             "terms": index_terms(one)}
            for place, one in enumerate(said)
        ]  # fmt: skip
        with store.writing() as connection:
            made = [{"id": number, "person_id": person, "created": time_} for number in numbers]
            connection.execute(insert(Conversation), made)
            connection.execute(insert(StoredTurn), turns)


def milliseconds(work: object, times: int = 200) -> tuple[float, float]:
    """Return the median and the 95th percentile."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        work()  # type: ignore[operator]
        spent.append(1000 * (time.perf_counter() - begun))
    return statistics.median(spent), statistics.quantiles(spent, n=20)[-1]


def test_a_million_turns(tmp_path: Path) -> None:
    store = Store(tmp_path / "talk.db")
    fill(store)
    dice = random.Random(2)
    context = milliseconds(lambda: store.turns(dice.randrange(1, TURNS // TURNS_EACH), 4))
    search = milliseconds(lambda: store.search(f"word{dice.randrange(5000)} 公园"), 20)
    write = milliseconds(lambda: store.add(dice.randrange(1, TURNS // TURNS_EACH), "you", "one more 你好"))
    size = (tmp_path / "talk.db").stat().st_size / 2**20
    store.close()
    print(f"\n{TURNS:,} turns, {size:.0f} MiB; median and 95 of 100:")
    for name, (middle, most) in {"context": context, "search": search, "writing a turn": write}.items():
        print(f"  {name}: {middle:.2f} ms, {most:.2f} ms")


def test_processes_that_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    program = [sys.executable, "-c", WRITER, str(path)]
    running = [
        subprocess.Popen([*program, str(one), str(WRITTEN)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for one in range(WRITERS)
    ]
    for process in running:
        assert process.stdin and process.stdout
        process.stdout.readline()
    begun = time.perf_counter()
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    failed = sum(process.wait() != 0 for process in running)
    spent = time.perf_counter() - begun
    for process in running:
        assert process.stdin and process.stdout
        process.stdin.close()
        process.stdout.close()
    store = Store(path)
    with store.reading() as connection:
        kept = connection.execute(text("SELECT count(*) FROM turns")).scalar_one()
    store.close()
    print(f"\n{WRITERS} processes: {kept / spent:,.0f} turns/s; {WRITERS * WRITTEN - kept} lost, {failed} failed")
    assert (kept, failed) == (WRITERS * WRITTEN, 0)
