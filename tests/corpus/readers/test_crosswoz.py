"""CrossWOZ."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.crosswoz import CrossWozReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.corpus.readers.damage import damaged, seconds, survives


def record(*said: tuple[str, Any]) -> dict[str, Any]:
    state = {"景点": {"名称": "", "selectedResults": []}}
    messages = [
        {"content": text, "dialog_act": [["Inform", "景点", "名称", "湖"]], "role": role, f"{role}_state": state}
        for role, text in said
    ]
    return {
        "sys-usr": [12, 34], "goal": [[1, "景点", "名称", "", False]], "messages": messages, "final_goal": [],
        "task description": ["你要去一个景点。"], "type": "单领域",
    }  # fmt: skip


FIRST = record(("usr", "你好，有什么景点？"), ("sys", "湖边不错。"), ("usr", "门票呢？"), ("sys", "免费。"))
SECOND = record(("usr", "谢谢"), ("usr", "再见"), ("sys", " "), ("sys", "再见！"))


def read(folder: Path, log: Any, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "train.json").write_text(json.dumps(log, ensure_ascii=False, indent=1), encoding="utf-8")
    reader, _, parts = recognise(open_log(str(folder)))
    assert reader == CrossWozReader()
    return list(reader.read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_dialogues_stand_under_their_numbers(tmp_path: Path) -> None:
    tally = Tally()
    first, second = read(tmp_path, {"391": FIRST, "7": SECOND}, tally)
    assert texts(first) == [
        ("usr", "你好，有什么景点？"),
        ("sys", "湖边不错。"),
        ("usr", "门票呢？"),
        ("sys", "免费。"),
    ]
    assert texts(second) == [("usr", "谢谢\n再见"), ("sys", "再见！")]
    assert (first.id, second.id) == ("train.json:391", "train.json:7")
    assert tally.skipped == {"empty": 1}


def test_a_list_is_read_too_and_so_is_the_zip_that_is_published(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "train.json.zip", "w") as archive:
        archive.writestr("train.json", json.dumps([FIRST]))
        archive.writestr("__MACOSX/._train.json", b"\x00\x05")
    reader, _, parts = recognise(open_log(str(tmp_path)))
    (dialogue,) = reader.read(parts, Tally())
    assert (dialogue.id, len(dialogue.turns)) == ("train.json:1", 4)


def test_other_roles_are_no_crosswoz() -> None:
    assert not CrossWozReader.recognises('{"messages": [{"role": "user", "content": "x"}]}', "log")


@pytest.mark.parametrize(
    "bad", [3, None, [], {}, {"messages": 1}, {"messages": [1]}, record(("usr", 1)), {"messages": [{"content": "x"}]}]
)
def test_a_bad_record_is_counted_among_good_ones(tmp_path: Path, bad: Any) -> None:
    tally = Tally()
    assert len(read(tmp_path, {"1": FIRST, "2": bad, "3": FIRST}, tally)) == 2
    assert tally.skipped == {"malformed": 1}
    assert tally.malformed[0][0] == "train.json:2"


def test_a_cut_file_is_one_error_after_its_whole_records(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(json.dumps({"1": FIRST, "2": SECOND})[:-9])
    found = CrossWozReader().read(open_log(str(tmp_path)), Tally())
    assert len(next(found).turns) == 4
    with pytest.raises(LogError, match="not whole JSON"):
        next(found)


def test_damage_is_survived(tmp_path: Path) -> None:
    for content in damaged(json.dumps({"1\ud800": record(("usr", "hi"), ("sys", "你"))}).encode()):
        survives("crosswoz", tmp_path / "log", content)


@pytest.mark.parametrize(
    "content", ["[" * 1_000_000, '{"messages":' * 80_000, '{"1": {"messages": [' + '{"role": "usr"},' * 60_000]
)
def test_a_megabyte_of_anything_takes_no_time(tmp_path: Path, content: str) -> None:
    assert seconds("crosswoz", tmp_path / "log", content.encode()) < 3
