"""Google Chat's messages, and dates in words."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.google_chat import GoogleChatReader
from chatbot.corpus.readers.worded_dates import parse_worded_date
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError


def message(sender: str, text: str | None, minute: int = 0, **more: Any) -> dict[str, Any]:
    typed = {} if text is None else {"text": text}
    return {
        "creator": {"name": sender, "email": f"{sender}@example.com", "user_type": "Human"},
        "created_date": f"Tuesday, February 10, 2015 at 6:{minute:02}:26\u202fPM UTC", **typed, **more,
    }  # fmt: skip


def write(path: Path, messages: list[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"messages": messages}), encoding="utf-8")
    return path


def read(folder: Path, messages: list[Any], tally: Tally | None = None) -> list[Dialogue]:
    path = write(folder / "messages.json", messages)
    return list(GoogleChatReader().read(open_log(str(path)), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


@pytest.mark.parametrize(
    "date",
    [
        "Tuesday, February 10, 2015 at 6:03:26 PM UTC",
        "Tuesday, February 10, 2015 at 6:03:26\u202fPM UTC",
        "Tuesday, 10 February 2015 at 18:03:26 UTC",
        "Tuesday 10 February 2015 at 18:03:26 GMT",
        "Feb 10, 2015, 6:03:26\u00a0p.m. UTC",
        "Dienstag, 10. Februar 2015 um 18:03:26 UTC",
        "mardi 10 février 2015 à 18:03:26 UTC",
        "mardi 10 février 2015 à 18 h 03 min 26 s UTC",
        "terça-feira, 10 de fevereiro de 2015 às 18h03min26s UTC",
        "martes, 10 de febrero de 2015, 18:03:26 UTC",
        "terça-feira, 10 de fevereiro de 2015 às 18:03:26 UTC",
        "martedì 10 febbraio 2015 alle ore 18:03:26 UTC",
        "dinsdag 10 februari 2015 om 18:03:26 UTC",
        "tirsdag den 10. februar 2015 kl. 18.03.26 UTC",
        "tiistai 10. helmikuuta 2015 klo 18.03.26 UTC",
        "wtorek, 10 lutego 2015 18:03:26 UTC",
        "вторник, 10 февраля 2015 г., 18:03:26 UTC",
        "10 Şubat 2015 Salı 18:03:26 UTC",
        "2015. február 10., kedd 18:03:26 UTC",
        "18:03:26 UTC Thứ Ba, 10 tháng 2, 2015",
        "2015年2月10日星期二 UTC 18:03:26",
        "2015年2月10日 星期二 下午6:03:26 [UTC]",
        "2015年2月10日火曜日 18時03分26秒 UTC",
        "2015년 2월 10일 화요일 오후 6시 3분 26초 UTC",
        "Τρίτη 10 Φεβρουαρίου 2015 στις 6:03:26 μ.μ. UTC",
        "الثلاثاء، 10 فبراير 2015 في 6:03:26 م UTC",
        "الثلاثاء، \u200f١٠ فبراير ٢٠١٥ في ٦:٠٣:٢٦ م UTC",
        "יום שלישי, 10 בפברואר 2015 בשעה 18:03:26 UTC",
        "dimarts, 10 de febrer del 2015, a les 18:03:26 UTC",
        "मंगलवार, 10 फ़रवरी 2015 को 6:03:26 pm UTC बजे",
        "วันอังคารที่ 10 กุมภาพันธ์ พ.ศ. 2558 เวลา 18 นาฬิกา 03 นาที 26 วินาที UTC",
        "2015-02-10T18:03:26Z",
        "2015-02-10 18:03:26 UTC",
    ],
)
def test_a_date_is_understood_in_the_language_of_the_account(date: str) -> None:
    assert parse_worded_date(date) == datetime(2015, 2, 10, 18, 3, 26, tzinfo=UTC)


def test_midnight_noon_and_offsets() -> None:
    assert parse_worded_date("May 3, 2022 at 12:00:00 AM UTC").hour == 0
    assert parse_worded_date("May 3, 2022 at 12:00:00 PM UTC").hour == 12
    assert parse_worded_date("May 3, 2022 at 9:00 AM GMT+8").utcoffset() == timezone(timedelta(hours=8)).utcoffset(None)
    assert parse_worded_date("May 3, 2022 at 9:00 AM").tzinfo is None
    assert parse_worded_date("Τρίτη 3 Μαΐου 2022 στις 12:03:26 π.μ. UTC").hour == 0
    assert parse_worded_date("الثلاثاء، 3 مايو 2022 في 6:03:26 ص UTC").hour == 6


@pytest.mark.parametrize(
    "date", ["", "soon", "6:03 PM", "May 2015 at 6:03", "Smarch 13, 2015 at 1:00 PM", "9" * 100_000]
)
def test_what_is_no_date_is_said_to_be_none(date: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_worded_date(date)


def test_messages_are_told_with_their_links_and_times(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path,
        [
            message("Lou", "看到了吗？", 1, message_id="S/t1/t1", topic_id="t1"),
            message("Mei", "not yet", 2, message_id="S/t2/t2", topic_id="t2"),
            message(
                "Lou", "why?", 3, message_id="S/t3/t3", quoted_message_metadata={"message_id": "S/t2/t2", "text": "q"}
            ),
            message("Mei", "现在看到了", 4, message_id="S/t1/b", topic_id="t1"),
            message("Lou", "good", 5, message_id="S/t1/c", topic_id="t1"),
        ],
    )
    assert [(turn.speaker, turn.text, turn.id, turn.reply_to) for turn in dialogue.turns] == [
        ("Lou", "看到了吗？", "S/t1/t1", None),
        ("Mei", "not yet", "S/t2/t2", None),
        ("Lou", "why?", "S/t3/t3", "S/t2/t2"),
        ("Mei", "现在看到了", "S/t1/b", "S/t1/t1"),
        ("Lou", "good", "S/t1/c", None),
    ]
    assert dialogue.turns[0].time == datetime(2015, 2, 10, 18, 1, 26, tzinfo=UTC)


def test_what_is_no_text_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read(
        tmp_path,
        [
            message("Lou", "caption", 0, attached_files=[{"original_name": "a.png"}]),
            message("Lou", None, 1, attached_files=[{"original_name": "a.png"}]),
            message("Lou", None, 2, annotations=[{"video_call_metadata": {}}]),
            message("Lou", None, 3, message_state="DELETED"),
            message("Lou", None, 4, annotations=[{"membership_changed_metadata": {}}]),
            message("Lou", "/meet now", 5),
            message("Lou", "", 6),
            message("Lou", "bad", created_date="Smarch 13, 2015 at 1:00:00 PM UTC"),
            message("Lou", "bad", created_date=7),
            {"text": ["x"]},
            ["no object"],
            {
                "creator": {"email": "eve@example.com"},
                "text": "no name",
                "created_date": message("", "", 7)["created_date"],
            },
        ],
        tally,
    )
    assert [texts(dialogue) for dialogue in dialogues] == [[("Lou", "caption"), ("eve@example.com", "no name")]]
    assert tally.skipped == {"media": 2, "deleted": 1, "system": 1, "command": 1, "empty": 1, "malformed": 4}


def test_chats_of_a_takeout_do_not_mix_and_one_in_two_exports_is_one(tmp_path: Path) -> None:
    for export, chat, who in (("1", "DM a", "Lou"), ("2", "DM a", "Lou"), ("2", "Space b", "Mei")):
        folder = tmp_path / export / "Takeout" / "Google Chat" / "Groups" / chat
        write(folder / "messages.json", [message(who, f"hi from {chat}", message_id=f"{chat}/1/1")])
        (folder / "group_info.json").write_text(json.dumps({"members": [{"name": who, "user_type": "Human"}]}))
    reader, _, parts = recognise(open_log(str(tmp_path)))
    tally = Tally()
    dialogues = list(reader.read(parts, tally))
    assert [texts(dialogue) for dialogue in dialogues] == [[("Lou", "hi from DM a")], [("Mei", "hi from Space b")]]
    assert tally.skipped == {"duplicate": 1}
    assert dialogues[0].id == "DM a:1"


def test_a_cut_file_is_one_error(tmp_path: Path) -> None:
    path = write(tmp_path / "messages.json", [message("Lou", "hi")])
    path.write_text(path.read_text()[:-20])
    with pytest.raises(LogError, match=r"messages\.json: before the first record: is not whole JSON"):
        list(GoogleChatReader().read(open_log(str(path)), Tally()))
