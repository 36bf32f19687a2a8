"""DiscordChatExporter's CSV and plain text."""

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally
from chatbot.corpus.readers.discord import DiscordReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

RULE = "=" * 62


def read(folder: Path, text: str, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    return list(DiscordReader(**options).read(open_log(str(folder / "log")), tally or Tally()))


def read_text(folder: Path, body: str, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    banner = f"{RULE}\nGuild: Tea House\nChannel: Talk / general\nTopic: 茶\nAfter: 1/1/2024 12:00 AM\n{RULE}\n\n"
    return read(folder, f"{banner}{body}{RULE}\nExported 1,234 message(s)\n{RULE}\n", tally, **options)


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_csv_quotes_every_field_and_texts_have_many_lines(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(
        tmp_path,
        "AuthorID,Author,Date,Content,Attachments,Reactions\n"
        '"1","Mei#0421","2024-03-05T21:00:00.0000000+08:00","say ""hi"",\n\nplease","",""\n'
        '"2","tom","2024-03-05T21:01:00.1230000+08:00","","https://cdn.example/a.png",""\n'
        '"2","tom","2024-03-05T21:01:30.0000000+08:00","Pinned a message.","",""\n'
        '"2","tom","2024-03-05T21:02:00.0000000+08:00","你好","","👍 (2)"\n'
        '"2","tom","2024-03-05T21:03:00.0000000+08:00","","",""\n'
        '"2","tom","yesterday","x","",""\n'
        '"1","Mei#0421","2024-03-05T21:0',
        tally,
    )
    assert texts(dialogue) == [("Mei", 'say "hi",\n\nplease'), ("tom", "你好")]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 0, tzinfo=timezone(timedelta(hours=8)))
    assert tally.skipped == {"media": 1, "system": 1, "empty": 1, "malformed": 2}


def test_csv_of_other_versions_has_other_columns_and_local_times(tmp_path: Path) -> None:
    (old,) = read(
        tmp_path,
        'AuthorID,Author,Date,Content,Attachments\n"1","Mei#0421","05-Mar-24 09:41 PM","hi",""\n',
    )
    (new,) = read(
        tmp_path,
        'MessageID,AuthorID,Author,Date,Content,Attachments,Reactions\n"9","1","mei","5.3.2024 21:41","hi","",""\n',
    )
    assert old.turns[0].time == new.turns[0].time == datetime(2024, 3, 5, 21, 41)  # noqa: DTZ001 - the log states no zone
    assert (old.turns[0].id, new.turns[0].id) == (None, "9")


def test_text_has_blocks_pins_and_quotes_of_headers(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read_text(
        tmp_path,
        "[3/15/2024 9:40 PM] mei (pinned)\nlook:\n[3/15/2024 9:00 PM] tom\nsaid\n\nthis\n\n"
        "{Attachments}\nhttps://cdn.example/a.png\n\n{Reactions}\n👍 (2) 🎉\n\n"
        f"[3/15/2024 9:41 PM] Tom Q.#1234\n你好\n\n{RULE}\nnot the end\n\n\n"
        "[3/15/2024 9:42 PM] mei\n\n\n{Stickers}\nhttps://cdn.example/s.json\n\n\n"
        "[3/15/2024 9:42 PM] mei\n\n\n{Embed}\nNews\nhttps://example.org\n\n\n"
        "[3/15/2024 9:43 PM] mei\nJoined the server.\n\n\n[3/15/2024 9:43 PM] mei\n\n\n"
        "[3/15/2024 9:44 PM] mei\n\n\n{Forwarded Message}\nold news\nOriginally sent: 3/1/2024 1:00 PM\n\n\n",
        tally,
    )
    assert texts(dialogue) == [
        ("mei", "look:\n[3/15/2024 9:00 PM] tom\nsaid\n\nthis"),
        ("Tom Q.", f"你好\n\n{RULE}\nnot the end"),
    ]
    assert dialogue.turns[0].time == datetime(2024, 3, 15, 21, 40)  # noqa: DTZ001 - the log states no zone
    assert tally.skipped == {"media": 2, "system": 1, "empty": 1, "forwarded": 1}


def test_a_forward_in_text_stays_when_asked_for(tmp_path: Path) -> None:
    body = "[3/15/2024 9:44 PM] mei\n\n\n{Forwarded Message}\nold news\nOriginally sent: 3/1/2024 1:00 PM\n\n\n"
    (dialogue,) = read_text(tmp_path, body, forwards=True)
    assert texts(dialogue) == [("mei", "old news")]


@pytest.mark.parametrize(
    "written",
    [
        "3/15/2024 9:41 PM", "3/15/2024 9:41\u202fPM", "15/03/2024 21:41", "15.03.2024 21:41", "15.3.2024 21.41",
        "15. 3. 2024 21:41", "15.03.2024 г. 21:41", "15-03-2024 21:41", "15/03/24 21:41", "15-Mar-24 09:41 PM",
        "2024/3/15 21:41", "2024-03-15 21:41", "2024. 03. 15. 21:41", "2024/3/15 下午 09:41", "2024-03-15 오후 9:41",
        "15/03/2024 9:41 p. m.", "15\u200f/3\u200f/2024 9:41 م", "15/3/2024 9:41 μ.μ.", "15/03/2024 9:41 CH",
        "2024-03-15 21 h 41", "15.03.2024 г. 21:41 ч.", "15/3/2567 21:41", "1402/12/25 21:41",
    ],
)  # fmt: skip
def test_text_is_dated_in_the_exporters_locale(tmp_path: Path, written: str) -> None:
    (dialogue,) = read_text(tmp_path, f"[{written}] mei\nhi\n\n\n")
    assert dialogue.turns[0].time == datetime(2024, 3, 15, 21, 41)  # noqa: DTZ001 - the log states no zone


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["4/3/2024 21:41", "5/3/2024 21:41", "13/3/2024 21:41"], "2024-03-04"),  # one has only one order
        (["3/4/2024 21:41", "3/13/2024 21:41"], "2024-03-04"),
        (["1/4/2024 21:41", "2/3/2024 21:41"], "2024-01-04"),  # with the day first it would go back
        (["3/4/2024 9:41 PM"], "2024-03-04"),
        (["4/3/2024 9:41 pm"], "2024-03-04"),  # American halves are in capitals
        (["4/03/2024 9:41 PM"], "2024-03-04"),  # no American month goes without a zero where the day has one
        (["4/10/2024 9:41 PM", "5/03/2025 9:41 PM"], "2024-10-04"),
        (["4/3/2024 21:41"], "2024-03-04"),
    ],
)
def test_the_order_of_day_and_month_is_found_out(tmp_path: Path, dates: list[str], first: str) -> None:
    dialogue, *_ = read_text(tmp_path, "".join(f"[{date}] mei\nhi\n\n\n" for date in dates))
    assert dialogue.turns[0].time is not None
    assert dialogue.turns[0].time.date().isoformat() == first


