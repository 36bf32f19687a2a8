"""KdConv."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.kdconv import KdConvReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.conftest import SHARED
from tests.corpus.readers.damage import damaged, seconds, survives

LOOKED_UP = [{"attrname": "Information", "attrvalue": "一座老桥。", "name": "石桥"}]
FIRST = {
    "messages": [
        {"message": "你知道石桥吗？"},
        {"attrs": LOOKED_UP, "message": "知道，是一座老桥。"},
        {"attrs": None, "message": "想去看看。"},
    ],
    "name": "石桥",
}
SECOND = {"name": "河", "messages": [{"attrs": LOOKED_UP, "message": "河很长。"}, {"message": "是的。"}]}


def read(folder: Path, log: Any, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "dev.json").write_text(json.dumps(log, ensure_ascii=False, indent=2), encoding="utf-8")
    reader, _, parts = recognise(open_log(str(folder)))
    assert reader == KdConvReader()
    return list(reader.read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_two_people_speak_in_turn(tmp_path: Path) -> None:
    (tmp_path / "kb_travel.json").write_text(json.dumps({"石桥": [["石桥", "Information", "一座老桥。"]]}))
    first, second = read(tmp_path, [FIRST, SECOND])
    assert texts(first) == [("A", "你知道石桥吗？"), ("B", "知道，是一座老桥。"), ("A", "想去看看。")]
    assert texts(second) == [("A", "河很长。"), ("B", "是的。")]
    assert (first.id, second.id) == ("dev.json:1", "dev.json:2")


def test_it_is_recognised_wherever_the_first_message_begins() -> None:
    log: Any
    for log in ([FIRST], [SECOND], [{"messages": [{"attrs": None, "message": "好"}], "name": "x"}]):
        assert KdConvReader.recognises(json.dumps(log), "log")
    for log in (FIRST, [{"messages": [{"role": "user", "content": "x"}]}], [{"messages": [{"message": 3}]}]):
        assert not KdConvReader.recognises(json.dumps(log), "log")


def test_an_empty_message_keeps_its_place_in_the_turns(tmp_path: Path) -> None:
    tally = Tally()
    said = [{"message": "一"}, {"message": " "}, {"message": "三"}, {"message": "四"}]
    (dialogue,) = read(tmp_path, [{"name": "x", "messages": said}], tally)
    assert texts(dialogue) == [("A", "一\n三"), ("B", "四")]
    assert tally.skipped == {"empty": 1}


@pytest.mark.parametrize("bad", [3, None, [], {}, {"messages": 1}, {"messages": [1]}, {"messages": [{"message": 1}]}])
def test_a_bad_record_is_counted_among_good_ones(tmp_path: Path, bad: Any) -> None:
    tally = Tally()
    assert len(read(tmp_path, [FIRST, bad, SECOND], tally)) == 2
    assert tally.skipped == {"malformed": 1}
    assert tally.malformed[0][0] == "dev.json:2"


def test_a_cut_file_is_one_error_after_its_whole_records(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(json.dumps([FIRST, SECOND])[:-9])
    found = KdConvReader().read(open_log(str(tmp_path)), Tally())
    assert len(next(found).turns) == 3
    with pytest.raises(LogError, match="not whole JSON"):
        next(found)


def test_damage_is_survived(tmp_path: Path) -> None:
    for content in damaged(json.dumps([SECOND]).encode()):
        survives("kdconv", tmp_path / "log", content)


@pytest.mark.parametrize(
    "content", ["[" * 1_000_000, '[{"messages":' * 70_000, '[{"messages": [' + '{"message": "x"},' * 60_000]
)
def test_a_megabyte_of_anything_takes_no_time(tmp_path: Path, content: str) -> None:
    assert seconds("kdconv", tmp_path / "log", content.encode()) < 3


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpora are not here")
def test_the_three_domains_are_read_whole() -> None:
    reader, _, parts = recognise(open_log(str(SHARED / "corpora" / "kdconv")))
    tally = Tally()
    found = list(reader.read(parts, tally))
    assert len(found) == 450
    assert sum(len(dialogue.turns) for dialogue in found) == 9321
    assert not tally.skipped
