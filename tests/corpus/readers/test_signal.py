"""Signal's chats as signal-export writes them."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.signal import SignalReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

CHAT = """\
[2024-03-05 21:41:05] Me: Are you coming: yes or no?  
[2024-03-05 21:41:30] Aya: 

> Are you coming: yes or no?
> 
> (quoted too)

yes

> and this is mine  
(- Me: \U0001f44d, Jim: ❤️ -)
[2024-03-05 21:42:00] Aya: look  ![map (1).jpg](./media/map%20(1).jpg)  [tour[2].pdf](./media/tour.pdf)  
[2024-03-05 21:42:05] Aya:   ![a.jpg](./media/a.jpg)  
[2024-03-05 21:42:10] Jim:   
(( \U0001f600 ))
[2024-03-05 21:42:11] Jim:   [\U0001f600](../exported_stickers/ab/1.webp)  
[2024-03-05 21:42:20] Jim: (This message was deleted)
[2024-03-05 21:42:30] Me: Outgoing voice call (accepted, 2m 3s)  
[2024-03-05 21:42:40] Jim: 你好   ![b.jpg](./media/b.jpg)  
(- Me: \U0001f44d -)
[2024-03-05 21:42:50] Jim: see [the page](https://x.org) (- not a reaction -) ok
[2024-03-05 21:42:55] Jim:   
[2024-13-05 21:42:55] Jim: when?
"""  # noqa: W291 - that is how it ends lines


def read(folder: Path, text: str, tally: Tally | None = None, name: str = "chat.md") -> list[Dialogue]:
    (folder / name).write_text(text, encoding="utf-8")
    return list(SignalReader().read(open_log(str(folder / name)), tally or Tally()))


def texts(dialogues: list[Dialogue]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for dialogue in dialogues for turn in dialogue.turns]


def test_a_chat_is_read_without_quotations_reactions_and_attachments(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read(tmp_path, CHAT, tally)
    assert texts(dialogues) == [
        ("Me", "Are you coming: yes or no?"),
        ("Aya", "yes\n\n> and this is mine\nlook"),
        ("Jim", "你好\nsee [the page](https://x.org) (- not a reaction -) ok"),
    ]
    assert tally.skipped == {"media": 3, "deleted": 1, "system": 1, "empty": 1, "malformed": 1}
    assert dialogues[0].turns[0].time == datetime(2024, 3, 5, 21, 41, 5)  # noqa: DTZ001 - the log states no zone


def record(second: int, sender: str, body: str, **more: Any) -> str:
    empty: dict[str, Any] = {"quote": "", "sticker": None, "reactions": [], "attachments": []}
    told = {"date": f"2024-03-05T21:41:{second:02}", "sender": sender, "body": body, **empty, **more}
    return json.dumps(told, ensure_ascii=False)


RECORDS = [
    record(5, "Me", "去哪里？", reactions=[["Aya", "\U0001f44d"]]),
    record(6, "Aya", "north\n\nor south", quote="\n> 去哪里？\n"),
    record(7, "Aya", "", attachments=[{"name": "a.jpg", "path": "media/a.jpg"}]),
    record(8, "Aya", "", sticker={"emoji": "\U0001f600"}),
    record(9, "Aya", "gone", deleted=True), record(10, "Aya", "Outgoing voice call", call=True),
    record(11, "Me", "look", attachments=[{"name": "b.jpg", "path": "media/b.jpg"}]), record(12, "Me", ""),
    record(13, "Me", "when?", date="2024-13-05"), "[1]", '{"date": "2024-03-05T21:4',
]  # fmt: skip


def test_json_by_itself_says_the_same(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read(tmp_path, "\n".join(RECORDS), tally, "data.json")
    assert texts(dialogues) == [("Me", "去哪里？"), ("Aya", "north\n\nor south"), ("Me", "look")]
    assert dialogues[0].turns[0].time == datetime(2024, 3, 5, 21, 41, 5)  # noqa: DTZ001 - the log states no zone
    assert tally.skipped == {"media": 2, "deleted": 1, "system": 1, "empty": 1, "malformed": 3}
    assert isinstance(recognise(open_log(str(tmp_path / "data.json")))[0], SignalReader)


def test_json_beside_markdown_is_left_out(tmp_path: Path) -> None:
    for chat, files in (("Aya", ("chat.md", "data.json")), ("Jim", ("data.json",))):
        (tmp_path / chat).mkdir()
        for file in files:
            text = record(1, "Me", f"hi {chat}") if file == "data.json" else f"[2024-03-05 21:41:01] Me: hi {chat}\n"
            (tmp_path / chat / file).write_text(text)
    reader, _, parts = recognise(open_log(str(tmp_path)))
    tally = Tally()
    assert texts(list(reader.read(parts, tally))) == [("Me", "hi Aya"), ("Me", "hi Jim")]
    assert tally.skipped == {"also in Markdown": 1}


def test_a_chat_of_an_older_version_has_minutes_only(tmp_path: Path) -> None:
    dialogues = read(tmp_path, "[2019-05-29, 15:04] Me: How is everyone?\n[2019-05-29, 15:10] Aya: We're great!\n")
    assert texts(dialogues) == [("Me", "How is everyone?"), ("Aya", "We're great!")]


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("chat.md", "[2024-03-05 21:41:05] Me: WhatsApp is down\n[2024-03-05 21:41:06] Aya: oh\n", "signal"),
        ("log.txt", "[2024-03-05 21:41:05] Me: hi\n[2024-03-05 21:41:06] Aya: oh\n", "signal"),
        ("_chat.txt", "[2024-03-05 21:41:05] Me: hi\n[2024-03-05 21:41:06] Aya: oh\n", "whatsapp"),
        ("log.txt", "[2024-03-05 21:41:05] Me: hi\n\u200e[2024-03-05 21:41:06] Aya: \u200eimage omitted\n", "whatsapp"),
        ("log.txt", "[2024-03-05, 9:41:05 p.m.] Me: hi\n[2024-03-05, 9:41:06 p.m.] Aya: oh\n", "whatsapp"),
    ],
)
def test_it_is_told_from_whatsapp_where_the_headers_are_the_same(
    tmp_path: Path, name: str, text: str, kind: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert recognise(open_log(str(tmp_path / name)))[0].model_dump()["kind"] == kind


@pytest.mark.parametrize("cut", range(0, len(CHAT.encode()), 7))
def test_a_cut_chat_is_read_as_far_as_it_goes(tmp_path: Path, cut: int) -> None:
    (tmp_path / "chat.md").write_bytes(CHAT.encode()[:cut])
    try:
        list(SignalReader().read(open_log(str(tmp_path / "chat.md")), Tally()))
    except LogError as error:
        assert "chat.md: is empty" in error.message


@pytest.mark.parametrize(
    "unit", ["[", "![", "[]", "[a](./", "[a](./(", "(- ", "(( ", "> ", "\n>", "\n", "[[]", "[a](./()"]
)
def test_hostile_text_takes_no_time(tmp_path: Path, unit: str) -> None:
    start = time.process_time()
    read(tmp_path, "[2024-03-05 21:41:05] Me: " + unit * (500_000 // len(unit)))
    assert time.process_time() - start < 5