def test_the_order_of_day_and_month_can_be_said(tmp_path: Path) -> None:
    (dialogue,) = read_text(tmp_path, "[3/4/2024 9:41 PM] mei\nhi\n\n\n", date_order="day-month-year")
    assert dialogue.turns[0].time == datetime(2024, 4, 3, 21, 41)  # noqa: DTZ001 - the log states no zone


def test_threads_in_one_folder_keep_the_order_of_a_minute(tmp_path: Path) -> None:
    banner = f"{RULE}\nGuild: Tea House\nChannel: Talk / green\n{RULE}\n\n"
    for name, minute, said in [("a", 5, "who has tea?"), ("b", 1, "kettle on?")]:
        lines = [("ann", said), ("bob", "I do"), ("ann", "thanks")]
        body = "".join(f"[2025-03-01 10:0{minute}] {speaker}\n{text}\n\n\n" for speaker, text in lines)
        (tmp_path / f"{name}.txt").write_text(banner + body)
    green, white = DiscordReader().read(open_log(str(tmp_path)), Tally())
    assert texts(green) == [("ann", "who has tea?"), ("bob", "I do"), ("ann", "thanks")]
    assert texts(white) == [("ann", "kettle on?"), ("bob", "I do"), ("ann", "thanks")]


def row(identity: int, second: int, text: str) -> str:
    return f'"{identity}","{identity}","p{identity}","2025-03-01T10:00:{second:02}+00:00","{text}","",""\n'


