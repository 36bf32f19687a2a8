"""KakaoTalk's exports."""

import time
from datetime import datetime
from pathlib import Path

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.kakaotalk import KakaoTalkReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

COMPUTER = """\
등산 모임 님과 카카오톡 대화
저장한 날짜 : 2024-03-06 10:00:00

--------------- 2024년 3월 5일 화요일 ---------------
민지님이 준호님을 초대했습니다.
[민지/서울] [오후 11:59] 토요일에 갈까요: 몇 시?

[참고] 비가 와요
[준호 [회사]] [오후 11:59] 좋아요
삭제된 메시지입니다.
--------------- 2024년 3월 6일 수요일 ---------------
[민지/서울] [오전 12:05] 사진 3장
[민지/서울] [오전 12:05] 파일: 지도.pdf
[준호 [회사]] [오전 12:06] 보이스톡 해요
[준호 [회사]] [오전 12:06] 삭제된 메시지입니다.
[준호 [회사]] [오전 12:07] 내일 봐요
준호님이 나갔습니다.
"""

PHONE = """\
준호 님과 카카오톡 대화
저장한 날짜 : 2024년 3월 6일 오전 10:00

2024년 3월 5일 화요일
2024년 3월 5일 오후 11:59
2024년 3월 5일 오후 11:59, 민지 : 토요일 : 몇 시?

열 시?
2024년 3월 6일 오전 12:05, 준호 : 좋아요
2024년 3월 6일 오전 12:05, 준호 : 이모티콘
2024년 3월 6일 오전 12:06, 준호님이 나갔습니다.
2024. 3. 6. 00:07: 준호님이 들어왔습니다.
"""

TABLE = """\
Date,User,Message
2024-03-05 21:41:05,"민지","민지님이 들어왔습니다."
2024-03-05 21:41:09,"민지","토요일에, ""등산"" 갈까요?

몇 시?"
2024-03-05 21:42:00,"준호","사진"
2024-03-05 21:42:01,"준호","좋아요"
2024-03-05 21:43,"Bob","Bob joined this chatroom."
2024-03-05 21:43:01,"민지","삭제된 메시지입니다."
2024-02-31 21:44:00,"민지","없는 날"
2024-03-05 21:45:00,"민지"
"""


def read(folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "log.txt").write_text(text, encoding="utf-8", newline="")
    return list(KakaoTalkReader().read(open_log(str(folder / "log.txt")), tally or Tally()))


def texts(dialogues: list[Dialogue]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for dialogue in dialogues for turn in dialogue.turns]


def test_a_computers_log_has_a_row_for_each_day(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, COMPUTER.replace("\n", "\r\n"), tally)
    assert texts([dialogue]) == [
        ("민지/서울", "토요일에 갈까요: 몇 시?\n\n[참고] 비가 와요"),
        ("준호 [회사]", "좋아요"),
        ("준호 [회사]", "내일 봐요"),
    ]
    assert [turn.time for turn in dialogue.turns] == [
        datetime(2024, 3, 5, 23, 59), datetime(2024, 3, 5, 23, 59), datetime(2024, 3, 6, 0, 7),  # noqa: DTZ001
    ]  # fmt: skip
    assert tally.skipped == {"system": 3, "media": 2, "deleted": 2}


GREETED = """\
라이언님이 들어왔습니다.운영정책을 위반한 메시지로 신고 접수 시 카카오톡 이용에 제한이 있을 수 있습니다. \n
불법촬영물등 식별 및 게재제한 조치 안내
그룹 오픈채팅방에서 동영상 전송 시 제한하는 조치가 적용됩니다."""


def test_what_an_open_chat_says_is_nobodys_text(tmp_path: Path) -> None:
    log = (
        f"--------------- 2024년 3월 5일 화요일 ---------------\n[무지] [오후 1:00] 안녕\n{GREETED}\n"
        "[무지] [오후 1:01] 반가워\n라이언님에서 무지님으로 방장이 변경되었습니다.\n[라이언] [오후 1:02] 응\n"
        "방장이 라이언님에서 무지님으로 변경되었습니다.\n라이언님이 나갔습니다.\n"
    )
    tally = Tally()
    assert texts(read(tmp_path, log, tally)) == [("무지", "안녕\n반가워"), ("라이언", "응")]
    assert tally.skipped == {"system": 4}


@pytest.mark.parametrize(
    ("notice", "reason"),
    [
        ("이전 방장은 라이언님이었으며 무지님으로 변경되었습니다.", "system"), ("방장이 변경되었습니다.", "system"),
        ("방장이 채팅방 이름을 '등산'으로 변경하였습니다.", "system"), ("방장이 나갔습니다.", "system"),
        ("라이언님이 부방장에서 해제되었습니다.", "system"),
        ("관리자만 말하기 기능이 활성화되었습니다.", "system"), ("관리자가 메시지를 가렸습니다.", "deleted"),
        ("채팅방 관리자가 3개의 메시지를 가렸습니다.", "deleted"), ("팀 이름이 변경되었습니다.", "system"),
    ],
)  # fmt: skip
def test_what_a_rooms_head_does_is_a_notice(tmp_path: Path, notice: str, reason: str) -> None:
    tally = Tally()
    log = f"--------------- 2024년 3월 5일 화요일 ---------------\n{notice}\n[무지] [오후 1:00] 안녕\n{notice}\n"
    assert texts(read(tmp_path, log, tally)) == [("무지", "안녕")]
    assert tally.skipped == {reason: 2}


def test_what_people_say_of_a_rooms_head_is_their_text(tmp_path: Path) -> None:
    log = "--- 2024년 3월 5일 화요일 ---\n[무지] [오후 1:00] 안녕\n방장이 누구예요?\n방장이 왔다\n"
    assert texts(read(tmp_path, log)) == [("무지", "안녕\n방장이 누구예요?\n방장이 왔다")]


