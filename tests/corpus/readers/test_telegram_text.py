"""Messages copied out of Telegram."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.telegram_text import TelegramTextReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

COPIED = """\
Mira [work], [25/06/2022 07:25]
https://example.org/a?b=[1]

Otto, [25/06/2022 07:26]
[In reply to Mira [work]]
look:

code {
  a: 1;
}

小明, [25/06/2022 07:27:30]
[ Photo ]

小明, [25/06/2022 07:28]
[ Photo ]
山顶

Otto, [25/06/2022 07:29]
[Forwarded from Daily News]
Rain again

Otto, [25/06/2022 07:30]
/start

Otto, [25/06/2022 07:30]
[\U0001f600 Sticker]

Otto, [25/06/2022 07:31]

Otto, [31/06/2022 07:31]
when?
"""


def read(folder: Path, text: str, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    (folder / "copied.txt").write_text(text, encoding="utf-8")
    return list(TelegramTextReader(**options).read(open_log(str(folder / "copied.txt")), tally or Tally()))


def texts(dialogues: list[Dialogue]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for dialogue in dialogues for turn in dialogue.turns]


def test_only_a_header_ends_a_message(tmp_path: Path) -> None:
    tally = Tally()
    assert texts(read(tmp_path, COPIED, tally)) == [
        ("Mira [work]", "https://example.org/a?b=[1]"), ("Otto", "look:\n\ncode {\n  a: 1;\n}"), ("小明", "山顶"),
    ]  # fmt: skip
    assert tally.skipped == {"media": 2, "forwarded": 1, "command": 1, "empty": 1, "malformed": 1}


def test_forwards_stay_when_asked_for(tmp_path: Path) -> None:
    assert ("Otto", "Rain again") in texts(read(tmp_path, COPIED, forwards=True))


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("25/06/2022 07:25", "2022-06-25T07:25"), ("25.06.2022 19:25:01", "2022-06-25T19:25:01"),
        ("6/25/22 7:25 PM", "2022-06-25T19:25"), ("6/25/22, 7:25\u202fAM", "2022-06-25T07:25"),
        ("2022/6/25 07:25", "2022-06-25T07:25"), ("2022/6/25 下午7:25", "2022-06-25T19:25"),
        ("03.04.22 07:25", "2022-04-03T07:25"), ("2022-06-25 07:25", "2022-06-25T07:25"),
    ],
)  # fmt: skip
def test_dates_are_written_as_the_computers_locale_has_it(tmp_path: Path, date: str, expected: str) -> None:
    (dialogue,) = read(tmp_path, f"Mira, [{date}]\nhi\n")
    assert dialogue.turns[0].time == datetime.fromisoformat(expected)
    assert isinstance(recognise(open_log(str(tmp_path / "copied.txt")))[0], TelegramTextReader)


def test_an_order_that_cannot_be_told_is_the_usual_one_or_the_chosen_one(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, "Mira, [03/04/2022 07:25]\nhi\n")
    assert dialogue.turns[0].time == datetime(2022, 4, 3, 7, 25)  # noqa: DTZ001 - the log states no zone
    (dialogue,) = read(tmp_path, "Mira, [03/04/2022 07:25]\nhi\n", date_order="mdy")
    assert dialogue.turns[0].time == datetime(2022, 3, 4, 7, 25)  # noqa: DTZ001


@pytest.mark.parametrize("cut", range(0, len(COPIED.encode()), 7))
def test_a_cut_text_is_read_as_far_as_it_goes(tmp_path: Path, cut: int) -> None:
    (tmp_path / "copied.txt").write_bytes(COPIED.encode()[:cut])
    try:
        list(TelegramTextReader().read(open_log(str(tmp_path / "copied.txt")), Tally()))
    except LogError as error:
        assert "copied.txt: is empty" in error.message


@pytest.mark.parametrize(
    "unit", ["[In reply to ", ", [", ", [1/1/", ", [25/06/2022 07:2\n", "[ ", "[In reply to x]\n", "\n"]
)
def test_hostile_text_takes_no_time(tmp_path: Path, unit: str) -> None:
    start = time.process_time()
    read(tmp_path, "Mira, [25/06/2022 07:25]\n" + unit * (500_000 // len(unit)))
    assert time.process_time() - start < 5
