"""Telegram Desktop's web pages."""

from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.telegram import TelegramReader
from chatbot.dialogue import Dialogue
from tests.corpus.readers.damage import damaged, seconds, survives

HEAD = """<!DOCTYPE html>
<html>
 <head>
  <meta charset="utf-8"/>
<title>Exported Data</title>
  <script src="js/script.js" type="text/javascript">

  </script>
 </head>
 <body onload="CheckLocation();">
  <div class="page_wrap">
   <div class="page_header">
    <div class="content">
     <div class="text bold">
Mei
     </div>
    </div>
   </div>
   <div class="page_body chat_page">
    <div class="history">
     <div class="message service" id="message-1">
      <div class="body details">
5 March 2024
      </div>
     </div>
"""
FOOT = """
    </div>
   </div>
  </div>
 </body>
</html>
"""


def message(number: int, name: str, body: str, minute: int = 0, zone: str = " UTC+08:00") -> str:
    joined = "" if name else " joined"
    said_by = f'<div class="from_name">\n{name} \n       </div>' if name else ""
    return f"""
     <div class="message default clearfix{joined}" id="message{number}">
      <div class="pull_left userpic_wrap"><div class="userpic userpic1"><div class="initials">\nM\n</div></div></div>
      <div class="body">
       <div class="pull_right date details" title="05.03.2024 21:{minute:02}:05{zone}">\n21:{minute:02}\n       </div>
       {said_by}
       {body}
      </div>
     </div>
"""


def text(said: str) -> str:
    return f'<div class="text">\n{said}\n       </div>'


def photo(title: str = "Photo") -> str:
    return (
        '<div class="media_wrap clearfix"><div class="media clearfix pull_left media_photo">'
        f'<div class="fill pull_left"></div><div class="body"><div class="title bold">{title}</div></div></div></div>'
    )


FIRST = HEAD + message(1, "Mei", text("say &quot;hi&quot; &amp; <strong>wave</strong><br>你好")) + FOOT


def read(folder: Path, *messages: str, tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    (folder / "messages.html").write_text(HEAD + "".join(messages) + FOOT, encoding="utf-8")
    return list(TelegramReader(**settings).read(open_log(str(folder / "messages.html")), tally or Tally()))


def said(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_a_page_is_recognised_and_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(FIRST, encoding="utf-8")
    reader, reason, parts = recognise(open_log(str(tmp_path)))
    assert isinstance(reader, TelegramReader) and "web pages" in reason
    (dialogue,) = reader.read(parts, Tally())
    assert said(dialogue) == [("Mei", 'say "hi" & wave\n你好')]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 0, 5, tzinfo=timezone(timedelta(hours=8)))
    assert dialogue.turns[0].id == "1"


def test_a_message_without_a_name_is_by_whom_the_one_before_it_is(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path,
        message(1, "Mei via @gif", text("hi")),
        message(2, "", text("there"), 1),
        message(3, "Tom", text('see <a href="https://example.com/?a=1&amp;b=2">this</a>'), 2),
        message(4, "", text("bye"), 12),
    )
    assert said(dialogue) == [("Mei", "hi\nthere"), ("Tom", "see this"), ("Tom", "bye")]


def test_older_pages_state_no_zone(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, message(1, "Mei", text("hi"), zone=""))
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 0, 5)  # noqa: DTZ001 - nor does the test


def test_an_answer_names_what_it_answers(tmp_path: Path) -> None:
    link = '<div class="reply_to details">\nIn reply to <a href="#go_to_message1" onclick="return GoToMessage(1)">this message</a>\n</div>'  # noqa: E501
    far = '<div class="reply_to details">\nIn reply to a message in another chat\n</div>'
    (dialogue,) = read(
        tmp_path,
        message(1, "Mei", text("hi")),
        message(2, "Tom", far + text("hey"), 1),
        message(3, "Ada", link + text("oh"), 2),
    )
    assert [turn.reply_to for turn in dialogue.turns] == [None, None, "1"]
    assert said(dialogue)[2] == ("Ada", "oh")


