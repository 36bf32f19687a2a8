"""The bot on Telegram: what comes in is kept before Telegram may forget it, and what goes out until it has arrived."""

import asyncio
import io
import logging
import signal
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import Any

from telegram import BotCommand
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from chatbot.adapters.telegram.arrivals import WANTED, Arrival, Me, as_update, read_update
from chatbot.adapters.telegram.commands import Commands
from chatbot.adapters.telegram.desk import Desk, Serving
from chatbot.adapters.telegram.limits import Buckets
from chatbot.adapters.telegram.post import Post, RawBot, quietly
from chatbot.adapters.telegram.replies import Replies
from chatbot.adapters.telegram.rooms import Rooms, numbers
from chatbot.adapters.telegram.settings import TelegramSettings
from chatbot.adapters.telegram.texts import COMMANDS, Texts
from chatbot.adapters.telegram.visit import Visit
from chatbot.adapters.telegram.web import Web
from chatbot.conversation.archive import Archive
from chatbot.conversation.mailbox import Letter, Mailbox, Outcome, Parcel
from chatbot.conversation.manager import Talk
from chatbot.conversation.store import now
from chatbot.corpus.canonical import dump_dialogue
from chatbot.dialogue import Dialogue
from chatbot.errors import ChatbotError, StoreError
from chatbot.explanation.picture import as_png

_LOG = logging.getLogger(__name__)
_POLL_SECONDS, _CONFLICT_SECONDS, _STOP_SECONDS = 10, 60.0, 8.0
_RELOAD_SECONDS, _TIDY_SECONDS, _SWEEP_SECONDS = 2.0, 3600.0, 1.0
_CALLS = 16
"""Calls at once. httpcore looks at every connection for every call: 64 of them took 4 ms a call, 16 take 1."""
_CROWD = 16
"""With so many chats at work, calls to show that the bot types would only delay what it types."""
_CROWD_SECONDS = 0.1
_WAKES_A_SECOND = 25
"""Telegram takes about 30 messages a second from a bot (https://core.telegram.org/bots/faq)."""
OK, ANOTHER, WRONG, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True, slots=True)
class Model:
    """Where the bot's versions come from: ``current`` names the one that should answer, ``load`` loads one."""

    current: Callable[[], str]
    load: Callable[[str], Serving]


