"""Slack's workspace exports."""

import json
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.inspect import open_reader
from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.slack import SlackReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

NOON = 1709640000  # 2024-03-05T12:00:00Z
USERS = [
    {"id": "U01MEI", "name": "mei", "real_name": "Mei Lin", "profile": {"display_name": "美", "real_name": "Mei Lin"}},
    {"id": "U02TOM", "name": "tom", "profile": {"display_name": "", "real_name": "Tom Q."}},
    {"id": "U03ANN", "name": "ann", "profile": {"display_name": "", "real_name": ""}},
    {"id": "U04BOT", "name": "teabot", "is_bot": True, "profile": {"real_name": "Tea Bot", "bot_id": "B01TEA"}},
]
CHANNELS = [{"id": "C0GENERAL1", "name": "general", "created": 1700000000, "members": ["U01MEI", "U02TOM"]}]


def message(second: int, user: str, text: str, **more: Any) -> dict[str, Any]:
    return {"client_msg_id": "a", "type": "message", "user": user, "text": text, "ts": ts(second), **more}


def ts(second: int) -> str:
    return f"{NOON + second}.000{second % 1000:03}"


def write(folder: Path, days: dict[str, list[Any]], users: list[Any] = USERS) -> Path:
    for name, records in {"users.json": users, "channels.json": CHANNELS, **days}.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(json.dumps(records, indent=4), encoding="utf-8")
    return folder


