"""DiscordChatExporter's exports: JSON, CSV and plain text."""

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.discord import DiscordReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.conftest import SHARED

RULE = "=" * 62


def message(number: int, author: str, content: str, minute: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": str(10**18 + number), "type": "Default", "timestamp": f"2024-03-05T21:{minute:02}:00.5+08:00",
        "timestampEdited": None, "isPinned": False, "content": content,
        "author": {"id": f"7{author}", "name": author.lower(), "nickname": author, "isBot": False},
        "attachments": [], "embeds": [], "stickers": [], "reactions": [], "mentions": [], **more,
    }  # fmt: skip


def export(messages: list[Any], channel: str = "42") -> dict[str, Any]:
    return {
        "guild": {"id": "1", "name": "Tea House", "iconUrl": ""},
        "channel": {"id": channel, "type": "GuildTextChat", "category": "Talk", "name": "general", "topic": None},
        "dateRange": {"after": None, "before": None},
        "messages": messages,
        "messageCount": len(messages),
    }


def answer(number: int) -> dict[str, Any]:
    return {"type": "Reply", "reference": {"messageId": str(10**18 + number), "channelId": "42", "guildId": "1"}}


def read(folder: Path, text: str, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    return list(DiscordReader(**options).read(open_log(str(folder / "log")), tally or Tally()))


def read_json(folder: Path, messages: list[Any], tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    return read(folder, json.dumps(export(messages)), tally, **options)


def read_text(folder: Path, body: str, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    banner = f"{RULE}\nGuild: Tea House\nChannel: Talk / general\nTopic: 茶\nAfter: 1/1/2024 12:00 AM\n{RULE}\n\n"
    return read(folder, f"{banner}{body}{RULE}\nExported 1,234 message(s)\n{RULE}\n", tally, **options)


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_json_has_times_with_offsets_and_replies_that_link(tmp_path: Path) -> None:
    (dialogue,) = read_json(
        tmp_path,
        [
            message(1, "Mei", "有人在吗？"), message(2, "Mei", "hello?", 1), message(3, "Tom", "Other thing", 2),
            message(4, "Tom", "here!", 3, **answer(2)),
        ],
    )  # fmt: skip
    assert texts(dialogue) == [("Mei", "有人在吗？\nhello?"), ("Tom", "Other thing"), ("Tom", "here!")]
    assert [(turn.id, turn.reply_to) for turn in dialogue.turns] == [
        ("1000000000000000001", None),
        ("1000000000000000003", None),
        ("1000000000000000004", "1000000000000000001"),
    ]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 0, 0, 500000, timezone(timedelta(hours=8)))
    assert dialogue.id == "log:1000000000000000001"


@pytest.mark.parametrize(
    ("written", "microsecond"), [("", 0), (".2", 200000), (".209", 209000), (".2093456", 209345), (".0000000", 0)]
)
def test_fractions_of_a_second_have_any_number_of_digits(tmp_path: Path, written: str, microsecond: int) -> None:
    record = {**message(1, "Mei", "hi"), "timestamp": f"2024-03-05T21:00:00{written}+00:00"}
    (dialogue,) = read_json(tmp_path, [record])
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 0, 0, microsecond, tzinfo=UTC)


def test_what_is_no_message_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read_json(
        tmp_path,
        [
            message(1, "Mei", "Started a call that lasted 4 minutes.", type="Call"),
            message(2, "Mei", "Pinned a message.", type="ChannelPinnedMessage"),
            message(3, "Mei", "Joined the server.", type="7"),
            message(4, "Bot", "pong", type="ChatInputCommand"), message(5, "Bot", "pong", type="20"),
            message(6, "Mei", "", attachments=[{"fileName": "tea.png"}]), message(7, "Mei", "", stickers=[{"id": "1"}]),
            message(8, "Mei", "", embeds=[{"title": "x"}]), message(9, "Mei", " "), message(10, "Mei", "/start"),
            message(11, "Mei", "", reference={"type": "Forward"}, forwardedMessage={"content": "news"}),
            message(12, "Mei", "caption", attachments=[{"fileName": "tea.png"}]),
            message(12, "Mei", "caption", attachments=[{"fileName": "tea.png"}]),
            message(13, "Tom", "reply of 2021", 1, type="19"),
            {**message(14, "Mei", "x"), "timestamp": "05.03.2024"}, "no object", {"id": "3"},
            {**message(15, "Mei", "x"), "content": ["x"]}, {**message(16, "Mei", "x"), "author": None},
        ],
        tally,
    )  # fmt: skip
    assert texts(dialogue) == [("Mei", "caption"), ("Tom", "reply of 2021")]
    assert tally.skipped == {
        "system": 3, "command": 3, "media": 3, "empty": 1, "forwarded": 1, "duplicate": 1, "malformed": 5,
    }  # fmt: skip
    assert tally.malformed[0][0] == "log:1000000000000000014"


def test_forwards_stay_and_bots_go_when_asked(tmp_path: Path) -> None:
    forward = message(1, "Mei", "", reference={"type": "Forward"}, forwardedMessage={"content": "news"})
    robot = message(2, "Tom", "beep")
    robot["author"]["isBot"] = True
    tally = Tally()
    (dialogue,) = read_json(tmp_path, [forward, robot], tally, forwards=True, bots=False)
    assert texts(dialogue) == [("Mei", "news")]
    assert tally.skipped == {"system": 1}


def test_names_fall_back_and_ids_in_texts_become_names(tmp_path: Path) -> None:
    nameless = message(2, "Tom", "<@!7Mei> <@77> see <a:tea:123456>, <@99>", 1, mentions=[{"id": "77", "name": "ada"}])
    nameless["author"] = {"id": "78", "name": "", "nickname": None}
    plain = message(3, " Mei\u200e", "ok\u2066", 2)
    (dialogue,) = read_json(tmp_path, [nameless, plain])
    assert texts(dialogue) == [("78", "<@!7Mei> @ada see :tea:, <@99>"), ("Mei", "ok")]


def test_a_crosspost_answers_nothing_here(tmp_path: Path) -> None:
    record = message(2, "Tom", "news", 1, reference={"messageId": str(10**18 + 1), "channelId": "9"})
    (dialogue,) = read_json(tmp_path, [message(1, "Mei", "hi"), record])
    assert dialogue.turns[1].reply_to is None


def test_parts_of_a_channel_are_one_log_whatever_their_order_and_other_channels_are_not(tmp_path: Path) -> None:
    for name, log in {
        "a [part 10].json": export([message(4, "Tom", "fine", 3)]),
        "a [part 2].json": export([message(2, "Tom", "hello", 1), message(3, "Mei", "how are you?", 2)]),
        "a.json": export([message(2, "Tom", "hello", 1), message(1, "Mei", "hi")]),
        "b.json": export([message(5, "Ann", "elsewhere", 1)], "43"),
    }.items():
        (tmp_path / name).write_text(json.dumps(log))
    tally = Tally()
    reader, _, parts = recognise(open_log(str(tmp_path)))
    first, second = reader.read(parts, tally)
    assert texts(first) == [("Mei", "hi"), ("Tom", "hello"), ("Mei", "how are you?"), ("Tom", "fine")]
    assert texts(second) == [("Ann", "elsewhere")]
    assert tally.skipped == {"duplicate": 1}


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
        "15/03/2024 9:41 p. m.",
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


def test_text_before_the_first_header_is_counted(tmp_path: Path) -> None:
    tally = Tally()
    assert read_text(tmp_path, "lost words\n\n", tally) == []
    assert tally.skipped == {"malformed": 1}


@pytest.mark.parametrize(
    "log",
    [
        "ID,Timestamp,Contents,Attachments\n1,2024-03-05 21:41:05,hi,\n",
        '[{"ID": 1, "Timestamp": "2024-03-05 21:41:05", "Contents": "hi", "Attachments": ""}]',
    ],
)
def test_a_users_own_data_is_an_error_that_says_what_to_do(tmp_path: Path, log: str) -> None:
    (tmp_path / "log").write_text(log)
    reader, _, parts = recognise(open_log(str(tmp_path)))
    with pytest.raises(LogError, match="without what they answered"):
        list(reader.read(parts, Tally()))


def test_a_cut_file_is_one_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="log: is not whole JSON"):
        read(tmp_path, json.dumps(export([message(n, "Mei", "hi") for n in range(9)]))[:-60])