def test_what_is_no_text_is_counted(tmp_path: Path) -> None:
    forwarded = f'<div class="forwarded body"><div class="from_name">News</div>{text("read me")}</div>'
    call = '<div class="media_wrap clearfix"><div class="media clearfix pull_left media_call">Tom</div></div>'
    messages = (
        message(1, "Mei", photo()),
        message(2, "Mei", photo() + text("a caption"), 1),
        message(3, "Mei", forwarded, 2),
        message(4, "Tom", call, 3),
        message(5, "Tom", text('<a href="" onclick="return ShowBotCommand(&quot;start&quot;)">/start</a>'), 3),
        message(6, "Tom", "", 4),
        '<div class="message service" id="message7"><div class="body details">Mei pinned this message</div></div>',
        message(8, "Tom", text("no time"), 5).replace("05.03.2024", "31.02.2024"),
    )
    tally = Tally()
    (dialogue,) = read(tmp_path, *messages, tally=tally)
    assert said(dialogue) == [("Mei", "a caption")]
    assert tally.skipped == {"media": 1, "forwarded": 1, "system": 2, "command": 1, "empty": 1, "malformed": 1}
    (dialogue,) = read(tmp_path, *messages, forwards=True)
    assert said(dialogue) == [("Mei", "a caption\nread me")]


def test_pages_are_one_log_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = {"messages.html": 1, "messages2.html": 2, "messages10.html": 10}
    for name, number in names.items():
        (tmp_path / name).write_text(HEAD + message(number, "Mei", text(f"page {number}"), 1) + FOOT)
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "style.css").write_text("body {\n margin: 0;\n}\n")
    reader, _, parts = recognise(open_log(str(tmp_path)))
    (dialogue,) = reader.read(parts, Tally())
    assert said(dialogue) == [("Mei", "page 1\npage 2\npage 10")]


def test_pages_beside_the_same_in_json_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "chats" / "chat_001").mkdir(parents=True)
    (tmp_path / "chats" / "chat_001" / "messages.html").write_text(FIRST, encoding="utf-8")
    (tmp_path / "result.json").write_text(
        '{"about": "", "chats": {"about": "", "list": [{"name": "Mei", "type": "personal_chat", "id": 1, "messages": ['
        '{"id": 1, "type": "message", "date": "2024-03-05T21:00:05", "from": "Mei", "from_id": "user1", "text": "hi"}'
        "]}]}}"
    )
    tally = Tally()
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert [said(dialogue) for dialogue in reader.read(parts, tally)] == [[("Mei", "hi")]]
    assert tally.skipped == {"also in JSON": 1}


def test_pages_of_another_chat_below_some_json_are_read(tmp_path: Path) -> None:
    (tmp_path / "carol").mkdir()
    (tmp_path / "carol" / "messages.html").write_text(FIRST, encoding="utf-8")
    (tmp_path / "ada.json").write_text(
        '{"name": "Ada", "type": "personal_chat", "id": 1, "messages": ['
        '{"id": 1, "type": "message", "date": "2024-03-05T21:00:05", "from": "Ada", "from_id": "user1", "text": "hi"}]}'
    )
    reader, _, parts = recognise(open_log(str(tmp_path)))
    found = list(reader.read(parts, Tally()))
    assert [("Ada", "hi")] in map(said, found)
    assert any(dialogue.id.startswith("carol/messages.html:") for dialogue in found)


def test_damage_is_survived(tmp_path: Path) -> None:
    for content in islice(damaged(FIRST[FIRST.index("Exported Data") :].encode()), 0, None, 5):
        survives("telegram", tmp_path / "log", b"<!DOCTYPE html><title>" + content)


@pytest.mark.parametrize(
    "unit", ["<", "<a ", '<a b="', "<div>", '<div class="text">', "</div>", "&#9999", "<!--", "<" + 600_000 * "x"]
)
def test_hostile_pages_take_no_time(tmp_path: Path, unit: str) -> None:
    content = FIRST.replace("wave", unit * (1_000_000 // len(unit)))
    assert seconds("telegram", tmp_path / "log", content.encode()) < 5


def test_a_message_that_never_ends_is_counted(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, message(1, "Mei", text("x" * 2_000_000)), message(2, "Mei", text("hi")), tally=tally)
    assert said(dialogue) == [("Mei", "hi")] and tally.skipped == {"malformed": 1}
