"""WhatsApp's exports."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.whatsapp import WhatsAppReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.conftest import SHARED

LRM, NNBSP, NBSP = "\u200e", "\u202f", "\u00a0"

IPHONE = f"""\
[2/27/24, 9:41:05{NNBSP}PM] Book club: {LRM}Messages and calls are end-to-end encrypted. Nobody else can read them.
[2/27/24, 9:41:20{NNBSP}PM] ~{NNBSP}Mira: who read chapter 3: the storm?

I did not
[2/27/24, 9:42:10{NNBSP}PM] Otto: half of it {LRM}<This message was edited>
{LRM}[2/27/24, 9:43:00{NNBSP}PM] Otto: {LRM}image omitted
{LRM}[2/27/24, 9:43:10{NNBSP}PM] Otto: the map {LRM}<attached: 00000007-PHOTO-2024-02-27-21-43-10.jpg>
{LRM}[2/27/24, 9:43:20{NNBSP}PM] Otto: notes.pdf \u2022 {LRM}3 pages {LRM}document omitted
[2/27/24, 9:44:00{NNBSP}PM] Mira: {LRM}This message was deleted.
[2/27/24, 9:45:00{NNBSP}PM] Book club: {LRM}Otto changed the group name to “storm: part 2”
[2/28/24, 9:46:00{NNBSP}AM] \u202a+1{NBSP}(555){NBSP}010-0199\u202c: @\u2068Mira\u2069 ok: me too
"""


def read(folder: Path, text: str, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    (folder / "_chat.txt").write_text(text, encoding="utf-8", newline="")
    return list(WhatsAppReader(**options).read(open_log(str(folder / "_chat.txt")), tally or Tally()))


def texts(dialogues: list[Dialogue]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for dialogue in dialogues for turn in dialogue.turns]


def times(dialogues: list[Dialogue]) -> list[datetime | None]:
    return [turn.time for dialogue in dialogues for turn in dialogue.turns]


def test_an_iphones_log_is_read_with_all_its_marks(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read(tmp_path, IPHONE, tally)
    assert texts(dialogues) == [
        ("Mira", "who read chapter 3: the storm?\n\nI did not"),
        ("Otto", "half of it\nthe map"),
        ("+1 (555) 010-0199", "@Mira ok: me too"),
    ]
    assert tally.skipped == {"system": 2, "media": 2, "deleted": 1}
    assert [dialogue.id for dialogue in dialogues] == ["_chat.txt:2", "_chat.txt:11"]
    assert times(dialogues)[0] == datetime(2024, 2, 27, 21, 41, 20)  # noqa: DTZ001 - the log states no zone


def test_an_androids_log_has_system_lines_without_a_name(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read(
        tmp_path,
        "31/12/2023, 21:40 - Messages and calls are end-to-end encrypted.\n"
        '31/12/2023, 21:40 - Mira created group "Hikes: north"\n'
        "31/12/2023, 21:41 - Mira: Happy new year :)\n"
        "31/12/2023, 21:41 - Mira changed the subject from “Hikes: north” to “Hikes: south”\n"
        "31/12/2023, 21:42 - Otto \U0001f600: a - b: same to you\n"
        "31/12/2023, 21:43 - Otto \U0001f600: <Media omitted>\n"
        "31/12/2023, 21:43 - Otto \U0001f600: IMG-20231231-WA0001.jpg (file attached)\nthe fireworks\n"
        "31/12/2023, 21:44 - Mira: \n31/12/2023, 21:44 - Mira:\n"
        "31/12/2023, 21:44 - Mira:.\n31/12/2023, 21:44 - Mira: null\n"
        "31/12/2023, 21:45 - Mira: POLL:\nWhere?\nOPTION: north (1 vote)\nOPTION: south (0 votes)\n"
        "31/12/2023, 21:45 - Mira: location: https://maps.google.com/?q=47.1,8.2\n"
        "31/12/2023, 21:45 - Mira: /start\n"
        "31/12/2023, 21:46 - Mira: <3",
        tally,
    )
    assert texts(dialogues) == [
        ("Mira", "Happy new year :)"), ("Otto \U0001f600", "a - b: same to you\nthe fireworks"), ("Mira", "<3"),
    ]  # fmt: skip
    assert tally.skipped == {"system": 3, "media": 3, "empty": 4, "command": 1}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("31/12/2023, 21:41 - ", "2023-12-31T21:41:00"), ("12/31/23, 9:41 PM - ", "2023-12-31T21:41:00"),
        ("12/31/23, 9:41\u202fPM - ", "2023-12-31T21:41:00"), ("[31.12.23, 21:41:05] ", "2023-12-31T21:41:05"),
        ("31.12.18 21.41.05: ", "2018-12-31T21:41:05"), ("31.12.2018 klo 21.41.05 - ", "2018-12-31T21:41:05"),
        ("2023/12/31 21:41 - ", "2023-12-31T21:41:00"), ("2023/12/31 下午9:41 - ", "2023-12-31T21:41:00"),
        ("[2023/12/31 上午12:05:09] ", "2023-12-31T00:05:09"), ("[2023/12/31, 下午9:41:05] ", "2023-12-31T21:41:05"),
        ("[2023/12/31 凌晨1:05:09] ", "2023-12-31T01:05:09"), ("[2023/12/31 中午12:10:00] ", "2023-12-31T12:10:00"),
        ("[2023/12/31 中午1:10:00] ", "2023-12-31T13:10:00"), ("[2023/12/31 晚上9:10:00] ", "2023-12-31T21:10:00"),
        ("[2023/12/31 早上9:10:00] ", "2023-12-31T09:10:00"), ("2023/12/31 午後0:10 - ", "2023-12-31T12:10:00"),
        ("2023. 12. 31. 오후 9:41 - ", "2023-12-31T21:41:00"), ("[2023. 12. 31. 오전 12:05:00] ",
        "2023-12-31T00:05:00"),
        ("2023. 12. 31. 21:41 - ", "2023-12-31T21:41:00"), ("31. 12. 2023. 21:41 - ", "2023-12-31T21:41:00"),
        ("2023-12-31, 9:41 p.m. - ", "2023-12-31T21:41:00"), ("31/12/2023, 9:41 p.\u00a0m. - ", "2023-12-31T21:41:00"),
        ("31/12/2023, 12:05 a. m. - ", "2023-12-31T00:05:00"), ("31/12/23, 9:41 am - ", "2023-12-31T09:41:00"),
        ("31/12/23 à 21:41 - ", "2023-12-31T21:41:00"), ("31.12.23 um 21:41 - ", "2023-12-31T21:41:00"),
        ("31-12-23, 21:41 - ", "2023-12-31T21:41:00"), ("[31-12-23 21:41] ", "2023-12-31T21:41:00"),
        ("2023/31/12, 21:41 - ", "2023-12-31T21:41:00"),
        ("31/12/2566 21:41 - ", "2023-12-31T21:41:00"), ("21:41, 31/12/2023 - ", "2023-12-31T21:41:00"),
        ("[21:41, 12/31/2023] ", "2023-12-31T21:41:00"), ("2023-12-31 21 h 41 - ", "2023-12-31T21:41:00"),
        ("\u200f٣١\u200f/١٢\u200f/٢٠٢٣، ٩:٤١ م - ", "2023-12-31T21:41:00"), ("\u200e[31.12.23, 21:41:05] ",
        "2023-12-31T21:41:05"),
        ("۲۰۲۳/۱۲/۳۱،\u200f ۲۱:۴۱ - ", "2023-12-31T21:41:00"), ("31.12.23 г., 21:41 - ", "2023-12-31T21:41:00"),
        ("31.12.23 г., 21:41 ч. - ", "2023-12-31T21:41:00"), ("[31/12/2566 BE, 21:41:05] ", "2023-12-31T21:41:05"),
        ("[2023-12-31, 21 h 41 min 5 s] ", "2023-12-31T21:41:05"), ("31/12/23, 9:41 பிற்பகல் - ", "2023-12-31T21:41:00"),
        ("31/12/23, 9:41 ಅಪರಾಹ್ನ - ", "2023-12-31T21:41:00"), ("31/12/23, 9:41 ਬਾ.ਦੁ. - ", "2023-12-31T21:41:00"),
        ("31/12/23, 9:41 ከሰዓት - ", "2023-12-31T21:41:00"), ("31/12/23, 12:41 ਪੂ.ਦੁ. - ", "2023-12-31T00:41:00"),
        ("31.12.23, 9:41 MD - ", "2023-12-31T21:41:00"), ("31.12.23, 12:41 PD - ", "2023-12-31T00:41:00"),
        ("\ufeff31/12/2023, 21:41 - ", "2023-12-31T21:41:00"), ("12/31/20, 00:05 AM - ", "2020-12-31T00:05:00"),
    ],
)  # fmt: skip
def test_every_phones_way_of_writing_a_time_is_understood(tmp_path: Path, header: str, expected: str) -> None:
    dialogues = read(tmp_path, f"{header}Mira: hi\n{header}Otto: hello: you\n")
    assert texts(dialogues) == [("Mira", "hi"), ("Otto", "hello: you")]
    assert times(dialogues)[0] == datetime.fromisoformat(expected)
    reader, _, _ = recognise(open_log(str(tmp_path / "_chat.txt")))
    assert isinstance(reader, WhatsAppReader)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("03/04/24", "13/04/24"), "2024-04-03"), (("03/04/24", "03/14/24"), "2024-03-04"),
        (("01/02/24", "02/02/24", "01/03/24"), "2024-02-01"), (("02/01/24", "02/02/24", "03/01/24"), "2024-02-01"),
        (("2024/03/04", "2024/02/07", "2024/04/01"), "2024-03-04"), (("03.04.24",), "2024-04-03"),
        (("24/03/05", "24/03/06", "24/04/01"), "2024-03-05"), (("24/03/24",), "2024-03-24"),
    ],
)  # fmt: skip
def test_the_order_of_a_date_is_decided_once_for_a_file(tmp_path: Path, dates: tuple[str, ...], expected: str) -> None:
    dialogues = read(tmp_path, "".join(f"{date}, 10:00 - Mira: hi\n" for date in dates))
    assert min(time for time in times(dialogues) if time).date() <= datetime.fromisoformat(expected).date()
    assert datetime.fromisoformat(f"{expected} 10:00") in times(dialogues)


def test_a_phone_in_the_united_states_is_known_by_its_writing(tmp_path: Path) -> None:
    dialogues = read(tmp_path, "[3/5/24, 9:41:05\u202fPM] Mira: hi\n")
    assert times(dialogues) == [datetime(2024, 3, 5, 21, 41, 5)]  # noqa: DTZ001


def test_an_order_that_cannot_be_told_is_the_usual_one_or_the_chosen_one(tmp_path: Path) -> None:
    log = "03/04/2024, 10:00 - Mira: hi\n03/04/2024, 10:01 - Otto: hello\n"
    assert times(read(tmp_path, log))[0] == datetime(2024, 4, 3, 10, 0)  # noqa: DTZ001
    assert times(read(tmp_path, log.replace("03/04/2024", "3/4/24")))[0] == datetime(2024, 3, 4, 10, 0)  # noqa: DTZ001
    assert times(read(tmp_path, log, date_order="mdy"))[0] == datetime(2024, 3, 4, 10, 0)  # noqa: DTZ001


def test_a_row_out_of_order_is_put_in_its_place(tmp_path: Path) -> None:
    log = "13/04/24, 10:05 - Mira: later\n13/04/24, 10:00 - Otto: earlier\n13/04/24, 10:06 - Otto: last\n"
    assert texts(read(tmp_path, log)) == [("Otto", "earlier"), ("Mira", "later"), ("Otto", "last")]


@pytest.mark.parametrize(
    ("first", "joins"),
    [
        (
            ["Messages and calls are end-to-end encrypted. Only people in this chat can read them."],
            "{} joined using this group's invite link",
        ),
        (["Messages and calls are end-to-end encrypted. Only people in this chat can read them."], "Mira added {}"),
        (['Mira created group "Tea: green"', "Mira added you"], "{} joined using this group's invite link"),
        ([], "{} ist dieser Gruppe über den Einladungslink beigetreten."),
        ([], "{}使用此群组的邀请链接加入"),
    ],
)
def test_a_group_may_begin_with_a_thousand_people_who_join_it(tmp_path: Path, first: list[str], joins: str) -> None:
    rows = [*first, *(joins.format(f"Member{number}") for number in range(2000))]
    tally = Tally()
    log = "".join(f"14/03/2024, 21:41 - {row}\n" for row in [*rows, "Mira: hello all", "Otto: hi"])
    assert texts(read(tmp_path, log, tally)) == [("Mira", "hello all"), ("Otto", "hi")]
    assert tally.skipped == {"system": len(rows)}
    assert isinstance(recognise(open_log(str(tmp_path / "_chat.txt")))[0], WhatsAppReader)


@pytest.mark.parametrize("row", ["Mira joined the room", "Mira created and configured the room."])
def test_a_room_is_none_of_whatsapps(row: str) -> None:
    log = f"14/03/2024, 21:41 - {row}\n14/03/2024, 21:42 - Mira: hi\n"
    assert not WhatsAppReader.recognises(log, "log.txt")
    assert WhatsAppReader.recognises(log.replace(row, f"Otto: {row}"), "log.txt")


def test_a_groups_name_may_have_a_colon(tmp_path: Path) -> None:
    tally = Tally()
    log = (
        f"[14/03/2024, 21:01:05] Trip: Italy: {LRM}Messages and calls are end-to-end encrypted.\n"
        f"[14/03/2024, 21:01:05] Trip: Italy: {LRM}Mira created this group\n"
        f"[14/03/2024, 21:02:00] Mira: my number: {LRM}+1 555 010 0199\n"
        f"[14/03/2024, 21:03:00] Trip: Italy: {LRM}Otto joined using this group's invite link\n"
    )
    assert texts(read(tmp_path, log, tally)) == [("Mira", "my number: +1 555 010 0199")]
    assert tally.skipped == {"system": 3}


def test_a_header_in_another_phones_style_is_text_that_was_pasted(tmp_path: Path) -> None:
    log = "13/04/24, 10:00 - Mira: from my phone\n[13.04.24, 09:00:00] Otto: no\n13/04/24, 10:00 - Mira: x\n"
    assert texts(read(tmp_path, log)) == [("Mira", "from my phone\n[13.04.24, 09:00:00] Otto: no\nx")]


def test_chats_in_one_folder_do_not_mix(tmp_path: Path) -> None:
    for name in ("Mira", "Otto"):
        text = f"13/04/24, 10:00 - {name}: hi\n13/04/24, 10:01 - Ada: hello {name}\n"
        (tmp_path / f"WhatsApp Chat with {name}.txt").write_text(text)
    reader, _, parts = recognise(open_log(str(tmp_path)))
    found = list(reader.read(parts, Tally()))
    assert [texts([dialogue]) for dialogue in found] == [
        [("Mira", "hi"), ("Ada", "hello Mira")], [("Otto", "hi"), ("Ada", "hello Otto")],
    ]  # fmt: skip


def test_what_cannot_be_read_is_counted_with_its_line(tmp_path: Path) -> None:
    tally = Tally()
    log = "a line from before\n31/02/2024, 10:00 - Mira: when?\n13/04/2024, 10:00 - Mira: hi\n13/04/2024, 99:00 - A: b"
    assert texts(read(tmp_path, log, tally)) == [("Mira", "hi")]
    assert tally.skipped == {"malformed": 3}
    assert [place for place, _ in tally.malformed] == ["_chat.txt:1", "_chat.txt:2", "_chat.txt:4"]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_any_line_end_will_do(tmp_path: Path, end: str) -> None:
    assert texts(read(tmp_path, IPHONE.replace("\n", end))) == texts(read(tmp_path, IPHONE))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_log_that_is_cut_or_damaged_is_read_as_far_as_it_goes(tmp_path: Path, data: st.DataObject) -> None:
    whole = IPHONE.encode()
    cut = data.draw(st.integers(0, len(whole)))
    (tmp_path / "log").write_bytes(whole[:cut] + data.draw(st.binary(max_size=30)))
    try:
        list(WhatsAppReader().read(open_log(str(tmp_path / "log")), Tally()))
    except LogError as error:
        assert "log" in error.message


@pytest.mark.parametrize(
    "unit",
    [
        "[13.04.24, 10:00:00] Mira: {}\n".format("<" * 60), "13/04/24, 10:00 - " + "a b " * 60 + "\n", "[" * 100 + "\n",
        "13/04/24, 10:00 - Mira: " + "x <\u200e" * 30 + "\n", "1/1/1" * 40 + "\n",
        "\n", '13/04/24, 10:00 - "a" b c d e f: g\n',
        "13/04/24, 10:00 - a.b (" + "(" * 90 + "\n", "\u200e" * 99 + "\n", "13/04/24, 10:00 - M: x" + "<a" * 3_000,
    ],
)  # fmt: skip
def test_hostile_lines_take_no_time(tmp_path: Path, unit: str) -> None:
    log = "13/04/24, 10:00 - Mira: hi\n" + unit * (500_000 // len(unit))
    start = time.process_time()
    read(tmp_path, log)
    assert time.process_time() - start < 5  # about a third of a second where nothing else runs


def test_a_message_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    tally = Tally()
    log = "13/04/24, 10:00 - Mira: hi\n13/04/24, 10:01 - Otto: " + "again and again\n" * 80_000
    assert texts(read(tmp_path, log, tally)) == [("Mira", "hi")]
    assert tally.skipped == {"malformed": 1}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared exports are not here")
def test_other_peoples_samples_give_what_they_expect() -> None:
    folder = SHARED / "exports" / "whatsapp" / "chat-miner"
    logs = sorted(folder.glob("*.txt"))
    found = []
    for log in logs:
        reader, _, parts = recognise(open_log(str(log).replace("[", "[[]")))
        found.append([(turn.speaker, turn.text, turn.time) for d in reader.read(parts, Tally()) for turn in d.turns])
    assert len(logs) == 5 and all(turns == found[0] for turns in found) and len(found[0]) == 6
