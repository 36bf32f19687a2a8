"""The commands that make and keep versions: retrain, versions, rollback, prune. A part of ``chatbot.cli``."""

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
    say,
)
from chatbot.errors import ChatbotError

if TYPE_CHECKING:
    from chatbot.bot import Bot
    from chatbot.novelty import Novelty
    from chatbot.training.run import Kept

keeping = typer.Typer()

_SCHEDULE = """\
# crontab -e: every night at half past three
30 3 * * * cd {folder} && {program} retrain {bot} --conversations --without-forgotten >> {folder}/retrain.log 2>&1

# or systemd, ~/.config/systemd/user/retrain-{bot}.service:
[Service]
Type=oneshot
WorkingDirectory={folder}
ExecStart={program} retrain {bot} --conversations --without-forgotten
SuccessExitStatus=1
Nice=10

# and ~/.config/systemd/user/retrain-{bot}.timer; then: systemctl --user enable --now retrain-{bot}.timer
[Timer]
OnCalendar=*-*-* 03:30
Persistent=true

[Install]
WantedBy=timers.target
"""


@keeping.command()
def retrain(
    name: BotName,
    logs: Annotated[list[str] | None, typer.Argument(metavar="[LOG...]", help="New logs, in any format.")] = None,
    conversations: Annotated[bool, typer.Option("--conversations", help="Learn from kept conversations.")] = False,
    since: Annotated[datetime | None, typer.Option(help="From those since this date; else since last time.")] = None,
    answers_by: Annotated[list[str] | None, typer.Option(help="Learn from this speaker only; may repeat.")] = None,
    without_forgotten: Annotated[
        bool, typer.Option("--without-forgotten", help="Go on from a version that knew nobody who was forgotten.")
    ] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Take the new version whatever speaks against it.")
    ] = False,
    schedule: Annotated[bool, typer.Option("--schedule", help="Print how to have this done every night.")] = False,
    minutes: Minutes = None,
    steps: Steps = None,
    epochs: Epochs = None,
    encoding: Encoding = "",
    device: Device = "auto",
    fresh: Fresh = False,
) -> None:
    """Make the next version from new logs and conversations.

    It is taken when it is better; else this exits with 1.
    """
    from chatbot.files import hold_lock
    from chatbot.novelty import Sources, find_new
    from chatbot.unlearning import settle_erasures, tainted_versions

    if schedule:
        program = shutil.which("chatbot") or f"{sys.executable} -m chatbot"
        print(_SCHEDULE.format(folder=Path.cwd(), program=program, bot=name), end="")
        return
    if not logs and not conversations and not without_forgotten:
        raise typer.BadParameter("name logs, --conversations or --without-forgotten")
    bot = load(name, minutes=minutes, steps=steps, epochs=epochs)
    current = bot.versions.current()
    prepare_machine()
    with hold_lock(bot.folder / "retraining.lock") as alone:
        if not alone:
            raise ChatbotError(f"{bot.id} is being retrained already", "wait for that to end")
        moment = since.replace(tzinfo=UTC) if since and since.tzinfo is None else since
        parent = _innocent(bot, device, fresh) if without_forgotten else current
        if parent in tainted_versions(bot):
            say(f"Version {current} has learnt from people who were forgotten; --without-forgotten would unlearn it.")
        learns = conversations or without_forgotten
        sources = Sources(logs or [], encoding, answers_by or [], learns, moment, known_to=current)
        new = find_new(bot, parent, sources, say)
        budgeted = any(budget is not None for budget in (minutes, steps, epochs))
        kept = _learn_new(bot, new, budgeted, device, fresh, promote)
        if without_forgotten:
            settle_erasures(bot, parent)
            say(f"Version {bot.versions.current()} knows nothing of who was forgotten; "
                f"chatbot prune {name} --tainted deletes those that do.")  # fmt: skip
    if kept is not None:
        _show_outcome(bot, kept)


