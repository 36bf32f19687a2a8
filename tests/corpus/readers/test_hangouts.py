"""Hangouts' conversations, as new and as old Takeouts have them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.hangouts import HangoutsReader
from chatbot.dialogue import Dialogue

PEOPLE = [
    {"id": {"gaia_id": "1", "chat_id": "1"}, "fallback_name": " Yasir "},
    {"id": {"gaia_id": "2", "chat_id": "c2"}, "fallback_name": "小梅"},
    {"id": {"gaia_id": "3", "chat_id": "3"}},
]


def event(sender: str, segments: list[Any], seconds: int = 0, conversation: str = "c", **more: Any) -> dict[str, Any]:
    return {
        "conversation_id": {"id": conversation}, "sender_id": {"gaia_id": sender, "chat_id": sender},
        "timestamp": f"{1369548258 + seconds}628038", "chat_message": {"message_content": {"segment": segments}},
        "event_id": f"e{seconds}", "event_type": "REGULAR_CHAT_MESSAGE", **more,
    }  # fmt: skip


def said(text: str) -> list[dict[str, Any]]:
    return [{"type": "TEXT", "text": text}]


def conversation(events: list[Any], name: str = "c") -> dict[str, Any]:
    inner = {"id": {"id": name}, "type": "GROUP", "participant_data": PEOPLE}
    return {"conversation": {"conversation_id": {"id": name}, "conversation": inner}, "events": events}


def read(folder: Path, log: Any, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "Hangouts.json").write_text(json.dumps(log), encoding="utf-8")
    reader, _, parts = recognise(open_log(str(folder / "Hangouts.json")))
    assert isinstance(reader, HangoutsReader)
    return list(reader.read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_segments_are_joined_and_events_put_in_order(tmp_path: Path) -> None:
    link = {"type": "LINK", "text": "example.com", "link_data": {"link_target": "https://example.com/"}}
    bare = {"type": "LINK", "link_data": {"link_target": "https://x.org/"}}
    (dialogue,) = read(
        tmp_path,
        {"conversations": [conversation([
            event("2", [*said("二"), {"type": "LINE_BREAK"}, link, {"type": "LINE_BREAK", "text": "\n"}, bare], 9),
            event("3", said("third"), 12),
            event("1", said("one"), 3),
        ])]},
    )  # fmt: skip
    assert texts(dialogue) == [("Yasir", "one"), ("小梅", "二\nexample.com\nhttps://x.org/"), ("3", "third")]
    assert dialogue.turns[0].time == datetime(2013, 5, 26, 6, 4, 21, 628038, tzinfo=UTC)
    assert dialogue.turns[0].id == "e3"


def test_an_old_takeout_names_things_otherwise(tmp_path: Path) -> None:
    state = {"conversation": {"participant_data": PEOPLE}, "event": [event("2", said("嗨"), 1), event("1", said("hi"))]}
    log = {
        "continuation_end_timestamp": "0",
        "conversation_state": [{"conversation_id": {"id": "c"}, "conversation_state": state}],
    }
    assert [texts(dialogue) for dialogue in read(tmp_path, log)] == [[("Yasir", "hi"), ("小梅", "嗨")]]


def test_names_may_stand_below_what_they_said(tmp_path: Path) -> None:
    whole = conversation([event("2", said("嗨"), 1), event("1", said("hi")), event("4", said("hello"), 2)])
    turned = dict(reversed(whole.items()))
    assert list(turned) == ["events", "conversation"]
    (dialogue,) = read(tmp_path, {"conversations": [turned]})
    assert texts(dialogue) == [("Yasir", "hi"), ("小梅", "嗨"), ("4", "hello")]
    assert [dialogue] == read(tmp_path, {"conversations": [whole]})


def test_conversations_do_not_mix(tmp_path: Path) -> None:
    log = {"conversations": [
        conversation([event("1", said("in c"), 1)]), conversation([event("2", said("in d"), 2, "d")], "d"),
    ]}  # fmt: skip
    assert [texts(dialogue) for dialogue in read(tmp_path, log)] == [[("Yasir", "in c")], [("小梅", "in d")]]


def test_what_nobody_typed_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    events = [
        event("1", said("kept"), 0),
        event("1", [], 1, event_type="HANGOUT_EVENT"),
        event("1", [], 2, event_type="ADD_USER"),
        event("1", [], 3, chat_message={"message_content": {"attachment": [{"embed_item": {}}]}}),
        event("1", said("  "), 4),
        event("1", said("kept"), 0),
        event("1", [{"type": "TEXT", "text": 7}], 5),
        event("1", ["no segment"], 6),
        {**event("1", said("x"), 7), "timestamp": "soon"},
        "no object",
    ]
    dialogues = read(tmp_path, {"conversations": [conversation(events)]}, tally)
    assert [texts(dialogue) for dialogue in dialogues] == [[("Yasir", "kept")]]
    assert tally.skipped == {"system": 2, "media": 1, "empty": 1, "duplicate": 1, "malformed": 4}


@pytest.mark.parametrize("log", ['{"conversations": [{"from": "human", "value": "hi"}]}', '["participant_data"]'])
def test_other_conversations_are_not_hangouts(log: str) -> None:
    assert not HangoutsReader.recognises(log, "Hangouts.json")