def read(path: Path, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    reader, _, parts = recognise(open_log(str(path)))
    assert isinstance(reader, SlackReader)
    return list(SlackReader(**options).read(parts, tally or Tally()))


def read_day(folder: Path, records: list[Any], tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    return read(write(folder, {"general/2024-03-05.json": records}), tally, **options)


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_a_day_may_begin_with_a_message_longer_than_what_is_looked_at(tmp_path: Path) -> None:
    long = {"type": "message", "text": "很长" * 8000, "user": "U01MEI", "ts": ts(0)}
    (dialogue,) = read_day(tmp_path, [long, message(1, "U02TOM", "short")])
    assert [(turn.speaker, len(turn.text)) for turn in dialogue.turns] == [("美", 16_000), ("Tom Q.", 5)]


def test_names_come_from_the_users_and_times_from_the_ts(tmp_path: Path) -> None:
    (dialogue,) = read_day(
        tmp_path,
        [
            message(0, "U01MEI", "你好"), message(60, "U02TOM", "hi"), message(61, "U03ANN", "hey"),
            message(62, "U09NEW", "new", user_profile={"display_name": "", "real_name": "Newcomer"}),
            message(63, "U09OLD", "old"),
        ],
    )  # fmt: skip
    assert [turn.speaker for turn in dialogue.turns] == ["美", "Tom Q.", "ann", "Newcomer", "U09OLD"]
    assert dialogue.turns[1].time == datetime(2024, 3, 5, 12, 1, 0, 60, tzinfo=UTC)
    assert dialogue.turns[1].id == "1709640060.000060"
    assert dialogue.id == "general/2024-03-05.json:1709640000.000000"


def test_a_thread_starts_with_its_head_and_gathers_its_replies_from_all_days(tmp_path: Path) -> None:
    head = {"thread_ts": ts(10), "reply_count": 3, "latest_reply": ts(600)}
    log = {
        "general/2024-03-05.json": [
            message(0, "U01MEI", "morning"), message(10, "U01MEI", "who has tea?", **head),
            message(20, "U02TOM", "morning!"), message(30, "U02TOM", "I do", thread_ts=ts(10)),
        ],
        "general/2024-03-06.json": [
            message(500, "U03ANN", "me too", thread_ts=ts(10), subtype="thread_broadcast"),
            message(600, "U01MEI", "thanks", thread_ts=ts(10)), message(700, "U03ANN", "quiet today"),
        ],
    }  # fmt: skip
    channel, thread = read(write(tmp_path, log))
    assert texts(channel) == [("美", "morning"), ("Tom Q.", "morning!"), ("ann", "quiet today")]
    assert texts(thread) == [("美", "who has tea?"), ("Tom Q.", "I do"), ("ann", "me too"), ("美", "thanks")]
    assert [turn.reply_to for turn in thread.turns] == [None, *[ts(10)] * 3]


def test_a_head_whose_replies_are_gone_stays_in_the_channel(tmp_path: Path) -> None:
    records = [message(0, "U01MEI", "hi"), message(1, "U02TOM", "hello", thread_ts=ts(1), reply_count=0)]
    assert [len(dialogue.turns) for dialogue in read_day(tmp_path, records)] == [2]


def test_a_late_reply_is_cut_off_and_keeps_its_link(tmp_path: Path) -> None:
    records = [message(0, "U01MEI", "hi", thread_ts=ts(0)), message(9000, "U02TOM", "late", thread_ts=ts(0))]
    first, second = read_day(tmp_path, records)
    assert (texts(first), texts(second)) == ([("美", "hi")], [("Tom Q.", "late")])
    assert second.turns[0].reply_to == first.turns[0].id


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<@U02TOM> and <@U09NEW|newcomer>, <@U09OLD>", "@Tom Q. and @newcomer, @U09OLD"),
        ("<#C0GENERAL1|> or <#C1|random>", "#general or #random"),
        ("<!here> <!channel|@channel> <!subteam^S1|@tea> <!everyone|everyone>", "@here @channel @tea @everyone"),
        ("<!date^1709640000^{date}|March 5th>", "March 5th"),
        ("<https://tea.example/?a=1&amp;b=2|the shop>", "the shop"),
        ("<https://b.example/?a=1&amp;b=2> <mailto:a@b.example|a@b.example>", "https://b.example/?a=1&b=2 a@b.example"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2, &amp;lt;", "1 < 2 && 3 > 2, &lt;"),
        (":tea: :wave::skin-tone-2:", ":tea: :wave::skin-tone-2:"),
        ("*bold* `code`\nline", "*bold* `code`\nline"),
    ],
)  # fmt: skip
def test_texts_are_as_they_were_typed(tmp_path: Path, written: str, meant: str) -> None:
    (dialogue,) = read_day(tmp_path, [message(0, "U01MEI", written)])
    assert texts(dialogue) == [("美", meant)]


def test_what_is_no_message_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    service = ("channel_join", "channel_topic", "channel_name", "pinned_item", "bot_add", "huddle_thread")
    (dialogue,) = read_day(
        tmp_path,
        [
            *(message(0, "U01MEI", "<@U01MEI> did it", subtype=subtype) for subtype in service),
            message(1, "U01MEI", "This message was deleted.", subtype="tombstone", hidden=True),
            message(2, "U01MEI", "", files=[{"id": "F1"}], upload=True), message(3, "U01MEI", ""),
            message(4, "U01MEI", "", attachments=[{"is_share": True, "text": "news"}]),
            message(5, "U01MEI", "look", files=[{"id": "F1"}]), message(5, "U01MEI", "look", files=[{"id": "F1"}]),
            message(6, "U01MEI", "/start"), {"type": "message", "user": "U01MEI", "text": "when?"},
            message(7, "U01MEI", "x", ts="yesterday"), message(8, "U01MEI", ["x"]), "no object", 3,  # type: ignore[arg-type]
            message(9, "U02TOM", "waves", subtype="me_message"),
        ],
        tally,
    )  # fmt: skip
    assert texts(dialogue) == [("美", "look"), ("Tom Q.", "waves")]
    assert tally.skipped == {
        "system": 6, "deleted": 1, "media": 1, "empty": 1, "forwarded": 1, "duplicate": 1, "command": 1, "malformed": 5,
    }  # fmt: skip
    assert tally.malformed[0][0] == "general/2024-03-05.json:14"


def test_old_exports_wrap_files_and_comments_in_sentences(tmp_path: Path) -> None:
    tally = Tally()
    upload = "<@U01MEI|mei> uploaded a file: <https://tea.example/f|leaf.png>"
    comment = {"type": "message", "subtype": "file_comment", "ts": ts(70), "text": "<@U02TOM|tom> commented on ..."}
    (dialogue,) = read_day(
        tmp_path,
        [
            message(0, "U01MEI", upload, subtype="file_share", file={"id": "F1"}),
            message(
                1, "U01MEI", f"{upload} and commented: nice &lt;3", subtype="file_share",
                file={"initial_comment": {"comment": "nice &lt;3"}},
            ),
            {**comment, "comment": {"user": "U02TOM", "comment": "it is"}},
            message(71, "U01MEI", "typed beside it", subtype="file_share", files=[{"id": "F2"}]),
        ],
        tally,
    )  # fmt: skip
    assert texts(dialogue) == [("美", "nice <3"), ("Tom Q.", "it is"), ("美", "typed beside it")]
    assert tally.skipped == {"media": 1}


def test_bots_have_names_and_go_when_asked(tmp_path: Path) -> None:
    robot: dict[str, Any] = {"type": "message", "subtype": "bot_message", "bot_id": "B01TEA"}
    records = [
        {**robot, "text": "kettle on", "ts": ts(0), "username": "Kettle"}, {**robot, "text": "done", "ts": ts(1)},
        message(2, "U04BOT", "really", bot_id="B09"), message(3, "U01MEI", "thanks"),
    ]  # fmt: skip
    (dialogue,) = read_day(tmp_path, records)
    assert texts(dialogue) == [("Kettle", "kettle on"), ("Tea Bot", "done\nreally"), ("美", "thanks")]
    tally = Tally()
    (dialogue,) = read_day(tmp_path, records, tally, bots=False)
    assert texts(dialogue) == [("美", "thanks")]
    assert tally.skipped == {"system": 3}


def test_forwards_stay_when_asked_for(tmp_path: Path) -> None:
    shared = message(0, "U01MEI", "", attachments=[{"is_share": True, "text": "news of <@U02TOM>"}])
    (dialogue,) = read_day(tmp_path, [shared], forwards=True)
    assert texts(dialogue) == [("美", "news of @Tom Q.")]


def test_channels_and_direct_messages_do_not_mix_but_two_exports_of_one_channel_do(tmp_path: Path) -> None:
    first = {
        "general/2024-03-05.json": [message(0, "U01MEI", "hi")],
        "D01DIRECT/2024-03-05.json": [message(1, "U02TOM", "psst")],
    }
    write(tmp_path / "week 1", first)
    write(tmp_path / "week 2", {"general/2024-03-05.json": [message(0, "U01MEI", "hi"), message(2, "U02TOM", "hello")]})
    tally = Tally()
    assert [texts(dialogue) for dialogue in read(tmp_path, tally)] == [
        [("美", "hi"), ("Tom Q.", "hello")],
        [("Tom Q.", "psst")],
    ]
    assert tally.skipped == {"duplicate": 1}


def test_a_zip_is_read_without_its_other_files(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log", {"general/2024-03-05.json": [message(0, "U01MEI", "hi")], "general/2024-03-06.json": []}
    )
    (log / "integration_logs.json").write_text('[{"user_id": "U01MEI", "change_type": "added"}]')
    (log / "canvases.json").write_text("[]")
    (log / "dms.json").write_text('[{"id": "D01", "created": 1700000000, "members": ["U01MEI", "U02TOM"]}]')
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for path in sorted(log.rglob("*.json")):
            archive.write(path, str(path.relative_to(log)))
        archive.writestr("general/leaf.png", b"\x89PNG\0")
    assert [texts(dialogue) for dialogue in read(tmp_path / "export.zip")] == [[("美", "hi")]]
    _, _, parts = open_reader(str(tmp_path / "export.zip"), "slack", "")
    named = SlackReader().read(parts, Tally())
    assert [texts(dialogue) for dialogue in named] == [[("美", "hi")]]


def test_a_day_alone_has_ids_for_names(tmp_path: Path) -> None:
    (tmp_path / "2024-03-05.json").write_text(json.dumps([message(0, "U01MEI", "hi <@U02TOM>")]))
    (dialogue,) = read(tmp_path / "2024-03-05.json")
    assert texts(dialogue) == [("U01MEI", "hi @U02TOM")]


def test_users_of_any_shape_are_counted_not_fatal(tmp_path: Path) -> None:
    tally = Tally()
    users = [*USERS, "nobody", {"id": "U05"}, {"id": ["U06"], "name": "x"}, {"id": "U07", "profile": "none"}]
    log = write(tmp_path, {"general/2024-03-05.json": [message(0, "U01MEI", "hi")]}, users)
    assert [texts(dialogue) for dialogue in read(log, tally)] == [[("美", "hi")]]
    assert tally.skipped == {"malformed": 3}


def test_a_channel_whose_id_is_a_number_is_counted(tmp_path: Path) -> None:
    log = write(tmp_path, {f"{name}/2024-03-05.json": [message(0, "U01MEI", name)] for name in ("general", "random")})
    (log / "channels.json").write_text(json.dumps([{**CHANNELS[0], "id": 12345}, {**CHANNELS[0], "name": "random"}]))
    tally = Tally()
    assert [texts(dialogue) for dialogue in read(log, tally)] == [[("美", "general")], [("美", "random")]]
    assert tally.skipped == {"malformed": 1}


def test_an_empty_bot_id_names_nobody(tmp_path: Path) -> None:
    users = [{"id": "U01MEI", "name": "mei", "profile": {"display_name": "美", "bot_id": ""}}]
    beep = {"type": "message", "subtype": "bot_message", "text": "beep", "ts": ts(0)}
    (dialogue,) = read(write(tmp_path, {"general/2024-03-05.json": [beep]}, users))
    assert texts(dialogue) == [("unknown", "beep")]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_ends_in_dialogues_or_in_one_error(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["users.json", "general/2024-03-05.json"]))
    log = write(
        tmp_path, {"general/2024-03-05.json": [message(0, "U01MEI", "hi <@U02TOM>"), message(1, "U02TOM", "你好")]}
    )
    whole = (log / name).read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.sampled_from([b"", b"\0", b'\\ud800"', b"\xff\xfe", b"\r", b'"']) | st.binary(max_size=20))
    (log / name).write_bytes(whole[:cut] + junk + whole[cut + data.draw(st.integers(0, 9)) :])
    try:
        list(SlackReader().read(open_log(str(log)), Tally()))
    except LogError as error:
        assert name in error.message


