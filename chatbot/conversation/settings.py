"""The table ``[conversations]`` of a bot file: where they are kept, for how long, and what begins a fresh one."""

import os
from pathlib import Path

from pydantic import Field

from chatbot.botfile import store_path
from chatbot.conversation.store import Store
from chatbot.errors import StoreError
from chatbot.settings import Settings, parse_settings, read_toml


class ConversationSettings(Settings):
    """``[conversations]``."""

    url: str = ""
    """PostgreSQL's URL, ``postgresql://USER@HOST/DATABASE``; empty: a SQLite file in the bot's folder."""
    url_variable: str = ""
    """The environment variable that holds the URL, when there is a password in it."""
    keep: bool = True
    """``false``: nothing that people say is written anywhere; a conversation lives as long as the program."""
    keep_days: int | None = Field(None, ge=1)
    """Remove what was said more than so many days ago, for good, whenever the bot starts."""
    silence_hours: float = Field(12.0, gt=0)
    """After a silence of so many hours the bot no longer sees what was said before."""

    def has_store(self, bot: Path) -> bool:
        """Tell whether the bot of a file keeps conversations, and has kept some."""
        return self.keep and bool(self.url or self.url_variable or store_path(bot).exists())

    def open_store(self, bot: Path) -> Store:
        """Return the store of the bot of a file.

        Raises:
            StoreError: it cannot be opened, or the variable is not set.
        """
        if not self.keep:
            return Store("sqlite://")
        if self.url_variable and not os.environ.get(self.url_variable):
            raise StoreError(f"{self.url_variable} is not set", "export it with the URL of the conversation store")
        url = os.environ[self.url_variable] if self.url_variable else self.url
        return Store(url or store_path(bot))


def conversation_settings(bot: Path) -> ConversationSettings:
    """Return the table of a bot's file without looking at the others, which would load torch."""
    table = read_toml(bot).get("conversations", {})
    return parse_settings(table, ConversationSettings, bot)
