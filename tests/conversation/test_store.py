"""The store: whole turns only, private, and whatever happens to the file is told in one line."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, pool, text

from chatbot.conversation.schema import HEAD
from chatbot.conversation.store import Origin, Store
from chatbot.conversation.tables import Table
from chatbot.errors import StoreError
from tests.conftest import ROOT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "bot" / "talk.db")
    yield opened
    opened.close()


def test_a_person_is_known_by_adapter_and_key(store: Store) -> None:
    assert store.person("terminal", "ada") == store.person("terminal", "ada")
    assert len({store.person("terminal", "ada"), store.person("telegram", "ada"), store.person("terminal", "bob")}) == 3


def test_turns_come_back_in_order_and_the_last_ones_when_asked(store: Store) -> None:
    number = store.begin(store.person("terminal", "ada"))
    for word in ("one", "two", "三"):
        store.add(number, "you", word)
    assert [turn.text for turn in store.turns(number)] == ["one", "two", "三"]
    assert [turn.text for turn in store.turns(number, 2)] == ["two", "三"]
    assert store.turns(number)[0].time is not None


def test_conversations_do_not_mix_and_the_last_one_goes_on(store: Store) -> None:
    ada, bob = store.person("terminal", "ada"), store.person("terminal", "bob")
    first, second = store.begin(ada), store.begin(ada)
    store.add(first, "you", "old")
    assert store.last(ada) == first
    store.add(second, "you", "new")
    assert store.last(ada) == second
    assert store.last(bob) is None
    assert [turn.text for turn in store.turns(second)] == ["new"]


def test_the_last_turns_are_taken_back_in_their_order_only(store: Store) -> None:
    number = store.begin(store.person("terminal", "ada"))
    for speaker in ("you", "Robin", "you"):
        store.add(number, speaker, speaker)
    assert [turn.speaker for turn in store.forget_last(number, ["Robin", "you"])] == ["you"]
    assert [turn.speaker for turn in store.forget_last(number, ["Robin", "you"])] == ["Robin", "you"]
    assert store.turns(number) == []


def test_a_reply_tells_how_it_came_about(store: Store, tmp_path: Path) -> None:
    number = store.begin(store.person("terminal", "ada"))
    store.add(number, "Robin", "hi", Origin("0001", 7, "greedy", 0.25))
    row = (
        sqlite3.connect(tmp_path / "bot" / "talk.db")
        .execute("SELECT version, seed, search, latency FROM turns")
        .fetchone()
    )
    assert row == ("0001", 7, "greedy", 0.25)


def test_only_this_user_can_read_it(store: Store, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "bot" / "talk.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "bot").stat().st_mode) == 0o700


def test_the_migrations_make_the_tables(store: Store) -> None:
    engine = create_engine(store.url, poolclass=pool.NullPool)
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_the_newest_revision_is_the_one_the_program_knows() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_every_revision_goes_down_and_up_with_rows_in_all_tables(store: Store) -> None:
    from alembic import command
    from alembic.config import Config

    store.add(store.begin(store.person("terminal", "ada")), "you", "hi")
    store.close()
    engine = create_engine(store.url, poolclass=pool.NullPool)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
        command.upgrade(config, "head")
        assert set(Table.metadata.tables) < set(inspect(connection).get_table_names())


def damaged(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to be taken for one" * 30)


def foreign(path: Path) -> None:
    sqlite3.connect(path).execute("CREATE TABLE recipes (id)")


def newer(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num)")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [(damaged, "not a database"), (foreign, "another program's database"), (newer, "newer version of chatbot")],
)
def test_what_is_no_store_of_ours_is_one_error(tmp_path: Path, spoil: object, message: str) -> None:
    spoil(tmp_path / "talk.db")  # type: ignore[operator]
    before = (tmp_path / "talk.db").read_bytes()
    with pytest.raises(StoreError, match=message):
        Store(tmp_path / "talk.db")
    assert (tmp_path / "talk.db").read_bytes() == before


def test_errors_do_not_quote_what_people_said(store: Store, tmp_path: Path) -> None:
    number = store.begin(store.person("terminal", "ada"))
    sqlite3.connect(tmp_path / "bot" / "talk.db").execute("DROP TABLE turns")
    with pytest.raises(StoreError) as caught:
        store.add(number, "you", "my secret")
    assert "secret" not in str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


WRITER = """
import sys
from pathlib import Path
from chatbot.conversation.store import Store
store = Store(Path(sys.argv[1]))
number = store.begin(store.person("test", sys.argv[2]))
for count in range(int(sys.argv[3])):
    store.add(number, "you", f"turn {count}")
    print(count, flush=True)
"""


def writer(path: Path, key: str, count: int) -> subprocess.Popen[str]:
    program = [sys.executable, "-c", WRITER, str(path), key, str(count)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True)


def test_processes_that_start_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    running = [writer(path, str(number), 50) for number in range(4)]
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    for process in running:
        assert process.stdout is not None
        process.stdout.close()
    assert sqlite3.connect(path).execute("SELECT count(*) FROM turns").fetchone() == (200,)


def test_a_kill_loses_no_turn_that_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    for attempt in range(3):
        process = writer(path, str(attempt), 100_000)
        assert process.stdout is not None
        stored = [process.stdout.readline() for _ in range(20 + attempt)]
        time.sleep(0.01 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        told = len(stored) + len(process.stdout.readlines())
        process.wait()
        process.stdout.close()
        store = Store(path)
        number = store.last(store.person("test", str(attempt)))
        assert number is not None
        found = [turn.text for turn in store.turns(number)]
        store.close()
        assert len(found) in {told, told + 1}
        assert found == [f"turn {count}" for count in range(len(found))]
