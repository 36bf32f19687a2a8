"""The store's tables."""

from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    true,
)  # fmt: skip
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

# Every constraint has a name from the first revision on: SQLite's batch migrations cannot find nameless ones.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


_LONGEST, _MOST = 64, 16_000


class UtcDateTime(TypeDecorator[datetime]):
    """Times with an offset going in, in UTC coming out; SQLite itself keeps none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse times without an offset."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a stored time needs an offset")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Terms(TypeDecorator[list[str]]):
    """The words of a turn in their order, for the index: the database itself would not part Chinese into any."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Return a tsvector on PostgreSQL, text elsewhere."""
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str:
        """Return the words with blanks between them; on PostgreSQL, quoted and numbered."""
        if dialect.name != "postgresql":
            return " ".join(value or [])
        # A tsvector counts to 16,383 and holds a megabyte; what a turn says beyond is not found by searching.
        return " ".join(f"'{word[:_LONGEST]}':{place}" for place, word in enumerate((value or [])[:_MOST], 1))


class Table(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)


def table_of(kind: type[Table]) -> SqlTable:
    """Return the table itself, for statements that are carried out often: those on classes take twice as long."""
    return cast("SqlTable", kind.__table__)


class Person(Table):
    """Someone who talks: ``key`` is who they are to the adapter that carries them."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("adapter", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    adapter: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(255))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    left_out: Mapped[bool] = mapped_column(server_default=false())
    """They asked that nothing be learnt from them."""
    language: Mapped[str | None] = mapped_column(String(8))
    """The one they chose that the bot speaks about itself in."""
    told: Mapped[bool] = mapped_column(server_default=false())
    """They were told what is kept of them."""
    blocked: Mapped[bool] = mapped_column(server_default=false())
    """The bot does not answer them."""


class Conversation(Table):
    """Turns that belong together. A person's last one is what they go on with."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "person_id", "id"), Index(None, "person_id", "chat", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    created: Mapped[datetime] = mapped_column(UtcDateTime)
    title: Mapped[str | None] = mapped_column(Text)
    chat: Mapped[str | None] = mapped_column(String(255))
    """Where it takes place, for adapters that know several places."""


class Chat(Table):
    """A place where an adapter meets people, ``active`` as long as it can be written to."""

    __tablename__ = "chats"
    __table_args__ = (UniqueConstraint("adapter", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    adapter: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(server_default=true())


class StoredTurn(Table):
    """One turn. ``version``, ``seed``, ``search`` and ``latency`` (seconds) tell how a bot's turn came about."""

    __tablename__ = "turns"
    __table_args__ = (Index(None, "conversation_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    speaker: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[str | None] = mapped_column(String(32))
    seed: Mapped[int | None]
    search: Mapped[str | None] = mapped_column(Text)
    latency: Mapped[float | None] = mapped_column(Double)
    terms: Mapped[list[str]] = mapped_column(Terms, server_default="")


class Rating(Table):
    """What a person thinks of a reply: 1 is good, -1 is bad."""

    __tablename__ = "ratings"
    __table_args__ = (CheckConstraint("rating IN (-1, 1)", name="rating"),)

    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    rating: Mapped[int]
    time: Mapped[datetime] = mapped_column(UtcDateTime)


class Received(Table):
    """What an adapter has taken in and must deal with once: ``key`` is its number there, ``done`` when that was.

    ``message`` is its number in the chat, ``turn_id`` the turn that it became a part of.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("adapter", "key"),
        Index(None, "adapter", "done", "id"),
        Index(None, "adapter", "chat", "message"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    adapter: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(255))
    chat: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(UtcDateTime)
    done: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message: Mapped[str] = mapped_column(String(64), server_default="")
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id", ondelete="SET NULL"), index=True)


class Outgoing(Table):
    """What an adapter has to send: ``attempts`` tells how often it tried, ``sent`` when that went well.

    ``turn_id`` is the reply that it carries, ``message`` its number in the chat once it is there.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "adapter", "sent", "id"), Index(None, "adapter", "chat", "message"))

    id: Mapped[int] = mapped_column(primary_key=True)
    adapter: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(server_default="0")
    sent: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message: Mapped[str] = mapped_column(String(64), server_default="")
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)


class Learnt(Table):
    """A version of the bot's model has learnt from so many turns of a person."""

    __tablename__ = "learnt"

    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    turns: Mapped[int]
    time: Mapped[datetime] = mapped_column(UtcDateTime)


class Erasure(Table):
    """A receipt: someone was forgotten, with so many turns, and these versions (JSON) had learnt from them."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    time: Mapped[datetime] = mapped_column(UtcDateTime)
    turns: Mapped[int]
    versions: Mapped[str] = mapped_column(Text)
    clean_version: Mapped[str | None] = mapped_column(String(32))
    """The version from which on nothing of them is left."""
