"""Element's exports of Matrix rooms: JSON and plain text."""

import json
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.matrix import MatrixReader
from chatbot.corpus.readers.whatsapp import WhatsAppReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

NOON = 1709640000000  # 2024-03-05T12:00:00Z


def event(number: int, sender: str, content: Any, kind: str = "m.room.message", **more: Any) -> dict[str, Any]:
    return {
        "type": kind, "sender": f"@{sender}:tea.example", "event_id": f"${number}", "room_id": "!r:tea.example",
        "origin_server_ts": NOON + number * 1000, "content": content, "unsigned": {"age": 1}, **more,
    }  # fmt: skip


def said(number: int, sender: str, text: str, msgtype: str = "m.text", **content: Any) -> dict[str, Any]:
    return event(number, sender, {"msgtype": msgtype, "body": text, **content})


def member(number: int, user: str, name: str | None, membership: str = "join") -> dict[str, Any]:
    content = {"membership": membership, **({"displayname": name} if name else {})}
    return event(number, user, content, "m.room.member", state_key=f"@{user}:tea.example")


def edit(number: int, sender: str, target: int, text: str) -> dict[str, Any]:
    new = {"msgtype": "m.text", "body": text}
    relation = {"rel_type": "m.replace", "event_id": f"${target}"}
    content = {"msgtype": "m.text", "body": f"* {text}", "m.new_content": new, "m.relates_to": relation}
    return event(number, sender, content)


def reply(number: int, sender: str, target: int, text: str) -> dict[str, Any]:
    relation = {"m.in_reply_to": {"event_id": f"${target}"}}
    return event(number, sender, {"msgtype": "m.text", "body": text, "m.relates_to": relation})


def export(events: list[Any]) -> str:
    return json.dumps(
        {
            "room_name": "Tea House", "room_creator": "Mei", "topic": "茶", "export_date": "3/5/2024",
            "exported_by": "Mei", "messages": events,
        },
        indent=2,
    )  # fmt: skip


def read(folder: Path, text: str, tally: Tally | None = None, **options: Any) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    _, _, parts = recognise(open_log(str(folder / "log")))
    return list(MatrixReader(**options).read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_names_come_from_the_members_and_times_from_the_server(tmp_path: Path) -> None:
    events = [
        member(0, "mei", "Mei"), said(1, "mei", "你好"), said(2, "tom", "hi"), member(3, "mei", "美"),
        member(4, "mei", None, "leave"),
    ]  # fmt: skip
    tally = Tally()
    (dialogue,) = read(tmp_path, export(events), tally)
    assert texts(dialogue) == [("美", "你好"), ("@tom:tea.example", "hi")]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 12, 0, 1, tzinfo=UTC)
    assert (dialogue.id, dialogue.turns[0].id) == ("log:$1", "$1")
    assert tally.skipped == {"system": 3}


def test_replies_link_and_lose_the_lines_that_quote(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path,
        export(
            [
                said(1, "mei", "tea?"), said(2, "ann", "> a quotation that she typed"),
                reply(3, "tom", 1, "> <@mei:tea.example> tea?\n> yes?\n\nyes\n\n> please"), reply(4, "mei", 3, "good"),
                reply(5, "ann", 3, "> * <@tom:tea.example> waves\n\nhi"),
            ]
        ),
    )  # fmt: skip
    assert [turn.text for turn in dialogue.turns] == [
        "tea?", "> a quotation that she typed", "yes\n\n> please", "good", "hi",
    ]  # fmt: skip
    assert [turn.reply_to for turn in dialogue.turns] == [None, None, "$1", "$3", "$3"]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("[Jonas](https://matrix.to/#/@j:h) hey", "Jonas hey"),
        (r"ask [Jonas \[m\]](https://matrix.to/#/@j:h)!", "ask Jonas [m]!"),
        ("[x] [#tea:h](https://matrix.to/#/#tea:h?via=h), see", "[x] #tea:h, see"),
        ("[tea](https://tea.example)", "[tea](https://tea.example)"),
    ],
)
def test_mentions_are_names(tmp_path: Path, typed: str, text: str) -> None:
    (events,) = read(tmp_path, export([said(1, "mei", typed)]))
    (lines,) = read(tmp_path, f"15.3.2024, 21:41:05 - Mei joined the room\n15.3.2024, 21:41:05 - Mei: {typed}\n")
    assert [events.turns[0].text, lines.turns[0].text] == [text, text]


