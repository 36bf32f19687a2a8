"""The versions of a bot's model: whole folders, of which one is current."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatbot.errors import CheckpointError, ModelError, UntrainedError
from chatbot.files import whole_folder, write_whole
from chatbot.training.modelcard import model_card

WEIGHTS, CARD, SETTINGS, PAIRS = "model.safetensors", "card.json", "bot.json", "pairs.jsonl"
_NAME = re.compile(r"\d{4,}")


@dataclass(frozen=True, slots=True)
class Versions:
    """The folder ``bots/<name>/versions`` and the file ``current`` in it."""

    folder: Path

    def names(self) -> list[str]:
        """Return the versions' names, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted((path.name for path in self.folder.iterdir() if _NAME.fullmatch(path.name)), key=int)

    def current(self) -> str:
        """Return the name of the current version.

        Raises:
            UntrainedError: there is none yet.
        """
        try:
            name = (self.folder / "current").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            bot = self.folder.parent.name
            raise UntrainedError(f"{bot} is not trained yet", f"chatbot train {bot}") from None
        except (OSError, UnicodeDecodeError) as error:
            path = self.folder / "current"
            raise CheckpointError(f"{path}: is damaged: {error}", "chatbot rollback names a version") from None
        return self._existing(name)

    def path(self, name: str) -> Path:
        """Return the folder of a version."""
        return self.folder / self._existing(name)

    def card(self, name: str) -> dict[str, Any]:
        """Return what is known of a version."""
        path = self.path(name) / CARD
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{path}: is damaged: {error}") from None
        if not isinstance(card, dict):
            raise CheckpointError(f"{path}: is damaged: no table")
        return card

    def add(self, write: Callable[[Path], None], card: dict[str, Any]) -> str:
        """Return the name of a new version: ``write`` fills its folder, which then appears whole."""
        name = self.next()
        card = {"version": name, "created": datetime.now(UTC).isoformat(timespec="seconds"), **card}
        with whole_folder(self.folder / name) as folder:
            write(folder)
            text = json.dumps(card, ensure_ascii=False, indent=2) + "\n"
            (folder / CARD).write_text(text, encoding="utf-8")
            (folder / "card.md").write_text(model_card(card), encoding="utf-8")
        return name

    def next(self) -> str:
        """Return the name that the next version will have; none comes twice, since receipts of erasures have them."""
        return f"{int(self._last()) + 1:04d}"

    def promote(self, name: str) -> None:
        """Make a version the current one."""
        write_whole(self.folder / "current", self._existing(name) + "\n")

    def previous(self) -> str:
        """Return the version before the current one."""
        earlier = [name for name in self.names() if int(name) < int(self.current())]
        if not earlier:
            raise ModelError(f"{self.current()} is the first version: there is none before it")
        return earlier[-1]

    def remove(self, name: str) -> None:
        """Delete a version."""
        path = self.path(name)
        write_whole(self.folder / "last", self._last() + "\n")
        path.rename(self.folder / f"gone-{name}")  # at once: nobody sees half of one
        self.sweep()

    def sweep(self) -> None:
        """Delete what removals have left that were killed."""
        for gone in self.folder.glob("gone-*"):
            shutil.rmtree(gone)

    def _last(self) -> str:
        """Return the name that was given last, "0" before the first."""
        try:
            noted = (self.folder / "last").read_text(encoding="ascii").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            noted = ""
        return max([*self.names(), noted if noted.isdigit() else "0"], key=int)

    def _existing(self, name: str) -> str:
        if name not in self.names():
            known = ", ".join(self.names()) or "none"
            raise ModelError(f'{self.folder.parent.name} has no version "{name}"', f"versions: {known}")
        return name
