"""Stores to try things on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.conversation.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new store of either kind."""
    sqlite = request.param == "sqlite"
    opened = Store(tmp_path / "bot" / "talk.db" if sqlite else request.getfixturevalue("database"))
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """A new store in SQLite."""
    opened = Store(tmp_path / "bot" / "talk.db")
    yield opened
    opened.close()
