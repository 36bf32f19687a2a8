"""The conversation store: SQLite in WAL, or PostgreSQL, written in short transactions."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, cast, column, delete, insert, select, table, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.exc import DatabaseError

from chatbot.conversation.engine import open_engine, store_error, store_url
from chatbot.conversation.schema import bring_up_to_date
from chatbot.conversation.tables import Conversation, Person, Rating, StoredTurn, Table, table_of
from chatbot.dialogue import Turn
from chatbot.errors import StoreError
from chatbot.text.words import index_terms

# Made once: to put a statement together takes longer than to carry it out.
_NEW_TURN = insert(table_of(StoredTurn))
_ALL_TURNS = (
    select(StoredTurn.speaker, StoredTurn.text, StoredTurn.time)
    .where(StoredTurn.conversation_id == bindparam("conversation"))
    .order_by(StoredTurn.id.desc())
)
_LAST_TURNS = _ALL_TURNS.limit(bindparam("most"))


@dataclass(frozen=True, slots=True)
class Origin:
    """How a bot's turn came about; ``latency`` is in seconds."""

    version: str
    seed: int
    search: str
    latency: float


@dataclass(frozen=True, slots=True)
class Found:
    """A turn that was searched for, and the numbers of its conversation and its own."""

    conversation: int
    number: int
    turn: Turn


class Store:
    """People's conversations in one SQLite file, or in a PostgreSQL database.

    Every method is one transaction: it is there whole when the method returns, or not at all.
    """

    def __init__(self, where: Path | str) -> None:
        """Open the store of a path or a URL, made or migrated first when need be.

        Raises:
            StoreError: it cannot be opened, or is of a newer or another program.
        """
        self.url = store_url(where)
        self.lasts = "mode=memory" not in str(self.url)
        """It outlives the program."""
        if self.url.get_backend_name() == "sqlite" and self.lasts:
            _make_private(Path(self.url.database or ""))
        self._engine = open_engine(self.url)
        # A database in memory is there as long as a connection is.
        self._held = None if self.lasts else self._engine.raw_connection()
        bring_up_to_date(self.url)

    def close(self) -> None:
        """Close it."""
        if self._held:
            self._held.close()
        self._engine.dispose()

    def person(self, adapter: str, key: str) -> int:
        """Return the number of a person, known from now on."""
        new = self.insert_new(Person).values(adapter=adapter, key=key, created=now()).on_conflict_do_nothing()
        with self.writing() as connection:
            connection.execute(new)
            found = select(Person.id).where(Person.adapter == adapter, Person.key == key)
            return connection.execute(found).scalar_one()

    def begin(self, person: int) -> int:
        """Return the number of a new conversation of a person."""
        with self.writing() as connection:
            return _inserted(connection, Conversation, person_id=person, created=now())

    def last(self, person: int) -> int | None:
        """Return the number of a person's last conversation in which something was said."""
        chosen = select(Conversation.id).join(StoredTurn).where(Conversation.person_id == person)
        chosen = chosen.order_by(Conversation.id.desc())
        with self.reading() as connection:
            return connection.execute(chosen.limit(1)).scalar()

    def owns(self, person: int, conversation: int) -> bool:
        """Tell whether a conversation is a person's."""
        chosen = select(Conversation.id).where(Conversation.id == conversation, Conversation.person_id == person)
        with self.reading() as connection:
            return connection.execute(chosen).first() is not None

    def add(self, conversation: int, speaker: str, text: str, origin: Origin | None = None) -> int:
        """Return the number of a new turn at the conversation's end."""
        with self.writing() as connection:
            return insert_turn(connection, conversation, Turn(speaker, text), origin)

    def replace_last(self, conversation: int, speaker: str, text: str, origin: Origin) -> int:
        """Return the number of a turn that takes the place of the speaker's last one, in one transaction."""
        with self.writing() as connection:
            remove_last(connection, conversation, [speaker])
            return insert_turn(connection, conversation, Turn(speaker, text), origin)

    def turns(self, conversation: int, most: int | None = None) -> list[Turn]:
        """Return the conversation's turns, oldest first; the last ``most`` of them."""
        wanted = {"conversation": conversation, "most": most}
        with self.reading() as connection:
            rows = connection.execute(_ALL_TURNS if most is None else _LAST_TURNS, wanted).all()
        return [Turn(speaker, text, time) for speaker, text, time in reversed(rows)]

    def seed_of_last(self, conversation: int) -> int | None:
        """Return the seed that the conversation's last turn was made with; none if nobody made it so."""
        chosen = select(StoredTurn.seed).where(StoredTurn.conversation_id == conversation)
        with self.reading() as connection:
            return connection.execute(chosen.order_by(StoredTurn.id.desc()).limit(1)).scalar()

    def forget_last(self, conversation: int, speakers: Sequence[str]) -> list[Turn]:
        """Remove the last turns while they are by these speakers, in this order from the end; return them.

        ``["Robin", "you"]`` removes Robin's last reply, and the message that it answers.
        """
        with self.writing() as connection:
            return remove_last(connection, conversation, speakers)

    def rate(self, conversation: int, rating: int) -> bool:
        """Keep what the person thinks of the conversation's last reply: 1 or -1; tell whether there is one."""
        replies = select(StoredTurn.id).where(
            StoredTurn.conversation_id == conversation, StoredTurn.version.is_not(None)
        )
        with self.writing() as connection:
            turn = connection.execute(replies.order_by(StoredTurn.id.desc()).limit(1)).scalar()
            if turn is None:
                return False
            new = self.insert_new(Rating).values(turn_id=turn, rating=rating, time=now())
            again = {"rating": new.excluded.rating, "time": new.excluded.time}
            connection.execute(new.on_conflict_do_update(index_elements=["turn_id"], set_=again))
            return True

    def name(self, conversation: int, title: str) -> None:
        """Give a conversation a title."""
        with self.writing() as connection:
            connection.execute(update(Conversation).where(Conversation.id == conversation).values(title=title))

    def search(self, words: str, person: int | None = None, most: int = 50) -> list[Found]:
        """Return turns that hold all of ``words``, the latest first; Chinese is found by any run of characters.

        Each part between blanks must stand there as it is; case and accents do not count.
        """
        phrases = [terms for terms in map(index_terms, words.split()) if terms]
        if not phrases:
            return []
        columns = (StoredTurn.conversation_id, StoredTurn.id, StoredTurn.speaker, StoredTurn.text, StoredTurn.time)
        chosen = select(*columns).where(self._holds(phrases)).order_by(StoredTurn.id.desc()).limit(most)
        if person is not None:
            chosen = chosen.join(Conversation).where(Conversation.person_id == person)
        with self.reading() as connection:
            rows = connection.execute(chosen).all()
        return [Found(number, turn, Turn(speaker, text, time)) for number, turn, speaker, text, time in rows]

    def _holds(self, phrases: list[list[str]]) -> ColumnElement[bool]:
        """Return the condition that a turn holds phrases; index terms are letters and digits, so nothing is quoted."""
        if self.url.get_backend_name() == "postgresql":
            wanted = " & ".join("(" + " <-> ".join(f"'{term}'" for term in phrase) + ")" for phrase in phrases)
            return StoredTurn.terms.op("@@", is_comparison=True)(cast(wanted, TSQUERY))
        wanted = " ".join('"' + " ".join(phrase) + '"' for phrase in phrases)
        index = table("turns_terms", column("rowid"), column("turns_terms"))
        return StoredTurn.id.in_(select(index.c.rowid).where(index.c.turns_terms.op("MATCH")(wanted)))

    def insert_new(self, into: type[Table]) -> Any:
        """Return an insert that can say what to do on a conflict; each dialect has its own."""
        return (postgresql.insert if self.url.get_backend_name() == "postgresql" else sqlite.insert)(into)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction that writes, and that waits for its turn."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in a transaction that only reads."""
        with self._translated(), self._engine.connect().execution_options(reads=True) as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """Give a connection of its own, each statement a transaction."""
        with self._translated(), self._engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def bare(self) -> Iterator[Any]:
        """Give a cursor outside transactions."""
        connection = self._engine.raw_connection()
        try:
            with self._translated():
                yield connection.cursor()
        finally:
            connection.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (DatabaseError, sqlite3.Error) as error:
            raise store_error(self.url, error) from None


