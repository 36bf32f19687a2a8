"""What can go wrong, as one tree.

Every error that a user can cause or mend derives from ``ChatbotError`` and carries what to do about it:

    ChatbotError(message, hint)
    ├── SettingsError        a bot or corpus file is wrong; lists every problem at once
    ├── CorpusError          a corpus is missing, unfetched or yields nothing to learn from
    │   └── LogError         a log cannot be read: names the file, the place and what was expected
    ├── ModelError           a version of a model is missing or cannot be used
    │   ├── UntrainedError   the bot has no version yet
    │   └── CheckpointError  a version's files are damaged or do not fit its settings
    ├── TrainingError        training cannot start or go on
    ├── PictureError         a picture is missing or damaged, or the bot wants one or none
    └── StoreError           the conversation store cannot be opened, read or written

Only ``chatbot.cli`` catches them; it prints ``error:`` and ``hint:`` lines and exits with status 2.
"""


class ChatbotError(Exception):
    """An error that a user can mend: ``message`` says where and what, ``hint`` what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsError(ChatbotError):
    """A bot or corpus file is wrong."""


class CorpusError(ChatbotError):
    """A corpus is missing, unfetched or yields nothing to learn from."""


class LogError(CorpusError):
    """A log cannot be read."""


class ModelError(ChatbotError):
    """A version of a model is missing or cannot be used."""


class UntrainedError(ModelError):
    """The bot has no version yet."""


class CheckpointError(ModelError):
    """A version's files are damaged or do not fit its settings."""

    def __init__(
        self, message: str, hint: str = "chatbot rollback takes an earlier version; or train the bot anew"
    ) -> None:
        super().__init__(message, hint)


class TrainingError(ChatbotError):
    """Training cannot start or go on."""


class PictureError(ChatbotError):
    """A picture is missing or damaged, or the bot wants one or none."""


class StoreError(ChatbotError):
    """The conversation store cannot be opened, read or written."""
