"""LINE's exports."""

import time
from datetime import datetime
from pathlib import Path

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.line import LineReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

JAPANESE = """\
[LINE] 山田 さくらとのトーク履歴
保存日時：2026/09/26 11:00

2026/09/25(金)
21:03\t山田 さくら\t明日は"何時"から？
21:05\t田中\t"十時から。
場所は""駅前""です。

2026/09/30(水)
21:07\tは引用です"
21:06\t田中\t"いいね
21:10\t山田 さくら\t[スタンプ]
21:11\t田中\t☎ 通話時間 1:23
21:12\t\t田中がメッセージの送信を取り消しました
21:13\t山田 さくらが写真を追加しました
21:14\t田中\t"はい"
2026/09/26(土)

8:15\t山田 さくら\tおはよう
"""


def read(folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "log.txt").write_text(text, encoding="utf-8", newline="")
    return list(LineReader().read(open_log(str(folder / "log.txt")), tally or Tally()))


def texts(dialogues: list[Dialogue]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for dialogue in dialogues for turn in dialogue.turns]


def test_days_quotes_and_notices_of_a_phones_log(tmp_path: Path) -> None:
    tally = Tally()
    first, second = read(tmp_path, JAPANESE.replace("21:07\tは", "21:07 は").replace("\n", "\r\n"), tally)
    assert texts([first]) == [
        ("山田 さくら", '明日は"何時"から？'),
        ("田中", '十時から。\n場所は"駅前"です。\n\n2026/09/30(水)\n21:07 は引用です\n"いいね'),
        ("田中", '"はい"'),
    ]
    assert texts([second]) == [("山田 さくら", "おはよう")]
    assert [turn.time for turn in (first.turns[0], second.turns[0])] == [
        datetime(2026, 9, 25, 21, 3), datetime(2026, 9, 26, 8, 15),  # noqa: DTZ001 - the log states no zone
    ]  # fmt: skip
    assert tally.skipped == {"media": 1, "system": 2, "deleted": 1}


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        ("2026/09/25(金)", "21:03", "2026-09-25T21:03"), ("2020/12/31(Thu)", "9:30 PM", "2020-12-31T21:30"),
        ("2026/1/30周五", "下午07:04", "2026-01-30T19:04"), ("2026/01/30（五）", "上午12:04", "2026-01-30T00:04"),
        ("2026.01.15 Thursday", "09:30PM", "2026-01-15T21:30"), ("Fri, 9/25/2026", "午後9:03", "2026-09-25T21:03"),
        ("Tue, 06/01/2026", "07:04am", "2026-01-06T07:04"), ("Mon, 06/01/2026", "21:03", "2026-06-01T21:03"),
        ("2026/09/25 星期五", "午前0:05", "2026-09-25T00:05"), ("2026年9月25日 金曜日", "21:03", "2026-09-25T21:03"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_day_and_a_time(tmp_path: Path, day: str, clock: str, expected: str) -> None:
    (dialogue,) = read(tmp_path, f"[LINE] Chat history with Bob\nSaved on: 1/1/2027\n\n{day}\n{clock}\tBob\thi\n")
    assert dialogue.turns[0].time == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "title",
    ["[LINE] Chat history with Bob", "[LINE] Chat history in Team", "[LINE] Bobとのトーク履歴",
    "[LINE] Teamのトーク履歴",
     "[LINE] 與Bob的聊天記錄", "[LINE] 与Bob的聊天记录", "Chat history with Bob", ""],
)  # fmt: skip
def test_every_title_is_known_and_none_is_needed(tmp_path: Path, title: str) -> None:
    saved = "儲存日期：2024/03/06 10:00\n\n" if title else ""
    tally = Tally()
    assert texts(read(tmp_path, f"{title}\n{saved}2024/03/05(Tue)\n21:41\tBob\thi\n", tally)) == [("Bob", "hi")]
    assert not tally.skipped
    assert isinstance(recognise(open_log(str(tmp_path / "log.txt")))[0], LineReader)


def test_blanks_may_stand_for_tabs(tmp_path: Path) -> None:
    log = (
        "[LINE] Chat history with Mira van Dyk\nSaved on: 2024/03/06 10:00\n\n2024.03.05 Tuesday\n"
        "21:41 Mira van Dyk are you there?\n21:42 Otto Berg yes, I am\n21:43 Mira van Dyk fine\n"
        "21:44 Otto Berg who else\ncomes?\n21:45 Otto Berg 小明 maybe\n21:46 Mira van Dyk [Photo]\n"
        "21:47 Mira van Dyk unsent a message\n21:48 Ada\n21:49 Ada hello all\n"
    )
    tally = Tally()
    assert texts(read(tmp_path, log, tally)) == [
        ("Mira van Dyk", "are you there?"), ("Otto Berg", "yes, I am"), ("Mira van Dyk", "fine"),
        ("Otto Berg", "who else\ncomes?\n小明 maybe"), ("Ada", "hello all"),
    ]  # fmt: skip
    assert tally.skipped == {"media": 1, "deleted": 1, "system": 1}


def test_a_text_in_quotes_may_hold_days_and_times(tmp_path: Path) -> None:
    tally = Tally()
    log = (
        '2024/03/05(Tue)\n21:03\tKen\t"Plan:\n21:00\tmeet\n2024/03/06(Wed)\n22:00\teat ""well""\nthe end"\n'
        '21:04\tMira\t"really\n21:05\tKen joined\n21:06\tKen\tyes, 6\'2"\n'
    )
    (dialogue,) = read(tmp_path, log, tally)
    assert texts([dialogue]) == [
        ("Ken", 'Plan:\n21:00\tmeet\n2024/03/06(Wed)\n22:00\teat "well"\nthe end'),
        ("Mira", '"really'), ("Ken", "yes, 6'2\""),
    ]  # fmt: skip
    assert {turn.time.day for turn in dialogue.turns if turn.time} == {5}
    assert tally.skipped == {"system": 1}


