"""The command line: parse, call, report. The only place that catches ChatbotError.

Heavy modules are imported inside the commands that need them, so that help comes at once.
"""

import json
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

from chatbot import __version__
from chatbot.cli_conversations import BotName, conversations
from chatbot.cli_corpus import AsJson, Encoding, corpus
from chatbot.cli_latent import latent
from chatbot.errors import ChatbotError

if TYPE_CHECKING:
    from chatbot.bot import Bot
    from chatbot.comparison import Row
    from chatbot.training.run import Run


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
for group in (conversations, corpus, latent):
    app.add_typer(group)

Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Minutes = Annotated[float | None, typer.Option(help="Train for so long, instead of what the bot file says.")]
Steps = Annotated[int | None, typer.Option(help="Train for so many steps.")]
Epochs = Annotated[float | None, typer.Option(help="Train for so many rounds over the corpus.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Begin anew, even if a training was interrupted.")]


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
def train(
    name: BotName,
    minutes: Minutes = None,
    steps: Steps = None,
    epochs: Epochs = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the bot file's.")] = None,
    device: Device = "auto",
    fresh: Fresh = False,
) -> None:
    """Train a bot from its corpora; an interrupted training goes on where it stopped."""
    from chatbot.learning import prepare_training
    from chatbot.training.device import pick_device

    bot = _load(name, minutes=minutes, steps=steps, epochs=epochs, seed=seed)
    _prepare_machine()
    _learn(bot, prepare_training(bot, pick_device(device), fresh, _say))


@app.command()
def retrain(
    name: BotName,
    logs: Annotated[list[str], typer.Argument(metavar="LOG...", help="New logs, in any format.")],
    answers_by: Annotated[list[str] | None, typer.Option(help="Learn from this speaker only; may repeat.")] = None,
    minutes: Minutes = None,
    steps: Steps = None,
    epochs: Epochs = None,
    encoding: Encoding = "",
    device: Device = "auto",
    fresh: Fresh = False,
) -> None:
    """Make the next version: go on from the current one, on new logs mixed with old examples."""
    from chatbot.display import show_comparison
    from chatbot.learning import prepare_retraining
    from chatbot.training.device import pick_device

    bot = _load(name, minutes=minutes, steps=steps, epochs=epochs)
    _prepare_machine()
    budgeted = any(budget is not None for budget in (minutes, steps, epochs))
    run = prepare_retraining(bot, logs, encoding, answers_by or [], budgeted, pick_device(device), fresh, _say)
    show_comparison(_learn(bot, run))


