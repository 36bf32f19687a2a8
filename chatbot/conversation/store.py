"""The conversation store: SQLite in WAL, written in short immediate transactions."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, delete, event, insert, select
from sqlalchemy.exc import DatabaseError

from chatbot.conversation.schema import bring_up_to_date, store_error
from chatbot.conversation.tables import Conversation, Person, StoredTurn
from chatbot.dialogue import Turn
from chatbot.errors import StoreError

_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Origin:
    """How a bot's turn came about; ``latency`` is in seconds."""

    version: str
    seed: int
    search: str
    latency: float


class Store:
    """People's conversations in one SQLite file.

    Every method is one transaction: it is there whole when the method returns, or not at all.
    """

    def __init__(self, path: Path) -> None:
        """Open the store, made or migrated first when need be.

        Raises:
            StoreError: it cannot be opened, or is of a newer or another program.
        """
        _make_private(path)
        self.url = URL.create("sqlite", database=str(path))
        bring_up_to_date(self.url)
        self._engine = _engine(self.url)

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def person(self, adapter: str, key: str) -> int:
        """Return the number of a person, known from now on."""
        with self._write() as connection:
            found = select(Person.id).where(Person.adapter == adapter, Person.key == key)
            known: int | None = connection.execute(found).scalar()
            if known is not None:
                return known
            return _inserted(connection, Person, adapter=adapter, key=key, created=_now())

    def begin(self, person: int) -> int:
        """Return the number of a new conversation of a person."""
        with self._write() as connection:
            return _inserted(connection, Conversation, person_id=person, created=_now())

    def last(self, person: int) -> int | None:
        """Return the number of a person's last conversation in which something was said."""
        chosen = select(Conversation.id).join(StoredTurn).where(Conversation.person_id == person)
        chosen = chosen.order_by(Conversation.id.desc())
        with self._read() as connection:
            return connection.execute(chosen.limit(1)).scalar()

    def add(self, conversation: int, speaker: str, text: str, origin: Origin | None = None) -> int:
        """Return the number of a new turn at the conversation's end."""
        made = {} if origin is None else {key: getattr(origin, key) for key in Origin.__slots__}
        with self._write() as connection:
            return _inserted(
                connection, StoredTurn, conversation_id=conversation, speaker=speaker, text=text, time=_now(), **made
            )

    def replace_last(self, conversation: int, speaker: str, text: str, origin: Origin) -> int:
        """Return the number of a turn that takes the place of the speaker's last one, in one transaction."""
        latest = select(StoredTurn.id, StoredTurn.speaker).where(StoredTurn.conversation_id == conversation)
        made = {key: getattr(origin, key) for key in Origin.__slots__}
        with self._write() as connection:
            row = connection.execute(latest.order_by(StoredTurn.id.desc()).limit(1)).first()
            if row is not None and row.speaker == speaker:
                connection.execute(delete(StoredTurn).where(StoredTurn.id == row.id))
            return _inserted(
                connection, StoredTurn, conversation_id=conversation, speaker=speaker, text=text, time=_now(), **made
            )

    def turns(self, conversation: int, most: int | None = None) -> list[Turn]:
        """Return the conversation's turns, oldest first; the last ``most`` of them."""
        columns = (StoredTurn.speaker, StoredTurn.text, StoredTurn.time)
        chosen = select(*columns).where(StoredTurn.conversation_id == conversation)
        with self._read() as connection:
            rows = connection.execute(chosen.order_by(StoredTurn.id.desc()).limit(most)).all()
        return [Turn(speaker, text, time) for speaker, text, time in reversed(rows)]

    def seed_of_last(self, conversation: int) -> int | None:
        """Return the seed that the conversation's last turn was made with; none if nobody made it so."""
        chosen = select(StoredTurn.seed).where(StoredTurn.conversation_id == conversation)
        with self._read() as connection:
            return connection.execute(chosen.order_by(StoredTurn.id.desc()).limit(1)).scalar()

    def forget_last(self, conversation: int, speakers: Sequence[str]) -> list[Turn]:
        """Remove the last turns while they are by these speakers, in this order from the end; return them.

        ``["Robin", "you"]`` removes Robin's last reply, and the message that it answers.
        """
        removed: list[Turn] = []
        latest = select(StoredTurn).where(StoredTurn.conversation_id == conversation).order_by(StoredTurn.id.desc())
        with self._write() as connection:
            for speaker in speakers:
                row = connection.execute(latest.limit(1)).first()
                if row is not None and row.speaker == speaker:
                    connection.execute(delete(StoredTurn).where(StoredTurn.id == row.id))
                    removed.append(Turn(row.speaker, row.text, row.time))
        return removed

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._translated(), self._engine.connect().execution_options(reads=True) as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise store_error(self.url, error) from None


def _inserted(connection: Connection, table: type[Any], **values: Any) -> int:
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    return int(key[0]) if key else 0


def _engine(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: object) -> None:
        connection.isolation_level = None
        for pragma in ("foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns to writing fails at once when another one wrote meanwhile: 695 of 1,200
        # did with four writers; with BEGIN IMMEDIATE none.
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _make_private(path: Path) -> None:
    """Create the folder and the file for this user's eyes only."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}", "check the folder and its rights") from None


def _now() -> datetime:
    return datetime.now(UTC)