def test_edits_give_their_messages_the_last_text(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(
        tmp_path,
        export(
            [
                said(1, "mei", "te?"), said(2, "tom", "yes"), edit(3, "mei", 1, "tea?"),
                edit(4, "mei", 1, "green tea?"), edit(5, "tom", 1, "forged"),
                edit(6, "ann", 99, "an early draft"), edit(7, "ann", 99, "of before the log"),
            ]
        ),
        tally,
    )  # fmt: skip
    assert [turn.text for turn in dialogue.turns] == ["green tea?", "yes", "of before the log"]
    assert not tally.skipped


def test_what_is_no_message_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    redaction = event(20, "mei", {}, "m.room.redaction", redacts="$15")
    (dialogue,) = read(
        tmp_path,
        export(
            [
                event(0, "mei", {"name": "Tea"}, "m.room.name", state_key=""), event(1, "mei", {}, "m.reaction"),
                event(2, "mei", {}), event(3, "mei", {"body": "x"}, unsigned={"redacted_because": {"type": "x"}}),
                event(4, "mei", {"ciphertext": "x"}, "m.room.encrypted"),
                said(5, "mei", "** Unable to decrypt: **", "m.bad.encrypted"),
                said(6, "mei", "tea.png", "m.image"), said(7, "mei", "tea.png", "m.image", filename="tea.png"),
                said(8, "mei", "my cup", "m.image", filename="tea.png"), event(9, "mei", {"body": "x"}, "m.sticker"),
                said(10, "mei", ""), said(11, "mei", "/start"), said(12, "mei", "x", "m.key.verification.request"),
                said(15, "mei", "taken back"), redaction, said(16, "tom", "waves", "m.emote"),
                said(16, "tom", "waves", "m.emote"), {"type": "m.room.message"}, "no object",
                said(17, "mei", ["x"]), {**said(18, "mei", "x"), "origin_server_ts": "noon"},  # type: ignore[arg-type]
            ]
        ),
        tally,
    )  # fmt: skip
    assert texts(dialogue) == [("@mei:tea.example", "my cup"), ("@tom:tea.example", "waves")]
    assert tally.skipped == {
        "system": 4, "deleted": 3, "malformed": 6, "media": 3, "empty": 1, "command": 1, "duplicate": 1,
    }  # fmt: skip
    assert tally.malformed[0][0] == "log:5"


def test_notices_go_when_asked(tmp_path: Path) -> None:
    log = export([said(1, "bot", "kettle on", "m.notice"), said(2, "mei", "thanks")])
    assert len(read(tmp_path, log)[0].turns) == 2
    assert len(read(tmp_path, log, bots=False)[0].turns) == 1


TEXT = """\
{0} - Mei created and configured the room.
{0} - Tom Q. joined the room
{0} - Mei changed the topic to "tea: all sorts".
{0} - Mei: you there?
second line - with a dash

third: line
{0} - Tom Q.: <@mei:tea.example "you there?..."> yes
{0} - Tom Q. sent an image. (Media omitted)
{0} - Tom Q.: tea.pdf (Media omitted)
{0} - * Tom Q. waves
{0} - Mei: Message deleted
{0} - Mei: /start
{0} - Mei:
{0} - Tom Q. left the room: bored
"""


@pytest.mark.parametrize(
    "written",
    [
        "3/15/2024, 9:41:05 PM", "3/15/2024, 9:41:05\u202fPM", "15/03/2024, 21:41:05", "15.3.2024, 21:41:05",
        "2024/3/15 下午9:41:05", "2024/3/15 21:41:05", "2024-03-15 21:41:05", "15.3.2024 klo 21.41.05",
        "2024. 3. 15. 오후 9:41:05", "Fri, Mar 15, 2024, 21:41:05", "Fri, 15 Mar 2024, 9:41:05 pm",
        "2024年3月15日周五 21:41:05",
    ],
)  # fmt: skip
def test_text_is_dated_in_the_browsers_language(tmp_path: Path, written: str) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, TEXT.format(written), tally)
    assert texts(dialogue) == [
        ("Mei", "you there?\nsecond line - with a dash\n\nthird: line"),
        ("Tom Q.", "yes\nwaves"),
    ]
    assert dialogue.turns[0].time == datetime(2024, 3, 15, 21, 41, 5)  # noqa: DTZ001 - the log states no zone
    assert tally.skipped == {"system": 4, "media": 2, "deleted": 1, "command": 1, "empty": 1}


