"""The bot's own turns: to messages, pictures, changed messages, and once more."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from telegram.error import BadRequest

from chatbot.adapters.telegram.arrivals import Arrival
from chatbot.adapters.telegram.desk import Desk
from chatbot.adapters.telegram.pieces import LONGEST, split_text, units
from chatbot.adapters.telegram.post import RawBot, quietly
from chatbot.adapters.telegram.settings import TelegramSettings
from chatbot.adapters.telegram.visit import Visit
from chatbot.conversation.letters import Exchange, Outcome
from chatbot.conversation.mailbox import Mailbox
from chatbot.conversation.store import Origin, now
from chatbot.dialogue import Turn
from chatbot.errors import PictureError
from chatbot.text.clean import clean

_TYPING_SECONDS, _DRAFT_SECONDS, _TRIES = 4, 1, 3
_PICTURE = "🖼"


@dataclass
class Replies:
    """Makes the bot's turns. ``pictures`` is who answers pictures, if anybody does."""

    bot: RawBot
    settings: TelegramSettings
    mailbox: Mailbox
    call: Callable[..., Awaitable[Any]]
    desk: Desk
    pictures: Desk | None = None

    async def message(self, visit: Visit) -> Outcome:
        """Answer the messages of one turn."""
        said = "\n".join(arrival.text for _, arrival in visit.letters)[: self.settings.limits.message_characters]
        turn = Turn(visit.talk.person_name, clean(said), now())
        context = await self.call(visit.talk.context, turn)
        reply = await self._ask(visit, context)
        return self._outcome(visit, turn, reply)

    async def picture(self, visit: Visit) -> Outcome:
        """Answer a picture."""
        if self.pictures is None:
            return visit.outcome(*visit.text("photo"))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "picture"
            try:
                file = await self.bot.get_file(visit.arrival.text)
                await file.download_to_drive(path)
                reply = await self._ask(visit, [Turn(visit.talk.person_name, str(path))], self.pictures)
            except (PictureError, BadRequest):
                return visit.outcome(*visit.text("unseen"))
        return self._outcome(visit, Turn(visit.talk.person_name, _PICTURE, now()), reply)

    async def changed(self, visit: Visit) -> Outcome | None:
        """Answer a changed message anew when it was the last; else nothing comes of it."""
        chat, arrival = visit.chat, visit.arrival
        number, letters = await self.call(self.mailbox.letters_of, chat, str(arrival.message))
        latest = await self.call(self.mailbox.last_turns, visit.talk.number)
        replied = len(latest) == 2 and latest[0][1] == visit.talk.bot.name
        asked = latest[1 if replied else 0][0] if latest else None
        if number is None or asked != number:
            return None
        arrivals = [(letter, Arrival.load(letter.body)) for letter in letters]
        parts = [
            arrival.text if letter.message == str(arrival.message) else one.text
            for letter, one in arrivals
            if one.kind == "text"
        ]
        for letter, one in arrivals:
            if letter.message == str(arrival.message) and one.kind == "text":
                await self.call(self.mailbox.rewrite, letter.number, replace(one, text=arrival.text).dump())
        turn = Turn(visit.talk.person_name, clean("\n".join(parts)), now())
        context = await self.call(visit.talk.context, turn, 1 + replied)
        reply = await self._ask(visit, context)
        instead_of = [visit.talk.bot.name] * replied + [visit.talk.person_name]
        outcome = self._outcome(visit, turn, reply, instead_of)
        return replace(outcome, letters=[*outcome.letters, *(letter.number for letter in letters)])

    async def again(self, visit: Visit) -> Outcome:
        """Answer the last message otherwise."""
        context, last = await self.call(visit.talk.unanswered)
        if not context:
            return visit.outcome(*visit.text("nothing"))
        for _ in range(_TRIES):
            reply = await self._ask(visit, context)
            if reply.text != last:
                break
        return self._outcome(visit, None, reply, [visit.talk.bot.name])

    def _outcome(self, visit: Visit, turn: Turn | None, reply: "_Reply", instead_of: Sequence[str] = ()) -> Outcome:
        """Return the turns of an exchange, and the messages that carry the reply."""
        turns: list[tuple[Turn, Origin | None]] = [(turn, None)] if turn else []
        if reply.text:
            turns.append((Turn(visit.talk.bot.name, reply.text, now()), reply.origin))
        bodies = visit.message(reply.text or visit.texts.say("silent", visit.language), self.settings.buttons)
        if not visit.standing.told:
            _tell(bodies, visit.texts.say("consent", visit.language))
        exchange = Exchange(visit.talk.number, turns, instead_of)
        return visit.outcome(*bodies, exchange=exchange, facts={} if visit.standing.told else {"told": True})

    async def _ask(self, visit: Visit, context: list[Turn], desk: Desk | None = None) -> "_Reply":
        """Return a reply, and show meanwhile that one is being made."""
        seed, draft = visit.talk.seed(), _Draft()
        shows = asyncio.create_task(self._show(visit, draft))
        try:
            said = await (desk or self.desk).ask(context, seed, draft.hear)
        finally:
            shows.cancel()
            with suppress(asyncio.CancelledError):
                await shows
        return _Reply(clean(said.text), Origin(said.version, seed, said.settings, said.latency))

    async def _show(self, visit: Visit, draft: "_Draft") -> None:
        """Show that the bot still types, and in a private chat what it has typed so far once that takes a while."""
        number, shown, seconds = visit.letters[0][0].number % 2**31 or 1, "", 0
        while True:
            await asyncio.sleep(_DRAFT_SECONDS)
            seconds += 1
            if seconds % _TYPING_SECONDS == 0:
                await quietly(self.bot.send_chat_action(visit.chat, "typing"))
            if visit.arrival.private and draft.text and draft.text != shown:
                shown = draft.text
                await quietly(self.bot.send_message_draft(int(visit.chat), number, split_text(shown)[0]))


@dataclass(frozen=True, slots=True)
class _Reply:
    text: str
    origin: Origin


@dataclass(slots=True)
class _Draft:
    """What a reply has come to so far."""

    text: str = ""

    def hear(self, text: str) -> None:
        self.text = clean(text)


def _tell(bodies: list[dict[str, Any]], line: str) -> None:
    """Put a line under the last message, or into one of its own where it does not fit."""
    last = bodies[-1]
    if units(last["text"]) + units(line) + 2 <= LONGEST:
        last["text"] += f"\n\n{line}"
    else:
        bodies.insert(0, {"kind": "text", "text": line})