@app.command()
def evaluate(
    name: BotName,
    on: Annotated[str, typer.Option(metavar="PATH", help="A log or a corpus's folder; else held-out pairs.")] = "",
    version: Annotated[str, typer.Option(help="Another version than the current one.")] = "",
    replies: Annotated[int, typer.Option(min=0, help="To how many pairs to reply.")] = 1000,
    encoding: Encoding = "",
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Measure a bot beside baselines."""
    from chatbot.display import show_measures
    from chatbot.learning import evaluate_bot
    from chatbot.training.device import pick_device

    _prepare_machine()
    figures = evaluate_bot(_load(name), on, version, encoding, replies, pick_device(device))
    if as_json:
        print(json.dumps(figures, ensure_ascii=False, indent=2))
    else:
        show_measures(figures)


@app.command()
def compare(
    names: Annotated[list[str], typer.Argument(metavar="BOT...", help="Bots' files, or their names under bots/.")],
    minutes: Minutes = None,
    steps: Steps = None,
    output: Annotated[Path, typer.Option("-o", help="A folder for what is trained, the table and the page.")] = Path(
        "comparison"
    ),
    device: Device = "auto",
    as_json: AsJson = False,
) -> None:
    """Train bots under one budget and one seed, and measure them side by side."""
    from chatbot.comparison import compare, table_of, write_comparison
    from chatbot.display import Interrupted, show_table, show_training
    from chatbot.training.device import pick_device

    bots = [_load(name, minutes=minutes, steps=steps, seed=1) for name in names]
    _prepare_machine()
    interrupted = Interrupted()
    rows: list[Row] = []
    for row in compare(bots, output, pick_device(device), lambda run: show_training(run.events(), interrupted), _say):
        rows.append(row)
        page = write_comparison(rows, output, f"{len(rows)} bots compared")
    if rows and as_json:
        print((output / "comparison.json").read_text(encoding="utf-8"))
    elif rows:
        show_table(table_of(rows))
        _say(f"curves and replies: {page}")
    if len(rows) < len(bots):
        raise typer.Exit(130)


@app.command()
def chat(
    name: BotName,
    message: Annotated[list[str] | None, typer.Argument(metavar="[MESSAGE]", help="One message; else a talk.")] = None,
    as_json: AsJson = False,
    go_on: Annotated[bool, typer.Option("--continue", "-c", help="Go on with the last conversation.")] = False,
    conversation: Annotated[int | None, typer.Option(help="Go on with the one of this number.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Have the same messages get the same replies.")] = None,
) -> None:
    """Talk to a bot: on a terminal, through a pipe, or one message."""
    from chatbot.serving import serve_terminal

    raise typer.Exit(serve_terminal(_load(name), " ".join(message or []), as_json, go_on, conversation, seed))


@app.command()
def explain(
    name: BotName,
    message: Annotated[list[str], typer.Argument(metavar="MESSAGE", help="What to answer.")],
    output: Annotated[Path | None, typer.Option("-o", help="A .png, .svg or .html file instead of stdout.")] = None,
    version: Annotated[str, typer.Option(help="Another version than the current one.")] = "",
    seed: Annotated[int, typer.Option(help="Of a reply that is drawn.")] = 1,
) -> None:
    """Show a reply with its attention, what else could have come, and the nearest training pairs."""
    from chatbot.display import show_or_write_explanation
    from chatbot.serving import explain_message

    if output and output.suffix not in (".png", ".svg", ".html"):
        raise typer.BadParameter(f"{output}: is neither .png nor .svg nor .html")
    text = " ".join(message)
    show_or_write_explanation(explain_message(_load(name), text, version, seed), text, output)


@app.command()
def versions(name: BotName, as_json: AsJson = False) -> None:
    """List a bot's versions."""
    from chatbot.display import show_versions

    bot = _load(name)
    current = bot.versions.current()
    cards = [{**bot.versions.card(version), "current": version == current} for version in bot.versions.names()]
    if as_json:
        print(json.dumps(cards, ensure_ascii=False, indent=2))
    else:
        show_versions(cards)


@app.command()
def rollback(
    name: BotName, version: Annotated[str, typer.Argument(metavar="[VERSION]", help="Else the one before.")] = ""
) -> None:
    """Make an earlier version the current one."""
    bot = _load(name)
    bot.versions.promote(chosen := version or bot.versions.previous())
    print(f"{bot.id} is at version {chosen}")


def _load(name: str, **changes: object) -> "Bot":
    from chatbot.bot import load_bot, override_training

    bot = load_bot(name)
    given = {key: value for key, value in changes.items() if value is not None}
    return override_training(bot, given) if given else bot


def _prepare_machine() -> None:
    from chatbot.training.device import keep_memory, use_cores

    keep_memory()
    use_cores()


def _learn(bot: "Bot", run: "Run") -> dict[str, Any]:
    """Carry a training out and return the new version's card; Ctrl-C saves it and says how to go on."""
    from chatbot.display import Interrupted, show_training

    interrupted = Interrupted()
    kept = show_training(run.events(), interrupted)
    if kept is None:
        run.trainer.save()
        again = shlex.join(["chatbot", *(option for option in sys.argv[1:] if option != "--fresh")])
        _say(f"Stopped at step {run.trainer.position.step}; saved. To go on: {again}")
        raise typer.Exit(130)
    _say(f"{bot.id} is at version {kept.version} ({kept.path})")
    return kept.card


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
