"""What the parts of the command line share: options, the bot that is named, and words to people on stderr."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from chatbot.bot import Bot
    from chatbot.training.run import Kept, Run

BotName = Annotated[str, typer.Argument(metavar="BOT", help="A bot's file, or its name under bots/.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Encoding = Annotated[str, typer.Option(help="The log's encoding, when it is guessed wrongly.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Minutes = Annotated[float | None, typer.Option(help="Train for so long, instead of what the bot file says.")]
Steps = Annotated[int | None, typer.Option(help="Train for so many steps.")]
Epochs = Annotated[float | None, typer.Option(help="Train for so many rounds over the corpus.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Begin anew, even if a training was interrupted.")]


def load(name: str, **changes: object) -> "Bot":
    """Return the bot of that name, with some of its training settings replaced."""
    from chatbot.bot import load_bot, override_training

    bot = load_bot(name)
    given = {key: value for key, value in changes.items() if value is not None}
    return override_training(bot, given) if given else bot


def prepare_machine() -> None:
    """Use memory and cores as training and measuring do best."""
    from chatbot.training.device import keep_memory, use_cores

    keep_memory()
    use_cores()


def say(line: str) -> None:
    """Tell people something that is no result."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def reading(path: str) -> Iterator[Any]:
    """Yield what takes the bytes read of a log, drawn as a bar on a terminal."""
    from chatbot.corpus.log import log_size
    from chatbot.display import byte_bar

    with byte_bar(log_size(path)) as progress:
        yield progress


def learn(bot: "Bot", run: "Run") -> "Kept":
    """Carry a training out and return the new version; Ctrl-C saves it and says how to go on."""
    from chatbot.display import Interrupted, show_training

    interrupted = Interrupted()
    kept = show_training(run.events(), interrupted)
    if kept is None:
        run.trainer.save()
        again = shlex.join(["chatbot", *(option for option in sys.argv[1:] if option != "--fresh")])
        say(f"Stopped at step {run.trainer.position.step}; saved. To go on: {again}")
        raise typer.Exit(130)
    if kept.promoted:
        say(f"{bot.id} is at version {kept.version} ({kept.path})")
    return kept
