"""What goes on beside the talks: taking new versions up, tidying the store, looking for what others have left."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chatbot.adapters.telegram.arrivals import Arrival
from chatbot.adapters.telegram.commands import Commands
from chatbot.adapters.telegram.desk import Desk
from chatbot.adapters.telegram.rooms import Rooms
from chatbot.conversation.archive import Archive
from chatbot.conversation.mailbox import Mailbox
from chatbot.conversation.manager import Serving
from chatbot.conversation.store import now
from chatbot.errors import ChatbotError, StoreError

_LOG = logging.getLogger(__name__)
_RELOAD_SECONDS, _TIDY_SECONDS, _SWEEP_SECONDS = 2.0, 3600.0, 1.0

Call = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Model:
    """Where the bot's versions come from: ``current`` names the one that should answer, ``load`` loads one."""

    current: Callable[[], str]
    load: Callable[[str], Serving]


async def reload_versions(model: Model, desk: Desk) -> None:
    """Take a new version up whenever there is one; replies under way end with the old one."""
    while True:
        await asyncio.sleep(_RELOAD_SECONDS)
        try:
            version = await asyncio.to_thread(model.current)
            if version != desk.serving.version:
                desk.serving = await asyncio.to_thread(model.load, version)
                _LOG.info("a new version answers", extra={"facts": {"version": version}})
        except ChatbotError as error:
            _LOG.warning("the version cannot be loaded", extra={"facts": {"reason": error.message}})


async def tidy_up(mailbox: Mailbox, call: Call, commands: Commands, keep_days: int | None) -> None:
    """Remove now and then what is settled or too old, and the last traces of what was erased."""
    archive = Archive(mailbox.store)
    while True:
        try:
            await call(mailbox.tidy)
            if keep_days:
                removed = await call(archive.purge, now() - timedelta(days=keep_days))
                commands.unscrubbed = commands.unscrubbed or removed > 0
            if commands.unscrubbed:
                await call(archive.scrub)
                commands.unscrubbed = False
        except StoreError:
            _LOG.warning("the store could not be tidied up")
        await asyncio.sleep(_TIDY_SECONDS)


async def sweep(mailbox: Mailbox, call: Call, rooms: Rooms) -> None:
    """Look again and again for what other processes have left: they may have been killed."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        with suppress(StoreError):
            for letter in await call(mailbox.waiting):
                room = rooms.rooms.get(letter.chat)
                if room is None or room.task is None:
                    rooms.put(letter, Arrival.load(letter.body))
            for chat in await call(mailbox.busy_chats):
                rooms.wake(chat)