@pytest.mark.parametrize("more", ["(after 2025-03-01)", "[part 2]"])
def test_exports_of_one_channel_are_one_log(tmp_path: Path, more: str) -> None:
    heading = "MessageID,AuthorID,Author,Date,Content,Attachments,Reactions\n"
    name, tally = "Tea - green [123456789012345678]", Tally()
    (tmp_path / f"{name}.csv").write_text(heading + row(1, 1, "tea?") + row(2, 2, "yes"))
    (tmp_path / f"{name} {more}.csv").write_text(heading + row(2, 2, "yes") + row(3, 3, "green?") + row(4, 4, "fine"))
    (dialogue,) = DiscordReader().read(open_log(str(tmp_path)), tally)
    assert texts(dialogue) == [("p1", "tea?"), ("p2", "yes"), ("p3", "green?"), ("p4", "fine")]
    assert tally.skipped == {"duplicate": 1}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("[part 2]", [[("ann", "tea?"), ("bob", "yes")]]),
        ("(after 2025-03-01)", [[("bob", "yes")], [("ann", "tea?")]]),  # they may overlap
    ],
)
def test_the_parts_of_a_channel_in_text_are_one_log(tmp_path: Path, more: str, expected: list[Any]) -> None:
    banner = f"{RULE}\nGuild: Tea House\nChannel: Talk / green\n{RULE}\n\n"
    name = "Tea - green [123456789012345678]"
    (tmp_path / f"{name} {more}.txt").write_text(f"{banner}[2025-03-01 10:06] bob\nyes\n\n\n")
    (tmp_path / f"{name}.txt").write_text(f"{banner}[2025-03-01 10:05] ann\ntea?\n\n\n")
    assert [texts(each) for each in DiscordReader().read(open_log(str(tmp_path)), Tally())] == expected


def test_text_before_the_first_header_is_counted(tmp_path: Path) -> None:
    tally = Tally()
    assert read_text(tmp_path, "lost words\n\n", tally) == []
    assert tally.skipped == {"malformed": 1}


SMALL = {
    "csv": "AuthorID,Author,Date,Content,Attachments\n"
    '"1","Mei","5/3/24 9:41 PM","hi",""\n"2","Tom","5/3/24 9:42 PM","a\nb",""\n',
    "txt": f"{RULE}\nGuild: A\nChannel: b\n{RULE}\n\n"
    f"[3/15/2024 9:41 PM] mei\nhi\n\n\n{RULE}\nExported 1 message(s)\n{RULE}\n",
}


@pytest.mark.parametrize("layout", SMALL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_ends_in_dialogues_or_in_one_error(layout: str, tmp_path: Path, data: st.DataObject) -> None:
    whole = SMALL[layout].encode()
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.sampled_from([b"", b"\0", b'\\ud800"', b"\xff\xfe", b"\r", b'"']) | st.binary(max_size=20))
    (tmp_path / "log").write_bytes(whole[:cut] + junk + whole[cut + data.draw(st.integers(0, 9)) :])
    try:
        list(DiscordReader().read(open_log(str(tmp_path / "log")), Tally()))
    except LogError as error:
        assert "log" in error.message


@pytest.mark.parametrize(
    "log",
    [
        f"{RULE}\nGuild: A\nChannel: b\n{RULE}\n\n[3/15/2024 9:41 PM] mei\n" + "\n[3/15/2024 9:41" * 60_000,
        f"{RULE}\nGuild: A\nChannel: b\n{RULE}\n\n[3/15/2024 9:41 PM] mei\n" + "[" * 1_000_000,
        f"{RULE}\nGuild: A\nChannel: b\n" + f"{RULE}\n" * 16_000,
        'AuthorID,Author,Date,Content,Attachments\n"1","Mei","' + "1" * 1_000_000,
        'AuthorID,Author,Date,Content,Attachments\n"1","Mei","1/2/2024 10:00","' + 'a"",\n' * 200_000,
    ],
)
def test_a_megabyte_made_to_be_slow_is_not(tmp_path: Path, log: str) -> None:
    begin = time.process_time()
    read(tmp_path, log)
    assert time.process_time() - begin < 2
