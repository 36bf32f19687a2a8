"""The YAML files of chatterbot-corpus."""

import time
from pathlib import Path

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.chatterbot import ChatterBotReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.conftest import SHARED


def read(folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "log.yml").write_text(text, encoding="utf-8")
    return list(ChatterBotReader().read(open_log(str(folder / "log.yml")), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_texts_are_what_stands_there(tmp_path: Path) -> None:
    first, second = read(
        tmp_path,
        "categories: [small talk, [x]]\nconversations:\n- - Are you sure?\n  - Yes\n  - 42\n  - null\n"
        '-\n  - "it\'s\\n\\u4f60"\n  - It is simple: no\n  - |\n    - a list\n    - of lines\n',
    )
    assert texts(first) == [("A", "Are you sure?"), ("B", "Yes"), ("A", "42"), ("B", "null")]
    assert texts(second) == [("A", "it's\n你"), ("B", "It is simple: no"), ("A", "- a list\n- of lines")]
    assert (first.id, second.id) == ("log.yml:3", "log.yml:8")


def test_what_is_no_conversation_is_counted_and_aliases_are_not_followed(tmp_path: Path) -> None:
    tally = Tally()
    bomb = "conversations:\n- &a [x, y]\n- [*a, *a]\n- alone\n- - [deep]\n- - {a: b, c: d}\n- []\n"
    first, alone, second = read(tmp_path, bomb + "- - Hi\n  -\n  - Hello?\n", tally)
    assert texts(first) == [("A", "x"), ("B", "y")]
    assert texts(alone) == [("A", "alone")]
    assert texts(second) == [("A", "Hi\nHello?")]
    assert tally.skipped == {"malformed": 3, "empty": 2}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("conversations:\n- - Hi\n  - 'open\n", "line 4: is not whole YAML"),
        ("conversations:\n- - a\n b", "line 3"),
        ("categories:\n- x\n", "no list of conversations"),
        ("hello\n", "no list"), ("- - a\n  - b\n", "no list"),
        ("conversations:\n- - a\0", "control characters|binary"),
        ("conversations:\n- - " + "[" * 500_000, "too deeply"),
        ("- " * 500_000, "too deeply"), ('conversations:\n- - "\\ud800"\n', "not whole YAML"),
    ],
)  # fmt: skip
def test_damage_is_one_error_that_names_the_place(tmp_path: Path, text: str, reason: str) -> None:
    started = time.process_time()
    with pytest.raises(LogError, match=f"log.yml: .*(?:{reason})"):
        read(tmp_path, text)
    assert time.process_time() - started < 3


def test_other_yaml_is_not_taken_for_it(tmp_path: Path) -> None:
    assert not ChatterBotReader.recognises("conversations: none\n- a\n- b\n", "x.yml")
    assert not ChatterBotReader.recognises("- - a\n  - b\n", "x.yml")


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpora are not here")
@pytest.mark.parametrize(("language", "count"), [("english", 2026), ("chinese", 467)])
def test_the_corpus_itself_is_read_whole(language: str, count: int) -> None:
    reader, _, parts = recognise(open_log(str(SHARED / "corpora" / "chatterbot" / language)))
    assert sum(1 for _ in reader.read(parts, Tally())) == count
