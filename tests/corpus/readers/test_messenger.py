"""Messenger's threads: mojibake, files newest first, notices, and encrypted chats."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.messenger import MessengerReader
from chatbot.corpus.readers.meta_threads import repair
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

START = 1_709_674_865_000


def mangled(text: str) -> str:
    return text.encode().decode("latin-1")


def message(sender: str, text: str | None, seconds: int = 0, **more: Any) -> dict[str, Any]:
    content = {} if text is None else {"content": mangled(text)}
    return {"sender_name": mangled(sender), "timestamp_ms": START + 1000 * seconds, **content, **more}


def secret(sender: str, text: str, seconds: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "isUnsent": False, "media": [], "reactions": [], "senderName": sender, "text": text,
        "timestamp": START + 1000 * seconds, "type": "text", **more,
    }  # fmt: skip


def thread(messages: list[Any]) -> str:
    people = [{"name": mangled("Zoë Ångström")}, {"name": mangled("李小梅")}]
    return json.dumps(
        {"participants": people, "messages": messages, "title": "x", "thread_path": "inbox/x_1", "magic_words": []}
    )


def read(folder: Path, messages: list[Any], tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    (folder / "message_1.json").write_text(thread(messages), encoding="utf-8")
    return read_log(folder / "message_1.json", tally, **settings)


def read_log(path: Path, tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    return list(MessengerReader(**settings).read(open_log(str(path)), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_names_and_texts_are_repaired_and_the_oldest_message_comes_first(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path,
        [
            message("李小梅", "好啊😀", 61),
            message("Zoë Ångström", "周六去爬山吗？"),
            message("Zoë Ångström", "❤️ Grüße", -1),
        ],
    )
    assert texts(dialogue) == [("Zoë Ångström", "❤️ Grüße\n周六去爬山吗？"), ("李小梅", "好啊😀")]
    assert dialogue.turns[1].time == datetime(2024, 3, 5, 21, 42, 6, tzinfo=UTC)
    assert dialogue.id == f"{tmp_path.name}/message_1.json:3"


@pytest.mark.parametrize("right", ["plain", "Zoë", "周六", "naïve café", "é", ""])
def test_what_is_right_already_stays(right: str) -> None:
    assert repair(right) == repair(mangled(right)) == right


def test_messages_of_one_moment_keep_their_order(tmp_path: Path) -> None:
    newest_first = [message("Ada", "four", 2), message("Ada", "three"), message("Ada", "two"), message("Ada", "one")]
    assert texts(read(tmp_path, newest_first)[0]) == [("Ada", "one\ntwo\nthree\nfour")]
    oldest_first = [message("Ada", "one"), message("Ada", "two"), message("Ada", "three", 1)]
    assert texts(read(tmp_path, oldest_first)[0]) == [("Ada", "one\ntwo\nthree")]


def test_an_hour_of_silence_cuts_and_five_minutes_end_a_turn(tmp_path: Path) -> None:
    first, second = read(
        tmp_path,
        [message("Bob", "late", 301 + 3601), message("Ada", "b", 301), message("Ada", "a", 0)],
    )
    assert [texts(first), texts(second)] == [[("Ada", "a"), ("Ada", "b")], [("Bob", "late")]]


def test_the_files_of_a_thread_in_several_archives_are_one_log_and_threads_do_not_mix(tmp_path: Path) -> None:
    inbox = "your_facebook_activity/messages/inbox"
    for archive, name, who, seconds in (
        ("a.zip", "ada_1/message_2.json", "Ada", 10),
        ("a.zip", "ada_1/message_10.json", "Ada", 0),
        ("b.zip", "ada_1/message_1.json", "Bob", 20),
        ("b.zip", "eve_2/message_1.json", "Eve", 5),
    ):
        with zipfile.ZipFile(tmp_path / archive, "a") as packed:
            packed.writestr(f"{inbox}/{name}", thread([message(who, f"{name} {seconds}", seconds)]))
            packed.writestr(f"{inbox}/ada_1/photos/{seconds}.jpg", b"\xff\xd8\x00")
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert isinstance(reader, MessengerReader)
    ada, eve = reader.read(parts, Tally())
    assert texts(ada) == [
        ("Ada", "ada_1/message_10.json 0\nada_1/message_2.json 10"),
        ("Bob", "ada_1/message_1.json 20"),
    ]
    assert texts(eve) == [("Eve", "eve_2/message_1.json 5")]


def test_what_two_exports_of_one_thread_share_comes_once(tmp_path: Path) -> None:
    old = [message("Bob", "two", 1), message("Ada", "one")]
    for year, messages in (("2023", old), ("2024", [message("Ada", "three", 2), *old])):
        (tmp_path / year / "inbox" / "ada_1").mkdir(parents=True)
        (tmp_path / year / "inbox" / "ada_1" / "message_1.json").write_text(thread(messages))
    tally = Tally()
    (dialogue,) = read_log(tmp_path, tally)
    assert texts(dialogue) == [("Ada", "one"), ("Bob", "two"), ("Ada", "three")]
    assert tally.skipped == {"duplicate": 2}


def test_what_nobody_typed_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read(
        tmp_path,
        [
            message("Ada", "caption", 0, photos=[{"uri": "x.jpg"}]),
            message("Ada", None, 1, photos=[{"uri": "x.jpg"}]),
            message("Ada", None, 2, sticker={"uri": "x.png"}),
            message("Ada", "Ada sent an attachment.", 3, share={"link": "https://x.org"}),
            message("Ada", "You sent an attachment.", 4),
            message("Ada", "Ada发送了一个附件。", 5),
            message("Ada", "Ada skickade något annat.", 6, share={"link": "https://x.org"}),
            message("Ada", None, 7, is_unsent=True),
            message("Ada", "You unsent a message", 8),
            message("Ada", "Ada is now connected on Messenger", 9),
            message("Ada", "Ada set the nickname for Bob to Bobby.", 10),
            message("Ada", "Ada called you.", 11, call_duration=12),
            message("Ada", "Ada added Bob to the group.", 12, type="Subscribe", users=[{"name": "Bob"}]),
            message("Ada", "Reacted 👍 to your message ", 13),
            message("Ada", None, 14),
            message("Ada", "  ", 15),
            message("Ada", "/start", 16),
            "no object",
            {"sender_name": "Ada"},
            {"sender_name": "Ada", "timestamp_ms": "soon", "content": "x"},
            {"sender_name": "Ada", "timestamp_ms": 10**30, "content": "x"},
            {"sender_name": ["Ada"], "timestamp_ms": START, "content": "x"},
            {"sender_name": "Ada", "timestamp_ms": START, "content": {"a": 1}},
        ],
        tally,
    )
    assert [texts(dialogue) for dialogue in dialogues] == [[("Ada", "caption")]]
    assert tally.skipped == {"media": 6, "deleted": 2, "system": 5, "empty": 2, "command": 1, "malformed": 6}
    assert tally.malformed[0][0].endswith("message_1.json:18")


@pytest.mark.parametrize(
    "text",
    [
        "Ada sent me an attachment.", "You voted for pizza", "You created a plan that works!", "I liked a message",
        "look at this https://x.org", "你好", "Ada", "You", "Reacted to nothing", "You sent the link",
        "You sent the photo.", "You shared the link", "You sent the same photo twice.", "sent a photo", "发送了照片",
        "Vous avez raison.", "Enviaste tarde.", "你错过了好戏。", "You added salt as a chef.",
        "Du hast die Gruppe gesehen.", "Salió del grupo.", "Hai creato un gruppo.", "Der Videochat ist lustig.",
        "你将主题更改了。",
    ],
)  # fmt: skip
def test_what_merely_looks_like_a_notice_stays(tmp_path: Path, text: str) -> None:
    (dialogue,) = read(tmp_path, [message("Ada", text)])
    assert texts(dialogue) == [("Ada", text)]


@pytest.mark.parametrize(
    ("speaker", "text"), [("May", "Maybe we should go here."), ("我", "我觉得这家不错。"), ("A", "All good.")]
)
def test_a_text_beside_a_picture_stays_though_it_begins_like_a_name(tmp_path: Path, speaker: str, text: str) -> None:
    more: dict[str, Any] = {"share": {"link": "https://x.org"}, "photos": [{"uri": "x.jpg"}]}
    (dialogue,) = read(tmp_path, [message(speaker, text, **more)])
    assert texts(dialogue) == [(speaker, text)]


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("media", "Enviaste un archivo adjunto."), ("media", "Enviaste um anexo."), ("media", "Bir ek gönderdin."),
        ("media", "Wysłałaś załącznik."), ("media", "あなたが添付ファイルを送信しました。"),
        ("media", "회원님이 첨부 파일을 보냈습니다."), ("media", "小明さんが添付ファイルを送信しました。"),
        ("media", "你发送了一张照片。"), ("media", "小明发送了2张照片。"), ("media", "小明 a envoyé une photo."),
        ("media", "Vous avez envoyé 3 vidéos."), ("deleted", "Anulaste el envío de un mensaje."),
        ("system", "小明 a quitté le groupe."), ("system", "小明 a nommé le groupe Les amis."),
        ("system", "小明 a ajouté Luc au groupe."), ("system", "Vous avez créé le groupe."),
        ("system", "小明 a réagi ❤ à votre message"), ("system", "小明将群组命名为“朋友”。"),
        ("system", "小明更改了群组照片。"), ("system", "小明已将小红添加到群组。"), ("system", "你錯過了小明的來電。"),
        ("system", "小明将 Al 加入了群组。"), ("system", "小明将主题更改为“爱”。"), ("system", "小明发起了视频聊天。"),
        ("system", "视频聊天已结束。"), ("system", "視頻聊天已結束。"), ("system", "小明 added Al B as a group admin."),
        ("system", "小明 removed Al B as a group admin."), ("system", "小明 missed a video chat from Al B."),
        ("system", '小明 changed vote to "Pasta" in the poll: Where?'),
        ("system", '小明 removed vote for "Pizza" in the poll: Where?'),
        ("system", "小明 turned on member approval and will review requests to join the group."),
        ("system", "小明 hat die Gruppe erstellt."), ("system", "小明 hat die Gruppe Die Freunde genannt."),
        ("system", "小明 hat Al zur Gruppe hinzugefügt."), ("system", "Du hast Al aus der Gruppe entfernt."),
        ("system", "小明 hat die Gruppe verlassen."), ("system", "Du hast einen Anruf von 小明 verpasst."),
        ("system", "Der Videochat ist beendet."), ("system", "小明 creó el grupo."), ("system", "Has creado el grupo."),
        ("system", "小明 nombró el grupo Los amigos."), ("system", "小明 salió del grupo."),
        ("system", "小明 ha creato il gruppo."), ("system", "Hai abbandonato il gruppo."),
    ],
)  # fmt: skip
def test_notices_are_known_in_other_languages(tmp_path: Path, reason: str, text: str) -> None:
    tally = Tally()
    assert read(tmp_path, [message("小明", text)], tally) == []
    assert tally.skipped == {reason: 1}


def test_who_has_no_name_is_unknown(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, [{"timestamp_ms": START, "content": "bye"}])
    assert texts(dialogue) == [("unknown", "bye")]


def test_an_encrypted_chat_is_read_as_it_is_in_either_order(tmp_path: Path) -> None:
    messages = [
        secret("Zoë", "see https://x.org", 3, type="link"),
        secret("李小梅", "", 2, type="media", media=[{"uri": "./media/a.jpeg"}]),
        secret("李小梅", "User unsent a message", 1, type="placeholder", isUnsent=True),
        secret("李小梅", "cafÃ© 你好"),
    ]
    for order in (messages, messages[::-1]):
        log = {"participants": ["Zoë", "李小梅"], "threadName": "Zoë_7", "messages": order}
        (tmp_path / "Zoë_7.json").write_text(json.dumps(log, ensure_ascii=False), encoding="utf-8-sig")
        reader, reason, parts = recognise(open_log(str(tmp_path / "Zoë_7.json")))
        tally = Tally()
        (dialogue,) = reader.read(parts, tally)
        assert "encrypted" in reason
        assert texts(dialogue) == [("李小梅", "cafÃ© 你好"), ("Zoë", "see https://x.org")]
        assert tally.skipped == {"media": 1, "deleted": 1}


def test_empty_threads_beside_others_are_no_trouble(tmp_path: Path) -> None:
    read(tmp_path, [])
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert list(reader.read(parts, Tally())) == []


def test_times_of_old_exports_are_in_seconds(tmp_path: Path) -> None:
    record = {"sender_name": "Ada", "timestamp": START // 1000, "content": "hi"}
    assert read(tmp_path, [record])[0].turns[0].time == datetime(2024, 3, 5, 21, 41, 5, tzinfo=UTC)


def test_lone_surrogates_nuls_and_direction_marks_are_no_text(tmp_path: Path) -> None:
    record = json.dumps(message("Ada", "x")).replace('"x"', r'"a\ud800b\u0000\u00e2\u0080\u008e"')
    (tmp_path / "message_1.json").write_text(f'{{"messages": [{record}]}}')
    assert read_log(tmp_path / "message_1.json")[0].turns[0].text.startswith("a")


def test_a_cut_file_is_one_error_that_says_where(tmp_path: Path) -> None:
    whole = thread([message("Ada", "hi", n) for n in range(9)])
    (tmp_path / "message_1.json").write_text(whole[: whole.index("magic") - 80])
    with pytest.raises(LogError, match=r"message_1\.json: after record \d: is not whole JSON"):
        read_log(tmp_path / "message_1.json")


@pytest.mark.parametrize("bad", ["[" * 500_000, '{"a":' * 200_000, "1" * 1_000_000, '"' + "\\" * 1_000_000])
def test_a_megabyte_of_nesting_is_an_error_in_no_time(tmp_path: Path, bad: str) -> None:
    (tmp_path / "message_1.json").write_text(f'{{"messages": [{bad}')
    with pytest.raises(LogError):
        read_log(tmp_path / "message_1.json")


def test_a_record_that_is_nested_too_deep_is_counted_among_good_ones(tmp_path: Path) -> None:
    good = json.dumps(message("Ada", "hi"))
    deep = '{"sender_name": "Ada", "timestamp_ms": 1, "content": ' + "[" * 3000 + "]" * 3000 + "}"
    (tmp_path / "message_1.json").write_text(f'{{"messages": [{good}, {deep}, {good}]}}')
    tally = Tally()
    assert [texts(dialogue) for dialogue in read_log(tmp_path / "message_1.json", tally)] == [[("Ada", "hi\nhi")]]
    assert tally.skipped == {"malformed": 1}
