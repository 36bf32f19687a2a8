"""The store: whole turns only, private, and whatever happens to the file is told in one line."""

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, pool, text

from chatbot.conversation.engine import open_engine
from chatbot.conversation.schema import HEAD
from chatbot.conversation.store import Origin, Store
from chatbot.conversation.tables import Table
from chatbot.errors import StoreError
from tests.conftest import ROOT


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


def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    engine = open_engine(store.url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def test_a_reply_tells_how_it_came_about(store: Store) -> None:
    number = store.begin(store.person("terminal", "ada"))
    store.add(number, "Robin", "hi", Origin("0001", 7, "greedy", 0.25))
    assert rows(store, "SELECT version, seed, search, latency FROM turns") == [("0001", 7, "greedy", 0.25)]


def test_a_rating_is_of_the_last_reply_and_can_change(store: Store) -> None:
    number = store.begin(store.person("terminal", "ada"))
    assert not store.rate(number, 1)
    reply = store.add(number, "Robin", "hi", Origin("0001", 7, "greedy", 0.25))
    store.add(number, "you", "hello")
    assert store.rate(number, 1)
    assert store.rate(number, -1)
    assert rows(store, "SELECT turn_id, rating FROM ratings") == [(reply, -1)]


def test_words_are_found_whatever_their_case_and_language(store: Store) -> None:
    ada, bob = store.person("terminal", "ada"), store.person("terminal", "bob")
    one, other = store.begin(ada), store.begin(bob)
    store.add(one, "you", "Is the Café open? It's 5 o'clock")
    store.add(one, "Robin", "今天天气很好，我们去公园吧")
    store.add(other, "you", "the weather: 天气")

    def found(words: str, person: int | None = None) -> list[str]:
        return [one.turn.text[:3] for one in store.search(words, person)]

    assert found("cafe OPEN") == ["Is "]
    assert found("天气") == ["the", "今天天"]
    assert found("天气", ada) == ["今天天"]
    assert found("气天") == []
    assert found("公园 天气") == ["今天天"]
    assert found("o'clock") == ["Is "]
    assert found('"; DROP -- * NEAR(') == []
    assert found("weathe") == []
    store.forget_last(one, ["Robin"])
    assert found("公园") == []


def test_what_is_too_long_to_index_whole_is_kept_whole(store: Store) -> None:
    number = store.begin(store.person("terminal", "ada"))
    long = "word " * 40_000 + "x" * 5_000
    store.add(number, "you", long)
    assert store.turns(number)[0].text == long
    assert len(store.search("word")) == 1


def test_only_this_user_can_read_it(sqlite_store: Store, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "bot" / "talk.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "bot").stat().st_mode) == 0o700


def test_alembic_finds_nothing_to_change(store: Store) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    engine = create_engine(store.url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_sqlite_writes_ahead(sqlite_store: Store) -> None:
    assert rows(sqlite_store, "PRAGMA journal_mode") == [("wal",)]


def test_the_newest_revision_is_the_one_the_program_knows() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def migrate(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.attributes["connection"] = connection
    now = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""
    (command.downgrade if revision == "base" or revision < now else command.upgrade)(config, revision)


def test_every_revision_goes_down_and_up_with_rows_in_all_tables(store: Store) -> None:
    person = store.person("terminal", "ada")
    store.add(store.begin(person), "you", "你好")
    store.rate(store.begin(person), 1)
    for fill in (
        "INSERT INTO ratings SELECT id, 1, time FROM turns",
        "INSERT INTO chats (adapter, key) VALUES ('a', 'c')",
        "INSERT INTO inbox (adapter, chat, body, time, key, turn_id) SELECT 'a', 'c', 'b', time, 'k', id FROM turns",
        "INSERT INTO outbox (adapter, chat, body, time, turn_id) SELECT 'a', 'c', 'b', time, id FROM turns",
        "INSERT INTO learnt SELECT '0001', id, 1, created FROM people",
        "INSERT INTO erasures (time, turns, versions) SELECT created, 1, '[]' FROM people",
    ):
        with store.writing() as connection:
            connection.execute(text(fill))
    store.close()
    engine = open_engine(store.url, migrating=True)
    with engine.begin() as connection:
        assert all(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in Table.metadata.tables)
        migrate(connection, "0002")
        assert connection.execute(text("SELECT body FROM inbox")).scalars().all() == ["b"]
        assert connection.execute(text("SELECT body FROM outbox")).scalars().all() == ["b"]
    with engine.begin() as connection:
        migrate(connection, "0001")
    with engine.begin() as connection:
        assert connection.execute(text("SELECT text FROM turns")).scalars().all() == ["你好"]
        migrate(connection, "head")
    assert [one.turn.text for one in store.search("你好")] == ["你好"]
    with engine.begin() as connection:
        migrate(connection, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
        migrate(connection, "head")
        assert set(Table.metadata.tables) < set(inspect(connection).get_table_names())
    engine.dispose()


def test_an_older_store_is_copied_before_it_is_migrated(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.add(sqlite_store.begin(sqlite_store.person("terminal", "ada")), "you", "kept")
    sqlite_store.close()
    engine = open_engine(sqlite_store.url, migrating=True)
    with engine.begin() as connection:
        migrate(connection, "0001")
    engine.dispose()
    Store(tmp_path / "bot" / "talk.db").close()
    copy = tmp_path / "bot" / "talk.db.0001"
    assert sqlite3.connect(copy).execute("SELECT text FROM turns").fetchall() == [("kept",)]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


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


def test_a_store_that_cannot_be_written_can_still_be_read(sqlite_store: Store, tmp_path: Path) -> None:
    number = sqlite_store.begin(sqlite_store.person("terminal", "ada"))
    sqlite_store.add(number, "you", "kept")
    with sqlite_store.bare() as cursor:
        cursor.execute("PRAGMA query_only=ON")
    with pytest.raises(StoreError, match="readonly") as caught:
        sqlite_store.add(number, "you", "lost")
    assert "writable" in caught.value.hint
    assert [turn.text for turn in sqlite_store.turns(number)] == ["kept"]


def test_a_store_that_another_holds_is_one_error_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatbot.conversation.engine.BUSY_SECONDS", 0.1)
    store = Store(tmp_path / "talk.db")
    number = store.begin(store.person("terminal", "ada"))
    other = sqlite3.connect(tmp_path / "talk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked") as caught:
        store.add(number, "you", "lost")
    assert "another program holds it" in caught.value.hint
    other.execute("ROLLBACK")
    other.close()
    store.add(number, "you", "kept")
    assert [turn.text for turn in store.turns(number)] == ["kept"]
    store.close()


def test_a_full_disk_costs_nothing_that_was_stored(sqlite_store: Store) -> None:
    number = sqlite_store.begin(sqlite_store.person("terminal", "ada"))
    sqlite_store.add(number, "you", "kept")
    with sqlite_store.bare() as cursor:
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match="full") as caught:
        sqlite_store.add(number, "you", "lost " * 10_000)
    assert "safe" in caught.value.hint
    assert [turn.text for turn in sqlite_store.turns(number)] == ["kept"]
    assert rows(sqlite_store, "PRAGMA integrity_check") == [("ok",)]


def test_errors_do_not_quote_what_people_said(store: Store) -> None:
    number = store.begin(store.person("terminal", "ada"))
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE turns RENAME COLUMN speaker TO who"))
    with pytest.raises(StoreError) as caught:
        store.add(number, "you", "my secret")
    assert "secret" not in str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


WRITER = """
import sys
from pathlib import Path
from chatbot.conversation.store import Store
where = sys.argv[1]
store = Store(where if "://" in where else Path(where))
number = store.begin(store.person("test", sys.argv[2]))
for count in range(int(sys.argv[3])):
    store.add(number, "you", f"turn {count}")
    print(count, flush=True)
"""


def writer(path: Path | str, key: str, count: int) -> subprocess.Popen[str]:
    program = [sys.executable, "-c", WRITER, str(path), key, str(count)]
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_start_and_write_at_once_lose_nothing(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    where = tmp_path / "talk.db" if kind == "sqlite" else request.getfixturevalue("database")
    running = [writer(where, str(number), 50) for number in range(4)]
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    for process in running:
        assert process.stdout is not None
        process.stdout.close()
    store = Store(where)
    assert rows(store, "SELECT count(*) FROM turns") == [(200,)]
    store.close()


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


def test_a_damaged_log_costs_its_last_turns_and_never_half_a_turn(tmp_path: Path) -> None:
    path = tmp_path / "talk.db"
    Store(path).close()
    store = Store(path)
    number = store.begin(store.person("terminal", "ada"))
    said = [f"turn {count} " + "你好 " * 50 for count in range(60)]
    for one in said:
        store.add(number, "you", one)
    whole, log = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    store.close()
    kept = set()
    dice = random.Random(1)
    for place in range(0, len(log), len(log) // 150):
        damaged = bytearray(log)
        damaged[place : place + 8] = dice.randbytes(8)
        folder = tmp_path / str(place)
        folder.mkdir()
        (folder / "talk.db").write_bytes(whole)
        (folder / "talk.db-wal").write_bytes(damaged)
        opened = Store(folder / "talk.db")
        found = [turn.text for turn in opened.turns(number)]
        assert rows(opened, "PRAGMA integrity_check") == [("ok",)]
        opened.close()
        assert found == said[: len(found)]
        kept.add(len(found))
    assert min(kept) == 0
    assert max(kept) > 50


def test_a_store_in_memory_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store, other = Store("sqlite://"), Store("sqlite://")
    store.add(store.begin(store.person("terminal", "ada")), "you", "secret 秘密")
    assert [one.turn.text for one in store.search("秘密")] == ["secret 秘密"]
    assert other.search("秘密") == []
    store.close()
    other.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://a:hunter2@host/db", "cannot be in mysql"),
        ("not a url hunter2", "cannot be read"),
        ("postgresql://a:hunter2@127.0.0.1:1/db", "cannot be used"),
    ],
)
def test_a_url_that_leads_nowhere_is_one_error_without_its_password(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as caught:
        Store(url)
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_a_file_by_url_is_private_too(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/by/url.db").close()
    assert stat.S_IMODE((tmp_path / "by" / "url.db").stat().st_mode) == 0o600
