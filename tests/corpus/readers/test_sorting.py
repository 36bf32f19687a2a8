"""Sorting messages in little memory."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chatbot.corpus.readers import sorting
from chatbot.corpus.readers.messages import Message
from chatbot.corpus.readers.sorting import sorted_by_time

ZONES = [None, UTC, timezone(timedelta(hours=8))]


def message(number: int) -> Message:
    hour = number * 7 % 23
    time = datetime(2024, 3, 5, hour, tzinfo=ZONES[number % 3]) if number % 5 else None
    return Message("美", f'"{number}"\n', time, f"log:{number}", f"c{number % 4}", str(number), str(hour) or None)


@pytest.mark.parametrize("most", [1, 3, 1000])
def test_messages_come_back_as_they_were_in_order_in_files_as_in_memory(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [message(number) for number in range(60)]
    whole = list(sorted_by_time(messages))
    monkeypatch.setattr(sorting, "_RUN_MESSAGES", most)
    assert list(sorted_by_time(messages)) == whole
    assert sorted(whole, key=lambda each: each.place) == sorted(messages, key=lambda each: each.place)
    assert [each.channel for each in whole] == sorted(each.channel for each in whole)


def test_one_without_a_time_stays_behind_the_one_before_it() -> None:
    late, lost, early = (
        Message("A", text, datetime.fromisoformat(time) if time else None, text)
        for text, time in (("late", "2024-03-06"), ("lost", None), ("early", "2024-03-05"))
    )
    assert [each.text for each in sorted_by_time([late, lost, early])] == ["early", "late", "lost"]
