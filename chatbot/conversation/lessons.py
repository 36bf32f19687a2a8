"""What a bot can learn from the conversations that it keeps."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from chatbot.conversation.store import Store, now
from chatbot.conversation.tables import Conversation, Erasure, Learnt, Person, Rating, StoredTurn
from chatbot.dialogue import Pair, Turn

_CONTEXT = 8


@dataclass(frozen=True, slots=True)
class Lesson:
    """A reply of the bot's with what it answers: to whom, and what they thought of it (1, 0 or -1)."""

    person: int
    pair: Pair
    rating: int


def lessons(store: Store, since: datetime | None = None, per_person: int = 0) -> Iterator[Lesson]:
    """Yield the replies that were given after ``since``, the latest ``per_person`` of each person (0: all).

    Those whom the bot does not answer, and those who asked that nothing be learnt from them, are left out.
    """
    taken: Counter[int] = Counter()
    for person, number in _talks(store):
        for lesson in reversed(list(_of_talk(store, person, number, since))):
            if per_person and taken[person] >= per_person:
                break
            taken[person] += 1
            yield lesson


def latest_reply(store: Store) -> datetime | None:
    """Return when the last reply was given."""
    with store.reading() as connection:
        time: datetime | None = connection.execute(
            select(func.max(StoredTurn.time)).where(StoredTurn.version.is_not(None))
        ).scalar()
    return time


def note_learnt(store: Store, version: str, counts: dict[int, int], read: datetime) -> None:
    """Note that a version has learnt from so many turns of each person, which were ``read`` at that time.

    Who was forgotten meanwhile has a receipt, which then names the version.
    """
    with store.writing() as connection:
        known = set(connection.execute(select(Person.id).where(Person.id.in_(counts))).scalars())
        if len(known) < len(counts):
            late = select(Erasure.id, Erasure.versions).where(Erasure.time >= read)
            for number, versions in connection.execute(late).all():
                named = json.dumps([*json.loads(versions), version])
                connection.execute(update(Erasure).where(Erasure.id == number).values(versions=named))
        rows = [
            {"version": version, "person_id": person, "turns": turns, "time": now()}
            for person, turns in counts.items()
            if person in known
        ]
        if rows:
            connection.execute(delete(Learnt).where(Learnt.version == version))  # of a training that was killed
            connection.execute(insert(Learnt), rows)


def erased_versions(store: Store) -> set[str]:
    """Return the versions that had learnt from people who were forgotten."""
    with store.reading() as connection:
        return {
            version for found in connection.execute(select(Erasure.versions)).scalars() for version in json.loads(found)
        }


def note_clean(store: Store, version: str) -> None:
    """Note with the erasures of people whom some version had learnt from that from this one on nothing is left."""
    open_ones = update(Erasure).where(Erasure.clean_version.is_(None), Erasure.versions != "[]")
    with store.writing() as connection:
        connection.execute(open_ones.values(clean_version=version))


def _talks(store: Store) -> list[tuple[int, int]]:
    """Return people and their conversations, the latest first."""
    chosen = select(Person.id, Conversation.id).join(Conversation, Conversation.person_id == Person.id)
    chosen = chosen.where(Person.left_out.is_(False), Person.blocked.is_(False)).order_by(Conversation.id.desc())
    with store.reading() as connection:
        return [(person, number) for person, number in connection.execute(chosen)]


def _of_talk(store: Store, person: int, number: int, since: datetime | None) -> Iterator[Lesson]:
    columns: tuple[Any, ...] = (StoredTurn.speaker, StoredTurn.text, StoredTurn.time, StoredTurn.version, Rating.rating)
    chosen = select(*columns).outerjoin(Rating, Rating.turn_id == StoredTurn.id)
    chosen = chosen.where(StoredTurn.conversation_id == number).order_by(StoredTurn.id)
    with store.reading() as connection:
        rows = connection.execute(chosen).all()
    turns = [Turn(speaker, text, time) for speaker, text, time, _, _ in rows]
    for place in range(1, len(rows)):
        late = since is None or (turns[place].time or since) > since
        if rows[place].version is not None and rows[place - 1].version is None and late:
            context = tuple(turns[max(0, place - _CONTEXT) : place])
            yield Lesson(person, Pair(context, turns[place], f"conversations:{number}"), rows[place].rating or 0)
