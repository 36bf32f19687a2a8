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
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from rich.console import Console
from rich.text import Text

from chatbot.conversation.manager import Talk
from chatbot.conversation.pages import LAYOUTS
from chatbot.dialogue import Dialogue
from chatbot.errors import ChatbotError, PictureError
from chatbot.explanation.terminal import show_explanation
from chatbot.files import write_whole
from chatbot.text.clean import clean

_NO_REPLY = "..."
_COMMANDS = {
    "/help": "show this",
    "/new": "start over: forget what was said so far",
    "/undo": "take back your last message and its reply",
    "/edit TEXT": "put another message in the place of your last one",
    "/retry": "have the last message answered differently",
    "/why": "show why: what the reply looked at, what else could have come",
    "/good": "tell that the last reply was good",
    "/bad": "tell that the last reply was bad",
    "/history": "show the conversation",
    "/title TEXT": "give the conversation a title",
    "/search WORDS": "find what was said in your conversations",
    "/save FILE": "write the conversation to a .md, .html or .jsonl file",
    "/set KEY VALUE": "choose replies otherwise: /set temperature 0.7; /set shows how",
    "/version": "show which version of the bot this is",
    "/image PATH": "show a picture (bots that look at pictures)",
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
        record = {
            "message": message,
            "reply": reply,
            "version": self.talk.bot.version,
            "conversation": self.talk.number,
        }
        self.target.write((json.dumps(record, ensure_ascii=False) if self.as_json else reply) + "\n")
        self.target.flush()


def message_in(line: str, talk: Talk) -> str:
    """Return the message of a line: to a bot that answers pictures, the path behind ``/image``.

    Raises:
        PictureError: the bot wants a picture and gets none, or the other way round.
    """
    first, _, path = line.partition(" ")
    if first != "/image":
        if talk.bot.sees:
            raise PictureError(f"{talk.bot.name} answers pictures, not words", "/image PATH shows it one")
        return line
    if not talk.bot.sees:
        raise PictureError(f"{talk.bot.name} does not look at pictures", 'only bots with an encoder of kind "image" do')
    if not Path(path).expanduser().is_file():
        raise PictureError(f"{path or 'no path'}: there is no such file", "/image PATH shows a picture")
    return str(Path(path).expanduser().absolute())


class Terminal:
    """A conversation on a terminal: streaming, history, commands."""

    def __init__(self, talk: Talk, console: Console, history: Path | None) -> None:
        """Talk on a console; without a ``history`` file, what is typed is remembered until the end only."""
        self.talk = talk
        self.console = console
        if history:
            history.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            history.touch(mode=0o600)
        completer = WordCompleter([name.split()[0] for name in _COMMANDS], sentence=True)
        self.prompt: PromptSession[str] = PromptSession(
            history=FileHistory(str(history)) if history else InMemoryHistory(),
            completer=completer,
            complete_while_typing=False,
            key_bindings=_keys(),
        )
        self._verbs: dict[str, Callable[[], None]] = {
            "/help": self._help,
            "/new": self._new,
            "/undo": self._undo,
            "/retry": self._retry,
            "/why": self._why,
            "/good": lambda: self._rate(1),
            "/bad": lambda: self._rate(-1),
            "/history": self._history,
            "/set": self._settings,
            "/version": lambda: self._say(f"{self.talk.bot.name} is at version {self.talk.bot.version}."),
        }
        self._verbs_with_text: dict[str, Callable[[str], None]] = {
            "/edit": lambda text: self._stream(self.talk.edit(message_in(text, self.talk))),
            "/image": lambda path: self._stream(self.talk.say(message_in(f"/image {path}", self.talk))),
            "/save": self._save,
            "/search": self._search,
            "/set": self._set,
            "/title": self._title,
        }

    def serve(self) -> int:
        """Talk until /quit or the end of input."""
        self._say(f"You are talking to {self.talk.bot.name}. /help shows what there is, /quit leaves.", "dim")
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
        first, _, rest = message.partition(" ")
        try:
            if not message.startswith("/"):
                self._stream(self.talk.say(message_in(message, self.talk)))
            elif rest and first in self._verbs_with_text:
                self._verbs_with_text[first](rest)
            elif not rest and first in self._verbs:
                self._verbs[first]()
            elif usage := next((one for one in _COMMANDS if one.split()[0] == first), ""):
                self._say(f"It is {usage}: {_COMMANDS[usage]}.", "dim")
            else:
                self._say(f"There is no {first}. /help shows what there is.", "dim")
        except ChatbotError as error:  # the talk goes on; a picture of an earlier message may be gone, too
            self._say("; ".join(filter(None, [error.message, error.hint])), "dim")
        except OSError as error:
            self._say(f"{error.filename}: {error.strerror}", "dim")

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
            self._say(f"{command:<17}{meaning}")

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

    def _rate(self, rating: int) -> None:
        known = self.talk.rate(rating)
        self._say("Noted, thank you." if known else "There is no reply yet.", "dim")

    def _title(self, title: str) -> None:
        self.talk.store.name(self.talk.number, title)
        self._say(f"This conversation is now called {title}.", "dim")

    def _search(self, words: str) -> None:
        found = self.talk.search(words)
        for one in reversed(found):
            self._say(f"{one.turn.time:%Y-%m-%d}  {clean(one.turn.speaker)}: {clean(one.turn.text)}")
        if not found:
            self._say("Nothing was found.", "dim")

    def _save(self, name: str) -> None:
        path = Path(name).expanduser()
        layout = LAYOUTS[{".jsonl": "jsonl", ".html": "html"}.get(path.suffix, "markdown")]
        turns = tuple(self.talk.history())
        if not turns:
            self._say("There is nothing to save yet.", "dim")
            return
        write_whole(path, "".join(layout([Dialogue(f"conversations:{self.talk.number}", turns)])))
        self._say(f"saved to {path}", "dim")

    def _settings(self) -> None:
        self._say(", ".join(f"{key} = {value}" for key, value in json.loads(self.talk.answerer.settings).items()))

    def _set(self, change: str) -> None:
        key, _, value = change.partition(" ")
        self.talk.answerer.set(key, value.strip())
        self._settings()

    def _history(self) -> None:
        for turn in self.talk.history():
            self._say(f"{turn.speaker}: {clean(turn.text)}")

    def _say(self, text: str, style: str = "") -> None:
        self.console.print(Text(text, style), soft_wrap=True)


def _keys() -> KeyBindings:
    """Return the keys beyond prompt_toolkit's own: Alt-Enter begins a new line."""
    keys = KeyBindings()

    @keys.add("escape", "enter")
    def _new_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys


def is_interactive() -> bool:
    """Tell whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
