"""What every adapter is."""

from typing import Protocol


class Adapter(Protocol):
    """Carries people's messages to a talk and replies back, until there is no more."""

    def serve(self) -> int:
        """Serve, and return the exit status."""
