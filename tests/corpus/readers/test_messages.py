"""Messages to dialogues: what is the same for every chat application."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.readers import Tally, messages
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.signal import SignalReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

START = datetime(2024, 3, 5, tzinfo=UTC)
READER: ChatReader = SignalReader()


def said(minute: int, speaker: str = "Ada", id: str | None = None, reply_to: str | None = None) -> Message:
    return Message(speaker, str(minute), START + timedelta(minutes=minute), f"log:{minute}", "c", id, reply_to)


def texts(dialogues: Iterator[Dialogue]) -> list[str]:
    return [text for dialogue in dialogues for turn in dialogue.turns for text in turn.text.split("\n")]


@pytest.mark.parametrize("window", [1, 2, 5, 100])
@given(data=st.data())
def test_rows_that_stand_a_little_too_early_or_late_are_put_in_order(window: int, data: st.DataObject) -> None:
    late = data.draw(st.lists(st.integers(0, window), max_size=40))
    rows = sorted(range(len(late)), key=lambda minute: minute + late[minute])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "_WINDOW", window)
        read = texts(READER.dialogues([said(minute) for minute in rows], Tally()))
    assert read == [str(minute) for minute in range(len(late))]


def test_times_with_another_zone_and_without_any_are_compared_as_the_moments_they_are() -> None:
    east = timezone(timedelta(hours=5))
    rows = [said(2), said(1)._replace(time=(START + timedelta(minutes=1)).astimezone(east)),
            said(0)._replace(time=START.replace(tzinfo=None))]  # fmt: skip
    assert texts(READER.dialogues(rows, Tally())) == ["0", "1", "2"]


def test_a_message_without_a_time_stays_behind_the_one_before_it() -> None:
    rows = [said(3), said(9)._replace(time=None), said(1)]
    assert texts(READER.dialogues(rows, Tally())) == ["1", "3", "9"]


def test_a_reply_reaches_back_as_far_as_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_REMEMBERED", 3)
    rows = [said(minute, "AB"[minute % 2], str(minute), str(minute - back)) for minute, back in
            ((0, 1), (1, 1), (2, 1), (3, 3), (4, 1), (5, 4), (6, 1), (7, 7))]  # fmt: skip
    (dialogue,) = READER.dialogues(rows, Tally())
    assert [turn.reply_to for turn in dialogue.turns] == [None, "0", "1", "0", "3", "1", "5", None]


def test_an_export_that_says_again_what_an_older_one_said_adds_only_what_is_new() -> None:
    tally = Tally()
    rows = [said(minute, id=str(minute)) for last in (20_000, 22_000) for minute in range(last)]
    assert texts(READER.dialogues(rows, tally)) == [str(minute) for minute in range(22_000)]
    assert tally.skipped == {"duplicate": 20_000}


def test_repeats_are_known_as_far_back_as_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_RECOGNISED", 2)
    tally = Tally()
    rows = [said(minute, id=letter) for minute, letter in enumerate("abcbdea")]
    assert texts(READER.dialogues(rows, tally)) == ["0", "1", "2", "4", "5", "6"]
    assert tally.skipped == {"duplicate": 1}


def test_python_looks_for_garbage_between_dialogues_as_before() -> None:
    seen = []

    def rows() -> Iterator[Message]:
        for minute in (0, 100, 200):
            seen.append(gc.isenabled())
            yield said(minute)
        raise LogError("the log is broken")

    dialogues = READER.dialogues(rows(), Tally())
    with pytest.raises(LogError):
        next(dialogues)
    assert gc.isenabled()
    assert seen == [False, False, False]


@pytest.mark.parametrize("looks", [True, False])
def test_each_dialogue_comes_with_garbage_collection_as_the_caller_has_it(looks: bool) -> None:
    try:
        if not looks:
            gc.disable()
        found = [gc.isenabled() for _ in READER.dialogues([said(0), said(100), said(200)], Tally())]
    finally:
        gc.enable()
    assert found == [looks] * 3
