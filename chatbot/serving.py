"""The wiring of a bot's talks: replier, store and adapter. Loads no trainer."""

import asyncio
import gc
import logging
import os
import sys
from contextlib import nullcontext, suppress
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path

import torch

from chatbot.bot import Bot, load_bot
from chatbot.botfile import history_path, state_folder, this_user
from chatbot.conversation.archive import Archive
from chatbot.conversation.manager import Partner, Serving, Talk, start_talk
from chatbot.conversation.store import Store, now
from chatbot.dialogue import Turn
from chatbot.errors import StoreError
from chatbot.explanation import Explanation
from chatbot.files import hold_lock
from chatbot.generation.answerer import BotAnswerer
from chatbot.generation.explainer import Explainer


def serve_terminal(
    bot: Bot, message: str, as_json: bool, go_on: bool, number: int | None = None, seed: int | None = None
) -> int:
    """Talk on the terminal, through a pipe when there is none, or answer one message; return the exit status."""
    os.umask(0o077)
    # One reply is many tiny products: threads cost more than they bring, ten times so beside another busy process.
    torch.set_num_threads(1)
    serving = _serving(bot, bot.versions.current())
    kept = bot.settings.conversations
    store = kept.open_store(bot.path)
    try:
        if kept.keep_days:
            _purge(store, kept.keep_days)
        talk = start_talk(store, serving.answerer, serving.partner, "terminal", this_user(), go_on, number, seed)
        return _serve(talk, message, as_json, history_path() if kept.keep else None)
    finally:
        store.close()


def serve_telegram(bot: Bot) -> int:
    """Serve the bot on Telegram until SIGTERM or Ctrl-C; return the exit status.

    Raises:
        SettingsError: there is no token, or another secret is missing.
        UntrainedError: there is no version.
    """
    from chatbot.adapters.telegram.desk import Desk
    from chatbot.adapters.telegram.logs import Redactor, set_up_logging
    from chatbot.adapters.telegram.service import ANOTHER, TelegramBot
    from chatbot.adapters.telegram.upkeep import Model
    from chatbot.conversation.mailbox import Mailbox

    os.umask(0o077)
    torch.set_num_threads(1)
    # The thread that makes replies gives the interpreter up at every step, and would wait 5 ms for it each time.
    sys.setswitchinterval(0.0005)
    settings = bot.settings.telegram
    token = settings.token(bot.path)
    secret = settings.secret() if settings.mode == "webhook" else ""
    set_up_logging(Redactor(token, secret))
    model = Model(bot.versions.current, lambda version: _serving(bot, version))
    desks = [Desk(model.load(model.current()), settings.limits.reply_seconds)]
    if settings.image_bot:
        seeing = load_bot(str(bot.path.parent / settings.image_bot))
        desks.append(Desk(_serving(seeing, seeing.versions.current()), settings.limits.reply_seconds))
    elif desks[0].serving.partner.sees:
        desks.append(desks[0])
    kept = bot.settings.conversations
    store = kept.open_store(bot.path)
    try:
        mailbox = Mailbox(store, "telegram")
        with hold_lock(_lock_path(token)) if not (mailbox.shared and secret) else nullcontext(True) as alone:
            if not alone:
                logging.getLogger(__name__).error("another instance serves this bot on this machine")
                return ANOTHER
            pictures = desks[1] if len(desks) > 1 else None
            served = TelegramBot(settings, token, secret, mailbox, model, desks[0], pictures, kept.keep_days)
            gc.freeze()  # or looking through all that torch has made would stop every reply now and then
            return asyncio.run(served.serve())
    finally:
        store.close()


def _lock_path(token: str) -> Path:
    """Return where one instance on this machine keeps others with the same token out."""
    return state_folder() / f"telegram-{blake2b(token.encode(), digest_size=8).hexdigest()}.lock"


def _serving(bot: Bot, version: str) -> Serving:
    """Return a version with what answers with it."""
    replier = bot.replier(version)
    silence = timedelta(hours=bot.settings.conversations.silence_hours)
    sees, answerer = replier.model.pictures is not None, bot.answerer(replier.text)
    partner = Partner(bot.name, version, replier.text.context_turns, silence, sees, answerer)
    return Serving(version, BotAnswerer(replier, bot.learnt_pairs), partner)


def explain_message(bot: Bot, message: str, version: str, seed: int) -> Explanation:
    """Return the explanation of the reply to one message without a context."""
    torch.set_num_threads(1)
    explainer = Explainer(bot.replier(version), bot.learnt_pairs)
    return explainer.explain([Turn("you", message)], bot.answerer(explainer.replier.text), seed)


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
