"""Mattermost's bulk exports."""

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
from chatbot.corpus.readers.mattermost import MattermostReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

NOON = 1709640000000  # 2024-03-05T12:00:00Z
VERSION = {"type": "version", "version": 1, "info": {"generator": "mattermost-server"}}
TABLES = [
    {"type": "team", "team": {"name": "tea", "display_name": "Tea"}},
    {"type": "channel", "channel": {"team": "tea", "name": "green", "display_name": "Green"}},
    {"type": "user", "user": {"username": "mei", "nickname": "美", "email": "mei@tea.example"}},
    {"type": "direct_channel", "direct_channel": {"members": ["mei", "tom"]}},
    {"type": "emoji", "emoji": {"name": "cup", "image": "cup.png"}},
]


def said(second: int, user: str, text: str, **more: Any) -> dict[str, Any]:
    return {"user": user, "type": "", "message": text, "create_at": NOON + second * 1000, "edit_at": 0, **more}


def post(second: int, user: str, text: str, channel: str = "green", **more: Any) -> dict[str, Any]:
    return {"type": "post", "post": {"team": "tea", "channel": channel, **said(second, user, text, **more)}}


def direct(second: int, user: str, text: str, members: list[str]) -> dict[str, Any]:
    return {"type": "direct_post", "direct_post": {"channel_members": members, **said(second, user, text)}}


def read(folder: Path, lines: list[Any], tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    written = [line if isinstance(line, str) else json.dumps(line) for line in [VERSION, *TABLES, *lines]]
    (folder / "import.jsonl").write_text("\n".join(written) + "\n", encoding="utf-8")
    _, _, parts = recognise(open_log(str(folder / "import.jsonl")))
    return list(MattermostReader(**options).read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_posts_come_in_no_order_and_from_many_channels(tmp_path: Path) -> None:
    private, green, white = read(
        tmp_path,
        [
            post(60, "tom", "hello"), post(3, "ann", "elsewhere", "white"), post(0, "mei", "你好"),
            direct(9, "tom", "and you?", ["tom", "mei"]), post(70, "tom", "all well?"),
            direct(8, "mei", "fine", ["mei", "tom"]),
        ],
    )  # fmt: skip
    assert texts(green) == [("mei", "你好"), ("tom", "hello\nall well?")]
    assert texts(white) == [("ann", "elsewhere")]
    assert texts(private) == [("mei", "fine"), ("tom", "and you?")]
    assert green.turns[0].time == datetime(2024, 3, 5, 12, tzinfo=UTC)
    assert green.id == "import.jsonl:9"


def test_a_post_with_replies_is_a_dialogue_of_its_own(tmp_path: Path) -> None:
    replies = [said(50, "ann", "me too"), said(20, "tom", "I do"), said(60, "mei", "thanks", type="system_ephemeral")]
    channel, thread = read(
        tmp_path, [post(0, "mei", "morning"), post(10, "mei", "who has tea?", replies=replies), post(30, "tom", "hi")]
    )
    assert texts(channel) == [("mei", "morning"), ("tom", "hi")]
    assert texts(thread) == [("mei", "who has tea?"), ("tom", "I do"), ("ann", "me too")]


def test_what_is_no_message_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(
        tmp_path,
        [
            post(0, "mei", "mei joined the channel.", type="system_join_channel"),
            post(1, "mei", "", attachments=[{"path": "data/tea.png"}]), post(2, "mei", " "),
            post(3, "mei", "/start"), post(4, "mei", "gone", props={"deleteBy": "x"}),
            post(5, "mei", "look", attachments=[{"path": "data/tea.png"}]),
            {"type": "post", "post": {"channel": "green"}}, {"type": "post"}, [1], "{cut", '"text"',
            post(6, "mei", "x", create_at="noon"), post(7, "mei", "x", create_at=10**18), post(8, "mei", ["x"]),  # type: ignore[arg-type]
        ],
        tally,
    )  # fmt: skip
    assert texts(dialogue) == [("mei", "look")]
    assert tally.skipped == {"system": 1, "media": 1, "empty": 1, "command": 1, "deleted": 1, "malformed": 8}
    assert tally.malformed[0][0] == "import.jsonl:13"


def test_webhooks_have_names_and_go_when_asked(tmp_path: Path) -> None:
    posts = [
        post(0, "mei", "kettle on", props={"from_webhook": "true", "override_username": "Kettle"}),
        post(1, "tom", "thanks"),
    ]
    (dialogue,) = read(tmp_path, posts)
    assert texts(dialogue) == [("Kettle", "kettle on"), ("tom", "thanks")]
    tally = Tally()
    (dialogue,) = read(tmp_path, posts, tally, bots=False)
    assert texts(dialogue) == [("tom", "thanks")]
    assert tally.skipped == {"system": 1}


def test_plugins_give_notices_and_mark_what_people_and_assistants_say(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(
        tmp_path,
        [
            post(0, "mei", "Call started", type="custom_calls"), post(1, "mei", "how hot?", type="custom_translation"),
            post(1, "mei", "Start Meeting", type="custom_google_meet"),
            post(2, "kettle", "90 degrees", type="custom_llmbot", props={"from_bot": "true"}),
            post(3, "tom", "waves", type="me"),
        ],
        tally,
    )  # fmt: skip
    assert texts(dialogue) == [("mei", "how hot?"), ("kettle", "90 degrees"), ("tom", "waves")]
    assert tally.skipped == {"system": 2}


def test_a_zip_is_read_without_its_attachments(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("import.jsonl", f"{json.dumps(VERSION)}\n{json.dumps(post(0, 'mei', 'hi'))}\n")
        archive.writestr("data/tea.png", b"\x89PNG\0")
    _, _, parts = open_reader(str(tmp_path / "export.zip"), "mattermost", "")
    assert [texts(each) for each in MattermostReader().read(parts, Tally())] == [[("mei", "hi")]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_ends_in_dialogues_or_in_one_error(tmp_path: Path, data: st.DataObject) -> None:
    lines = [VERSION, post(0, "mei", "hi", replies=[said(1, "tom", "你好")]), direct(2, "tom", "hey", ["tom", "mei"])]
    whole = "".join(json.dumps(line) + "\n" for line in lines).encode()
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.sampled_from([b"", b"\0", b'\\ud800"', b"\xff\xfe", b"\r", b'"']) | st.binary(max_size=20))
    (tmp_path / "log").write_bytes(whole[:cut] + junk + whole[cut + data.draw(st.integers(0, 9)) :])
    try:
        list(MattermostReader().read(open_log(str(tmp_path / "log")), Tally()))
    except LogError as error:
        assert "log" in error.message


@pytest.mark.parametrize("line", ["[" * 1_000_000, '{"type": "post", "post": ' * 40_000, '"' * 1_000_000])
def test_a_megabyte_made_to_be_slow_is_not(tmp_path: Path, line: str) -> None:
    begin = time.process_time()
    assert read(tmp_path, [line]) == []
    assert time.process_time() - begin < 2
