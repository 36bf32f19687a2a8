"""What is left out of a log, counted."""

from collections import Counter
from dataclasses import dataclass, field

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