SMALL = {
    "json": json.dumps(export([message(1, "Mei", "hi"), message(2, "Tom", "你好", 1, **answer(1))])),
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
        json.dumps(export([message(1, "Mei", "<@1" * 300_000), message(2, "Mei", "<a:" * 300_000)])),
    ],
)
def test_a_megabyte_made_to_be_slow_is_not(tmp_path: Path, log: str) -> None:
    begin = time.perf_counter()
    read(tmp_path, log)
    assert time.perf_counter() - begin < 2


@pytest.mark.skipif(not SHARED.exists(), reason="the shared exports are not here")
@pytest.mark.parametrize(
    ("name", "turns", "skipped"),
    [
        ("chat-analytics/DM_2A_2M.json", 2, {"system": 1}),
        ("chatpack/discord.json", 2, {"media": 1}),
        ("chatpack/discord.csv", 3, {}),
        ("chatpack/discord.txt", 2, {"media": 1}),
    ],
)
def test_samples_are_read_whole(name: str, turns: int, skipped: dict[str, int]) -> None:
    tally = Tally()
    reader, _, parts = recognise(open_log(str(SHARED / "exports" / "discord" / name)))
    assert isinstance(reader, DiscordReader)
    assert sum(len(dialogue.turns) for dialogue in reader.read(parts, tally)) == turns
    assert tally.skipped == skipped
