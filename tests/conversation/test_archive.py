"""People's rights over their words."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from chatbot.conversation.archive import Archive
from chatbot.conversation.engine import open_engine
from chatbot.conversation.store import Origin, Store, now
from chatbot.conversation.tables import Learnt
from chatbot.dialogue import Dialogue, Turn
from chatbot.errors import StoreError

MADE = Origin("0001", 7, "greedy", 0.25)


def talk(store: Store, key: str, *texts: str) -> int:
    """Keep a conversation between a person and Robin."""
    number = store.begin(store.person("terminal", key))
    for place, said in enumerate(texts):
        store.add(number, "Robin" if place % 2 else "you", said, MADE if place % 2 else None)
    return number


def test_conversations_are_listed_under_their_title_or_first_words(store: Store) -> None:
    first = talk(store, "ada", "hello there", "hi")
    second = talk(store, "bob", "你好")
    store.begin(store.person("terminal", "ada"))
    store.name(second, "Greetings")
    found = [(one.number, one.person, one.title, one.turns) for one in Archive(store).conversations()]
    assert found == [(first, "terminal:ada", "hello there", 2), (second, "terminal:bob", "Greetings", 1)]
    assert [one.number for one in Archive(store).conversations("ada")] == [first]


def test_what_people_think_is_counted_by_version(store: Store) -> None:
    first, second = talk(store, "ada", "hello", "hi", "more", "no"), talk(store, "bob", "你好", "你好呀")
    assert (store.rate(second, 1), store.rate(first, -1)) == (True, True)
    found = Archive(store).ratings()
    assert [(one.version, one.rating) for one in found] == [("0001", 1), ("0001", -1)]
    assert found[0].time <= found[1].time
    assert Archive(store).replies() == {"0001": 3}


def test_what_is_handed_out_can_be_taken_in_again(store: Store) -> None:
    talk(store, "ada", "hello", "你好", "bye")
    talk(store, "bob", "not hers")
    out = list(Archive(store).dialogues("terminal:ada"))
    assert [[turn.text for turn in one.turns] for one in out] == [["hello", "你好", "bye"]]
    assert Archive(store).take_in(out, "terminal", "eve") == 1
    assert [one.turns for one in Archive(store).dialogues("eve")] == [one.turns for one in out]
    assert len(store.search("你好")) == 2


def test_a_dialogue_that_breaks_off_leaves_nothing_behind(store: Store) -> None:
    def broken() -> object:
        yield Dialogue("a", (Turn("A", "kept?"),))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - any error at all
        Archive(store).take_in(broken(), "terminal", "ada")  # type: ignore[arg-type]
    assert Archive(store).conversations() == []


def test_nobody_is_forgotten_by_mistake(store: Store) -> None:
    talk(store, "ada", "hello")
    store.person("telegram", "ada")
    with pytest.raises(StoreError, match="several adapters"):
        Archive(store).forget("ada")
    with pytest.raises(StoreError, match='nobody called "eve"'):
        Archive(store).forget("eve")
    with pytest.raises(StoreError, match="there is no conversation 99"):
        Archive(store).dialogue(99)


def test_a_receipt_names_the_versions_that_learnt_and_not_the_person(store: Store) -> None:
    talk(store, "ada", "hello", "hi")
    talk(store, "bob", "stays")
    person = store.person("terminal", "ada")
    with store.writing() as connection:
        for version in ("0003", "0002"):
            connection.execute(insert(Learnt).values(version=version, person_id=person, turns=2, time=now()))
    receipt = Archive(store).forget("ada")
    assert (receipt.conversations, receipt.turns, receipt.versions) == (1, 2, ("0002", "0003"))
    assert [one.person for one in Archive(store).conversations()] == ["terminal:bob"]
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM learnt")).scalar() == 0
        assert connection.execute(text("SELECT turns, versions FROM erasures")).all() == [(2, '["0002", "0003"]')]


def test_no_byte_of_a_forgotten_person_is_left_in_any_file(sqlite_store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    for number in range(300):
        talk(sqlite_store, "zorro", f"xylophone {number} 麒麟", "an unforgettable zeppelin")
        talk(sqlite_store, "bob", f"marmalade {number}")
    sqlite_store.rate(1, 1)
    sqlite3.connect(folder / "talk.db").execute("VACUUM INTO ?", [str(folder / "talk.db.0001")])
    Archive(sqlite_store).forget("zorro")
    found = {path.name: path.read_bytes().lower() for path in folder.iterdir()}
    assert {"talk.db", "talk.db.0001"} <= found.keys()
    for name, data in found.items():
        for word in ("xylophone", "zeppelin", "麒", "zorro"):
            assert word.encode() not in data, (name, word)
    assert all(b"marmalade" in found[name] for name in ("talk.db", "talk.db.0001"))


def test_an_open_reader_cannot_make_an_erasure_silently_incomplete(sqlite_store: Store, tmp_path: Path) -> None:
    talk(sqlite_store, "ada", "xylophone")
    talk(sqlite_store, "bob", "stays")
    sqlite3.connect(tmp_path / "bot" / "talk.db").execute("VACUUM INTO ?", [str(tmp_path / "bot" / "talk.db.0001")])
    reader = sqlite3.connect(tmp_path / "bot" / "talk.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM turns").fetchall()
    impatient = Archive(sqlite_store)
    with sqlite_store.bare() as cursor:
        cursor.execute("PRAGMA busy_timeout=100").fetchall()
    with pytest.raises(StoreError, match="not yet out of its log"):
        impatient.forget("ada")
    assert b"xylophone" not in (tmp_path / "bot" / "talk.db.0001").read_bytes()
    reader.execute("COMMIT")
    reader.close()
    impatient.scrub()
    files = b"".join(path.read_bytes() for path in (tmp_path / "bot").iterdir())
    assert b"xylophone" not in files
    assert b"stays" in files


def test_what_is_older_than_wanted_goes_and_the_rest_stays(store: Store) -> None:
    old, new = now() - timedelta(days=40), now()
    Archive(store).take_in([Dialogue("a", (Turn("A", "old", old), Turn("B", "new", new)))], "terminal", "ada")
    Archive(store).take_in([Dialogue("b", (Turn("A", "older", old),))], "terminal", "bob")
    assert Archive(store).purge(now() - timedelta(days=30)) == 2
    assert [turn.text for one in Archive(store).dialogues() for turn in one.turns] == ["new"]
    engine = open_engine(store.url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM conversations")).scalar() in (1, 2)
    engine.dispose()


def test_a_writer_that_holds_the_store_is_one_error(sqlite_store: Store, tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "bot" / "talk.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with sqlite_store.bare() as cursor:
        cursor.execute("PRAGMA busy_timeout=100").fetchall()
    with pytest.raises(StoreError, match="database is locked"), sqlite_store.bare() as cursor:
        cursor.execute("VACUUM")
    writer.close()
