"""The logs that a bot has been retrained on, kept as canonical dialogues: later retrainings replay them, too."""

import json
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chatbot.corpus.log import open_log
from chatbot.corpus.pairs import PairingSettings, make_pairs
from chatbot.corpus.readers import Tally, named_reader
from chatbot.dialogue import Pair
from chatbot.errors import CorpusError
from chatbot.files import write_whole

_LENGTH = 16


@dataclass(frozen=True, slots=True)
class KeptLog:
    """A log that is kept: its checksum, where it was, whom a bot learns from (everyone, if empty), and its copy."""

    checksum: str
    path: str
    answers_by: tuple[str, ...]
    copy: Path

    def pairs(self) -> Iterator[Pair]:
        """Yield its pairs."""
        pairing = PairingSettings(answers_by=self.answers_by)
        for dialogue in named_reader("jsonl").read(open_log(str(self.copy), "utf-8"), Tally()):
            yield from make_pairs(dialogue, pairing)


@dataclass(frozen=True, slots=True)
class KeptLogs:
    """The folder ``bots/<name>/logs``: a log a file, named by its checksum, and what is known of it beside it."""

    folder: Path

    def add(self, path: str, checksum: str, answers_by: Sequence[str], dialogues: bytes | memoryview) -> None:
        """Keep a log, whose canonical ``dialogues`` are given; it is there when its facts are."""
        write_whole(self._log(checksum), dialogues)
        facts = {
            "path": path, "sha256": checksum, "answers_by": list(answers_by),
            "added": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        write_whole(self._facts(checksum), json.dumps(facts, ensure_ascii=False, indent=1) + "\n")

    def logs(self) -> list[KeptLog]:
        """Return the logs.

        Raises:
            CorpusError: what is known of one is damaged.
        """
        found = []
        for path in sorted(self.folder.glob("*.json")):
            try:
                facts = json.loads(path.read_text(encoding="utf-8"))
                checksum, answers_by = str(facts["sha256"]), tuple(facts["answers_by"])
                found.append(KeptLog(checksum, str(facts["path"]), answers_by, self._log(checksum)))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise CorpusError(f"{path}: is damaged: {type(error).__name__}", "remove it and retrain") from None
        return found

    def pairs(self, checksums: Container[str]) -> Iterator[Pair]:
        """Yield the pairs of the logs with these checksums, as far as they are kept."""
        for log in self.logs():
            if log.checksum in checksums:
                yield from log.pairs()

    def _log(self, checksum: str) -> Path:
        return self.folder / f"{checksum[:_LENGTH]}.jsonl"

    def _facts(self, checksum: str) -> Path:
        return self.folder / f"{checksum[:_LENGTH]}.json"
