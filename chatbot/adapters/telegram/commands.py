"""What people can ask of the bot with a command or a button."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from chatbot.adapters.telegram.post import RawBot, quietly
from chatbot.adapters.telegram.replies import Replies
from chatbot.adapters.telegram.settings import TelegramSettings
from chatbot.adapters.telegram.texts import Language, as_language
from chatbot.adapters.telegram.visit import Visit
from chatbot.conversation.archive import Archive
from chatbot.conversation.letters import Exchange, Outcome
from chatbot.conversation.mailbox import Mailbox
from chatbot.errors import StoreError

_INFORMING = ("start", "help", "privacy", "version")
_OWNERS = ("stats", "broadcast", "block", "unblock")


@dataclass
class Commands:
    """Carries commands and buttons out. ``spread`` has chats look at what waits for them, not all at once."""

    bot: RawBot
    settings: TelegramSettings
    mailbox: Mailbox
    call: Callable[..., Awaitable[Any]]
    replies: Replies
    waiting: Callable[[], int]
    spread: Callable[[list[str]], None]
    unscrubbed: bool = False
    """Something was erased whose traces may still be in the store's files."""

    async def command(self, visit: Visit) -> Outcome:
        """Carry a command out."""
        name = visit.arrival.name
        if not name:
            return visit.outcome()  # another bot's
        if name in _INFORMING:
            return visit.outcome(*visit.text(name, version=self.replies.desk.serving.version))
        if name in _OWNERS:
            return await self._owners(visit, name)
        own = {
            "new": self._new, "undo": self._undo, "retry": self.replies.again, "why": self._why,
            "language": self._language, "export": self._export, "forget": self._forget,
        }  # fmt: skip
        if name in own:
            return await own[name](visit)
        # In a group, a command that nobody is named for may be another bot's.
        return visit.outcome(*visit.text("unknown")) if visit.arrival.private else visit.outcome()

    async def press(self, visit: Visit) -> Outcome:
        """Do what a button says."""
        verb, _, rest = visit.arrival.text.partition(":")
        answer, outcome = "", visit.outcome()
        if verb == "rate":
            answer = await self._rate(visit, *rest.split(":"))
        elif verb == "language" and (language := as_language(rest)):
            outcome = _speaking(visit, language)
        elif verb == "forget":
            outcome = await self._forget_now(visit) if rest == "yes" else visit.outcome(*visit.text("kept"))
        await quietly(self.bot.answer_callback_query(visit.arrival.press, answer or None))
        return outcome

    async def reaction(self, visit: Visit) -> Outcome:
        """Take a reaction to a reply for a rating."""
        turn = await self.call(self.mailbox.turn_of, visit.chat, str(visit.arrival.message))
        if turn is not None:
            await self.call(self.mailbox.rate, turn, visit.person, int(visit.arrival.text))
        return visit.outcome()

    async def _rate(self, visit: Visit, turn: str, sign: str) -> str:
        if not turn.isdigit() or sign not in ("1", "-1"):
            return ""
        kept = await self.call(self.mailbox.rate, int(turn), visit.person, int(sign))
        return visit.texts.say("thanks", visit.language) if kept else ""

    async def _new(self, visit: Visit) -> Outcome:
        await self.call(self.mailbox.conversation, visit.person, visit.chat, True)
        return visit.outcome(*visit.text("new"))

    async def _undo(self, visit: Visit) -> Outcome:
        if not await self.call(self.mailbox.last_turns, visit.talk.number):
            return visit.outcome(*visit.text("nothing"))
        gone = Exchange(visit.talk.number, [], [visit.talk.bot.name, visit.talk.person_name])
        return visit.outcome(*visit.text("undone"), exchange=gone)

    async def _why(self, visit: Visit) -> Outcome:
        context, last = await self.call(visit.talk.unanswered)
        if not context or not last:
            return visit.outcome(*visit.text("nothing"))
        body = {"kind": "why", "conversation": visit.talk.number, "person": visit.person, "language": visit.language}
        return visit.outcome(*visit.addressed([body]))

    async def _language(self, visit: Visit) -> Outcome:
        wished = visit.arrival.text.strip().lower()[:2]
        wished = {"中文": "zh", "汉语": "zh", "英文": "en", "英语": "en"}.get(wished, wished)
        if language := as_language(wished):
            return _speaking(visit, language)
        return visit.outcome(*visit.ask("language", ("English", "language:en"), ("中文", "language:zh")))

    async def _export(self, visit: Visit) -> Outcome:
        text = visit.texts.say("export", visit.language)
        return visit.outcome(*visit.addressed([{"kind": "export", "person": visit.person, "text": text}]))

    async def _forget(self, visit: Visit) -> Outcome:
        say = visit.texts.say
        buttons = [(say(f"forget_{answer}", visit.language), f"forget:{answer}") for answer in ("yes", "no")]
        return visit.outcome(*visit.ask("forget", *buttons))

    async def _forget_now(self, visit: Visit) -> Outcome:
        archive = Archive(self.mailbox.store)
        receipt = await self.call(archive.erase, f"{self.mailbox.adapter}:{visit.arrival.user}")
        text = visit.text("forgotten", turns=receipt.turns, number=receipt.number)
        try:
            await self.call(archive.scrub)
        except StoreError:
            self.unscrubbed = True  # someone reads just now: the next tidying up does it
        return Outcome(visit.chat, [letter.number for letter, _ in visit.letters], None, text)

    async def _owners(self, visit: Visit, name: str) -> Outcome:
        if visit.arrival.user not in self.settings.owners:
            return visit.outcome(*visit.text("owners"))
        if name == "stats":
            counts = await self.call(self.mailbox.counts)
            return visit.outcome(*visit.text("stats", waiting=self.waiting(), **counts))
        if not visit.arrival.text:
            return visit.outcome(*visit.text("usage"))
        if name == "broadcast":
            return await self._broadcast(visit)
        person = await self.call(self.mailbox.find_person, visit.arrival.text)
        if person is None:
            return visit.outcome(*visit.text("nobody"))
        await self.call(self.mailbox.block, person, name == "block")
        return visit.outcome(*visit.text(f"{name}ed", person=visit.arrival.text))

    async def _broadcast(self, visit: Visit) -> Outcome:
        chats = [chat for chat in await self.call(self.mailbox.open_chats) if chat != visit.chat]
        bodies = visit.message(visit.arrival.text)
        await self.call(self.mailbox.post, chats, [{"kind": "text", "text": body["text"]} for body in bodies],
                        f"broadcast:{visit.letters[0][0].key}")  # fmt: skip
        self.spread(chats)
        return visit.outcome(*visit.text("broadcast", chats=len(chats)))


def _speaking(visit: Visit, language: Language) -> Outcome:
    """Return what comes of choosing a language."""
    return visit.outcome(*visit.message(visit.texts.say("spoken", language)), facts={"language": language})
