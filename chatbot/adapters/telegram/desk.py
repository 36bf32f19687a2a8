"""Where replies are made: off the event loop, those that wait together in one batch."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue

from chatbot.conversation.manager import Serving
from chatbot.dialogue import Turn

_TOGETHER = 32

Hear = Callable[[str], object]
"""Takes what a reply has come to so far."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, and how it came about; ``latency`` is in seconds."""

    text: str
    version: str
    settings: str
    latency: float


@dataclass(slots=True)
class _Wish:
    context: Sequence[Turn]
    seed: int
    hear: Hear | None
    future: "asyncio.Future[Said]"
    begun: float = field(default_factory=time.monotonic)


class Desk:
    """Makes replies on a thread of its own; one that takes longer than ``seconds`` ends there."""

    def __init__(self, serving: Serving, seconds: float) -> None:
        self.serving = serving
        self._seconds = seconds
        self._wishes: SimpleQueue[_Wish] = SimpleQueue()
        threading.Thread(target=self._work, name="replies", daemon=True).start()

    async def ask(self, context: Sequence[Turn], seed: int, hear: Hear | None = None) -> Said:
        """Return the reply to a context; ``hear`` is told on the loop what it has come to so far."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Said] = loop.create_future()
        told = None if hear is None else lambda text: loop.call_soon_threadsafe(hear, text)
        self._wishes.put(_Wish(context, seed, told, future))
        return await future

    def _work(self) -> None:
        while True:
            wishes = [self._wishes.get()]
            while len(wishes) < _TOGETHER and not self._wishes.empty():
                wishes.append(self._wishes.get())
            self._grant(wishes)

    def _grant(self, wishes: list[_Wish]) -> None:
        serving = self.serving
        try:
            texts = [self._stream(serving, wishes[0])] if len(wishes) == 1 else self._together(serving, wishes)
        except Exception as error:
            for wish in wishes:
                _tell(wish, error)
            return
        for wish, text in zip(wishes, texts, strict=True):
            said = Said(text, serving.version, serving.answerer.settings, time.monotonic() - wish.begun)
            _tell(wish, said)

    def _stream(self, serving: Serving, wish: _Wish) -> str:
        text, until = "", time.monotonic() + self._seconds
        for piece in serving.answerer.stream(wish.context, serving.partner.answerer, wish.seed):
            text += piece
            if wish.hear:
                wish.hear(text)
            if time.monotonic() > until:
                break
        return text

    def _together(self, serving: Serving, wishes: list[_Wish]) -> list[str]:
        contexts, seeds = [wish.context for wish in wishes], [wish.seed for wish in wishes]
        return serving.answerer.answers(contexts, serving.partner.answerer, seeds, self._seconds)


def _tell(wish: _Wish, outcome: Said | Exception) -> None:
    def settle() -> None:
        if wish.future.done():
            return
        if isinstance(outcome, Exception):
            wish.future.set_exception(outcome)
        else:
            wish.future.set_result(outcome)

    wish.future.get_loop().call_soon_threadsafe(settle)
