"""What a parcel stands for, made when it is sent: the picture of an explanation, or a person's words as a file."""

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from chatbot.adapters.telegram.texts import Texts
from chatbot.conversation.archive import Archive
from chatbot.conversation.manager import Talk
from chatbot.conversation.store import Store
from chatbot.corpus.canonical import dump_dialogue
from chatbot.dialogue import Dialogue
from chatbot.errors import ChatbotError
from chatbot.explanation.picture import as_png

_LOG = logging.getLogger(__name__)


@dataclass
class Attachments:
    """Makes attachments; ``talk`` gives a person's conversation of a number, ``call`` runs what asks the store."""

    store: Store
    texts: Texts
    talk: Callable[[int, int], Talk]
    person_name: str
    call: Callable[..., Awaitable[Any]]

    async def make(self, body: dict[str, Any]) -> tuple[bytes, str] | str:
        """Return what a parcel stands for: the picture of an explanation, or a person's words as a file."""
        if body["kind"] == "export":
            file: tuple[bytes, str] = await self.call(self._export, body["person"])
            return file
        try:
            found = await asyncio.to_thread(self.talk(body["person"], body["conversation"]).why)
            if found is not None:
                return await asyncio.to_thread(as_png, found), "why.png"
        except ChatbotError as error:
            _LOG.warning("no picture", extra={"facts": {"reason": error.message}})
        return self.texts.say("unexplained", body["language"])

    def _export(self, person: int) -> tuple[bytes, str]:
        """Return a person's own words, a conversation a line."""
        stream = io.StringIO()
        for dialogue in Archive(self.store).dialogues_of(person):
            mine = tuple(turn for turn in dialogue.turns if turn.speaker == self.person_name)
            if mine:
                stream.write(dump_dialogue(Dialogue(dialogue.id, mine)) + "\n")
        return stream.getvalue().encode(), "export.jsonl"