@pytest.mark.parametrize(
    "log",
    [
        "3/15/24, 9:41 PM - Messages are end-to-end encrypted.\n3/15/24, 9:41 PM - Mei: hi\n",
        "15.3.2024 klo 21.41.05 - Mei: hi\n15.3.2024 klo 21.41.07 - Tom: <Media omitted>\n",
    ],
)
def test_whatsapps_dates_are_not_elements(log: str) -> None:
    assert not MatrixReader.recognises(log, "WhatsApp Chat with Mei.txt")


@pytest.mark.parametrize(
    "date",
    [
        "5/3/2024, 9:41:05 pm",
        "\u0665\u200f/\u0663\u200f/\u0662\u0660\u0662\u0664\u060c \u0669:\u0664\u0661:\u0660\u0665 \u0645",
    ],
)
def test_text_of_browsers_in_india_and_egypt(tmp_path: Path, date: str) -> None:
    (tmp_path / "matrix - Tea - Chat Export - 2024.txt").write_text(
        f"{date} - Mei: a.png (Media omitted)\n{date} - Mei: hi\n"
    )
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert isinstance(reader, MatrixReader)
    tally = Tally()
    (dialogue,) = reader.read(parts, tally)
    assert (texts(dialogue), tally.skipped) == ([("Mei", "hi")], {"media": 1})
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 41, 5)  # noqa: DTZ001 - the log states no zone


def test_text_without_marks_is_known_by_the_name_that_element_gives_it() -> None:
    log = "15.3.2024, 21:41:05 - Mei: 你好\n15.3.2024, 21:41:07 - Tom: hi\n"
    assert MatrixReader.recognises(log, "Element - Tea - Chat Export - 2024-03-15/export.txt")
    assert MatrixReader.recognises(log, "matrix-Tea-export-15-Mar-2024.txt")
    assert not MatrixReader.recognises(log, "chat.txt")


@pytest.mark.parametrize("date", ["3/5/2024, 9:40:00 PM", "05/03/2024, 21:40:00", "05.03.2024, 21:40:00"])
@pytest.mark.parametrize(
    "line", ["created and configured the room.", "joined the room", "hat den Raum betreten", "加入了房间"]
)
def test_what_happens_to_a_room_tells_it_from_whatsapps_chats(tmp_path: Path, date: str, line: str) -> None:
    (tmp_path / "log").write_text(f"{date} - alice {line}\n{date} - alice: hi\n{date} - bob: yo\n")
    reader, _, parts = recognise(open_log(str(tmp_path / "log")))
    assert isinstance(reader, MatrixReader)
    assert [texts(dialogue) for dialogue in reader.read(parts, Tally())] == [[("alice", "hi"), ("bob", "yo")]]


def test_in_whatsapp_people_may_talk_of_rooms(tmp_path: Path) -> None:
    log = "05/03/2024, 21:40 - alice: I joined the room\n05/03/2024, 21:41 - bob: where are you?\n"
    (tmp_path / "log").write_text(log)
    assert isinstance(recognise(open_log(str(tmp_path / "log")))[0], WhatsAppReader)


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        ("deleted", "bob: 消息已删除"), ("deleted", "bob: Nachricht gelöscht"),
        ("deleted", "bob: Nachricht gelöscht von Mei"),
        ("system", "bob started a poll - Lunch: where?"), ("system", "bob sent an invitation to Tom Q.: x"),
        ("system", 'Mei 将话题更改为 "规则: 不要吵"。'), ("system", 'Mei hat das Thema in "Regeln: keine" geändert.'),
    ],
)  # fmt: skip
def test_lines_on_the_room_are_no_messages_in_any_language(tmp_path: Path, reason: str, line: str) -> None:
    date, tally = "15.3.2024, 21:41:05", Tally()
    (dialogue,) = read(tmp_path, f"{date} - Mei joined the room\n{date} - Mei: hi\n{date} - {line}\n", tally)
    assert texts(dialogue) == [("Mei", "hi")]
    assert tally.skipped == Counter(["system", reason])


