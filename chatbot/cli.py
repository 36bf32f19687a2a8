"""The command line: parse, call, report. The only place that catches ChatbotError.

Heavy modules are imported inside the commands that need them, so that help comes at once.
"""

import os
import re
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from chatbot import __version__
from chatbot.cli_common import (
    AsJson,
    BotName,
    Device,
    Encoding,
    Epochs,
    Fresh,
    Minutes,
    Steps,
    learn,
    load,
    prepare_machine,
    reading,
    say,
)
from chatbot.cli_conversations import conversations
from chatbot.cli_corpus import corpus
from chatbot.cli_latent import latent
from chatbot.cli_looking import looking
from chatbot.cli_versions import keeping
from chatbot.errors import ChatbotError


class _ClosedPipe(Exception):  # noqa: N818 - an end, no error
    """Nobody reads stdout any more. Typer would end with status 1 on a BrokenPipeError, so this takes its place."""


class _Commands(typer.core.TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ClosedPipe from None


app = typer.Typer(
    cls=_Commands,
    help="Turns chat logs into a bot that people talk to on their own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # tracebacks with people's words in them
    rich_markup_mode=None,
)
for group in (keeping, looking, conversations, corpus, latent):
    app.add_typer(group)


def main() -> None:
    """Run the command line and exit with its status."""
    sys.exit(_run())


# Typer brings its own copy of click from some version on; this is the base of its errors either way.
_UsageError: type[Any] = typer.BadParameter.__mro__[2]


def _run() -> int:  # noqa: PLR0911 - one for each way to end
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        return int(app(standalone_mode=False) or 0)
    except ChatbotError as error:
        return _complain(error.message, error.hint)
    except _UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message(), file=sys.stderr)
            return 2
        return _complain(error.format_message(), f"{_command(error)} --help")
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except _ClosedPipe:
        # Python would complain once more when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _complain(f"{place}{error.strerror or error}", "free some space or check the rights, then call it again")


def _command(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return str(context.command_path) if context else "chatbot"


def _complain(message: str, hint: str) -> int:
    for line in message.splitlines() or [""]:
        print(f"error: {line}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    return 2


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False) -> None:
    if version:
        print(f"chatbot {__version__}")
        raise typer.Exit


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the bot's file is called.")],
    log: Annotated[str, typer.Option("--from", help="The log: a file, folder, pattern or archive.")],
    speakers: Annotated[
        list[str] | None, typer.Option("--as", help="Whom the bot learns to be; may repeat; everyone.")
    ] = None,
    format: Annotated[str, typer.Option(help="The log's format, when it is not recognised.")] = "",
    encoding: Encoding = "",
) -> None:
    """Make a bot's files from a chat log, ready to be trained."""
    from chatbot.corpus.inspect import inspect_path
    from chatbot.display import ask_speaker, show_inspection
    from chatbot.new import NewBot, choose_speakers, paths_of, told_apart, write_bot

    if not re.fullmatch(r"[\w-]+", name):
        raise typer.BadParameter(f"{name}: a bot's name has letters, digits, - and _")
    paths_of(name, Path())
    with reading(log) as progress:
        found = inspect_path(log, format, encoding, progress)
    show_inspection(found)
    chosen = choose_speakers(found, speakers or [], ask_speaker if sys.stdin.isatty() else None)
    bot = NewBot(name, log, encoding, found, chosen)
    paths = write_bot(bot, Path())
    say(f"\n{name} will be {', '.join(chosen) or 'everyone'}; written: {', '.join(map(str, paths))}")
    if people := told_apart(bot):
        say(f"it tells {', '.join(people)} apart and answers as {people[0]}: see answers_as in {paths[0]}")
    say(f"next: chatbot train {name}")


@app.command()
def train(
    name: BotName,
    minutes: Minutes = None,
    steps: Steps = None,
    epochs: Epochs = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the bot file's.")] = None,
    device: Device = "auto",
    fresh: Fresh = False,
) -> None:
    """Train a bot from its corpora.

    An interrupted training goes on where it stopped.
    """
    from chatbot.learning import prepare_training
    from chatbot.training.device import pick_device

    bot = load(name, minutes=minutes, steps=steps, epochs=epochs, seed=seed)
    prepare_machine()
    learn(bot, prepare_training(bot, pick_device(device), fresh, say))


@app.command()
def chat(
    name: BotName,
    message: Annotated[list[str] | None, typer.Argument(metavar="[MESSAGE]", help="One message; else a talk.")] = None,
    as_json: AsJson = False,
    go_on: Annotated[bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")] = False,
    conversation: Annotated[int | None, typer.Option(help="Go on with the one of this number.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Have the same messages get the same replies.")] = None,
) -> None:
    """Talk to a bot.

    On a terminal, through a pipe, or one message.
    """
    from chatbot.serving import serve_terminal

    raise typer.Exit(serve_terminal(load(name), " ".join(message or []), as_json, go_on, conversation, seed))


@app.command()
def telegram(name: BotName) -> None:
    """Serve a bot on Telegram until SIGTERM or Ctrl-C."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the bot takes it over
    from chatbot.serving import serve_telegram

    raise typer.Exit(serve_telegram(load(name)))
