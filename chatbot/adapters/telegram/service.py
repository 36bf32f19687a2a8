"""The bot on Telegram: what comes in is kept before Telegram may forget it, and what goes out until it has arrived."""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import SystemRandom
from typing import Any

from telegram import BotCommand
from telegram.error import InvalidToken

from chatbot.adapters.telegram.arrivals import WANTED, Arrival, Me, read_update
from chatbot.adapters.telegram.attachments import Attachments
from chatbot.adapters.telegram.commands import Commands
from chatbot.adapters.telegram.desk import Desk
from chatbot.adapters.telegram.http import Http
from chatbot.adapters.telegram.limits import Buckets
from chatbot.adapters.telegram.polling import POLL_SECONDS, Poller, patiently
from chatbot.adapters.telegram.post import Post, RawBot, quietly
from chatbot.adapters.telegram.replies import Replies
from chatbot.adapters.telegram.rooms import Rooms, numbers
from chatbot.adapters.telegram.settings import TelegramSettings
from chatbot.adapters.telegram.texts import COMMANDS, Texts
from chatbot.adapters.telegram.upkeep import Model, reload_versions, sweep, tidy_up
from chatbot.adapters.telegram.visit import Visit
from chatbot.adapters.telegram.web import Web
from chatbot.conversation.letters import Letter, Outcome, Parcel
from chatbot.conversation.mailbox import Mailbox
from chatbot.conversation.manager import Talk
from chatbot.errors import StoreError

_LOG = logging.getLogger(__name__)
_STOP_SECONDS = 8.0
_CALLS = 16
"""Calls at once."""
_CROWD = 16
"""With so many chats at work, calls to show that the bot types would only delay what it types."""
_WAKES_A_SECOND = 25
"""Telegram takes about 30 messages a second from a bot (https://core.telegram.org/bots/faq)."""
OK, ANOTHER, WRONG, INTERRUPTED = 0, 1, 2, 130