@pytest.mark.parametrize("text", ["<" * 1_000_000, "<@U" * 300_000, "<a|" * 300_000, "&" * 1_000_000, "<!" * 400_000])
def test_a_megabyte_made_to_be_slow_is_not(tmp_path: Path, text: str) -> None:
    log = write(tmp_path, {"general/2024-03-05.json": [message(0, "U01MEI", "hi"), message(1, "U02TOM", text)]})
    begin = time.process_time()
    read(log)
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("head", ['[{"profile": {' * 5000, '[{"created": 1' * 5000, '[{"id"' + " " * 65000])
def test_a_head_made_to_be_slow_is_not(head: str) -> None:
    begin = time.process_time()
    SlackReader.recognises(head, "log")
    assert time.process_time() - begin < 1


def test_what_bots_write_in_blocks_and_attachments_is_said(tmp_path: Path) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "What did you do, <@U01MEI>?"}}
    fields = {"type": "section", "fields": [{"type": "mrkdwn", "text": "one"}, {"type": "plain_text", "text": "two"}]}
    said = [
        {"type": "text", "text": "Hi "}, {"type": "user", "user_id": "U02TOM"}, {"type": "text", "text": " "},
        {"type": "emoji", "name": "wave"}, {"type": "link", "url": "https://example.org"},
    ]  # fmt: skip
    rich = {"type": "rich_text", "elements": [
        {"type": "rich_text_section", "elements": said},
        {"type": "rich_text_list", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": item}]} for item in ("a", "b")
        ]},
    ]}  # fmt: skip
    attached = [{"pretext": "hey", "text": "pushed 1 commit"}]
    bot = {"subtype": "bot_message", "bot_id": "B01TEA"}
    days = [
        message(0, "", "", **bot, blocks=[section, fields, {"type": "divider"}]),
        message(1, "U01MEI", "", blocks=[rich]),
        message(2, "", "", **bot, attachments=attached),
        message(3, "U01MEI", "", blocks=[{"type": "image", "image_url": "x"}]),
    ]
    tally = Tally()
    (dialogue,) = read(write(tmp_path, {"general/2024-03-05.json": days}), tally)
    assert texts(dialogue) == [
        ("Tea Bot", "What did you do, @美?\none\ntwo"),
        ("美", "Hi @Tom Q. :wave:https://example.org\na\nb"),
        ("Tea Bot", "hey\npushed 1 commit"),
    ]
    assert tally.skipped == {"media": 1}


def test_who_spoke_before_is_known_when_mentioned_without_a_list_of_users(tmp_path: Path) -> None:
    profile = {"user_profile": {"display_name": "bob"}}
    path = tmp_path / "2024-03-05.json"
    path.write_text(json.dumps([message(0, "U09", "hi", **profile), message(1, "U08", "<@U09>!")]), encoding="utf-8")
    (dialogue,) = read(path)
    assert texts(dialogue) == [("bob", "hi"), ("U08", "@bob!")]


def test_lines_end_in_one_way(tmp_path: Path) -> None:
    (dialogue,) = read(write(tmp_path, {"general/2024-03-05.json": [message(0, "U01MEI", "yo\r\nline")]}))
    assert texts(dialogue) == [("美", "yo\nline")]
