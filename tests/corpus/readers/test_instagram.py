"""Instagram's threads: what tells them from Messenger's, and what Instagram alone writes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Reader, Tally, recognise
from chatbot.corpus.readers.instagram import InstagramReader
from chatbot.corpus.readers.messenger import MessengerReader
from chatbot.dialogue import Dialogue

PHOTO: dict[str, Any] = {"photos": [{"uri": "your_instagram_activity/messages/inbox/nora_7/photos/1.jpg"}]}


def message(sender: str, text: str, seconds: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "sender_name": sender.encode().decode("latin-1"), "timestamp_ms": 1_709_674_865_000 + 1000 * seconds,
        "content": text.encode().decode("latin-1"), **more,
    }  # fmt: skip


def write(path: Path, messages: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"participants": [{"name": "nora"}], "messages": messages, "thread_path": "inbox/x"}))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_reactions_and_shares_are_no_texts(tmp_path: Path) -> None:
    write(
        tmp_path / "message_1.json",
        [
            message("nora", "Reacted 😂 to your message ", 9),
            message("nora", "Liked a message", 8),
            message("nora", "nora sent an attachment.", 7, share={"link": "https://www.instagram.com/p/1/"}),
            message("max_🌿", "周末见！", 6, reactions=[{"reaction": "\u00e2\u009d\u00a4", "actor": "nora"}]),
            message(
                "nora", "this one https://www.instagram.com/p/1/", 5, share={"link": "https://www.instagram.com/p/1/"}
            ),
            message("nora", "look", 4, **PHOTO),
        ],
    )
    tally = Tally()
    (dialogue,) = InstagramReader().read(open_log(str(tmp_path / "message_1.json")), tally)
    assert texts(dialogue) == [("nora", "look\nthis one https://www.instagram.com/p/1/"), ("max_🌿", "周末见！")]
    assert tally.skipped == {"system": 2, "media": 1}


@pytest.mark.parametrize(
    ("name", "more", "kind"),
    [
        ("log", {}, MessengerReader),
        ("log", PHOTO, InstagramReader),
        ("your_instagram_activity/messages/inbox/nora_7/message_1.json", {}, InstagramReader),
        ("instagram-nora-2024-03-05/messages/inbox/nora_7/message_1.json", {}, InstagramReader),
        ("instagram/facebook-nora/messages/inbox/nora_7/message_1.json", {}, MessengerReader),
        ("messenger-and-instagram/inbox/nora_7/message_1.json", {}, MessengerReader),
        ("instagram/your_facebook_activity/messages/inbox/nora_7/message_1.json", {}, MessengerReader),
    ],
)
def test_the_paths_in_a_file_or_its_own_tell_whose_it_is(
    tmp_path: Path, name: str, more: dict[str, Any], kind: type[Reader]
) -> None:
    write(tmp_path / name, [message("nora", "hi", **more)])
    assert isinstance(recognise(open_log(str(tmp_path)))[0], kind)


def test_threads_that_say_nothing_are_instagrams_beside_threads_that_do(tmp_path: Path) -> None:
    write(tmp_path / "inbox" / "a_1" / "message_1.json", [message("nora", "no mark")])
    write(tmp_path / "inbox" / "b_2" / "message_1.json", [message("nora", "mark", **PHOTO)])
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert isinstance(reader, InstagramReader)
    assert [texts(dialogue) for dialogue in reader.read(parts, Tally())] == [[("nora", "no mark")], [("nora", "mark")]]


def test_before_2020_all_chats_are_in_one_file_newest_first(tmp_path: Path) -> None:
    chats = [
        {
            "participants": ["nora", "max"],
            "conversation": [
                {"sender": "max", "created_at": "2019-05-04T12:46:00.000000+00:00", "heart": "\u2764\ufe0f"},
                {"sender": "max", "created_at": "2019-05-04T12:45:00.000000+00:00", "text": "\u5468\u672b\u89c1"},
                {"sender": "nora", "created_at": "2019-05-04T12:44:00.000000+00:00", "media": "https://example.com/1.jpg"},
                {
                    "sender": "nora", "created_at": "2019-05-04T12:43:00.000000+00:00", "text": "nice place!",
                    "story_share": "Shared max's story", "likes": [{"username": "max", "date": "2019-05-04"}],
                },
                {"sender": "max", "created_at": "2019-05-04T12:42:00.000000+00:00", "text": None},
                {"sender": "nora", "created_at": "2019-05-04T12:41:22.000000+00:00", "text": "hi"},
                {"sender": "nora", "created_at": "2019-05-04T12:41:00.000000+00:00", "text": "/start"},
                {"sender": "nora", "created_at": "noon", "text": "hi"},
                {"created_at": "2019-05-04T12:40:00.000000+00:00", "action": "named the group"},
            ],
        },
        {
            "participants": ["nora"],
            "conversation": [{"sender": None, "created_at": "2019-05-03T01:02:03+00:00", "text": "bye"}],
        },
    ]  # fmt: skip
    (tmp_path / "messages.json").write_text(json.dumps(chats))
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert isinstance(reader, InstagramReader)
    tally = Tally()
    first, second = reader.read(parts, tally)
    assert texts(first) == [("nora", "hi\nnice place!"), ("max", "\u5468\u672b\u89c1")]
    assert first.turns[0].time == datetime(2019, 5, 4, 12, 41, 22, tzinfo=UTC)
    assert texts(second) == [("unknown", "bye")]
    assert tally.skipped == {"media": 2, "empty": 1, "command": 1, "system": 1, "malformed": 1}
