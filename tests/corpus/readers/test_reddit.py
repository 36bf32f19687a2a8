"""Reddit's dumps of comments and submissions."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from chatbot.corpus.log import open_log
from chatbot.corpus.pairs import PairingSettings, make_pairs
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.reddit import RedditReader
from chatbot.dialogue import Dialogue

START = 1_709_674_865


def comment(name: str, author: str, body: str, parent: str = "t3_s", seconds: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "author": author, "body": body, "parent_id": parent, "link_id": "t3_s",
        "created_utc": START + seconds, "subreddit": "hiking", **more,
    }  # fmt: skip


def submission(title: str, text: str = "", **more: Any) -> dict[str, Any]:
    return {
        "id": "s", "author": "ada", "title": title, "selftext": text, "created_utc": str(START), "subreddit": "hiking",
        **more,
    }  # fmt: skip


def write(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def read(folder: Path, records: list[Any], tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    path = write(folder / "RC_2024-03", records)
    return list(RedditReader(**settings).read(open_log(str(path)), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_a_comment_answers_its_parent_however_late_it_comes(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path,
        [
            submission("周六去哪里爬山？", "Any ideas?", name="t3_s"),
            comment("c1", "bob", "The west ridge", seconds=10),
            comment("c2", "eve", "The lake", seconds=20),
            comment("c3", "ada", "too steep for me", "t1_c1", 30),
            comment("c4", "ada", "nice!", "t1_c2", 86_400),
        ],
    )
    assert [(turn.speaker, turn.text, turn.id, turn.reply_to) for turn in dialogue.turns] == [
        ("ada", "周六去哪里爬山？\nAny ideas?", "t3_s", None),
        ("bob", "The west ridge", "t1_c1", "t3_s"),
        ("eve", "The lake", "t1_c2", "t3_s"),
        ("ada", "too steep for me", "t1_c3", "t1_c1"),
        ("ada", "nice!", "t1_c4", "t1_c2"),
    ]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 41, 5, tzinfo=UTC)
    pairs = [(pair.question[-1].id, pair.answer.id) for pair in make_pairs(dialogue, PairingSettings())]
    assert pairs == [("t3_s", "t1_c1"), ("t3_s", "t1_c2"), ("t1_c1", "t1_c3"), ("t1_c2", "t1_c4")]


def test_threads_that_are_mixed_up_are_told_apart(tmp_path: Path) -> None:
    records = [
        comment("a", "bob", "first of s"),
        comment("x", "bob", "first of q", "t3_q", 1, link_id="t3_q"),
        comment("b", "eve", "second of s", "t1_a", 2),
        comment("y", "eve", "second of q", "t1_x", 3, link_id="t3_q"),
    ]
    assert [texts(dialogue) for dialogue in read(tmp_path, records)] == [
        [("bob", "first of q"), ("eve", "second of q")], [("bob", "first of s"), ("eve", "second of s")],
    ]  # fmt: skip


def test_a_comment_whose_parent_is_gone_answers_nothing(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read(
        tmp_path,
        [
            comment("a", "bob", "one"),
            comment("b", "[deleted]", "[deleted]", "t1_a", 1),
            comment("c", "eve", "to b", "t1_b", 2),
            comment("d", "bob", "to c", "t1_c", 3),
            comment("e", "eve", "to a", "t1_a", 4),
        ],
        tally,
    )
    assert [texts(dialogue) for dialogue in dialogues] == [
        [("bob", "one"), ("eve", "to a")], [("eve", "to b"), ("bob", "to c")],
    ]  # fmt: skip
    assert tally.skipped == {"deleted": 1}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("5 &gt; 3 &amp;&amp; 2 &lt; 3", "5 > 3 && 2 < 3"),
        ("5 > 3 && &copy it", "5 > 3 && &copy it"),
        ("&amp;gt; is a sign", "&gt; is a sign"),
        ("one\n\n&amp;#x200B;\n\ntwo &#x200B;", "one\n\n\n\ntwo"),
        ("&gt; what you said\n\nno", "no"),
        ("&gt;!the butler!&lt; did it", ">!the butler!< did it"),
        ("line\u2028still the line", "line\u2028still the line"),
        ("a\ud800b", "a?b"),
    ],
)
def test_escapes_are_resolved_and_quotations_left_out(tmp_path: Path, body: str, text: str) -> None:
    assert texts(read(tmp_path, [comment("a", "bob", body)])[0]) == [("bob", text)]


def test_what_is_no_text_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    log = [
        submission("[deleted by user]", "[removed]"),
        comment("a", "bob", "[removed]"),
        comment("b", "AutoModerator", "Read the rules.", seconds=1),
        comment("c", "bob", " ", seconds=2),
        comment("d", "bob", "kept", seconds=3),
        comment("d", "bob", "kept", seconds=3),
        comment("e", "[deleted]", "of a deleted account", "t1_d", 4, author_fullname="t2_9"),
        comment("f", "bob", "when?", created_utc=None),
        comment("g", "bob", "when?", created_utc="9" * 400),
        comment("h", "bob", "/start now"),
        {"body": 7},
        {"some": "thing"},
        ["no object"],
    ]
    assert [texts(dialogue) for dialogue in read(tmp_path, log, tally)] == [
        [("bob", "kept"), ("t2_9", "of a deleted account")]
    ]
    assert tally.skipped == {"deleted": 2, "system": 1, "empty": 1, "duplicate": 1, "command": 1, "malformed": 5}
    assert tally.malformed[0][0] == "RC_2024-03:8"


def test_comments_and_submissions_in_two_packed_files_are_one_log(tmp_path: Path) -> None:
    for name, record in (
        ("RS_2024-03", submission("Where to?")),
        ("RC_2024-03", comment("a", "bob", "Home", seconds=9)),
    ):
        packed = zstandard.ZstdCompressor(write_content_size=False).compress(json.dumps(record).encode() + b"\n{cut")
        (tmp_path / f"{name}.zst").write_bytes(packed)
    reader, _, parts = recognise(open_log(str(tmp_path)))
    tally = Tally()
    assert isinstance(reader, RedditReader)
    assert [texts(dialogue) for dialogue in reader.read(parts, tally)] == [[("ada", "Where to?"), ("bob", "Home")]]
    assert tally.skipped == {"malformed": 2}


def test_a_week_of_silence_cuts_and_so_does_a_shorter_one_if_asked_for(tmp_path: Path) -> None:
    week = 7 * 24 * 3600
    log = [
        comment("a", "bob", "one"),
        comment("b", "eve", "two", "t1_a", week),
        comment("c", "bob", "x", "t1_b", 2 * week + 1),
    ]
    assert [len(dialogue.turns) for dialogue in read(tmp_path, log)] == [2, 1]
    assert [len(dialogue.turns) for dialogue in read(tmp_path, log, gap_minutes=60)] == [1, 1, 1]


@pytest.mark.parametrize(
    "line",
    ['{"body": "x"}', '{"title": "x", "created_utc": 1}', '[{"body": "x", "created_utc": 1, "link_id": "t3_x"}]'],
)
def test_other_lines_are_not_reddits(line: str) -> None:
    assert not RedditReader.recognises(line, "RC_2024-03")
