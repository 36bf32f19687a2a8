"""What every reader is, and what it leaves out."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from chatbot.corpus.log import Part
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from chatbot.settings import Settings

_SHOWN = 5


@dataclass(slots=True)
class Tally:
    """What a reader left out: ``skipped`` counts by reason, ``malformed`` the first few (place, text)."""

    skipped: Counter[str] = field(default_factory=Counter)
    malformed: list[tuple[str, str]] = field(default_factory=list)
    replaced: int = 0
    """Bad bytes that stand as U+FFFD in the texts."""
    hidden: Counter[str] = field(default_factory=Counter)
    """What has a placeholder in its place, by kind."""

    def skip(self, reason: str) -> None:
        """Count one message left out."""
        self.skipped[reason] += 1

    def summary(self) -> str:
        """Return the counts in one line, largest first."""
        more = [f"{self.replaced:,} bad bytes replaced"] if self.replaced else []
        more += [f"{count:,} {kind} hidden" for kind, count in self.hidden.most_common()]
        return ", ".join([*(f"{count:,} {reason}" for reason, count in self.skipped.most_common()), *more])

    def replace(self, count: int) -> None:
        """Count bytes that are none in the log's encoding."""
        self.replaced += count

    def fault(self, place: str, text: str) -> None:
        """Count one record that cannot be read; the first few are kept to be shown."""
        self.skip("malformed")
        if len(self.malformed) < _SHOWN:
            self.malformed.append((place, text[:80]))


class Reader(Settings):
    """Settings of a log format, with the verb that reads it: the ``[reader]`` table of a corpus file."""

    @classmethod
    @abstractmethod
    def recognises(cls, head: str, name: str) -> str:
        """Return why a part that begins with ``head`` is in this format, or nothing."""

    @classmethod
    def recognises_bytes(cls, head: bytes) -> str:
        """Return why a part that is no text and begins with ``head`` is in this format, or nothing."""
        return ""

    @classmethod
    def own(cls, parts: list[Part]) -> list[Part]:
        """Return the parts that are in this format: a folder or archive may hold pictures and tables beside them.

        When none seems to be, all are returned, so that reading them tells what is wrong.
        """
        return [part for part in parts if cls._fits(part)] or parts

    @classmethod
    def _fits(cls, part: Part) -> bool:
        try:
            return bool(cls.recognises(part.text_head(), part.name))
        except LogError:
            return False

    @abstractmethod
    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of a log in one pass; what is left out is counted in ``tally``."""


def tidy(text: str) -> str:
    """Return what was typed: direction marks removed, lone surrogates and NULs replaced, ends trimmed."""
    return text.translate(_MARKS).encode("utf-8", "replace").decode("utf-8").strip()


_MARKS = dict.fromkeys((8206, 8207, *range(8234, 8239), *range(8294, 8298), 65279))
_MARKS[0] = None
