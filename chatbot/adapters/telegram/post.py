"""Sending what waits in the outbox: each parcel until it is known to have arrived, in order within a chat."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

os.environ.setdefault("PTB_TIMEDELTA", "true")

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from chatbot.conversation.letters import Parcel
from chatbot.conversation.mailbox import Mailbox

_LOG = logging.getLogger(__name__)
_FIRST_WAIT, _LONGEST_WAIT = 0.3, 30.0
_SENDING_SECONDS = 15.0

Attachment = Callable[[dict[str, Any]], Awaitable[tuple[bytes, str] | str]]
"""Makes what a parcel stands for, when it is sent: a file and its name, or a text in its place."""


class RawBot(Bot):
    """A bot that gives updates as they are, so that one that the library cannot read does not hold up the others."""

    async def raw_updates(self, offset: int, seconds: int, wanted: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return the updates from ``offset`` on, waiting for one so long; what lies before is confirmed thereby."""
        asked: dict[str, Any] = {"timeout": seconds, "allowed_updates": list(wanted)}
        if offset:
            asked["offset"] = offset
        found = await self._post("getUpdates", asked, read_timeout=seconds + 10)
        return list(found) if isinstance(found, list) else []

    async def raw_me(self) -> dict[str, Any]:
        """Return who the bot is; not every server says as much of it as the library wants to know."""
        return dict(await self._post("getMe"))

    async def raw_message(self, chat: str, text: str, **more: Any) -> int:
        """Send a text, and return its message's number; the library would make a whole message of the answer."""
        times = {"read_timeout": more.pop("read_timeout"), "write_timeout": more.pop("write_timeout")}
        found: Any = await self._post("sendMessage", {"chat_id": chat, "text": text, **more}, **times)
        return int(found["message_id"])


class Post:
    """Sends the parcels of chats."""

    def __init__(self, bot: RawBot, mailbox: Mailbox, call: Callable[..., Awaitable[Any]], attach: Attachment) -> None:
        """``call`` runs a function of the store's off the loop."""
        self._bot, self._mailbox, self._call, self._attach = bot, mailbox, call, attach
        self.sent = 0

    async def deliver(self, chat: str) -> str:
        """Send what waits for a chat; return its key, which may have become another one.

        Raises:
            InvalidToken: Telegram does not know the bot any more.
        """
        return await self.send(chat, await self._call(self._mailbox.parcels, chat))

    async def send(self, chat: str, parcels: Iterable[Parcel]) -> str:
        """Send parcels, as ``deliver`` does."""
        for parcel in parcels:
            moved = await self._send(chat, parcel)
            if moved is None:
                break
            chat = moved
        return chat

    async def _send(self, chat: str, parcel: Parcel) -> str | None:
        """Send one parcel, however long that takes; return the chat's key, or nothing when the chat is closed to us."""
        body, wait = dict(parcel.body), _FIRST_WAIT
        while True:
            try:
                message = await self._attempt(chat, body, parcel.turn)
            except InvalidToken:
                raise
            except RetryAfter as error:
                await asyncio.sleep(seconds_of(error) + 0.1)
            except ChatMigrated as error:
                await self._call(self._mailbox.move_chat, chat, str(error.new_chat_id))
                chat = str(error.new_chat_id)
            except (Forbidden, BadRequest) as error:
                if isinstance(error, Forbidden) or "chat not found" in error.message.lower():
                    await self._call(self._mailbox.close_chat, chat)
                    _LOG.info("chat closed to the bot", extra={"facts": {"chat": chat}})
                    return None
                if not body.pop("reply_to", None):
                    facts = {"parcel": parcel.number, "reason": error.message[:80]}
                    _LOG.warning("refused", extra={"facts": facts})
                    message = 0
                    break
            except NetworkError:
                # Nobody knows whether it arrived. Rather twice than never.
                await self._call(self._mailbox.tried, parcel.number)
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                self.sent += 1
                break
        await self._call(self._mailbox.sent, parcel, str(message))
        return chat

    async def _attempt(self, chat: str, body: dict[str, Any], turn: int | None) -> int:
        """Send one parcel, and return its message's number."""
        made: tuple[bytes, str] | str = body.get("text", "")
        if body["kind"] != "text":
            made = await self._attach(body)
        common: dict[str, Any] = {"read_timeout": _SENDING_SECONDS, "write_timeout": _SENDING_SECONDS}
        if body.get("reply_to"):
            common["reply_parameters"] = ReplyParameters(body["reply_to"], allow_sending_without_reply=True)
        if keyboard := _keyboard(body, turn):
            common["reply_markup"] = keyboard
        if isinstance(made, str):
            return await self._bot.raw_message(chat, made, **common)
        sent: Message
        if made[1].endswith(".png"):
            sent = await self._bot.send_photo(chat, InputFile(made[0], made[1]), **common)
        else:
            sent = await self._bot.send_document(chat, InputFile(made[0], made[1]), caption=body.get("text"), **common)
        return sent.message_id


def seconds_of(error: RetryAfter) -> float:
    """Return how long Telegram wants to be left alone."""
    after = error.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()


def _keyboard(body: dict[str, Any], turn: int | None) -> InlineKeyboardMarkup | None:
    """Return the buttons under a message: those of the parcel, or 👍 and 👎 for the reply that it carries."""
    if buttons := body.get("keyboard"):
        return InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=data) for text, data in buttons]])
    if body.get("buttons") and turn is not None:
        rates = [
            InlineKeyboardButton(mark, callback_data=f"rate:{turn}:{sign}") for mark, sign in (("👍", 1), ("👎", -1))
        ]
        return InlineKeyboardMarkup([rates])
    return None


async def quietly(call: Awaitable[Any]) -> None:
    """Make a call that does not matter much."""
    try:
        await call
    except TelegramError as error:
        _LOG.debug("not done", extra={"facts": {"error": type(error).__name__}})