def test_what_an_open_chat_says_is_nobodys_row_of_a_table(tmp_path: Path) -> None:
    table = f'Date,User,Message\n2024-03-05 21:41:05,"라이언","{GREETED}"\n2024-03-05 21:42:00,"무지","안녕"\n'
    tally = Tally()
    assert texts(read(tmp_path, table, tally)) == [("무지", "안녕")]
    assert tally.skipped == {"system": 1}


def test_a_phones_log_has_the_date_before_each_message(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, PHONE, tally)
    assert texts([dialogue]) == [("민지", "토요일 : 몇 시?\n\n열 시?"), ("준호", "좋아요")]
    assert dialogue.turns[1].time == datetime(2024, 3, 6, 0, 5)  # noqa: DTZ001 - the log states no zone
    assert tally.skipped == {"media": 1, "system": 2}


def test_the_macs_table_has_a_row_for_each_message(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, "\ufeff" + TABLE.replace("\n", "\r\n"), tally)
    assert texts([dialogue]) == [("민지", '토요일에, "등산" 갈까요?\n\n몇 시?'), ("준호", "좋아요")]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 41, 9)  # noqa: DTZ001 - the log states no zone
    assert tally.skipped == {"system": 2, "media": 1, "deleted": 1, "malformed": 2}
    assert [place for place, _ in tally.malformed] == ["log.txt:10", "log.txt:11"]
    assert isinstance(recognise(open_log(str(tmp_path)))[0], KakaoTalkReader)


def test_another_table_with_the_same_columns_is_none_of_kakaotalks(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("Date,User,Message\nMonday,Ada,hi\n")
    assert not KakaoTalkReader.recognises((tmp_path / "log").read_text(), "log")


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("--- Thursday, December 31, 2020 ---\n[Ada] [11:59 PM] hi", "2020-12-31T23:59"),
        ("--- Thursday, December 31, 2020 ---\n[Ada] [12:05 AM] hi", "2020-12-31T00:05"),
        ("--------------- 2020년 12월 31일 목요일 ---------------\n[Ada] [PM 12:16] hi", "2020-12-31T12:16"),
        ("--------------- 2020년 12월 31일 목요일 ---------------\n[Ada] [23:59] hi", "2020-12-31T23:59"),
        ("2020. 12. 31. 오후 11:59, Ada : hi", "2020-12-31T23:59"), ("2020. 12. 31. 23:59, Ada : hi",
        "2020-12-31T23:59"),
        ("December 31, 2020, 11:59 PM, Ada : hi", "2020-12-31T23:59"),
        ("Dec 31, 2020 at 11:59\u202fPM, Ada : hi", "2020-12-31T23:59"),
        ("December 31, 2020, 12:05 a.m., Ada : hi", "2020-12-31T00:05"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_time(tmp_path: Path, log: str, expected: str) -> None:
    (dialogue,) = read(tmp_path, f"{log}\n")
    assert texts([dialogue]) == [("Ada", "hi")]
    assert dialogue.turns[0].time == datetime.fromisoformat(expected)
    assert isinstance(recognise(open_log(str(tmp_path / "log.txt")))[0], KakaoTalkReader)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("사진", "media"), ("동영상", "media"), ("(이모티콘)", "media"), ("Photo", "media"), ("File: report.pdf",
        "media"),
        ("음성메시지", "media"), ("보이스톡 0:17", "system"), ("페이스톡 해요", "system"), ("This message was deleted.",
        "deleted"),
        ("채팅방 관리자가 메시지를 가렸습니다.", "deleted"), ("/start", "command"), ("", "empty"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_counted(tmp_path: Path, text: str, reason: str) -> None:
    tally = Tally()
    assert read(tmp_path, f"--- 2020년 12월 31일 목요일 ---\n[Ada] [오후 1:00] {text}\n", tally) == []
    assert tally.skipped == {reason: 1}


def test_what_cannot_be_read_is_counted_with_its_line(tmp_path: Path) -> None:
    tally = Tally()
    log = "--- 2020년 2월 31일 목요일 ---\nstray\n[Ada] [오후 1:00] no day\n[Ada] [오후 1:99] no\n"
    log += "2020. 13. 31. 23:59, Ada : no\n--- 2020년 3월 1일 일요일 ---\nstray\n"
    (dialogue,) = read(tmp_path, log, tally)
    assert texts([dialogue]) == [("Ada", "no day")] and dialogue.turns[0].time is None
    assert [place for place, _ in tally.malformed] == [f"log.txt:{number}" for number in (1, 2, 4, 5, 7)]


@pytest.mark.parametrize("log", [COMPUTER, PHONE, TABLE])
def test_a_cut_log_is_read_as_far_as_it_goes(tmp_path: Path, log: str) -> None:
    for cut in range(0, len(log.encode()), 5):
        (tmp_path / "log.txt").write_bytes(log.encode()[:cut])
        try:
            list(KakaoTalkReader().read(open_log(str(tmp_path / "log.txt")), Tally()))
        except LogError as error:
            assert "log.txt: is empty" in error.message


@pytest.mark.parametrize(
    "unit",
    [
        "님이 ",
        "님이 " * 120 + "\n",
        "님에서 " * 120 + "\n",
        "[a] " * 60 + "\n",
        "-" * 300 + "\n",
        "has invited " * 30 + "\n",
        "\n",
    ],
)
def test_hostile_text_takes_no_time(tmp_path: Path, unit: str) -> None:
    start = time.process_time()
    read(tmp_path, "--- 2020년 12월 31일 목요일 ---\n[Ada] [오후 1:00] hi\n" + unit * (500_000 // len(unit)))
    assert time.process_time() - start < 5
