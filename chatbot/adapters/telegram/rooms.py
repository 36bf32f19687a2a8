"""Chats at work: side by side, and each in order."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from telegram.error import InvalidToken

from chatbot.adapters.telegram.arrivals import Arrival
from chatbot.conversation.letters import Letter, Parcel
from chatbot.errors import StoreError

_LOG = logging.getLogger(__name__)
_TRIES, _WAIT, _AGAIN = 3, 0.5, 5.0


@dataclass(slots=True)
class Room:
    """One chat: the letters that wait there, and the task that deals with them."""

    chat: str
    letters: deque[tuple[Letter, Arrival, float]] = field(default_factory=deque)
    task: "asyncio.Task[None] | None" = None
    look: bool = False
    """Something may wait in the outbox that an earlier run, another process or a failure has left there."""

    def take(self) -> list[tuple[Letter, Arrival]]:
        """Return the letters that make the next turn: the texts of one person that follow each other, or one letter."""
        letter, arrival, _ = self.letters.popleft()
        taken = [(letter, arrival)]
        while arrival.kind == "text" and self.letters:
            other, next_one, _ = self.letters[0]
            if (next_one.kind, next_one.user) != ("text", arrival.user):
                break
            taken.append((other, next_one))
            self.letters.popleft()
        return taken


@dataclass(slots=True)
class Rooms:
    """All chats that have something to do.

    ``handle`` deals with the letters of one turn and returns what is to be sent, ``send`` sends that, ``deliver`` all
    that waits for a chat; both return its key, which may have become another one.
    ``give_up`` settles letters that cannot be dealt with, ``claim`` and ``release`` keep other processes out of a chat,
    ``shared``: other processes work on the same chats; ``delay`` is how many seconds a person has to wait.
    """

    handle: Callable[[str, list[tuple[Letter, Arrival]]], Awaitable[list[Parcel]]]
    deliver: Callable[[str], Awaitable[str]]
    send: Callable[[str, list[Parcel]], Awaitable[str]]
    give_up: Callable[[str, list[tuple[Letter, Arrival]]], Awaitable[list[Parcel]]]
    claim: Callable[[str], Awaitable[bool]]
    release: Callable[[str], Awaitable[None]]
    delay: Callable[[Arrival], float]
    gather_seconds: float
    shared: bool
    fatal: "asyncio.Future[Exception]"
    rooms: dict[str, Room] = field(default_factory=dict)
    stopping: bool = False

    def waiting(self) -> int:
        """Return how many chats have letters that nobody has begun to deal with."""
        return sum(bool(room.letters) for room in self.rooms.values())

    def has_waiting(self, chat: str) -> bool:
        """Tell whether a chat has letters that wait."""
        return chat in self.rooms and bool(self.rooms[chat].letters)

    def put(self, letter: Letter, arrival: Arrival) -> None:
        """Have a letter dealt with when its chat comes to it."""
        room = self.rooms.setdefault(letter.chat, Room(letter.chat))
        if all(letter.number != other.number for other, _, _ in room.letters):
            room.letters.append((letter, arrival, time.monotonic()))
        self._wake(letter.chat)

    def wake(self, chat: str) -> None:
        """Have a chat look at what waits for it."""
        self.rooms.setdefault(chat, Room(chat)).look = True
        self._wake(chat)

    def _wake(self, chat: str) -> None:
        room = self.rooms[chat]
        if room.task is None and not self.stopping:
            room.task = asyncio.create_task(self._work(room))

    async def stop(self, seconds: float) -> None:
        """Begin nothing new, and give what is under way so long to end."""
        self.stopping = True
        tasks = [room.task for room in self.rooms.values() if room.task]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _work(self, room: Room) -> None:
        claimed = await self.claim(room.chat)
        try:
            if claimed:
                await self._work_off(room)
            else:
                room.letters.clear()  # another process deals with the chat, and looks at what waits when it is done
        except InvalidToken as error:
            if not self.fatal.done():
                self.fatal.set_result(error)
        except Exception:
            _LOG.exception("a chat stopped")
            asyncio.get_running_loop().call_later(_AGAIN, self.wake, room.chat)
        finally:
            if claimed:
                await self.release(room.chat)
            room.task = None
            if room.letters and not self.stopping:
                self._wake(room.chat)
            elif not room.letters:
                self.rooms.pop(room.chat, None)

    async def _work_off(self, room: Room) -> None:
        if room.look or self.shared:
            room.look = False
            await self._move(room, await self.deliver(room.chat))
        while room.letters and not self.stopping:
            await self._gather(room)
            parcels = await self._deal_with(room, room.take())
            await self._move(room, await self.send(room.chat, parcels))

    async def _gather(self, room: Room) -> None:
        """Wait until it is the person's turn, and nothing more comes of what they say in several messages."""
        _, arrival, _ = room.letters[0]
        if arrival.kind == "text":
            await asyncio.sleep(self.delay(arrival))
        latest = time.monotonic() + 4 * self.gather_seconds
        while arrival.kind == "text" and time.monotonic() < latest:
            rest = room.letters[-1][2] + self.gather_seconds - time.monotonic()
            if rest <= 0 or self.stopping:
                break
            await asyncio.sleep(rest)

    async def _deal_with(self, room: Room, letters: list[tuple[Letter, Arrival]]) -> list[Parcel]:
        for attempt in range(1, _TRIES + 1):
            try:
                return await self.handle(room.chat, letters)
            except InvalidToken:
                raise
            except StoreError:
                _LOG.warning("the store cannot be used", extra={"facts": {"attempt": attempt}})
            except Exception:
                _LOG.exception("a turn failed")
            await asyncio.sleep(_WAIT * attempt)
        return await self.give_up(room.chat, letters)

    async def _move(self, room: Room, chat: str) -> None:
        """Go on under another key when the chat has become another one."""
        if chat == room.chat:
            return
        self.rooms.pop(room.chat, None)
        newer = self.rooms.get(chat)
        room.chat = chat
        if newer is None:
            self.rooms[chat] = room
        else:
            newer.letters.extendleft(reversed(room.letters))
            room.letters.clear()
            self.wake(chat)


def numbers(letters: Sequence[tuple[Letter, Arrival]]) -> list[int]:
    """Return the letters' numbers."""
    return [letter.number for letter, _ in letters]
