"""Letters in and parcels out, kept until they are dealt with: an adapter that is killed loses none and repeats none."""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from chatbot.conversation.letters import Exchange, Letter, Outcome, Parcel, Standing
from chatbot.conversation.store import Store, insert_turn, now, remove_last
from chatbot.conversation.tables import Chat, Conversation, Outgoing, Person, Rating, Received, StoredTurn, table_of

_LOCKS = 0x63686174  # "chat": the first half of PostgreSQL's advisory locks of two numbers
_REMEMBERED = timedelta(days=3)
"""Servers repeat what they are not sure was taken in, Telegram for a day."""

# Made once: to put a statement together takes longer than to carry it out.
_LETTER = (Received.key, Received.chat, Received.body, Received.message, Received.id)
_INBOX, _OUTBOX = table_of(Received), table_of(Outgoing)
_NEW_PARCEL = insert(_OUTBOX)
_DONE = update(_INBOX).where(_INBOX.c.id == bindparam("number"))
_SENT = update(_OUTBOX).where(_OUTBOX.c.id == bindparam("number"))
_IS_OPEN = select(Chat.id).where(
    Chat.adapter == bindparam("adapter"), Chat.key == bindparam("key"), Chat.active.is_(True)
)
_LATEST = select(func.max(Conversation.id)).where(
    Conversation.person_id == Person.id, Conversation.chat == bindparam("chat")
)
_STANDING = select(Person.id, Person.language, Person.told, Person.blocked, _LATEST.scalar_subquery()).where(
    Person.adapter == bindparam("adapter"), Person.key == bindparam("key")
)


