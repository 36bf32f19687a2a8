"""Unlearning people who were forgotten: which versions have learnt from them, and which has not."""

from collections.abc import Callable
from typing import TypeVar

from chatbot.bot import Bot
from chatbot.conversation.lessons import erased_versions, note_clean
from chatbot.conversation.store import Store
from chatbot.novelty import lineage

Answer = TypeVar("Answer")


def tainted_versions(bot: Bot) -> set[str]:
    """Return the versions that learnt from people who were forgotten since, and those that came of them."""
    tainted = ask_store(bot, erased_versions) or set()
    lines = {name: {card["version"] for card in lineage(bot, name)} for name in bot.versions.names()}
    return tainted | {name for name, line in lines.items() if line & tainted}


def clean_ancestor(bot: Bot) -> str:
    """Return the latest in the current version's line that learnt from nobody who was forgotten since; "" for none."""
    tainted = tainted_versions(bot)
    line = (card["version"] for card in lineage(bot, bot.versions.current()))
    return next((version for version in line if version not in tainted and version in bot.versions.names()), "")


def settle_erasures(bot: Bot, parent: str) -> None:
    """Stay at ``parent`` rather than at a version that learnt from people since forgotten; complete their receipts."""
    if bot.versions.current() in tainted_versions(bot):
        bot.versions.promote(parent)
    ask_store(bot, lambda store: note_clean(store, bot.versions.current()))


def ask_store(bot: Bot, ask: Callable[[Store], Answer]) -> Answer | None:
    """Return what ``ask`` returns of the bot's conversations; nothing if it keeps none."""
    kept = bot.settings.conversations
    if not kept.has_store(bot.path):
        return None
    store = kept.open_store(bot.path)
    try:
        return ask(store)
    finally:
        store.close()
