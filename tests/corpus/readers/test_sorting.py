"""Sorting a log, in memory and beyond it."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from chatbot.corpus.readers import sorting
from chatbot.corpus.readers.messages import Message
from chatbot.corpus.readers.sorting import instant, sort_messages

START = datetime(2024, 3, 5, tzinfo=UTC)


def message(minute: int, text: str = "hi") -> Message:
    return Message("Ada", text, START + timedelta(minutes=minute), f"log:{minute}", "c", str(minute), None)


@pytest.mark.parametrize("most", [1, 2, 7, 1000])
def test_a_long_log_is_sorted_as_a_short_one_is(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "_MOST_MESSAGES", most)
    messages = [message(minute, "好\ud7ff\n\u2028") for minute in range(50)]
    shuffled = random.Random(1).sample(messages, len(messages))
    assert list(sort_messages(shuffled, instant)) == messages


def test_long_texts_are_not_all_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting, "_MOST_CHARACTERS", 10)
    messages = [message(minute, "x" * 6) for minute in range(9)]
    assert list(sort_messages(reversed(messages), instant)) == messages


def test_messages_of_one_moment_are_in_the_order_of_the_log_whichever_way_it_runs() -> None:
    early, late, later = message(0, "a"), message(0, "b"), message(1, "c")
    assert list(sort_messages([early, late, later], instant)) == [early, late, later]
    assert list(sort_messages([later, late, early], instant)) == [early, late, later]


def test_a_part_that_is_earlier_than_the_one_before_does_not_turn_the_log_round() -> None:
    late, later, early = (
        message(minute)._replace(place=f"{part}:1") for minute, part in [(9, "a"), (9, "a"), (0, "b")]
    )
    late, later = late._replace(text="late"), later._replace(text="later")
    assert list(sort_messages([late, later, early], instant)) == [early, late, later]


def test_no_messages_are_no_trouble() -> None:
    assert list(sort_messages([], instant)) == []
