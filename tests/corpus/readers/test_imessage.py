"""imessage-exporter's text files."""

import time
from datetime import datetime
from pathlib import Path

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.imessage import IMessageReader
from chatbot.dialogue import Dialogue


def read(folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "+15550100.txt").write_text(text, encoding="utf-8", newline="")
    return list(IMessageReader().read(open_log(str(folder / "+15550100.txt")), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def message(body: str, sender: str = "Nora", date: str = "May 17, 2022  5:29:42 PM") -> str:
    return f"{date}\n{sender}\n{body}\n\n"


def test_dates_senders_and_texts_with_empty_lines_in_them(tmp_path: Path) -> None:
    log = (
        message(
            "Are we on?\n\nAt six:\n\n\nthe café",
            "Me",
            "Mar 01, 2023 12:05:31 AM (Read by Nora after 1 hour, 9 seconds)",
        )
        + message("在啊", "nora@example.com", "Mar 01, 2023 12:06:00 PM")
        + message("yes", "+15550100", "Mar 01, 2023  1:00:00 PM")
    )
    for text in (log, log.replace("\n", "\r\n"), log.replace("\n", "\r"), "\ufeff" + log):
        first, second = read(tmp_path, text)
        assert texts(first) == [("Me", "Are we on?\n\nAt six:\n\n\nthe café")]
        assert texts(second) == [("nora@example.com", "在啊"), ("+15550100", "yes")]
        assert first.turns[0].time == datetime(2023, 3, 1, 0, 5, 31)  # noqa: DTZ001 - the log states no zone
        assert second.turns[0].time == datetime(2023, 3, 1, 12, 6)  # noqa: DTZ001 - as above
        assert first.id == "+15550100.txt:1"


REPLIES = """\
May 17, 2022  5:29:42 PM (Read by them after 1 hour, 49 seconds)
Me
Hello world
Tapbacks:
    Loved by Nora
    😂 by 小梅
    May 17, 2022  5:31:00 PM
    Nora
    a threaded reply
that goes on
Tapbacks:
    Laughed by Me

    May 17, 2022  5:32:00 PM
    小梅
    /Users/me/Library/Messages/Attachments/a/b/c/d.jpg

May 17, 2022  5:31:00 PM
Nora
a threaded reply
that goes on
This message responded to an earlier message.

May 17, 2022  5:31:30 PM
Nora
and more

May 17, 2022  5:31:40 PM
Nora
to the first again
This message responded to an earlier message.

"""


def test_copies_of_replies_and_tapbacks_are_no_texts(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, REPLIES, tally)
    assert texts(dialogue) == [
        ("Me", "Hello world"), ("Nora", "a threaded reply\nthat goes on\nand more"), ("Nora", "to the first again"),
    ]  # fmt: skip
    assert not tally.skipped
    assert all(turn.id is None and turn.reply_to is None for turn in dialogue.turns)


ANSWERED_PARTS = """\
Mar 01, 2025  9:00:00 AM
Me
attachments/1/IMG_1.heic
    Mar 01, 2025  9:01:00 AM
    Nora
    nice photo

    of the lake

    Mar 01, 2025  9:02:00 AM
    Nora
    really
and in two lines

and this is my caption

in two paragraphs
    Mar 01, 2025  9:03:00 AM
    Nora
    nice caption

"""


def test_what_stands_below_the_copies_of_replies_is_a_later_part_of_the_message(tmp_path: Path) -> None:
    assert texts(read(tmp_path, ANSWERED_PARTS)[0]) == [("Me", "and this is my caption\n\nin two paragraphs")]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("5:29:42 PM first\nEdited 30 seconds later: second", "second"),
        (
            "May 17, 2022  5:29:42 PM first\non\nEdited 1 minute later: second\nEdited 3 hours later: 三\n四",
            "三\n四",
        ),
        ("5:29:42 PM is when it began", "5:29:42 PM is when it began"),
        ("Edited 30 seconds later: is what it says", "Edited 30 seconds later: is what it says"),
        ("a caption\n/Users/me/Library/Messages/Attachments/a/b/IMG 1.heic", "a caption"),
        ("attachments/3/12.jpeg\nthe caption", "the caption"),
        ("Happy birthday!\nSent with Confetti", "Happy birthday!"),
        ("one\nTapbacks:\nLoved by Me\n\ntwo", "one\n\ntwo"),
        ("one\nReactions:\nLoved by Me\n😀 by 小梅\n", "one"),
        ("one\nTapbacks:\n    Sticker from Me: a/b.heic from Me", "one"),
        ("one\nTapbacks:\n    Outline Sticker from Me: 33/33c81da8ae3194fc5a0ea993ef6ffe0b048baedb from Me", "one"),
        ("Oh, il a traduit !\nTranslated from:\nOh it translated!\nIt did", "Oh it translated!\nIt did"),
        ("a.png\nTapbacks:\n    Loved by Me\nTranslated from:\n", "Translated from:"),
        ("written by me", "written by me"),
        ("https://example.org/a/b.html", "https://example.org/a/b.html"),
        ("Transcription: is a long word", "Transcription: is a long word"),
        ("\u202aHello\u202c \u200eNora", "Hello Nora"),
    ],
)
def test_only_what_was_typed_last_stays(tmp_path: Path, body: str, text: str) -> None:
    (dialogue,) = read(tmp_path, message(body))
    assert texts(dialogue) == [("Nora", text)]


