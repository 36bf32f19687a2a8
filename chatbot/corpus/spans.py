"""From when to when pairs go."""

from collections.abc import Iterable
from datetime import UTC, datetime

from chatbot.dialogue import Pair


def instant(time: datetime) -> datetime:
    """Return a time that can be compared with all others: one without a zone counts as UTC."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def span_of(pairs: Iterable[Pair]) -> dict[str, str]:
    """Return the ``first`` and the ``last`` day of the pairs; nothing if their logs have no times."""
    times = [instant(turn.time) for pair in pairs for turn in (pair.question[0], pair.answer) if turn.time]
    return {"first": f"{min(times):%Y-%m-%d}", "last": f"{max(times):%Y-%m-%d}"} if times else {}