@pytest.mark.parametrize(
    "line",
    [
        "Mei set their display name to X: Y", "Tom changed their display name from Tom to J: K",
        "Mei hat den Raumnamen von Alt: eins zu Neu: zwei geändert.", "Mei hat Tom entfernt: Spam",
        "Mei 移除了 Tom: 垃圾", "Mei a expulsé Tom: spam",
    ],
)  # fmt: skip
def test_what_a_known_name_does_is_no_name(tmp_path: Path, line: str) -> None:
    date, tally = "15.3.2024, 21:41:05", Tally()
    (dialogue,) = read(tmp_path, f"{date} - Mei joined the room\n{date} - {line}\n{date} - Mei: hi\n", tally)
    assert texts(dialogue) == [("Mei", "hi")]
    assert tally.skipped == {"system": 2}


def test_names_may_begin_as_others_do(tmp_path: Path) -> None:
    said = [("Mei", "hi"), ("Mei Lin", "hi"), ("Mei (@mei:tea.example)", "hi"), ("Mei of the Hills", "hi")]
    said += [("Mei", "bye"), ("Mei of the Hills", "bye")]
    log = "15.3.2024, 21:41:05 - Mei joined the room\n"
    (dialogue,) = read(tmp_path, log + "".join(f"15.3.2024, 21:41:05 - {name}: {text}\n" for name, text in said))
    assert texts(dialogue) == said


def test_a_cut_file_is_one_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"log: .*is not whole JSON"):
        read(tmp_path, export([said(n, "mei", "hi") for n in range(9)])[:-60])


SMALL = {"json": export([member(0, "mei", "Mei"), edit(2, "mei", 1, "hi"), reply(3, "tom", 2, "你好")]), "txt": TEXT}


@pytest.mark.parametrize("layout", SMALL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_ends_in_dialogues_or_in_one_error(layout: str, tmp_path: Path, data: st.DataObject) -> None:
    whole = SMALL[layout].replace("{0}", "3/15/2024, 9:41:05 PM").encode()
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.sampled_from([b"", b"\0", b'\\ud800"', b"\xff\xfe", b"\r", b'"']) | st.binary(max_size=20))
    (tmp_path / "log").write_bytes(whole[:cut] + junk + whole[cut + data.draw(st.integers(0, 9)) :])
    try:
        list(MatrixReader().read(open_log(str(tmp_path / "log")), Tally()))
    except LogError as error:
        assert "log" in error.message


@pytest.mark.parametrize(
    "log",
    [
        export([said(1, "mei", "> <@" * 250_000)]),
        export([said(1, "mei", "> <@a>\n" + ">\n" * 500_000)]),
        export([said(1, "mei", "[" * 500_000 + "\\[" * 250_000)]),
        export([said(1, "mei", "[a](https://matrix.to/#/@" * 40_000)]),
        TEXT.format("3/15/2024, 9:41:05 PM") + "3/15/2024, 9:41:05 PM - " * 40_000,
        TEXT.format("3/15/2024, 9:41:05 PM") + "3/15/2024, 9:41:05 PM - M: x " + "<@a:b " * 160_000,
        TEXT.format("3/15/2024, 9:41:05 PM") + "3/15/2024, 9:41:05 PM - " + " banned" * 140_000,
    ],
)
def test_a_megabyte_made_to_be_slow_is_not(tmp_path: Path, log: str) -> None:
    begin = time.process_time()
    read(tmp_path, log)
    assert time.process_time() - begin < 2
