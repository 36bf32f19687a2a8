"""The Cornell Movie-Dialogs Corpus, in its first layout and in ConvoKit's."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, named_reader, recognise
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.conftest import SHARED
from tests.corpus.readers.damage import damaged, seconds, survives

LINES = """\
L12 +++$+++ u1 +++$+++ m0 +++$+++ BORIS +++$+++ Not yet.  The kettle's cold.
L11 +++$+++ u0 +++$+++ m0 +++$+++ AGATA +++$+++ Is there tea?
L13 +++$+++ u0 +++$+++ m0 +++$+++ AGATA +++$+++ Then I'll wait +++$+++ outside.
L14 +++$+++ u1 +++$+++ m0 +++$+++ BORIS +++$+++ \n\
L15 +++$+++ u1 +++$+++ m0 +++$+++ BORIS +++$+++ In the rain?
L16 +++$+++ u0 +++$+++ m0 +++$+++ AGATA +++$+++ I like rain.
L17 +++$+++ u1 +++$+++ m0 +++$+++ BORIS +++$+++ So be it.
"""
CONVERSATIONS = """\
u0 +++$+++ u1 +++$+++ m0 +++$+++ ['L11', 'L12', 'L13']
u0 +++$+++ u1 +++$+++ m0 +++$+++ ['L14', 'L15', 'L16', 'L17']
"""
TITLES = "m0 +++$+++ the cold kettle +++$+++ 1999 +++$+++ 6.90 +++$+++ 1203 +++$+++ ['comedy', 'sci-fi']\n"
PEOPLE = "u0 +++$+++ AGATA +++$+++ m0 +++$+++ the cold kettle +++$+++ f +++$+++ 1\n"
ADDRESSES = "m0 +++$+++ the cold kettle +++$+++ http://films.example/kettle.html\n"


def read(folder: Path, files: dict[str, str], tally: Tally | None = None, encoding: str = "utf-8") -> list[Dialogue]:
    for name, text in files.items():
        (folder / name).write_bytes(text.encode(encoding))
    reader, _, parts = recognise(open_log(str(folder)))
    assert reader == named_reader("cornell")
    return list(reader.read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_conversations_are_put_together_from_lines_in_any_order(tmp_path: Path) -> None:
    tally = Tally()
    files = {
        "movie_lines.txt": LINES, "movie_conversations.txt": CONVERSATIONS, "movie_titles_metadata.txt": TITLES,
        "movie_characters_metadata.txt": PEOPLE, "raw_script_urls.txt": ADDRESSES, "README.txt": "About\n\nit\n",
    }  # fmt: skip
    first, second = read(tmp_path, files, tally)
    assert texts(first) == [
        ("AGATA", "Is there tea?"), ("BORIS", "Not yet.  The kettle's cold."),
        ("AGATA", "Then I'll wait +++$+++ outside."),
    ]  # fmt: skip
    assert texts(second) == [("BORIS", "In the rain?"), ("AGATA", "I like rain."), ("BORIS", "So be it.")]
    assert (first.id, second.id) == ("movie_conversations.txt:1", "movie_conversations.txt:2")
    assert tally.skipped == {"empty": 1}


def test_lines_of_one_character_in_a_row_are_one_turn(tmp_path: Path) -> None:
    plan = "u0 +++$+++ u1 +++$+++ m0 +++$+++ ['L11', 'L13', 'L12']\n"
    (dialogue,) = read(tmp_path, {"lines": LINES, "plan": plan})
    assert texts(dialogue)[0] == ("AGATA", "Is there tea?\nThen I'll wait +++$+++ outside.")


def test_a_copy_with_other_columns_is_read_by_its_lists(tmp_path: Path) -> None:
    lines = "0 +++$+++ 小林 +++$+++ 怎么删除子对象？\n1 +++$+++ 阿明 +++$+++ 用 removeChild\n"
    plan = "0 +++$+++ 小林 +++$+++ 阿明 +++$+++ 2017-2-9 17:02 +++$+++ http://forum.example/1 +++$+++ [0, 1]\n"
    (dialogue,) = read(tmp_path, {"qa_lines.txt": lines, "qa_conversations.txt": plan})
    assert texts(dialogue) == [("小林", "怎么删除子对象？"), ("阿明", "用 removeChild")]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_the_encoding_may_be_the_published_one_or_a_copys(tmp_path: Path, encoding: str) -> None:
    tally = Tally()
    lines = LINES.replace("tea", "thé").replace("Then", "É t\xe0").replace("cold", "cold" * 20_000 + "é")
    first, _ = read(tmp_path, {"lines": lines, "plan": CONVERSATIONS}, tally, encoding)
    assert first.turns[0].text == "Is there thé?"
    assert first.turns[1].text.endswith("coldé.")
    assert tally.replaced == 0


def test_apostrophes_of_windows_are_apostrophes(tmp_path: Path) -> None:
    lines = LINES.replace("'", "\u2019")
    first, _ = read(tmp_path, {"lines": lines, "plan": CONVERSATIONS}, encoding="cp1252")
    assert first.turns[1].text == "Not yet.  The kettle\u2019s cold."


def test_what_fits_nowhere_is_counted(tmp_path: Path) -> None:
    tally = Tally()
    files = {
        "lines": LINES + "L18 +++$+++ u0\n" + LINES.splitlines()[0] + "\n",
        "plan": CONVERSATIONS.splitlines()[0].replace("'L13'", "'L99'") + "\nno conversation\n",
    }
    (dialogue,) = read(tmp_path, files, tally)
    assert len(dialogue.turns) == 2
    assert tally.skipped == {"malformed": 3, "duplicate": 1, "unused": 5}
    assert tally.malformed == [
        ("lines:8", "L18 +++$+++ u0"),
        ("plan:1", "there is no line L99"),
        ("plan:2", "no conversation"),
    ]


@pytest.mark.parametrize(("name", "text"), [("movie_lines.txt", LINES), ("movie_conversations.txt", CONVERSATIONS)])
def test_one_of_the_two_files_is_not_enough(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(LogError, match=name) as caught:
        read(tmp_path, {name: text})
    assert "folder" in caught.value.hint


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("hello\n")
    with pytest.raises(LogError, match="neither fields"):
        list(named_reader("cornell").read(open_log(str(tmp_path)), Tally()))


def utterance(identity: str, conversation: str, speaker: str, text: Any, reply: str | None, **more: Any) -> str:
    record = {
        "id": identity, "conversation_id": conversation, "text": text, "speaker": speaker,
        "meta": {"movie_id": "m0"}, "reply-to": reply, "timestamp": None, "vectors": [],
    }  # fmt: skip
    return json.dumps(record | more) + "\n"


SPEAKERS = {"u0": {"meta": {"character_name": "AGATA"}, "vectors": []}, "u1": {"meta": {"character_name": "BORIS"}}}
UTTERANCES = (
    utterance("L13", "L11", "u0", "Then I'll wait.", "L12")
    + utterance("L21", "L21", "u1", "Another time?", None)
    + utterance("L12", "L11", "u1", "Not yet.", "L11")
    + utterance("L11", "L11", "u0", "Is there tea?", None)
)


def test_convokits_utterances_stand_backwards_and_among_each_other(tmp_path: Path) -> None:
    first, second = read(tmp_path, {"utterances.jsonl": UTTERANCES, "speakers.json": json.dumps(SPEAKERS)})
    assert texts(first) == [("AGATA", "Is there tea?"), ("BORIS", "Not yet."), ("AGATA", "Then I'll wait.")]
    assert [(turn.id, turn.reply_to) for turn in first.turns] == [("L11", None), ("L12", "L11"), ("L13", "L12")]
    assert texts(second) == [("BORIS", "Another time?")]
    assert first.id == "utterances.jsonl:L11"


def test_older_convokit_calls_things_otherwise(tmp_path: Path) -> None:
    old = UTTERANCES.replace("conversation_id", "root").replace('"speaker"', '"user"').replace("reply-to", "reply_to")
    people = {"u0": {"character_name": "AGATA"}}
    first, _ = read(tmp_path, {"utterances.jsonl": old, "users.json": json.dumps(people)})
    assert [turn.speaker for turn in first.turns] == ["AGATA", "u1", "AGATA"]


def test_a_corpus_of_convokit_in_a_zip_has_times_and_other_files(tmp_path: Path) -> None:
    said = utterance("a", "a", "mia", "早上好", None, timestamp=1_700_000_000) + utterance(
        "b", "a", "jo", "早！", "a", timestamp="1700000060"
    )
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as archive:
        archive.writestr("small-corpus/utterances.jsonl", said)
        archive.writestr("small-corpus/conversations.json", json.dumps({"a": {"meta": {}, "vectors": []}}))
        archive.writestr("small-corpus/speakers.json", json.dumps({"mia": {"meta": {}}, "jo": {"meta": {}}}))
        archive.writestr("small-corpus/index.json", json.dumps({"utterances-index": {}, "version": 1}))
        archive.writestr("small-corpus/corpus.json", "{}")
    reader, reason, parts = recognise(open_log(str(tmp_path)))
    (dialogue,) = reader.read(parts, Tally())
    assert reason == "utterances of ConvoKit"
    assert texts(dialogue) == [("mia", "早上好"), ("jo", "早！")]
    assert dialogue.turns[0].time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "{", "[]", '"text"', '{"id": "x"}', '{"id": ' + "[" * 5000, utterance("x", "L11", "u0", None, None),
        utterance("x", "L11", "u0", 3, None), utterance("x", "L11", "u0", "?", None, **{"reply-to": 3}),
        *(utterance("x", "L11", "u0", "?", None, timestamp=time) for time in ("noon", 1e300, [1], True)),
    ],
)  # fmt: skip
def test_a_bad_utterance_is_counted_among_good_ones(tmp_path: Path, line: str) -> None:
    tally = Tally()
    first, _ = read(tmp_path, {"utterances.jsonl": UTTERANCES + line}, tally)
    assert len(first.turns) == 3
    assert tally.skipped == {"malformed": 1}


def test_utterances_that_reply_in_a_circle_or_to_none_are_read(tmp_path: Path) -> None:
    said = (
        utterance("a", "a", "mia", "one", "b") + utterance("b", "a", "jo", "two", "a")
        + utterance("c", "a", "mia", "three", "gone") + utterance("d", "a", "jo", " ", "c")
        + utterance("e", "a", "jo", "[deleted]", "c")
    )  # fmt: skip
    tally = Tally()
    (dialogue,) = read(tmp_path, {"utterances.jsonl": said}, tally)
    assert sorted(turn.text for turn in dialogue.turns) == ["one", "three", "two"]
    assert tally.skipped == {"empty": 1, "deleted": 1}


def test_damage_is_survived(tmp_path: Path) -> None:
    for content in damaged(LINES.encode()):
        (tmp_path / "plan").write_text(CONVERSATIONS)
        survives("cornell", tmp_path / "lines", content)
    for content in damaged(UTTERANCES.encode()):
        survives("cornell", tmp_path / "lines", content)
    (tmp_path / "lines").write_text(LINES)
    for content in damaged(CONVERSATIONS.encode()):
        survives("cornell", tmp_path / "plan", content)


@pytest.mark.parametrize(
    "content",
    [
        "a1 +++$+++ [" + "1" * 1_000_000 + "!]", "+++$+++ " * 120_000,
        CONVERSATIONS + "a +++$+++ b +++$+++ [" + "'L1', " * 150_000 + "'L1']",
        UTTERANCES + "".join(utterance(f"n{n}", "L11", "u0", "x", f"n{n + 1}") for n in range(6000)),
    ],
)  # fmt: skip
def test_a_megabyte_of_anything_takes_no_time(tmp_path: Path, content: str) -> None:
    (tmp_path / "lines").write_text(LINES)
    (tmp_path / "plan").write_text(CONVERSATIONS)
    assert seconds("cornell", tmp_path / "log", content.encode()) < 2


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpora are not here")
def test_a_chinese_corpus_in_this_layout_is_read_whole() -> None:
    reader, _, parts = recognise(open_log(str(SHARED / "corpora" / "egret-zh")))
    tally = Tally()
    found = list(reader.read(parts, tally))
    assert len(found) == 2908
    assert not tally.skipped
