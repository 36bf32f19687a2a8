"""Talking in a terminal, or through a pipe."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory
from rich.console import Console
from rich.text import Text

from chatbot.conversation.manager import Talk
from chatbot.errors import PictureError
from chatbot.explanation.terminal import show_explanation
from chatbot.text.clean import clean

_NO_REPLY = "..."
_COMMANDS = {
    "/help": "show this",
    "/new": "start over: forget what was said so far",
    "/undo": "take back your last message and its reply",
    "/retry": "have the last message answered differently",
    "/why": "show what the last reply looked at, and what else could have come",
    "/history": "show the conversation",
    "/image": "show a picture: /image PATH (bots that look at pictures)",
    "/quit": "leave",
}


@dataclass(slots=True)
class Pipe:
    """One message a line in, one reply a line out, or JSON with ``as_json``; /new begins anew, /quit ends."""

    talk: Talk
    source: IO[str]
    target: IO[str]
    as_json: bool = False

    def serve(self) -> int:
        """Answer until the input ends."""
        for line in self.source:
            message = clean(line)
            if message == "/quit":
                break
            if message == "/new":
                self.talk.new()
            elif message:
                self.answer(message)
        return 0

    def answer(self, message: str) -> None:
        """Answer one message."""
        reply = "".join(self.talk.say(message_in(message, self.talk))) or _NO_REPLY
        record = {"message": message, "reply": reply, "version": self.talk.version, "conversation": self.talk.number}
        self.target.write((json.dumps(record, ensure_ascii=False) if self.as_json else reply) + "\n")
        self.target.flush()


def message_in(line: str, talk: Talk) -> str:
    """Return the message of a line: to a bot that answers pictures, the path behind ``/image``.

    Raises:
        PictureError: the bot wants a picture and gets none, or the other way round.
    """
    first, _, path = line.partition(" ")
    if first != "/image":
        if talk.sees:
            raise PictureError(f"{talk.bot} answers pictures, not words", "/image PATH shows it one")
        return line
    if not talk.sees:
        raise PictureError(f"{talk.bot} does not look at pictures", 'only bots with an encoder of kind "image" do')
    if not Path(path).expanduser().is_file():
        raise PictureError(f"{path or 'no path'}: there is no such file", "/image PATH shows a picture")
    return str(Path(path).expanduser().absolute())


class Terminal:
    """A conversation on a terminal: streaming, history, commands."""

    def __init__(self, talk: Talk, console: Console, history: Path) -> None:
        self.talk = talk
        self.console = console
        history.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        history.touch(mode=0o600)
        completer = WordCompleter(list(_COMMANDS), sentence=True)
        self.prompt: PromptSession[str] = PromptSession(
            history=FileHistory(str(history)), completer=completer, complete_while_typing=False
        )
        self._verbs: dict[str, Callable[[], None]] = {
            "/help": self._help,
            "/new": self._new,
            "/undo": self._undo,
            "/retry": self._retry,
            "/why": self._why,
            "/history": self._history,
        }

    def serve(self) -> int:
        """Talk until /quit or the end of input."""
        self._say(f"You are talking to {self.talk.bot}. /help shows what there is, /quit leaves.", "dim")
        while True:
            try:
                message = clean(self.prompt.prompt("> "))
            except KeyboardInterrupt:
                self._say("/quit or Ctrl-D leaves.", "dim")
                continue
            except EOFError:
                return 0
            if message == "/quit":
                return 0
            if message:
                self._take(message)

    def _take(self, message: str) -> None:
        first = message.split(maxsplit=1)[0]
        try:
            if not message.startswith("/") or first == "/image":
                self._stream(self.talk.say(message_in(message, self.talk)))
            elif verb := self._verbs.get(message):
                verb()
            else:
                self._say(f"There is no {first}. /help shows what there is.", "dim")
        except PictureError as error:  # the picture of an earlier message may be gone, too
            self._say(f"{error.message}; {error.hint}", "dim")

    def _stream(self, pieces: Iterator[str]) -> None:
        """Append a reply as it comes; Ctrl-C stops it, and what was said of it is kept."""
        said = False
        # Closing the generator, not only leaving it, is what keeps the interrupted reply.
        with suppress(KeyboardInterrupt):
            for piece in pieces:
                self.console.print(Text(piece), end="", soft_wrap=True)
                said = True
        pieces.close()  # type: ignore[attr-defined]
        self.console.print("" if said else Text(_NO_REPLY))

    def _help(self) -> None:
        for command, meaning in _COMMANDS.items():
            self._say(f"{command:<10}{meaning}")

    def _new(self) -> None:
        self.talk.new()
        self._say("A new conversation.", "dim")

    def _undo(self) -> None:
        gone = self.talk.undo()
        if not gone:
            self._say("There is nothing to take back.", "dim")
        for turn in reversed(gone):
            self._say(f"taken back: {clean(turn.text)}", "dim")

    def _retry(self) -> None:
        if self.talk.history():
            self._stream(self.talk.retry())
        else:
            self._say("There is nothing to answer yet.", "dim")

    def _why(self) -> None:
        found = self.talk.why()
        if found:
            show_explanation(found, self.console)
        else:
            self._say("There is no reply yet.", "dim")

    def _history(self) -> None:
        for turn in self.talk.history():
            self._say(f"{turn.speaker}: {clean(turn.text)}")

    def _say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style), soft_wrap=True)


def is_interactive() -> bool:
    """Tell whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
