"""Asking Telegram: until it answers, and for updates for ever."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from chatbot.adapters.telegram.arrivals import WANTED
from chatbot.adapters.telegram.post import RawBot, seconds_of
from chatbot.errors import StoreError

_LOG = logging.getLogger(__name__)
POLL_SECONDS = 10
_FIRST_WAIT, _LONGEST_WAIT, _PATIENCE = 0.5, 10.0, 30.0
_CONFLICT_SECONDS = 60.0
_CROWD_SECONDS = 0.1


async def patiently(ask: Callable[[], Any]) -> Any:
    """Ask Telegram until it answers.

    Raises:
        InvalidToken: it does not know the bot.
    """
    wait = _FIRST_WAIT
    while True:
        try:
            return await ask()
        except InvalidToken:
            raise
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error))
        except TelegramError as error:
            _LOG.warning("Telegram does not answer", extra={"facts": {"error": type(error).__name__}})
            await asyncio.sleep(wait)
            wait = min(2 * wait, _PATIENCE)


@dataclass
class Poller:
    """Asks for updates; ``take_in`` keeps them before the next call confirms them, ``crowded`` tells of many chats."""

    bot: RawBot
    take_in: Callable[[list[dict[str, Any]]], Awaitable[None]]
    crowded: Callable[[], bool]
    last: float = field(default_factory=time.monotonic)
    """When Telegram last answered."""
    _offset: int = 0
    _wait: float = _FIRST_WAIT
    _conflict: float = 0.0

    async def poll(self) -> None:
        """Ask for ever; return when another instance does so too.

        Raises:
            InvalidToken: Telegram does not know the bot any more.
        """
        while not self._conflict or time.monotonic() - self._conflict < _CONFLICT_SECONDS:
            try:
                await self._ask()
            except InvalidToken:
                raise
            except RetryAfter as error:
                await asyncio.sleep(seconds_of(error))
            except (TelegramError, StoreError) as error:
                self._note(error)
                await asyncio.sleep(self._wait)
                self._wait = min(2 * self._wait, _LONGEST_WAIT)

    async def _ask(self) -> None:
        raws = await self.bot.raw_updates(self._offset, POLL_SECONDS, WANTED)
        await self.take_in(raws)
        self._offset = max((raw["update_id"] for raw in raws), default=self._offset - 1) + 1
        self._wait, self._conflict, self.last = _FIRST_WAIT, 0.0, time.monotonic()
        if self.crowded():
            await asyncio.sleep(_CROWD_SECONDS)  # then more come with one call, and go into one transaction

    def _note(self, error: Exception) -> None:
        if not isinstance(error, Conflict):
            _LOG.warning("no updates", extra={"facts": {"error": type(error).__name__}})
        elif not self._conflict:
            self._conflict = time.monotonic()
            _LOG.error("another instance asks for this bot's messages")