class TelegramBot:
    """Serves a bot on Telegram until it is told to end."""

    def __init__(
        self, settings: TelegramSettings, token: str, secret: str, mailbox: Mailbox, model: Model, desk: Desk,
        pictures: Desk | None = None, keep_days: int | None = None,
    ) -> None:  # fmt: skip
        """``secret`` is what Telegram must say to a webhook; ``pictures`` answers photos."""
        self.settings, self.mailbox, self.model, self.desk = settings, mailbox, model, desk
        self._secret, self._keep_days = secret, keep_days
        self.texts = Texts(settings.language, settings.texts)
        self.bot = _make_bot(settings, token)
        sqlite = mailbox.store.url.get_backend_name() == "sqlite"
        # SQLite's writers wait for each other anyway.
        self._threads = ThreadPoolExecutor(1 if sqlite else 8, thread_name_prefix="store")
        self.post = Post(self.bot, mailbox, self.call, self._attach)
        self.replies = Replies(self.bot, settings, mailbox, self.call, desk, pictures)
        self.commands = Commands(
            self.bot, settings, mailbox, self.call, self.replies, self._waiting, self._spread,
        )  # fmt: skip
        self.me = Me(0, "")
        self._dice = SystemRandom()
        self._buckets = Buckets(settings.limits.seconds_per_message, settings.limits.burst)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.polled = time.monotonic()
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
        with suppress(Exception):
            await asyncio.wait_for(self.bot.shutdown(), 1)
        self._threads.shutdown()
        _LOG.info("stopped")

    async def _run(self) -> int:
        await self._introduce()
        with self.mailbox.claims() as self._claim:
            async with Web(self.settings, self._secret, self.take_in, self._health, self._metrics) as web:
                await self._take_up()
                self._background(self._reloading(), self._tidying())
                if self.mailbox.shared:
                    self._background(self._sweeping())
                if self.settings.mode == "webhook":
                    await self._patiently(lambda: self.bot.set_webhook(
                        self.settings.webhook_url, allowed_updates=WANTED, secret_token=self._secret))  # fmt: skip
                    _LOG.info("started", extra={"facts": {"mode": "webhook", "port": web.port}})
                    await asyncio.Event().wait()
                with suppress(InvalidToken):  # the token is good, so this is a server that knows no webhooks
                    await self._patiently(lambda: self.bot.delete_webhook(drop_pending_updates=False))
                _LOG.info("started", extra={"facts": {"mode": "polling"}})
                return await self._poll()

    async def _introduce(self) -> None:
        """Learn who the bot is, and tell Telegram what it can be asked for."""
        with suppress(TelegramError):
            await self.bot.initialize()
        me = await self._patiently(self.bot.get_me)
        self.me = Me(me.id, me.username or "")
        for language in (None, *COMMANDS):
            commands = [BotCommand(*one) for one in COMMANDS[language or self.settings.language].items()]
            await quietly(self.bot.set_my_commands(commands, language_code=language))

    async def _patiently(self, ask: Callable[[], Any]) -> Any:
        """Ask Telegram until it answers."""
        wait = 0.5
        while True:
            try:
                return await ask()
            except InvalidToken:
                raise
            except RetryAfter as error:
                await asyncio.sleep(_after(error))
            except TelegramError as error:
                _LOG.warning("Telegram does not answer", extra={"facts": {"error": type(error).__name__}})
                await asyncio.sleep(wait)
                wait = min(2 * wait, 30.0)

    async def _poll(self) -> int:
        """Ask for updates for ever; return when another instance does so too."""
        offset, wait, conflict = 0, 0.5, 0.0
        while True:
            try:
                raws = await self.bot.raw_updates(offset, _POLL_SECONDS, WANTED)
                await self.take_in(raws)
            except InvalidToken:
                raise
            except RetryAfter as error:
                await asyncio.sleep(_after(error))
            except (TelegramError, StoreError) as error:
                if isinstance(error, Conflict):
                    if not conflict:
                        conflict = time.monotonic()
                        _LOG.error("another instance asks for this bot's messages")
                    if time.monotonic() - conflict > _CONFLICT_SECONDS:
                        return ANOTHER
                else:
                    _LOG.warning("no updates", extra={"facts": {"error": type(error).__name__}})
                await asyncio.sleep(wait)
                wait = min(2 * wait, 10.0)
            else:
                offset = max((raw["update_id"] for raw in raws), default=offset - 1) + 1
                wait, conflict, self.polled = 0.5, 0.0, time.monotonic()
                if len(self.rooms.rooms) >= _CROWD:
                    await asyncio.sleep(_CROWD_SECONDS)  # then more come with one call, and go into one transaction

    async def take_in(self, raws: Iterable[dict[str, Any]]) -> None:
        """Keep updates; when this returns, Telegram may forget them."""
        arrivals: dict[str, Arrival] = {}
        letters = []
        for raw in raws:
            key = str(raw.get("update_id"))
            try:
                found = read_update(as_update(raw, self.bot), self.me)
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
        if arrival.kind in ("text", "photo") and len(self.rooms.rooms) < _CROWD:
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

    async def _attach(self, body: dict[str, Any], chat: str) -> tuple[bytes, str] | str:
        """Return what a parcel stands for: the picture of an explanation, or a person's words as a file."""
        if body["kind"] == "export":
            file: tuple[bytes, str] = await self.call(self._export, body["person"])
            return file
        try:
            found = await asyncio.to_thread(self._talk(body["person"], body["conversation"]).why)
            if found is not None:
                return await asyncio.to_thread(as_png, found), "why.png"
        except ChatbotError as error:
            _LOG.warning("no picture", extra={"facts": {"reason": error.message}})
        return self.texts.say("unexplained", body["language"])

    def _export(self, person: int) -> tuple[bytes, str]:
        """Return a person's own words, a conversation a line."""
        stream = io.StringIO()
        for dialogue in Archive(self.mailbox.store).dialogues_of(person):
            mine = tuple(turn for turn in dialogue.turns if turn.speaker == self.desk.serving.partner.person_name)
            if mine:
                stream.write(dump_dialogue(Dialogue(dialogue.id, mine)) + "\n")
        return stream.getvalue().encode(), "export.jsonl"

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

    async def _reloading(self) -> None:
        """Take a new version up when there is one; replies under way end with the old one."""
        while True:
            await asyncio.sleep(_RELOAD_SECONDS)
            try:
                version = await asyncio.to_thread(self.model.current)
                if version != self.desk.serving.version:
                    self.desk.serving = await asyncio.to_thread(self.model.load, version)
                    _LOG.info("a new version answers", extra={"facts": {"version": version}})
            except ChatbotError as error:
                _LOG.warning("the version cannot be loaded", extra={"facts": {"reason": error.message}})

    async def _tidying(self) -> None:
        archive = Archive(self.mailbox.store)
        while True:
            try:
                await self.call(self.mailbox.tidy)
                if self._keep_days:
                    removed = await self.call(archive.purge, now() - timedelta(days=self._keep_days))
                    self.commands.unscrubbed = self.commands.unscrubbed or removed > 0
                if self.commands.unscrubbed:
                    await self.call(archive.scrub)
                    self.commands.unscrubbed = False
            except StoreError:
                _LOG.warning("the store could not be tidied up")
            await asyncio.sleep(_TIDY_SECONDS)

    async def _sweeping(self) -> None:
        """Look for what other processes have left: they may have been killed."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            with suppress(StoreError):
                for letter in await self.call(self.mailbox.waiting):
                    room = self.rooms.rooms.get(letter.chat)
                    if room is None or room.task is None:
                        self.rooms.put(letter, Arrival.load(letter.body))
                for chat in await self.call(self.mailbox.busy_chats):
                    self.rooms.wake(chat)

    def _waiting(self) -> int:
        return self.rooms.waiting()

    def _health(self) -> dict[str, Any]:
        late = time.monotonic() - self.polled if self.settings.mode == "polling" else 0.0
        well = late < 3 * _POLL_SECONDS + 30
        return {"ok": well, "version": self.desk.serving.version, "seconds_since_poll": round(late, 1)}

    def _metrics(self) -> dict[str, float]:
        return {
            "received_total": self.received, "sent_total": self.post.sent, "waiting": self.rooms.waiting(),
            "chats": len(self.rooms.rooms),
        }  # fmt: skip


def _end(ended: "asyncio.Future[int]", status: int) -> None:
    if not ended.done():
        ended.set_result(status)


def _after(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after) if isinstance(after, int) else after.total_seconds()


def _make_bot(settings: TelegramSettings, token: str) -> RawBot:
    timeouts: dict[str, Any] = {"connect_timeout": 10, "read_timeout": 15, "write_timeout": 15, "pool_timeout": 60}
    return RawBot(
        token,
        base_url=f"{settings.api_url}/bot",
        base_file_url=f"{settings.files}/bot",
        request=HTTPXRequest(connection_pool_size=_CALLS, **timeouts),
        get_updates_request=HTTPXRequest(connection_pool_size=1, **timeouts),
    )