@dataclass(slots=True)
class Mailbox:
    """The inbox and outbox of one adapter. What a method writes, it writes in one transaction."""

    store: Store
    adapter: str
    _locks: Any = field(default=None, init=False)
    _one_at_a_time: Lock = field(default_factory=Lock, init=False)
    _new_letter: Any = field(init=False)

    def __post_init__(self) -> None:
        self._new_letter = self.store.insert_new(Received).on_conflict_do_nothing().returning(Received.id)

    @property
    def shared(self) -> bool:
        """Several processes may work on it at once."""
        return self.store.url.get_backend_name() != "sqlite"

    def receive(self, letters: Iterable[Letter]) -> list[Letter]:
        """Keep letters, and return those that were not here before, with their numbers."""
        new = []
        with self.store.writing() as connection:
            for letter in letters:
                values: dict[str, Any] = {"adapter": self.adapter, "key": letter.key, "chat": letter.chat}
                values |= {"message": letter.message, "body": letter.body, "time": now()}
                number = connection.execute(self._new_letter, values).scalar()
                if number is not None:
                    new.append(replace(letter, number=number))
        return new

    def waiting(self) -> list[Letter]:
        """Return the letters that nothing has come of yet, oldest first."""
        chosen = select(*_LETTER).where(Received.adapter == self.adapter, Received.done.is_(None))
        with self.store.reading() as connection:
            return [Letter(*row) for row in connection.execute(chosen.order_by(Received.id))]

    def settle(self, outcome: Outcome) -> list[Parcel]:
        """Keep what came of letters: turns, parcels, and that it is done, all or nothing; return the parcels."""
        parcels = []
        with self.store.writing() as connection:
            asked, replied = self._exchange(connection, outcome.exchange)
            if outcome.person is not None:
                self._open_chat(connection, outcome.chat)
            for body in outcome.parcels:
                values: dict[str, Any] = {"adapter": self.adapter, "chat": outcome.chat, "person_id": outcome.person}
                values |= {"body": json.dumps(body), "time": now(), "turn_id": replied}
                number = connection.execute(_NEW_PARCEL, values).inserted_primary_key[0]  # type: ignore[index]
                parcels.append(Parcel(number, outcome.chat, dict(body), replied))
            if outcome.facts:
                connection.execute(update(Person).where(Person.id == outcome.person).values(**outcome.facts))
            done = {"done": now(), "person_id": outcome.person, "turn_id": asked}
            if outcome.letters:
                connection.execute(_DONE, [{"number": number, **done} for number in outcome.letters])
        return parcels

    def post(self, chats: Iterable[str], bodies: Sequence[dict[str, Any]], key: str) -> None:
        """Put the same into several chats, once for each ``key``, however often that is asked for."""
        with self.store.writing() as connection:
            once = {"adapter": self.adapter, "key": key, "chat": "", "body": "{}", "time": now(), "done": now()}
            if connection.execute(self._new_letter, once).scalar() is None:
                return
            rows = [
                {"adapter": self.adapter, "chat": chat, "body": json.dumps(body), "time": now()}
                for chat in chats
                for body in bodies
            ]
            if rows:
                connection.execute(insert(Outgoing), rows)

    def parcels(self, chat: str) -> list[Parcel]:
        """Return what is still to go out to a chat, oldest first."""
        chosen = select(Outgoing.id, Outgoing.chat, Outgoing.body, Outgoing.turn_id)
        chosen = chosen.where(Outgoing.adapter == self.adapter, Outgoing.sent.is_(None), Outgoing.chat == chat)
        with self.store.reading() as connection:
            rows = connection.execute(chosen.order_by(Outgoing.id)).all()
        return [Parcel(number, chat, json.loads(body), turn) for number, chat, body, turn in rows]

    def sent(self, parcel: Parcel, message: str) -> None:
        """Note that a parcel has arrived, under which number in its chat; what carries no reply is of no more use."""
        with self.store.writing() as connection:
            if parcel.turn is None:
                connection.execute(delete(Outgoing).where(Outgoing.id == parcel.number))
            else:
                connection.execute(_SENT, {"number": parcel.number, "sent": now(), "message": message, "body": "{}"})

    def tried(self, number: int) -> None:
        """Note that a parcel was tried to be sent, and nobody knows whether it arrived."""
        with self.store.writing() as connection:
            connection.execute(update(Outgoing).where(Outgoing.id == number).values(attempts=Outgoing.attempts + 1))

    def busy_chats(self) -> set[str]:
        """Return the chats with letters or parcels that wait."""
        waiting = select(Received.chat).where(Received.adapter == self.adapter, Received.done.is_(None))
        unsent = select(Outgoing.chat).where(Outgoing.adapter == self.adapter, Outgoing.sent.is_(None))
        with self.store.reading() as connection:
            return set(connection.execute(waiting.union(unsent)).scalars())

    def conversation(self, person: int, chat: str, fresh: bool = False) -> int:
        """Return the number of a person's latest conversation in a chat, or of a new one."""
        latest = select(func.max(Conversation.id)).where(Conversation.person_id == person, Conversation.chat == chat)
        if not fresh:
            with self.store.reading() as connection:
                if (number := connection.execute(latest).scalar()) is not None:
                    return int(number)
        with self.store.writing() as connection:
            made = insert(Conversation).values(person_id=person, chat=chat, created=now())
            return int(connection.execute(made.returning(Conversation.id)).scalar_one())

    def standing(self, key: str, chat: str) -> Standing:
        """Return what is known of a person in a chat; from now on they are known, and have a conversation there."""
        with self.store.reading() as connection:
            row = connection.execute(_STANDING, {"adapter": self.adapter, "key": key, "chat": chat}).first()
        if row is None:
            self.store.person(self.adapter, key)
            return self.standing(key, chat)
        person, language, told, blocked, number = row
        return Standing(person, number or self.conversation(person, chat), language or "", told, blocked)

    def block(self, person: int, blocked: bool) -> None:
        """Have a person answered no more, or again."""
        with self.store.writing() as connection:
            connection.execute(update(Person).where(Person.id == person).values(blocked=blocked))

    def find_person(self, key: str) -> int | None:
        """Return the number of a person, if they are known."""
        with self.store.reading() as connection:
            found = select(Person.id).where(Person.adapter == self.adapter, Person.key == key)
            return connection.execute(found).scalar()

    def letters_of(self, chat: str, message: str) -> tuple[int | None, list[Letter]]:
        """Return the turn that a message became a part of, and all letters of that turn, oldest first."""
        mine = select(Received.turn_id).where(
            Received.adapter == self.adapter, Received.chat == chat, Received.message == message
        )
        with self.store.reading() as connection:
            turn = connection.execute(mine.order_by(Received.id).limit(1)).scalar()
            if turn is None:
                return None, []
            rows = connection.execute(select(*_LETTER).where(Received.turn_id == turn).order_by(Received.id)).all()
        return turn, [Letter(*row) for row in rows]

    def rewrite(self, number: int, body: str) -> None:
        """Keep another body of a letter, which its writer has changed."""
        with self.store.writing() as connection:
            connection.execute(update(Received).where(Received.id == number).values(body=body))

    def last_turns(self, conversation: int) -> list[tuple[int, str]]:
        """Return the numbers and speakers of a conversation's last two turns, the latest first."""
        chosen = select(StoredTurn.id, StoredTurn.speaker).where(StoredTurn.conversation_id == conversation)
        with self.store.reading() as connection:
            rows = connection.execute(chosen.order_by(StoredTurn.id.desc()).limit(2)).all()
        return [(number, speaker) for number, speaker in rows]

    def turn_of(self, chat: str, message: str) -> int | None:
        """Return the reply that a message of the bot's carried."""
        chosen = select(Outgoing.turn_id).where(
            Outgoing.adapter == self.adapter, Outgoing.chat == chat, Outgoing.message == message
        )
        with self.store.reading() as connection:
            return connection.execute(chosen.order_by(Outgoing.id.desc()).limit(1)).scalar()

    def rate(self, turn: int, person: int, rating: int) -> bool:
        """Keep what a person thinks of a reply to them: 1, -1, or 0 for nothing any more; tell whether it is theirs."""
        theirs = select(StoredTurn.id).join(Conversation).where(
            StoredTurn.id == turn, Conversation.person_id == person, StoredTurn.version.is_not(None)
        )  # fmt: skip
        with self.store.writing() as connection:
            if connection.execute(theirs).first() is None:
                return False
            connection.execute(delete(Rating).where(Rating.turn_id == turn))
            if rating:
                connection.execute(insert(Rating).values(turn_id=turn, rating=rating, time=now()))
        return True

    def close_chat(self, chat: str) -> None:
        """Send nothing to a chat any more, until someone writes there again."""
        with self.store.writing() as connection:
            connection.execute(update(Chat).where(Chat.adapter == self.adapter, Chat.key == chat).values(active=False))
            left = Outgoing.adapter == self.adapter, Outgoing.chat == chat, Outgoing.sent.is_(None)
            connection.execute(delete(Outgoing).where(*left))

    def open_chats(self) -> list[str]:
        """Return the chats that can be written to."""
        chosen = select(Chat.key).where(Chat.adapter == self.adapter, Chat.active.is_(True)).order_by(Chat.id)
        with self.store.reading() as connection:
            return list(connection.execute(chosen).scalars())

    def move_chat(self, old: str, new: str) -> None:
        """Take what is kept of a chat over to the one that it has become."""
        with self.store.writing() as connection:
            connection.execute(delete(Chat).where(Chat.adapter == self.adapter, Chat.key == new))
            connection.execute(update(Chat).where(Chat.adapter == self.adapter, Chat.key == old).values(key=new))
            for table in (Received, Outgoing):
                moved = update(table).where(table.adapter == self.adapter, table.chat == old)
                connection.execute(moved.values(chat=new))
            mine = select(Person.id).where(Person.adapter == self.adapter)
            talks = update(Conversation).where(Conversation.chat == old, Conversation.person_id.in_(mine))
            connection.execute(talks.values(chat=new))

    def tidy(self) -> None:
        """Remove what came in and went out so long ago that no server repeats it."""
        before = now() - _REMEMBERED
        with self.store.writing() as connection:
            for box, settled in ((Received, Received.done), (Outgoing, Outgoing.sent)):
                connection.execute(delete(box).where(box.adapter == self.adapter, settled < before))

    def counts(self) -> dict[str, int]:
        """Return how many people, conversations and turns there are, and ratings of either kind."""
        wanted = {
            "people": select(func.count(Person.id)).where(Person.adapter == self.adapter),
            "conversations": select(func.count(Conversation.id)),
            "turns": select(func.count(StoredTurn.id)),
            "good": select(func.count(Rating.turn_id)).where(Rating.rating > 0),
            "bad": select(func.count(Rating.turn_id)).where(Rating.rating < 0),
        }
        with self.store.reading() as connection:
            return {name: connection.execute(counted).scalar_one() for name, counted in wanted.items()}

    @contextmanager
    def claims(self) -> "Iterator[Callable[[str], bool]]":
        """Yield what claims a chat for this process, unless another one has it; ``release`` gives it back.

        On SQLite there is one process only. On PostgreSQL all claims end with the process, however it ends.
        """
        if not self.shared:
            yield lambda chat: True
            return
        with self.store.session() as connection:
            self._locks = connection
            try:
                yield lambda chat: self._lock("pg_try_advisory_lock", chat)
            finally:
                self._locks = None

    def release(self, chat: str) -> None:
        """Give a claimed chat back."""
        if self._locks is not None:
            self._lock("pg_advisory_unlock", chat)

    def _lock(self, function: str, chat: str) -> bool:
        key = zlib.crc32(f"{self.adapter}:{chat}".encode()) - 2**31
        with self._one_at_a_time:  # several threads ask over one connection
            return bool(self._locks.execute(text(f"SELECT {function}({_LOCKS}, {key})")).scalar())

    def _open_chat(self, connection: Connection, chat: str) -> None:
        """Take a chat where someone does something for one that can be written to."""
        place = {"adapter": self.adapter, "key": chat}
        if connection.execute(_IS_OPEN, place).scalar() is None:
            new = self.store.insert_new(Chat).values(**place)
            connection.execute(new.on_conflict_do_update(index_elements=list(place), set_={"active": True}))

    def _exchange(self, connection: Connection, exchange: Exchange | None) -> tuple[int | None, int | None]:
        """Put turns in their place; return the number of the first that a person said, and of the last by a bot."""
        if exchange is None:
            return None, None
        remove_last(connection, exchange.conversation, exchange.instead_of)
        asked = replied = None
        for turn, origin in exchange.turns:
            number = insert_turn(connection, exchange.conversation, turn, origin)
            asked, replied = (asked or number, replied) if origin is None else (asked, number)
        return asked, replied
