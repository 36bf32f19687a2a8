"""Unlearning people who were forgotten: which versions have learnt from them, and which has not."""

from chatbot.bot import Bot
from chatbot.conversation.lessons import erased_versions, note_clean
from chatbot.novelty import ask_store, lineage


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