@pytest.mark.parametrize(
    "text",
    [
        "Did you get the report.pdf",
        "look at that.mov",
        "/etc/hosts is where you look",
        "/r/cats",
        "~/Library/Messages is the folder",
        "attachments/ is the folder",
        "Sticker from the shop is nice",
        "A Sticker from Berlin",
        "A Sticker from Berlin: isn't it nice.",
        "Reactions:\nLoved by everyone",
        "You should see the film.\nReactions:\nmixed",
        "Digital touch is what they call it",
        "Handwritten message from grandma!",
        "Mum's message:\nbring the cake",
        "Find My: I cannot find it",
        "The bank's transaction: $20.00",
        "listen to this\nhttps://music.apple.com/x",
        "- Pizza (2)\n- Sushi (0)",
        "Translated from: Czech",
    ],
)
def test_what_merely_looks_like_the_exporters_stays(tmp_path: Path, text: str) -> None:
    assert texts(read(tmp_path, message(text))[0]) == [("Nora", text)]


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (message("Audio Message.caf\nTranscription: Test"), "media"),
        (message("/Users/me/Library/Messages/Attachments/a/b/c/d.jpg"), "media"),
        (message("~/Library/SMS/Attachments/a/b/c/d.MOV\nTapbacks:\n    Loved by Me"), "media"),
        (message("Sticker from Nora: /Users/me/a/b.heic (Genmoji prompt: cat)"), "media"),
        (message("Outline Sticker from Nora: stickers/outline.heic"), "media"),
        (message("Sticker from Nora not found!"), "media"),
        (message("/backup/33/33c81da8ae3194fc5a0ea993ef6ffe0b048baedb"), "media"),
        (message("/Users/me/export/attachments/12/minutes"), "media"),
        (message("C:\\export\\photos\\IMG 1.HEIC"), "media"),
        (message("Screenshot 2024-03-05 at 9.41.00\u202fPM.png"), "media"),
        (message("Attachment missing!"), "media"),
        (message("Digital Touch Message: Heartbeat"), "media"),
        (message("Digital Touch Kiss (1 kiss)"), "media"),
        (message("Digital Touch Image with drawing (5 strokes)"), "media"),
        (message("GamePigeon message:\nLet's Play 8-Ball!\nTapbacks:\n    Loved by Me"), "system"),
        (message("org.example.games.chess message:\nYour move"), "system"),
        (message("Notes message:\nShopping list\nhttps://www.icloud.com/notes/x"), "media"),
        (message("A Song\nAn Album\nA Singer\nhttps://music.apple.com/x"), "media"),
        (message("Photo album: Hiking https://share.icloud.com/photos/x"), "media"),
        (message("Apple Cash transaction: $20.00"), "system"),
        (message("Find My: Started Sharing Location"), "system"),
        (message("Check\u00a0In: Timer Started\nExpected at Oct 14, 2023  1:54:29 PM"), "system"),
        (message("- Pizza (2)\n  - Nora\n  - Me\n- Sushi (0)"), "system"),
        (message("/start"), "command"),
        (message("They unsent this message part 5 seconds after sending!"), "deleted"),
        (message("This message was deleted from the conversation!\nHello"), "deleted"),
        (message("SharePlay Message\nEnded"), "system"),
        (message("Started sharing location!"), "system"),
        (message(""), "empty"),
        ("May 17, 2022  5:30:00 PM Nora named the conversation Hikers\n\n", "system"),
        ("May 17, 2022  5:30:00 PM Nora added +15550100 to the conversation.\n\n", "system"),
        ("May 17, 2022  5:30:00 PM Nora unsent a message!\n\n", "deleted"),
        ("Feb 31, 2022  5:30:00 PM\nNora\nhi\n\n", "malformed"),
        ("May 17, 2022 15:30:00 PM\nNora\nhi\n\n", "malformed"),
        ("May 17, 2022  5:30:00 PM", "empty"),
    ],
)
def test_what_is_no_text_is_counted_by_reason(tmp_path: Path, block: str, reason: str) -> None:
    tally = Tally()
    (dialogue,) = read(
        tmp_path, message("before") + block + "\n" * (not block.endswith("\n\n")) + message("after"), tally
    )
    assert texts(dialogue) == [("Nora", "before\nafter")]
    assert tally.skipped == {reason: 1}


