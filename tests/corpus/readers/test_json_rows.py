"""JSON with named columns."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import HEAD, open_log
from chatbot.corpus.manifest import load_corpus
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.json_rows import JsonReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.corpus.readers.damage import damaged, survives

ROWS = [
    {"speaker": "Ada", "text": "hi", "time": 1709674865.5, "dialogue": 1},
    {"speaker": "小明", "text": "你好", "time": 1709674868, "dialogue": 1},
    {"speaker": "Ada", "text": "bye", "dialogue": 2},
]


def read(folder: Path, text: str, tally: Tally | None = None, **columns: Any) -> list[Dialogue]:
    (folder / "log.json").write_text(text, encoding="utf-8")
    return list(JsonReader(**columns).read(open_log(str(folder / "log.json")), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


@pytest.mark.parametrize("text", [json.dumps(ROWS), json.dumps(ROWS, indent=1), "\n".join(map(json.dumps, ROWS))])
def test_a_list_and_lines_are_read_alike(tmp_path: Path, text: str) -> None:
    first, second = read(tmp_path, text)
    assert texts(first) == [("Ada", "hi"), ("小明", "你好")]
    assert texts(second) == [("Ada", "bye")]
    assert first.turns[0].time == datetime(2024, 3, 5, 21, 41, 5, 500_000, UTC)
    assert isinstance(recognise(open_log(str(tmp_path / "log.json")))[0], JsonReader)


def test_a_corpus_names_the_columns(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"Prompt": "hi", "rest": [1], "completion": "hello"}\n')
    manifest = 'title = "x"\n[reader]\nkind = "json"\nquestion = "prompt"\nanswer = "completion"\n'
    (tmp_path / "corpus.toml").write_text(manifest)
    corpus = load_corpus(tmp_path)
    (dialogue,) = corpus.manifest.reader.read(corpus.parts(), Tally())
    assert texts(dialogue) == [("A", "hi"), ("B", "hello")]


def test_objects_that_lack_something_are_counted(tmp_path: Path) -> None:
    rows = [{"question": "hi", "answer": "hello"}, {"question": "hi"}, 3, {"question": ["hi"], "answer": "hello"}]
    tally = Tally()
    assert len(read(tmp_path, json.dumps(rows), tally)) == 1
    assert tally.skipped == {"malformed": 3}
    assert [place for place, _ in tally.malformed] == ["log.json:2", "log.json:3", "log.json:4"]


def test_the_first_object_may_lack_something_too(tmp_path: Path) -> None:
    rows = [{"version": 1}, {"question": "hi"}, {"question": "hi", "answer": "hello"}, {"other": 1}]
    tally = Tally()
    (dialogue,) = read(tmp_path, json.dumps(rows), tally)
    assert texts(dialogue) == [("A", "hi"), ("B", "hello")]
    assert tally.malformed[0][0] == "log.json:1" and tally.skipped == {"malformed": 3}


def test_other_keys_are_an_error_that_says_which_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"log\.json:1: has no such keys: prompt, completion") as caught:
        read(tmp_path, '{"prompt": "hi", "completion": "hello"}\n{"question": "hi"}\n')
    assert "question and answer" in caught.value.hint


@pytest.mark.parametrize("end", [",\n", "\n"])
def test_a_first_record_may_be_longer_than_the_head_that_is_looked_at(tmp_path: Path, end: str) -> None:
    rows = end.join(json.dumps({"question": "why? " * HEAD, "answer": "so"}) for _ in range(2))
    (tmp_path / "log").write_text(f"[{rows}]" if "," in end else rows)
    parts = open_log(str(tmp_path))
    reader, reason, _ = recognise(parts)
    assert isinstance(reader, JsonReader) and reason == "objects with question and answer"
    assert [dialogue.turns[1].text for dialogue in reader.read(parts, Tally())] == ["so", "so"]


def test_damage_is_survived(tmp_path: Path) -> None:
    for content in damaged(json.dumps(ROWS).encode()):
        survives("json", tmp_path / "log", content)
