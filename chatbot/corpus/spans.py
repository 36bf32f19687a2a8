"""From when to when pairs go."""

from collections.abc import Iterable
from datetime import datetime

from chatbot.dialogue import Pair, age


def span_of(pairs: Iterable[Pair]) -> dict[str, str]:
    """Return the ``first`` and the ``last`` day of the pairs; nothing if their logs have no times."""
    first: datetime | None = None
    last: datetime | None = None
    for pair in pairs:
        for time in (pair.question[0].time, pair.answer.time):
            if time is not None:
                first = time if first is None else min(first, time, key=age)
                last = time if last is None else max(last, time, key=age)
    return {"first": f"{first:%Y-%m-%d}", "last": f"{last:%Y-%m-%d}"} if first and last else {}