def test_a_log_may_begin_with_an_announcement(tmp_path: Path) -> None:
    (tmp_path / "Hikers.txt").write_text(
        "May 17, 2022  5:30:00 PM You named the conversation Hikers\n\n" + message("hi")
    )
    (tmp_path / "Other.txt").write_text(message("elsewhere"))
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert [texts(dialogue) for dialogue in reader.read(parts, Tally())] == [[("Nora", "hi")], [("Nora", "elsewhere")]]


@pytest.mark.parametrize(
    "text",
    [
        "May 17, 2022\nNora\nhi", "hello\nMay 17, 2022  5:30:00 PM\nhi", "5:30:00 PM Nora: hi",
        "May 17, 2022, 5:30 PM - Nora: hi",
    ],
)  # fmt: skip
def test_other_texts_are_not_imessages(text: str) -> None:
    assert not IMessageReader.recognises(text, "x.txt")


def test_lines_before_the_first_date_are_counted(tmp_path: Path) -> None:
    tally = Tally()
    read(tmp_path, "junk\n\n" + message("hi"), tally)
    assert tally.malformed == [("+15550100.txt:1", "junk")]


@pytest.mark.parametrize(
    "line",
    [
        "/" + "a/" * 500_000,
        "a " * 500_000,
        "Sticker from " * 80_000,
        "Sticker from a: b.\n" * 60_000,
        ("/" + "Library/" * 100 + "\n") * 1_200,
        "Notes message:" + "\nhttps://a" * 100_000 + " ",
        "- a (1)\n  - b\n" * 60_000 + "-",
        "a\nTapbacks:\n" * 80_000,
        "May 17, 2022  5:29:42 PM " * 40_000,
        "x.jpg\n" * 150_000,
    ],
)
def test_a_megabyte_of_the_worst_takes_no_time(tmp_path: Path, line: str) -> None:
    start = time.process_time()
    read(tmp_path, message(line))
    IMessageReader.recognises(message(line)[:65536], "x")
    assert time.process_time() - start < 3  # measured: under 0.7 s
