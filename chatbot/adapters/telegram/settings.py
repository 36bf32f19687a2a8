"""The table ``[telegram]`` of a bot file, and where its secrets come from. Knows nothing of the library."""

import os
import re
import stat
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from chatbot.adapters.telegram.texts import TEXTS, Language
from chatbot.errors import SettingsError
from chatbot.settings import Settings, suggest

_TOKEN = re.compile(r"\d+:[\w-]+")
_SECRET = re.compile(r"[\w-]{1,256}")


class LimitSettings(Settings):
    """``[telegram.limits]``: what one person, and all together, may ask for."""

    seconds_per_message: float = Field(1.5, ge=0)
    """So often a person may write for as long as they like; what comes faster waits, and is answered together."""
    burst: int = Field(10, ge=1)
    """So many messages may come faster than that."""
    gather_seconds: float = Field(0.25, ge=0, le=10)
    """Messages of one person that come within so short a time of each other are one turn."""
    reply_seconds: float = Field(20.0, gt=0)
    """A reply that takes longer ends there."""
    waiting: int = Field(1000, ge=1)
    """When so many chats wait for a reply, others are told at once that the bot is busy."""
    message_characters: int = Field(20_000, ge=1)
    """Longer turns are cut."""


class TelegramSettings(Settings):
    """``[telegram]``."""

    token_variable: str = "TELEGRAM_TOKEN"  # noqa: S105 - a name
    """The environment variable that holds the token."""
    token_file: str = ""
    """A file that holds the token instead, readable by its owner only; relative to the bot file."""
    mode: Literal["polling", "webhook"] = "polling"
    """Ask Telegram for messages, or have it send them."""
    api_url: str = "https://api.telegram.org"
    """Telegram's server, or a local Bot API server."""
    file_url: str = ""
    """Where files are; empty: under the server's ``/file``."""
    webhook_url: str = ""
    """The public URL that Telegram sends messages to."""
    webhook_listen: str = "127.0.0.1"
    """The address to listen on, behind a proxy that speaks HTTPS."""
    webhook_port: int = Field(8443, ge=0, le=65535)
    """The port to listen on."""
    webhook_path: str = "/telegram"
    """The path to listen on."""
    webhook_secret_variable: str = "TELEGRAM_SECRET"  # noqa: S105 - a name
    """The environment variable that holds what Telegram must say to be believed."""
    buttons: bool = True
    """Show 👍 and 👎 under replies."""
    owners: tuple[int, ...] = ()
    """Users who may /stats, /broadcast, /block and /unblock."""
    image_bot: str = ""
    """Another bot's file, relative to this one: it answers photos."""
    language: Language = "en"
    """The language of those whose own is neither English nor Chinese."""
    metrics_port: int = Field(0, ge=0, le=65535)
    """A port on loopback for ``/health`` and ``/metrics`` (Prometheus); 0: none."""
    log_words: bool = False
    """Write into the log what people say: for finding faults, and with their consent only."""
    limits: LimitSettings = LimitSettings()
    """What one person, and all together, may ask for."""
    texts: dict[Language, dict[str, str]] = Field(default_factory=dict)
    """Other texts than the program's own: ``[telegram.texts.en]`` with ``start``, ``help``, ``privacy``, ..."""

    @field_validator("texts")
    @classmethod
    def _known(cls, texts: dict[Language, dict[str, str]]) -> dict[Language, dict[str, str]]:
        for language, own in texts.items():
            for key in own.keys() - TEXTS[language].keys():
                raise ValueError(f'there is no text "{key}"{suggest(key, list(TEXTS[language]))}')
        return texts

    @field_validator("api_url", "file_url")
    @classmethod
    def _without_bot(cls, url: str) -> str:
        return url.rstrip("/").removesuffix("/bot")

    @property
    def files(self) -> str:
        """Where files are."""
        return self.file_url or f"{self.api_url}/file"

    def token(self, bot: Path) -> str:
        """Return the token.

        Raises:
            SettingsError: there is none, it is none, or others can read its file.
        """
        if self.token_file:
            token = _read_private(bot.parent / self.token_file)
            source = self.token_file
        else:
            token, source = os.environ.get(self.token_variable, "").strip(), self.token_variable
        if not token:
            hint = f"get one from @BotFather on Telegram, then: export {self.token_variable}=..."
            raise SettingsError(f"{source} holds no Telegram token", hint)
        if not _TOKEN.fullmatch(token):
            raise SettingsError(f"{source} holds no Telegram token", "a token is a number, a colon, and letters")
        return token

    def secret(self) -> str:
        """Return what Telegram must say with each message.

        Raises:
            SettingsError: there is none, it cannot be one, or there is no URL to send messages to.
        """
        if not self.webhook_url:
            raise SettingsError("a webhook needs webhook_url", 'in the bot file: webhook_url = "https://..."')
        secret = os.environ.get(self.webhook_secret_variable, "")
        if not _SECRET.fullmatch(secret):
            hint = f"export {self.webhook_secret_variable}=$(openssl rand -hex 32)"
            raise SettingsError(f"{self.webhook_secret_variable} holds no secret of letters and digits", hint)
        return secret


def _read_private(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the token cannot be read: {type(error).__name__}", "check token_file") from None
    if stat.S_IMODE(mode) & 0o077:
        raise SettingsError(f"{path}: others can read the token", f"chmod 600 {path}")
    return text