def _innocent(bot: "Bot", device: Device, fresh: bool) -> str:
    """Return the latest version that knew nobody who was forgotten since; one from scratch, if there is none."""
    from chatbot.learning import prepare_training
    from chatbot.training.device import pick_device
    from chatbot.unlearning import clean_ancestor

    if ancestor := clean_ancestor(bot):
        return ancestor
    say("Every version has learnt from people who were forgotten: one from scratch comes first.")
    return learn(bot, prepare_training(bot, pick_device(device), fresh, say)).version


def _learn_new(bot: "Bot", new: "Novelty", budgeted: bool, device: Device, fresh: bool, promote: bool) -> "Kept | None":
    """Return the version that came of what is new, if there was anything."""
    from chatbot.retraining import prepare_retraining, too_few, tried_before
    from chatbot.training.device import pick_device
    from chatbot.training.tables import counted

    if not new.pairs and not new.disliked:
        say("There is nothing new to learn.")
        return None
    if (tried := tried_before(bot, new)) and not promote:
        say(f"There is nothing new to learn: version {tried} did, and was not better. To take it: "
            f"chatbot rollback {bot.id} {tried}")  # fmt: skip
        return None
    if not promote and too_few(bot, new):
        found = counted(len(new.pairs) + len(new.disliked), "new pair")
        say(f"{found}, but no dialogue to hold out and judge a version by. With more beside them they can be learnt; "
            "or as they are, with --promote.")  # fmt: skip
        return None
    return learn(bot, prepare_retraining(bot, new, budgeted, pick_device(device), fresh, promote, say))


def _show_outcome(bot: "Bot", kept: "Kept") -> None:
    from chatbot.display import show_comparison

    show_comparison(kept.card)
    for objection in kept.objections:
        say(f"against version {kept.version}: {objection}")
    if not kept.promoted:
        say(f"Version {kept.version} is kept, but {bot.id} stays at {bot.versions.current()}. "
            f"To take it all the same: chatbot rollback {bot.id} {kept.version}")  # fmt: skip
        raise typer.Exit(1)


@keeping.command()
def versions(name: BotName, as_json: AsJson = False) -> None:
    """List a bot's versions."""
    from chatbot.display import show_table
    from chatbot.training.tables import table_of_versions

    bot = load(name)
    current = bot.versions.current()
    cards = [{**bot.versions.card(version), "current": version == current} for version in bot.versions.names()]
    if as_json:
        print(json.dumps(cards, ensure_ascii=False, indent=2))
    else:
        show_table(table_of_versions(cards, current))


@keeping.command()
def rollback(
    name: BotName, version: Annotated[str, typer.Argument(metavar="[VERSION]", help="Else the one before.")] = ""
) -> None:
    """Make an earlier version the current one."""
    bot = load(name)
    bot.versions.promote(chosen := version or bot.versions.previous())
    print(f"{bot.id} is at version {chosen}")


@keeping.command()
def prune(
    name: BotName,
    keep: Annotated[int, typer.Option(min=1, help="How many of the latest versions stay.")] = 3,
    tainted: Annotated[
        bool, typer.Option("--tainted", help="Only those that learnt from people since forgotten.")
    ] = False,
) -> None:
    """Delete old versions.

    The current one always stays, and the first in the line of each that does, which teaches what is old.
    """
    from chatbot.learning import forget_interrupted
    from chatbot.novelty import first_of
    from chatbot.training.tables import counted
    from chatbot.unlearning import tainted_versions

    bot = load(name)
    bot.versions.sweep()
    names, current = bot.versions.names(), bot.versions.current()
    kept = {current, *names[-keep:]}
    kept |= {first_of(bot, version) for version in kept}
    doomed = tainted_versions(bot).intersection(names) if tainted else set(names) - kept
    if tainted and current in doomed:
        say(f"The current version {current} has learnt from people since forgotten and stays; "
            f"chatbot retrain {name} --without-forgotten makes one that has not.")  # fmt: skip
    if tainted:
        forget_interrupted(bot)
    doomed -= {current}
    for version in sorted(doomed, key=int):
        bot.versions.remove(version)
        print(version)
    say(f"{counted(len(doomed), 'version')} deleted; {bot.id} stays at {current}")