class TelegramBot:
    """Serves a bot on Telegram until it is told to end."""

    def __init__(
        self, settings: TelegramSettings, token: str, secret: str, mailbox: Mailbox, model: Model, desk: Desk,
        pictures: Desk | None = None, keep_days: int | None = None,
    ) -> None:  # fmt: skip
        """``secret`` is what Telegram must say to a webhook; ``pictures`` answers photos."""
        self.settings, self.mailbox, self.model, self.desk = settings, mailbox, model, desk
        self._secret, self._keep_days = secret, keep_days
        self.texts = Texts(settings.language, settings.texts, mailbox.store.lasts)
        self._lines = Http(_CALLS), Http(1)
        self.bot = RawBot(
            token, f"{settings.api_url}/bot", f"{settings.files}/bot", request=self._lines[0],
            get_updates_request=self._lines[1],
        )  # fmt: skip
        # SQLite's writers wait for each other anyway.
        self._threads = ThreadPoolExecutor(8 if mailbox.shared else 1, thread_name_prefix="store")
        person_name = desk.serving.partner.person_name
        attachments = Attachments(mailbox.store, self.texts, self._talk, person_name, self.call)
        self.post = Post(self.bot, mailbox, self.call, attachments.make)
        self.replies = Replies(self.bot, settings, mailbox, self.call, desk, pictures)
        self.commands = Commands(
            self.bot, settings, mailbox, self.call, self.replies, self._waiting, self._spread,
        )  # fmt: skip
        self.me = Me(0, "")
        self._dice = SystemRandom()
        self._buckets = Buckets(settings.limits.seconds_per_message, settings.limits.burst)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.poller = Poller(self.bot, self.take_in, self._crowded)
        self.received = 0
        self.rooms: Rooms
        self._claim: Callable[[str], bool] = lambda chat: True

    async def call(self, work: Callable[..., Any], *arguments: object) -> Any:
        """Run what asks the store on one of its threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def serve(self) -> int:
        """Serve, and return the exit status."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[int] = loop.create_future()
        fatal: asyncio.Future[Exception] = loop.create_future()
        for number, status in ((signal.SIGTERM, OK), (signal.SIGINT, INTERRUPTED)):
            loop.add_signal_handler(number, _end, ended, status)
        limits = self.settings.limits
        self.rooms = Rooms(
            self._handle, self.post.deliver, self.post.send, self._give_up, self._claim_chat, self._release_chat,
            lambda arrival: self._buckets.take(str(arrival.user)), limits.gather_seconds, self.mailbox.shared, fatal,
        )  # fmt: skip
        work = asyncio.create_task(self._run())
        try:
            waited: set[asyncio.Future[Any]] = {work, ended, fatal}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return ended.result()
            if fatal.done():
                raise fatal.result()
            return work.result()
        except InvalidToken:
            _LOG.error("Telegram refuses the token")
            return WRONG
        finally:
            await self._stop(work)

    async def _stop(self, work: "asyncio.Task[int]") -> None:
        for task in {work, *self._tasks}:
            task.cancel()
        await asyncio.gather(work, *self._tasks, return_exceptions=True)
        await self.rooms.stop(_STOP_SECONDS)
        for line in self._lines:
            with suppress(Exception):
                await asyncio.wait_for(line.shutdown(), 1)
        self._threads.shutdown()
        _LOG.info("stopped")

    async def _run(self) -> int:
        await self._introduce()
        with self.mailbox.claims() as self._claim:
            async with Web(self.settings, self._secret, self.take_in, self._health, self._metrics) as web:
                await self._take_up()
                self._background(reload_versions(self.model, self.desk))
                self._background(tidy_up(self.mailbox, self.call, self.commands, self._keep_days))
                if self.mailbox.shared:
                    self._background(sweep(self.mailbox, self.call, self.rooms))
                if self.settings.mode == "webhook":
                    await patiently(lambda: self.bot.set_webhook(
                        self.settings.webhook_url, allowed_updates=WANTED, secret_token=self._secret))  # fmt: skip
                    _LOG.info("started", extra={"facts": {"mode": "webhook", "port": web.port}})
                    await asyncio.Event().wait()
                with suppress(InvalidToken):  # the token is good, so this is a server that knows no webhooks
                    await patiently(lambda: self.bot.delete_webhook(drop_pending_updates=False))
                _LOG.info("started", extra={"facts": {"mode": "polling"}})
                await self.poller.poll()
                return ANOTHER

    async def _introduce(self) -> None:
        """Learn who the bot is, and tell Telegram what it can be asked for."""
        for line in self._lines:
            await line.initialize()
        me = await patiently(self.bot.raw_me)
        self.me = Me(int(me["id"]), me.get("username") or "")
        for language in (None, *COMMANDS):
            commands = [BotCommand(*one) for one in COMMANDS[language or self.settings.language].items()]
            await quietly(self.bot.set_my_commands(commands, language_code=language))

    async def take_in(self, raws: Iterable[dict[str, Any]]) -> None:
        """Keep updates; when this returns, Telegram may forget them."""
        arrivals: dict[str, Arrival] = {}
        letters = []
        for raw in raws:
            key = str(raw.get("update_id"))
            try:
                found = read_update(raw, self.me)
            except Exception:
                _LOG.warning("an update cannot be read", extra={"facts": {"update": key, "keys": list(raw)}})
                continue
            if found is not None:
                chat, arrival = found
                arrivals[key] = arrival
                letters.append(Letter(key, chat, arrival.dump(), str(arrival.message or "")))
        if not letters:
            return
        for letter in await self.call(self.mailbox.receive, letters):
            self.received += 1
            await self._let_in(letter, arrivals[letter.key])

    async def _let_in(self, letter: Letter, arrival: Arrival) -> None:
        """Have a letter dealt with, or say at once that there are too many."""
        full = self.rooms.waiting() >= self.settings.limits.waiting
        if full and arrival.kind in ("text", "photo") and not self.rooms.has_waiting(letter.chat):
            text = self.texts.say("busy", self.texts.language(arrival.language))
            outcome = Outcome(letter.chat, [letter.number], None, [{"kind": "text", "text": text}])
            await self.call(self.mailbox.settle, outcome)
            self.rooms.wake(letter.chat)
            return
        self.rooms.put(letter, arrival)
        if arrival.kind in ("text", "photo") and not self._crowded():
            self._background(quietly(self.bot.send_chat_action(letter.chat, "typing")))

    async def _take_up(self) -> None:
        """Go on with what an earlier run has left undone."""
        for letter in await self.call(self.mailbox.waiting):
            self.rooms.put(letter, Arrival.load(letter.body))
        self._spread(sorted(await self.call(self.mailbox.busy_chats)))

    async def _handle(self, chat: str, letters: list[tuple[Letter, Arrival]]) -> list[Parcel]:
        """Deal with the letters of one turn, and return what goes out."""
        arrival = letters[0][1]
        if arrival.kind in ("left", "moved"):
            await self._settle_chat(chat, arrival, numbers(letters))
            return []
        visit = await self.call(self._enter, chat, letters)
        outcome = visit.outcome() if visit.standing.blocked else await self._answer(visit)
        parcels: list[Parcel] = await self.call(self.mailbox.settle, outcome)
        facts = {"chat": chat, "kind": arrival.kind, "letters": len(letters)}
        if self.settings.log_words:
            facts["words"] = arrival.text
        _LOG.info("answered", extra={"facts": facts})
        return parcels

    async def _answer(self, visit: Visit) -> Outcome:
        kind = visit.arrival.kind
        if kind in ("text", "edit") and visit.talk.bot.sees:
            return visit.outcome(*visit.text("show"))  # to such a bot a text would be a path on this machine
        if kind == "text":
            return await self.replies.message(visit)
        if kind == "edit":
            return await self.replies.changed(visit) or visit.outcome()
        if kind == "photo":
            return await self.replies.picture(visit)
        ways = {"command": self.commands.command, "press": self.commands.press, "reaction": self.commands.reaction}
        return await ways[kind](visit) if kind in ways else visit.outcome(*visit.text(kind))

    async def _settle_chat(self, chat: str, arrival: Arrival, letters: list[int]) -> None:
        await self.call(self.mailbox.settle, Outcome(chat, letters))
        if arrival.kind == "left":
            await self.call(self.mailbox.close_chat, chat)
        else:
            await self.call(self.mailbox.move_chat, chat, arrival.text)
            self.rooms.wake(arrival.text)

    def _enter(self, chat: str, letters: list[tuple[Letter, Arrival]]) -> Visit:
        """Return who does something where, and their conversation there."""
        arrival = letters[0][1]
        standing = self.mailbox.standing(str(arrival.user), chat)
        language = self.texts.language(standing.language or arrival.language)
        talk = self._talk(standing.person, standing.conversation)
        return Visit(chat, letters, standing, language, talk, self.texts)

    def _talk(self, person: int, number: int) -> Talk:
        serving = self.desk.serving
        return Talk(self.mailbox.store, serving.answerer, serving.partner, person, number, self._dice)

    async def _give_up(self, chat: str, letters: list[tuple[Letter, Arrival]]) -> list[Parcel]:
        text = self.texts.say("failed", self.texts.language(letters[0][1].language))
        outcome = Outcome(chat, numbers(letters), None, [{"kind": "text", "text": text}])
        parcels: list[Parcel] = []
        with suppress(StoreError):
            parcels = await self.call(self.mailbox.settle, outcome)
        return parcels

    async def _claim_chat(self, chat: str) -> bool:
        return bool(await self.call(self._claim, chat)) if self.mailbox.shared else True

    async def _release_chat(self, chat: str) -> None:
        if self.mailbox.shared:
            await self.call(self.mailbox.release, chat)

    def _spread(self, chats: list[str]) -> None:
        """Have chats look at what waits for them, so many a second as Telegram takes."""

        async def wake() -> None:
            for chat in chats:
                self.rooms.wake(chat)
                await asyncio.sleep(1 / _WAKES_A_SECOND)

        self._background(wake())

    def _background(self, *works: Any) -> None:
        for work in works:
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _crowded(self) -> bool:
        return len(self.rooms.rooms) >= _CROWD

    def _waiting(self) -> int:
        return self.rooms.waiting()

    def _health(self) -> dict[str, Any]:
        late = time.monotonic() - self.poller.last if self.settings.mode == "polling" else 0.0
        well = late < 3 * POLL_SECONDS + 30
        return {"ok": well, "version": self.desk.serving.version, "seconds_since_poll": round(late, 1)}

    def _metrics(self) -> dict[str, float]:
        return {
            "received_total": self.received, "sent_total": self.post.sent, "waiting": self.rooms.waiting(),
            "chats": len(self.rooms.rooms),
        }  # fmt: skip


def _end(ended: "asyncio.Future[int]", status: int) -> None:
    if not ended.done():
        ended.set_result(status)