def test_a_text_without_a_closing_quote_does_not_wait_for_one_without_end(tmp_path: Path) -> None:
    log = '2024/03/05(Tue)\n21:03\tKen\t"well\n' + "21:04\tMira joined\n" * 2500 + '21:05\tMira left"\n'
    tally = Tally()
    assert texts(read(tmp_path, log, tally)) == [("Ken", '"well')]
    assert tally.skipped == {"system": 2501}


def test_the_computer_writes_bare_words_for_pictures_and_calls(tmp_path: Path) -> None:
    tally = Tally()
    log = (
        "2024.03.14 Thursday\n21:03 Ken Photos of what?\n21:04 Ken Stickers\n21:04 Ken Photos\n"
        "21:05 Ken Call time 1:23\n21:06 王小明 貼圖\n21:06 王小明 圖片很好看\n21:07 王小明 照片已收回\n"
        "21:08 我 未接來電\n21:08 我 通話時間 1:23\n"
    )
    assert texts(read(tmp_path, log, tally)) == [("Ken", "Photos of what?"), ("王小明", "圖片很好看")]
    assert tally.skipped == {"media": 3, "system": 3, "deleted": 1}


def test_bare_words_of_a_phones_log_were_typed(tmp_path: Path) -> None:
    assert texts(read(tmp_path, "2024/03/05(Tue)\n21:03\tKen\tPhotos\n")) == [("Ken", "Photos")]


def test_thai_has_its_own_years_and_weekdays(tmp_path: Path) -> None:
    tally = Tally()
    log = (
        '[LINE] ประวัติการแชทในกลุ่ม "เพื่อน"\nบันทึกเมื่อ 04/09/2569 07:48\n\nพฤ. 04/12/2568\n08:55\tสมชาย\tสวัสดี\n'
        "09:00\tสมหญิง\t[รูป]\n09:01\tสมหญิง\t[สติกเกอร์]\n"
    )
    (dialogue,) = read(tmp_path, log, tally)
    assert texts([dialogue]) == [("สมชาย", "สวัสดี")]
    assert dialogue.turns[0].time == datetime(2025, 12, 4, 8, 55)  # noqa: DTZ001 - the log states no zone
    assert tally.skipped == {"media": 2}
    (dialogue,) = read(tmp_path, "2025.05.15 วันพฤหัสบดี\n08:35 สมหญิง สวัสดีค่ะ\n")
    assert dialogue.turns[0].time == datetime(2025, 5, 15, 8, 35)  # noqa: DTZ001
    assert texts([dialogue]) == [("สมหญิง", "สวัสดีค่ะ")]


@pytest.mark.parametrize(
    "text",
    ["[Note] bring your passport", "[File] is attached to the mail I sent", "[投票] 今晚吃什麼？", "[位置] 在哪裡"],
)
def test_a_text_may_begin_with_a_word_in_brackets(tmp_path: Path, text: str) -> None:
    assert texts(read(tmp_path, f"2024/03/05(Tue)\n21:41\tBob\t{text}\n")) == [("Bob", text)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[Photo]", "media"), ("[貼圖]", "media"), ("[照片]", "media"), ("[贴图]", "media"), ("[File] report.pdf",
        "media"),
        ("[Voice message]", "media"), ("[Location] 1 Main St", "media"), ("[檔案] 旅行.pdf", "media"),
        ("You unsent a message.", "deleted"),
        ("Mira已收回訊息", "deleted"), ("☎ Missed call", "system"), ("/start", "command"), ("", "empty"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_counted(tmp_path: Path, text: str, reason: str) -> None:
    tally = Tally()
    assert read(tmp_path, f"2024/03/05(Tue)\n21:41\tBob\t{text}\n", tally) == []
    assert tally.skipped == {reason: 1}


def test_what_cannot_be_read_is_counted_with_its_line(tmp_path: Path) -> None:
    tally = Tally()
    log = "2024/03/05(Tue)\n21:41\tBob\thi\n2024/02/31(Tue)\nstray\n25:41\tBob\tno\n21:42\tBob\tyes\n"
    assert texts(read(tmp_path, log, tally)) == [("Bob", "hi\nyes")]
    assert [place for place, _ in tally.malformed] == ["log.txt:3", "log.txt:4", "log.txt:5"]


@pytest.mark.parametrize("cut", range(0, len(JAPANESE.encode()), 5))
def test_a_cut_log_is_read_as_far_as_it_goes(tmp_path: Path, cut: int) -> None:
    (tmp_path / "log.txt").write_bytes(JAPANESE.encode()[:cut])
    try:
        list(LineReader().read(open_log(str(tmp_path / "log.txt")), Tally()))
    except LogError as error:
        assert "log.txt: is empty" in error.message


@pytest.mark.parametrize(
    "unit",
    [
        '"',
        '""\n',
        "2024/03/05(\n",
        "21:41\t\n",
        "21:41 a b c d e\n",
        '21:41\tB\t"a\n',
        '21:41\tB\t"a\n21:42\tB\n',
        "\n",
    ],
)
def test_hostile_text_takes_no_time(tmp_path: Path, unit: str) -> None:
    start = time.process_time()
    read(tmp_path, '2024/03/05(Tue)\n21:41\tBob\t"' + unit * (500_000 // len(unit)))
    read(tmp_path, "2024/03/05(Tue)\n21:41 Bob " + unit * (500_000 // len(unit)))
    assert time.process_time() - start < 8
