"""Where a bot's file is, what lies beside it, and what is this user's. No torch: what needs no model starts at once."""

import os
from pathlib import Path

from chatbot.errors import SettingsError

STORE = "conversations.db"


def bot_path(name: str) -> Path:
    """Return the path of a bot's file, by its path or its name under ``bots/``.

    Raises:
        SettingsError: there is none of that name.
    """
    if (name.endswith(".toml") or os.sep in name) and Path(name).name:
        return Path(name).with_suffix(".toml").absolute()
    path = Path("bots") / f"{name}.toml"
    if not path.exists():
        known = sorted(other.stem for other in Path("bots").glob("*.toml"))
        hint = f"bots here: {', '.join(known)}" if known else "name its file, or go to the folder that holds bots/"
        raise SettingsError(f'there is no bot "{name}": {path} does not exist', hint)
    return path.absolute()


def store_path(path: Path) -> Path:
    """Return the conversation store of the bot of a file."""
    return path.with_suffix("") / STORE


def this_user() -> str:
    """Return who sits at this machine."""
    return os.environ.get("USER") or str(os.getuid())


def state_folder() -> Path:
    """Return where this user's state is (XDG base directory specification)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "chatbot"


def history_path() -> Path:
    """Return where the lines are that this user typed at a prompt."""
    return state_folder() / "history"
