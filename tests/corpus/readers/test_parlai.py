"""ParlAI's three layouts."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.parlai import ParlaiReader
from chatbot.dialogue import Dialogue
from tests.conftest import SHARED
from tests.corpus.readers.damage import damaged, seconds, survives

EXAMPLES = (
    "text:your persona: i row.\\nyour persona: i am shy.\\nhow are you?\tlabels:fine|great\tlabel_candidates:no|fine\n"
    "text:good: very\\ngood\tlabels:a__PIPE__b\\tc\treward:0.5\tepisode_done:True\n"
    "id:Ada\ttext:早\teval_labels:早上好\tepisode_done:True\n"
    "text:and you?\tepisode_done:False\n"
    "text:hello?\tlabels:here!\n"
)
STORY = "1 Mia went to the barn.\n2 Leo took the milk.\n3 Where is Mia? \tbarn\t1\n1 Leo left.\n2 Who left?\tLeo\t1\n"


def read(folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    reader, _, parts = recognise(open_log(str(folder / "log")))
    assert reader == ParlaiReader()
    return list(reader.read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_examples_are_answered_by_their_first_label_until_the_episode_is_done(tmp_path: Path) -> None:
    tally = Tally()
    first, second, third = read(tmp_path, EXAMPLES, tally)
    assert texts(first) == [
        ("persona", "i row.\ni am shy."), ("A", "how are you?"), ("B", "fine"), ("A", "good: very\ngood"),
        ("B", "a|b\tc"),
    ]  # fmt: skip
    assert texts(second) == [("Ada", "早"), ("B", "早上好")]
    assert texts(third) == [("A", "and you?\nhello?"), ("B", "here!")]
    assert [dialogue.id for dialogue in (first, second, third)] == ["log:1", "log:3", "log:4"]
    assert not tally.skipped


def test_numbered_lines_without_a_label_stand_before_the_question(tmp_path: Path) -> None:
    first, second = read(tmp_path, STORY)
    assert texts(first) == [("A", "Mia went to the barn.\nLeo took the milk.\nWhere is Mia?"), ("B", "barn")]
    assert texts(second) == [("A", "Leo left.\nWho left?"), ("B", "Leo")]


def conversation(*acts: Any, **more: Any) -> str:
    pairs = [list(acts[number : number + 2]) for number in range(0, len(acts), 2)]
    return json.dumps({"dialog": pairs, **more}, ensure_ascii=False) + "\n"


def act(identity: Any, text: Any, **more: Any) -> dict[str, Any]:
    return {"id": identity, "text": text, **more}


def test_conversations_are_flattened_and_their_context_stands_first(tmp_path: Path) -> None:
    log = conversation(
        act("Ada", "hi", episode_done=False), act("Bob", "hello"), act("Bob", "well?"), act("Ada", "好"),
        context=[act("context", "your persona: i row.\nYou are at sea.")], metadata_path="/tmp/x.metadata",
    ) + conversation(act("context", "A farm."), act(7, "__SILENCE__"), act(7, ""), act("", "moo"))  # fmt: skip
    tally = Tally()
    first, second = read(tmp_path, log, tally)
    assert texts(first) == [
        ("persona", "i row."), ("system", "You are at sea."), ("Ada", "hi"), ("Bob", "hello\nwell?"), ("Ada", "好"),
    ]  # fmt: skip
    assert texts(second) == [("system", "A farm."), ("unknown", "moo")]
    assert tally.skipped == {"system": 1, "empty": 1}


def test_a_conversation_may_be_one_list(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, json.dumps({"dialog": [act("Ada", "hi"), act("Bob", "yo")]}))
    assert texts(dialogue) == [("Ada", "hi"), ("Bob", "yo")]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "3", "null", '{"dialog": 1}', conversation(3), conversation(act("Ada", 3)), conversation(act([], "x")),
     conversation(act("Ada", "x"), context=3), '{"dialog": ' + "[" * 5000],
)  # fmt: skip
def test_a_bad_conversation_is_counted_among_good_ones(tmp_path: Path, line: str) -> None:
    tally = Tally()
    good = conversation(act("Ada", "hi"), act("Bob", "yo"))
    assert len(read(tmp_path, good + line.rstrip() + "\n" + good, tally)) == 2
    assert tally.skipped == {"malformed": 1}


def test_lines_that_are_no_examples_are_counted(tmp_path: Path) -> None:
    tally = Tally()
    assert len(read(tmp_path, EXAMPLES + "\nnothing\nreward:1\n", tally)) == 3
    assert tally.skipped == {"malformed": 2}


@pytest.mark.parametrize(
    "text",
    ["1 one\n2 two\n", "2 a\tb\n3 c\td\n", "1 a\tb\n3 c\td\n", "12:30 a\tb\n", "hello\tyou\n", '{"dialog": []}',
     '{"dialog": [{"sender": "x", "text": "y"}]}', "text: a\nlabels: b\n"],
)  # fmt: skip
def test_other_lines_are_not_taken_for_it(text: str) -> None:
    assert not ParlaiReader.recognises(text, "log")


def test_damage_is_survived(tmp_path: Path) -> None:
    log = conversation(act("Ada", "hi\ud800"), act("Bob", "你好"))
    for whole in (EXAMPLES, STORY, log.encode("utf-8", "backslashreplace").decode()):
        for content in damaged(whole.encode()):
            survives("parlai", tmp_path / "log", content)


@pytest.mark.parametrize(
    "content",
    ["text:" + "a\t" * 500_000, "text:\tlabels:" + "|" * 1_000_000, "1 " + " " * 1_000_000, "1" * 1_000_000,
     '{"dialog": [[' * 80_000, "1 a b c d e f g h i\tj k l m n o p\n" * 28_000],
)  # fmt: skip
def test_a_megabyte_of_anything_takes_no_time(tmp_path: Path, content: str) -> None:
    assert seconds("parlai", tmp_path / "log", content.encode()) < 5


@pytest.mark.skipif(not SHARED.exists(), reason="the shared exports are not here")
def test_parlais_own_samples_are_read_whole() -> None:
    reader, _, parts = recognise(open_log(str(SHARED / "exports" / "parlai")))
    assert [len(dialogue.turns) for dialogue in reader.read(parts, Tally())] == [6, 4]
