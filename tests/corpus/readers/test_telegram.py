"""Telegram Desktop's exports."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.telegram import TelegramReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError


def message(number: int, sender: str, text: Any, minute: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "type": "message", "date": f"2024-03-05T21:{minute:02}:00", "from": sender,
        "from_id": f"user{sender}", "text": text, **more,
    }  # fmt: skip


def read(folder: Path, messages: list[Any], tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    chat = {"name": "x", "type": "personal_chat", "id": 1, "messages": messages}
    return read_object(folder, chat, tally, **settings)


def read_object(folder: Path, log: Any, tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    (folder / "result.json").write_text(json.dumps(log), encoding="utf-8")
    return list(TelegramReader(**settings).read(open_log(str(folder / "result.json")), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_texts_are_joined_whatever_they_are_made_of(tmp_path: Path) -> None:
    entities = [{"type": "plain", "text": "only "}, {"type": "bold", "text": "here"}]
    (dialogue,) = read(
        tmp_path,
        [
            message(1, "Ada", "plain"),
            message(2, "Bob", ["see ", {"type": "link", "text": "https://x.org"}, "!"]),
            message(3, "Ada", "", text_entities=entities),
        ],
    )
    assert texts(dialogue) == [("Ada", "plain"), ("Bob", "see https://x.org!"), ("Ada", "only here")]


def test_messages_of_one_speaker_merge_within_five_minutes_and_silence_cuts(tmp_path: Path) -> None:
    first, second = read(
        tmp_path,
        [
            message(1, "Ada", "one", 0), message(2, "Ada", "two", 5), message(3, "Ada", "three", 11),
            message(4, "Bob", "four", 12), {**message(5, "Bob", "five"), "date": "2024-03-05T22:12:01"},
        ],
    )  # fmt: skip
    assert texts(first) == [("Ada", "one\ntwo"), ("Ada", "three"), ("Bob", "four")]
    assert texts(second) == [("Bob", "five")]
    assert first.turns[0].time == datetime(2024, 3, 5, 21, 0)  # noqa: DTZ001 - the log states no zone
    assert first.id == "result.json:1"


def test_a_dropped_message_does_not_break_a_run(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, [message(1, "Ada", "one"), message(2, "Bob", "", photo="x"), message(3, "Ada", "two")])
    assert texts(dialogue) == [("Ada", "one\ntwo")]


def test_links_name_the_turn_that_holds_the_message(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path,
        [
            message(1, "Ada", "one"), message(2, "Ada", "two"), message(3, "Bob", "else", 1),
            message(4, "Bob", "to two", 2, reply_to_message_id=2), message(5, "Ada", "lost", 3, reply_to_message_id=99),
        ],
    )  # fmt: skip
    assert [(turn.id, turn.reply_to) for turn in dialogue.turns] == [("1", None), ("3", None), ("4", "1"), ("5", None)]


def test_an_answer_to_another_chat_is_a_turn_of_its_own(tmp_path: Path) -> None:
    elsewhere: dict[str, Any] = {"reply_to_message_id": 1, "reply_to_peer_id": "channel9"}
    (dialogue,) = read(
        tmp_path, [message(1, "Ada", "one"), message(2, "Ada", "that is news", **elsewhere), message(3, "Ada", "yes")]
    )
    assert texts(dialogue) == [("Ada", "one"), ("Ada", "that is news\nyes")]
    assert [turn.reply_to for turn in dialogue.turns] == [None, None]


def test_what_is_no_message_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read(
        tmp_path,
        [
            {"id": 1, "type": "service", "action": "create_group", "actor": "Ada", "text": ""},
            message(2, "Ada", "", media_type="sticker"),
            message(3, "Ada", "", photo="p.jpg"),
            message(4, "Ada", "news", forwarded_from="Paper"),
            message(5, "Ada", "/start"),
            message(6, "Ada", [{"type": "bot_command", "text": "/help"}, " me"]),
            message(7, "Ada", "  "),
            message(8, "Ada", "caption", photo="p.jpg"),
            message(8, "Ada", "caption", photo="p.jpg"),
            {"id": 9, "type": "message", "date": "31/02", "from": "Ada", "text": "when?"},
            "not an object",
        ],
        tally,
    )
    assert [texts(dialogue) for dialogue in dialogues] == [[("Ada", "caption")]]
    assert tally.skipped == {
        "system": 1, "media": 2, "forwarded": 1, "command": 2, "empty": 1, "duplicate": 1, "malformed": 2,
    }  # fmt: skip
    assert tally.malformed[0][0] == "result.json:9"


def test_forwards_stay_when_asked_for(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, [message(1, "Ada", "news", forwarded_from="Paper")], forwards=True)
    assert texts(dialogue) == [("Ada", "news")]


def test_an_epoch_beside_a_local_time_gives_utc(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, [message(1, "Ada", "hi", date_unixtime="1709674865")])
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 41, 5, tzinfo=UTC)


def test_rows_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, [message(2, "Bob", "late", 7), message(1, "Ada", "early", 1)])
    assert texts(dialogue) == [("Ada", "early"), ("Bob", "late")]


def test_names_are_trimmed_and_ids_stand_in_for_missing_ones(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path, [message(1, " Ada\u200e ", "hi"), {**message(2, "", "hello", 1), "from": None, "from_id": 77}]
    )
    assert [turn.speaker for turn in dialogue.turns] == ["Ada", "77"]


def test_an_account_holds_many_chats_that_do_not_mix(tmp_path: Path) -> None:
    chats = [{"id": n, "type": "personal_chat", "messages": [message(1, "Ada", f"chat {n}")]} for n in range(4)]
    log = {"about": "", "chats": {"about": "", "list": chats[:2]}, "left_chats": {"list": chats[2:]}}
    assert [texts(dialogue) for dialogue in read_object(tmp_path, log)] == [[("Ada", f"chat {n}")] for n in range(4)]


def test_an_account_is_known_by_what_stands_before_its_contacts(tmp_path: Path) -> None:
    contact = {"user_id": 7, "first_name": "Mira", "last_name": "Berg", "phone_number": "+1 555 010 0199"}
    chat = {"id": 1, "type": "personal_chat", "messages": [message(1, "Ada", "hi")]}
    log = {"about": "what this is", "personal_information": {"user_id": 1},
           "contacts": {"about": "", "list": [contact] * 1000}, "chats": {"list": [chat]}}  # fmt: skip
    assert [texts(dialogue) for dialogue in read_object(tmp_path, log)] == [[("Ada", "hi")]]
    assert isinstance(recognise(open_log(str(tmp_path / "result.json")))[0], TelegramReader)


def test_exports_in_one_folder_do_not_mix_and_one_chat_in_two_exports_is_one(tmp_path: Path) -> None:
    for folder, number, name in (("E1", 11, "Ada"), ("E2", 22, "Bob"), ("E3", 22, "Bob")):
        (tmp_path / folder).mkdir()
        chat = {"name": "x", "type": "personal_chat", "id": number, "messages": [message(1, name, f"hi from {number}")]}
        (tmp_path / folder / "result.json").write_text(json.dumps(chat))
    tally = Tally()
    dialogues = list(TelegramReader().read(open_log(str(tmp_path)), tally))
    assert [texts(dialogue) for dialogue in dialogues] == [[("Ada", "hi from 11")], [("Bob", "hi from 22")]]
    assert tally.skipped == {"duplicate": 1}


def test_an_export_is_found_among_its_pictures_and_style_sheets(tmp_path: Path) -> None:
    read(tmp_path, [message(1, "Ada", "hi")])
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\x00\x01")
    (tmp_path / "style.css").write_text("body {\n}\n.message {\n}\n")
    (tmp_path / "empty.txt").touch()
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert [texts(dialogue) for dialogue in reader.read(parts, Tally())] == [[("Ada", "hi")]]


@pytest.mark.parametrize(
    "record",
    [
        '{"id": 5, "type": "message", "from": "Ada", "text": [{"type": "bold"}]}',
        '{"id": 5, "type": "message", "from": "Ada", "text": {"a": 1}}',
        '{"id": 5, "type": "message", "from": "Ada", "text": ' + "[" * 3000 + "]" * 3000 + "}",
        "[" * 3000 + "]" * 3000,
        '{"id": 5, "type": "message", "from": "Ada", "date_unixtime": "' + "9" * 5000 + '", "text": "x"}',
    ],
)
def test_one_hostile_record_is_counted_among_good_ones(tmp_path: Path, record: str) -> None:
    good = json.dumps(message(1, "Ada", "hi"))
    (tmp_path / "result.json").write_text(f'{{"id": 1, "messages": [{good}, {record}, {good.replace("1,", "2,", 1)}]}}')
    tally = Tally()
    (dialogue,) = TelegramReader().read(open_log(str(tmp_path / "result.json")), tally)
    assert texts(dialogue) == [("Ada", "hi\nhi")]
    assert tally.skipped["malformed"] == 1


@pytest.mark.parametrize("number", ["1e99999999999999999999999", "1" * 5000, "1" * 3_000_000])
def test_no_number_is_too_large(tmp_path: Path, number: str) -> None:
    good = json.dumps(message(1, "Ada", "hi"))
    (tmp_path / "result.json").write_text(
        f'{{"id": 1, "messages": [{good}, {{"id": {number}, "text": "x", "from": "Ada"}}]}}'
    )
    try:
        (dialogue,) = TelegramReader().read(open_log(str(tmp_path / "result.json")), Tally())
        assert texts(dialogue) == [("Ada", "hi\nx")]
    except LogError as error:
        assert "result.json" in error.message


def test_a_cut_file_is_one_error_that_names_it(tmp_path: Path) -> None:
    whole = json.dumps({"name": "x", "messages": [message(n, "Ada", "hi") for n in range(9)]})
    (tmp_path / "result.json").write_text(whole[:-60])
    with pytest.raises(LogError, match=r"result\.json: after record 8: is not whole JSON"):
        list(TelegramReader().read(open_log(str(tmp_path / "result.json")), Tally()))


def test_other_json_holds_no_dialogues(tmp_path: Path) -> None:
    assert read_object(tmp_path, {"some": "thing"}) == []
