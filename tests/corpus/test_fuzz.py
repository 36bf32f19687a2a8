"""The fuzzing target: a few inputs of it, and that it finds what is wrong."""

import pytest

from chatbot.corpus.readers.irc import IrcReader
from tests.corpus.fuzz import attempt, samples

LOGS = samples()


def test_there_are_several_logs_for_most_formats() -> None:
    assert sum(len(logs) > 1 for logs in LOGS.values()) >= 15


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_log_is_read_or_is_one_error(seed: int) -> None:
    assert not attempt(seed, sorted(LOGS), LOGS)


def test_a_reader_that_breaks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*arguments: object) -> None:
        raise KeyError("broken")

    monkeypatch.setattr(IrcReader, "read", read)
    found = attempt(1, ["irc"], LOGS)
    assert found.startswith("irc, ") and "KeyError: 'broken'" in found


def test_a_reader_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*arguments: object) -> None:
        while True:
            pass

    monkeypatch.setattr(IrcReader, "read", read)
    monkeypatch.setattr("tests.corpus.fuzz._LEAST_SECONDS", 0.1)
    assert "_TooLong" in attempt(1, ["irc"], LOGS)
