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


ANSWERED = message(2, "Tom", "hello", 1, **answer(1))


def read(folder: Path, text: str, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    return list(DiscordReader(**options).read(open_log(str(folder / "log")), tally or Tally()))


def read_json(folder: Path, messages: list[Any], tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    return read(folder, json.dumps(export(messages)), tally, **options)


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


@pytest.mark.parametrize("junk", ["1", 5, ["x"], {"y": ["z"]}, True, None])
@pytest.mark.parametrize("key", ANSWERED)
def test_a_record_with_anything_in_any_place_is_read_or_counted(tmp_path: Path, key: str, junk: Any) -> None:
    tally = Tally()
    dialogues = read_json(tmp_path, [message(1, "Mei", "hi"), {**ANSWERED, key: junk}], tally)
    assert sum(len(dialogue.turns) for dialogue in dialogues) + sum(tally.skipped.values()) == 2


@pytest.mark.parametrize("reference", ["1", 5, ["1"]])
def test_a_reference_that_is_none_makes_a_record_malformed(tmp_path: Path, reference: Any) -> None:
    tally = Tally()
    (dialogue,) = read_json(tmp_path, [message(1, "Mei", "hi"), message(2, "Tom", "x", reference=reference)], tally)
    assert texts(dialogue) == [("Mei", "hi")]
    assert tally.skipped == {"malformed": 1}


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
    with pytest.raises(LogError, match=r"log: .*is not whole JSON"):
        read(tmp_path, json.dumps(export([message(n, "Mei", "hi") for n in range(9)]))[:-60])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_ends_in_dialogues_or_in_one_error(tmp_path: Path, data: st.DataObject) -> None:
    whole = json.dumps(export([message(1, "Mei", "hi"), message(2, "Tom", "你好", 1, **answer(1))])).encode()
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.sampled_from([b"", b"\0", b'\\ud800"', b"\xff\xfe", b"\r", b'"']) | st.binary(max_size=20))
    (tmp_path / "log").write_bytes(whole[:cut] + junk + whole[cut + data.draw(st.integers(0, 9)) :])
    try:
        list(DiscordReader().read(open_log(str(tmp_path / "log")), Tally()))
    except LogError as error:
        assert "log" in error.message


@pytest.mark.parametrize("text", ["<@1" * 300_000, "<a:" * 300_000])
def test_a_megabyte_made_to_be_slow_is_not(tmp_path: Path, text: str) -> None:
    begin = time.process_time()
    read_json(tmp_path, [message(1, "Mei", text)])
    assert time.process_time() - begin < 2


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
