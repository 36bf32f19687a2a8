"""How often one person may write."""

import time
from collections.abc import Callable


class Buckets:
    """A token bucket for each person: ``burst`` tokens at most, another one every ``seconds``."""

    def __init__(self, seconds: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._burst, self._clock = seconds, burst, clock
        self._full_at: dict[str, float] = {}
        """When each person's bucket is full again."""

    def take(self, person: str) -> float:
        """Take a token, if need be one that is yet to come; return how many seconds to wait for it."""
        now = self._clock()
        full_at = max(now, self._full_at.get(person, now)) + self._seconds
        self._full_at[person] = full_at
        if len(self._full_at) > 10_000:
            self._full_at = {one: time for one, time in self._full_at.items() if time > now}
        return max(0.0, full_at - now - self._seconds * self._burst)
