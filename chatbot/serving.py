"""The wiring of a bot's talks: replier, store and adapter. Loads no trainer."""

import os
import sys
from pathlib import Path

import torch

from chatbot.bot import Bot
from chatbot.botfile import STORE, this_user
from chatbot.conversation.manager import Talk, start_talk
from chatbot.conversation.store import Store
from chatbot.dialogue import Turn
from chatbot.explanation import Explanation
from chatbot.generation.explainer import Explainer


def serve_terminal(bot: Bot, message: str, as_json: bool, go_on: bool) -> int:
    """Talk on the terminal, through a pipe when there is none, or answer one message; return the exit status."""
    os.umask(0o077)
    # One reply is many tiny products: threads cost more than they bring, ten times so beside another busy process.
    torch.set_num_threads(1)
    version = bot.versions.current()
    replier = bot.replier(version)
    store = Store(bot.folder / STORE)
    try:
        search = bot.settings.search.model_dump_json()
        turns = replier.text.context_turns
        explain = Explainer(replier, bot.learnt_pairs).explain
        talk = start_talk(store, replier, bot.name, "terminal", this_user(), version, search, turns, explain, go_on)
        talk.sees = replier.model.pictures is not None
        return _serve(talk, message, as_json)
    finally:
        store.close()


def explain_message(bot: Bot, message: str, version: str, seed: int) -> Explanation:
    """Return the explanation of the reply to one message without a context."""
    torch.set_num_threads(1)
    explainer = Explainer(bot.replier(version), bot.learnt_pairs)
    return explainer.explain([Turn("you", message)], bot.name, seed)


def _serve(talk: Talk, message: str, as_json: bool) -> int:
    from chatbot.adapters import terminal

    pipe = terminal.Pipe(talk, sys.stdin, sys.stdout, as_json)
    if message:
        pipe.answer(message)
        return 0
    if as_json or not terminal.is_interactive():
        return pipe.serve()
    from rich.console import Console

    return terminal.Terminal(talk, Console(highlight=False, markup=False, emoji=False), _history_file()).serve()


def _history_file() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "chatbot" / "history"
