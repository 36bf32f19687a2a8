"""The wiring of a bot's talks: replier, store and adapter. Loads no trainer."""

import os
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import torch

from chatbot.bot import Bot
from chatbot.botfile import history_path, this_user
from chatbot.conversation.archive import Archive
from chatbot.conversation.manager import Partner, Talk, start_talk
from chatbot.conversation.store import Store, now
from chatbot.dialogue import Turn
from chatbot.errors import StoreError
from chatbot.explanation import Explanation
from chatbot.generation.answerer import BotAnswerer
from chatbot.generation.explainer import Explainer


def serve_terminal(
    bot: Bot, message: str, as_json: bool, go_on: bool, number: int | None = None, seed: int | None = None
) -> int:
    """Talk on the terminal, through a pipe when there is none, or answer one message; return the exit status."""
    os.umask(0o077)
    # One reply is many tiny products: threads cost more than they bring, ten times so beside another busy process.
    torch.set_num_threads(1)
    version = bot.versions.current()
    replier = bot.replier(version)
    kept = bot.settings.conversations
    store = kept.open_store(bot.path)
    try:
        if kept.keep_days:
            _purge(store, kept.keep_days)
        answerer = BotAnswerer(replier, bot.learnt_pairs)
        silence = timedelta(hours=kept.silence_hours)
        sees = replier.model.pictures is not None
        partner = Partner(bot.name, version, replier.text.context_turns, silence, sees)
        talk = start_talk(store, answerer, partner, "terminal", this_user(), go_on, number, seed)
        return _serve(talk, message, as_json, history_path() if kept.keep else None)
    finally:
        store.close()


def explain_message(bot: Bot, message: str, version: str, seed: int) -> Explanation:
    """Return the explanation of the reply to one message without a context."""
    torch.set_num_threads(1)
    explainer = Explainer(bot.replier(version), bot.learnt_pairs)
    return explainer.explain([Turn("you", message)], bot.name, seed)


def _purge(store: Store, days: int) -> None:
    archive = Archive(store)
    if archive.purge(now() - timedelta(days=days)):
        with suppress(StoreError):  # another process talks, too; when the last one ends, the log goes
            archive.scrub()


def _serve(talk: Talk, message: str, as_json: bool, history: Path | None) -> int:
    from chatbot.adapters import terminal

    pipe = terminal.Pipe(talk, sys.stdin, sys.stdout, as_json)
    if message:
        pipe.answer(message)
        return 0
    if as_json or not terminal.is_interactive():
        return pipe.serve()
    from rich.console import Console

    return terminal.Terminal(talk, Console(highlight=False, markup=False, emoji=False), history).serve()
