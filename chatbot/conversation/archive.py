"""People's rights over their words: what is kept of whom, handed out, taken in, and forgotten for good."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, func, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import aliased

from chatbot.conversation.engine import open_engine, store_error, store_url
from chatbot.conversation.store import Store, insert_turn, now
from chatbot.conversation.tables import (
    Chat,
    Conversation,
    Erasure,
    Learnt,
    Outgoing,
    Person,
    Rating,
    Received,
    StoredTurn,
)
from chatbot.dialogue import Dialogue
from chatbot.errors import StoreError

_TITLE = 40


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation that is kept: whose, under which title (or its first words), how long, and from when to when."""

    number: int
    person: str
    title: str
    turns: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure removed, and the versions that had learnt from it; it says nothing of who it was."""

    number: int
    time: datetime
    conversations: int
    turns: int
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """An earlier erasure; from the version ``clean_from`` on, the model knows nothing of the person either."""

    number: int
    time: datetime
    turns: int
    versions: tuple[str, ...]
    clean_from: str


@dataclass(frozen=True, slots=True)
class Rated:
    """What someone thought of a reply of a version, and when: 1 is good, -1 is bad."""

    time: datetime
    version: str
    rating: int


class Archive:
    """Reads, hands out and forgets what a store keeps. People are named ``ADAPTER:KEY``, or by their key alone."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def conversations(self, person: str = "") -> list[Kept]:
        """Return the conversations in which something was said, the latest last; only a person's when one is named."""
        ends = select(
            StoredTurn.conversation_id, func.count().label("turns"), func.min(StoredTurn.id).label("first"),
            func.max(StoredTurn.id).label("last"),
        ).group_by(StoredTurn.conversation_id).subquery()  # fmt: skip
        first, last = aliased(StoredTurn), aliased(StoredTurn)
        chosen = select(
            Conversation.id,
            Conversation.title,
            Person.adapter,
            Person.key,
            ends.c.turns,
            first.text,
            first.time,
            last.time,
        )
        chosen = chosen.join(ends, ends.c.conversation_id == Conversation.id)
        chosen = chosen.join(Person, Conversation.person_id == Person.id)
        chosen = chosen.join(first, first.id == ends.c.first).join(last, last.id == ends.c.last).order_by(last.id)
        if person:
            chosen = chosen.where(Person.id == self._person(person))
        with self.store.reading() as connection:
            rows = connection.execute(chosen).all()
        return [
            Kept(number, f"{adapter}:{key}", title or said[:_TITLE], turns, begun, ended)
            for number, title, adapter, key, turns, said, begun, ended in rows
        ]

    def dialogue(self, number: int) -> Dialogue:
        """Return a conversation.

        Raises:
            StoreError: there is none of that number.
        """
        turns = tuple(self.store.turns(number))
        if not turns:
            raise StoreError(f"there is no conversation {number}", "chatbot conversations list BOT shows their numbers")
        return Dialogue(f"conversations:{number}", turns)

    def dialogues(self, person: str = "") -> Iterator[Dialogue]:
        """Yield all conversations, or a person's, as dialogues; also while the bot talks."""
        yield from self._dialogues([kept.number for kept in self.conversations(person)])

    def dialogues_of(self, person: int) -> Iterator[Dialogue]:
        """Yield the conversations of the person of a number as dialogues."""
        mine = select(Conversation.id).where(Conversation.person_id == person).order_by(Conversation.id)
        with self.store.reading() as connection:
            numbers = list(connection.execute(mine).scalars())
        yield from self._dialogues(numbers)

    def _dialogues(self, numbers: Iterable[int]) -> Iterator[Dialogue]:
        for number in numbers:
            if turns := tuple(self.store.turns(number)):
                yield Dialogue(f"conversations:{number}", turns)

    def ratings(self) -> list[Rated]:
        """Return what people thought of replies, oldest first."""
        chosen = select(Rating.time, StoredTurn.version, Rating.rating).join(StoredTurn).order_by(Rating.time)
        with self.store.reading() as connection:
            return [Rated(time, version or "", rating) for time, version, rating in connection.execute(chosen)]

    def replies(self) -> dict[str, int]:
        """Return how many replies each version has given."""
        by = StoredTurn.version
        counted = select(by, func.count()).where(by.is_not(None)).group_by(by)
        with self.store.reading() as connection:
            return {str(version): count for version, count in connection.execute(counted)}

    def take_in(self, dialogues: Iterable[Dialogue], adapter: str, key: str) -> int:
        """Keep dialogues as conversations of a person, and return how many; all of them or, after an error, none."""
        person = self.store.person(adapter, key)
        taken = 0
        with self.store.writing() as connection:
            for dialogue in dialogues:
                made = insert(Conversation).values(person_id=person, created=now()).returning(Conversation.id)
                number = connection.execute(made).scalar_one()
                for turn in dialogue.turns:
                    insert_turn(connection, number, turn)
                taken += 1
        return taken

    def forget(self, person: str) -> Receipt:
        """Erase a person, and scrub the store's files.

        Raises:
            StoreError: there is no such person, or others hold the store, so that its files could not be scrubbed.
        """
        receipt = self.erase(person)
        self.scrub()
        return receipt

    def erase(self, person: str) -> Receipt:
        """Remove a person with every row of theirs, from the store and its copies, and leave a receipt.

        ``scrub`` is for later.
        """
        whose = self._person(person)
        mine = select(Conversation.id).where(Conversation.person_id == whose)
        with self.store.writing() as connection:
            adapter, key = connection.execute(select(Person.adapter, Person.key).where(Person.id == whose)).one()
            counted = select(func.count()).where(StoredTurn.conversation_id.in_(mine))
            turns = connection.execute(counted).scalar_one()
            learnt = select(Learnt.version).where(Learnt.person_id == whose).order_by(Learnt.version)
            conversations = connection.execute(select(func.count()).select_from(mine.subquery())).scalar_one()
            versions = tuple(connection.execute(learnt).scalars())
            connection.execute(delete(Person).where(Person.id == whose))
            # A chat with nobody else goes by the person's own key.
            connection.execute(delete(Chat).where(Chat.adapter == adapter, Chat.key == key))
            for box in (Received, Outgoing):
                connection.execute(delete(box).where(box.adapter == adapter, box.chat == key))
            time = now()
            left = insert(Erasure).values(time=time, turns=turns, versions=json.dumps(versions)).returning(Erasure.id)
            number = connection.execute(left).scalar_one()
        # The copies first: who holds the store open keeps its log from being emptied, and that is an error.
        for copy in self._copies():
            _forget_in_copy(copy, adapter, key)
        return Receipt(number, time, conversations, turns, versions)

    def erasures(self) -> list[Erased]:
        """Return all erasures, oldest first."""
        columns = (Erasure.id, Erasure.time, Erasure.turns, Erasure.versions, Erasure.clean_version)
        with self.store.reading() as connection:
            rows = connection.execute(select(*columns).order_by(Erasure.id)).all()
        return [
            Erased(one, time, turns, tuple(json.loads(found)), clean or "") for one, time, turns, found, clean in rows
        ]

    def purge(self, before: datetime) -> int:
        """Remove what was said before a time, and what is left empty; return how many turns. ``scrub`` is for later."""
        with self.store.writing() as connection:
            removed = connection.execute(delete(StoredTurn).where(StoredTurn.time < before)).rowcount
            empty = Conversation.id.not_in(select(StoredTurn.conversation_id))
            connection.execute(delete(Conversation).where(Conversation.created < before, empty))
            for box, settled in ((Received, Received.done), (Outgoing, Outgoing.sent)):
                connection.execute(delete(box).where(box.time < before, settled.is_not(None)))
        return removed

    def scrub(self) -> None:
        """Leave nothing of removed rows in SQLite's files: not in its index, its pages or its write-ahead log.

        Raises:
            StoreError: another process holds the store, so the log could not be emptied.
        """
        if self.store.url.get_backend_name() != "sqlite":
            return  # PostgreSQL's own vacuum does so in its time
        with self.store.writing() as connection:
            connection.execute(text("INSERT INTO turns_terms(turns_terms) VALUES ('rebuild')"))
        with self.store.bare() as cursor:
            cursor.execute("VACUUM")
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            place = self.store.url.database
            message = f"{place}: is in use: what was removed is out of the store, but not yet out of its log"
            raise StoreError(message, "close what holds it, then: chatbot conversations purge BOT")

    def _copies(self) -> list[Path]:
        """Return the copies that migrations made."""
        if self.store.url.get_backend_name() != "sqlite" or not self.store.url.database:
            return []
        path = Path(self.store.url.database)
        return sorted(copy for copy in path.parent.glob(f"{path.name}.*") if copy.suffix[1:].isdigit())

    def _person(self, name: str) -> int:
        adapter, _, key = name.rpartition(":")
        chosen = select(Person.id).where(Person.key == key)
        if adapter:
            chosen = chosen.where(Person.adapter == adapter)
        with self.store.reading() as connection:
            found = connection.execute(chosen).scalars().all()
        if len(found) > 1:
            raise StoreError(f'"{name}" is known to several adapters', "name them as ADAPTER:KEY")
        if not found:
            raise StoreError(f'nobody called "{name}" is known', "chatbot conversations list BOT shows who is")
        return found[0]


def _forget_in_copy(path: Path, adapter: str, key: str) -> None:
    """Remove a person from a copy, whatever revision it is of: the first one's tables have the same names."""
    engine = open_engine(store_url(path))
    try:
        with engine.begin() as connection:
            connection.execute(delete(Person).where(Person.adapter == adapter, Person.key == key))
            if "turns_terms" in inspect(connection).get_table_names():
                connection.execute(text("INSERT INTO turns_terms(turns_terms) VALUES ('rebuild')"))
        bare = engine.raw_connection()
        bare.cursor().execute("VACUUM")
        bare.close()
    except (DatabaseError, sqlite3.Error) as error:
        raise store_error(engine.url, error) from None
    finally:
        engine.dispose()