def remove_last(connection: Connection, conversation: int, speakers: Sequence[str]) -> list[Turn]:
    """Remove a conversation's last turns while they are by ``speakers``, in this order from the end; return them."""
    removed: list[Turn] = []
    latest = select(StoredTurn).where(StoredTurn.conversation_id == conversation).order_by(StoredTurn.id.desc())
    for speaker in speakers:
        row = connection.execute(latest.limit(1)).first()
        if row is not None and row.speaker == speaker:
            connection.execute(delete(StoredTurn).where(StoredTurn.id == row.id))
            removed.append(Turn(row.speaker, row.text, row.time))
    return removed


def insert_turn(connection: Connection, conversation: int, turn: Turn, origin: Origin | None = None) -> int:
    """Return the number of a new turn, said when it says so, in UTC where it does not say more, or now."""
    time = turn.time or now()
    values = {
        "conversation_id": conversation, "speaker": turn.speaker, "text": turn.text,
        "time": time if time.tzinfo else time.replace(tzinfo=UTC), "terms": index_terms(turn.text),
        **{key: getattr(origin, key, None) for key in Origin.__slots__},
    }  # fmt: skip
    key = connection.execute(_NEW_TURN, values).inserted_primary_key
    return int(key[0]) if key else 0


def _inserted(connection: Connection, table: type[Any], **values: Any) -> int:
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    return int(key[0]) if key else 0


def _make_private(path: Path) -> None:
    """Create the folder and the file for this user's eyes only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}", "check the folder and its rights") from None


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)
