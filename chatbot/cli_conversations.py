"""The commands of ``chatbot conversations``; a part of ``chatbot.cli``."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chatbot.cli_common import AsJson, BotName, say

if TYPE_CHECKING:
    from chatbot.conversation.archive import Archive

conversations = typer.Typer(
    name="conversations", help="Look at what a bot has kept, hand it out, and forget it.", no_args_is_help=True
)

Whose = Annotated[str, typer.Option("--person", help="Only of this person: ADAPTER:KEY, or KEY alone.")]
Output = Annotated[Path | None, typer.Option("-o", help="A file instead of stdout.")]


@conversations.command("list")
def conversations_list(name: BotName, person: Whose = "", as_json: AsJson = False) -> None:
    """List conversations, the latest last."""
    with _archive(name) as archive:
        kept = archive.conversations(person)
    if as_json:
        print(json.dumps([asdict(one) for one in kept], ensure_ascii=False, indent=2, default=str))
        return
    from chatbot.display import show_table
    from chatbot.text.clean import clean

    rows = [
        [str(one.number), clean(one.person), str(one.turns), f"{one.last:%Y-%m-%d %H:%M}", clean(one.title)]
        for one in kept
    ]
    show_table([["number", "person", "turns", "last", "title"], *rows])


@conversations.command("show")
def conversations_show(
    name: BotName, number: Annotated[int, typer.Argument(metavar="NUMBER", help="As list shows it.")]
) -> None:
    """Show a conversation."""
    from chatbot.text.clean import clean

    with _archive(name) as archive:
        for turn in archive.dialogue(number).turns:
            print(f"{turn.time:%Y-%m-%d %H:%M}  {clean(turn.speaker)}: {clean(turn.text)}")


@conversations.command("search")
def conversations_search(
    name: BotName,
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="What a turn must hold, in any order.")],
    most: Annotated[int, typer.Option("-n", min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Find turns by their words, the latest first.

    Exits with 1 when there are none.
    """
    from chatbot.text.clean import clean

    with _archive(name) as archive:
        found = archive.store.search(" ".join(words), most=most)
    if as_json:
        print(json.dumps([{"conversation": one.conversation, **asdict(one.turn)} for one in found], ensure_ascii=False,
                         indent=2, default=str))  # fmt: skip
    else:
        for one in found:
            print(f"{one.conversation:>6}  {one.turn.time:%Y-%m-%d}  {clean(one.turn.speaker)}: {clean(one.turn.text)}")
    if not found:
        raise typer.Exit(1)


@conversations.command("export")
def conversations_export(
    name: BotName,
    person: Whose = "",
    output: Output = None,
    format: Annotated[Literal["jsonl", "markdown", "html"], typer.Option(help="The layout.")] = "jsonl",
) -> None:
    """Hand conversations out.

    As canonical dialogues, which the next version can learn from, or to read.
    """
    from chatbot.conversation.pages import LAYOUTS
    from chatbot.files import replacing

    with _archive(name) as archive:
        lines = LAYOUTS[format](archive.dialogues(person))
        if output is None:
            sys.stdout.writelines(lines)
        else:
            with replacing(output) as stream:
                stream.writelines(lines)


@conversations.command("import")
def conversations_import(
    name: BotName,
    path: Annotated[str, typer.Argument(metavar="PATH", help="Canonical dialogues, or any log that can be read.")],
    person: Annotated[str, typer.Option("--person", help="Whose they are: ADAPTER:KEY.")] = "",
) -> None:
    """Take conversations in."""
    from chatbot.botfile import this_user
    from chatbot.corpus.inspect import open_reader
    from chatbot.corpus.readers import Tally

    adapter, _, key = (person or f"terminal:{this_user()}").rpartition(":")
    reader, _, parts = open_reader(path, "", "")
    with _archive(name, new=True) as archive:
        taken = archive.take_in(reader.read(parts, Tally()), adapter or "terminal", key)
    print(f"{taken} conversations taken in", file=sys.stderr)


@conversations.command("forget")
def conversations_forget(
    name: BotName,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="ADAPTER:KEY, or KEY alone.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove everything that is kept of a person.

    It is gone for good, and a receipt is left.
    """
    from chatbot.botfile import history_path, this_user

    if not yes and not typer.confirm(f"Forget {person} and all that they said?", err=True):
        print("Nothing was removed.", file=sys.stderr)
        raise typer.Exit(1)
    if person.removeprefix("terminal:") == this_user():
        history_path().unlink(missing_ok=True)
    with _archive(name) as archive:
        receipt = archive.forget(person)
    if as_json:
        print(json.dumps(asdict(receipt), default=str))
        return
    print(f"receipt {receipt.number}: {receipt.conversations} conversations with {receipt.turns} turns are gone")
    if receipt.versions:
        print(f"versions that learnt from them: {', '.join(receipt.versions)}")
        say(f"To have the bot unlearn it, too: chatbot retrain {name} --without-forgotten")


@conversations.command("erasures")
def conversations_erasures(name: BotName, as_json: AsJson = False) -> None:
    """List the receipts of who was forgotten.

    They tell from which version on the model knows nothing of them.
    """
    from chatbot.display import show_table

    with _archive(name) as archive:
        erased = archive.erasures()
    if as_json:
        print(json.dumps([asdict(one) for one in erased], indent=2, default=str))
        return
    rows = [
        [str(one.number), f"{one.time:%Y-%m-%d %H:%M}", str(one.turns), ", ".join(one.versions), one.clean_from]
        for one in erased
    ]
    show_table([["receipt", "time", "turns", "learnt by", "clean from"], *rows])


@conversations.command("purge")
def conversations_purge(
    name: BotName,
    days: Annotated[int | None, typer.Option(min=0, help="What is older goes; else only last traces do.")] = None,
) -> None:
    """Remove what was said more than so many days ago.

    It is gone for good: from pages, index and log.
    """
    from chatbot.conversation.store import now

    with _archive(name) as archive:
        removed = 0 if days is None else archive.purge(now() - timedelta(days=days))
        archive.scrub()
    print(f"{removed} turns removed")


@contextmanager
def _archive(name: str, new: bool = False) -> "Iterator[Archive]":
    from chatbot.botfile import bot_path
    from chatbot.conversation.archive import Archive
    from chatbot.conversation.settings import conversation_settings
    from chatbot.errors import StoreError

    os.umask(0o077)
    path = bot_path(name)
    settings = conversation_settings(path)
    if not settings.keep:
        raise StoreError(f"{name} keeps no conversations", "[conversations] keep = true in its file would")
    if not (new or settings.has_store(path)):
        raise StoreError(f"nobody has talked to {name} yet", f"chatbot chat {name}")
    store = settings.open_store(path)
    try:
        yield Archive(store)
    finally:
        store.close()
