"""The Schema-Guided Dialogue data set."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.jsonl import JsonlReader
from chatbot.corpus.readers.sgd import SgdReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.conftest import SHARED
from tests.corpus.readers.damage import damaged, seconds, survives


def turn(speaker: str, text: Any) -> dict[str, Any]:
    return {"frames": [{"service": "Music_1", "slots": [], "actions": []}], "speaker": speaker, "utterance": text}


def record(identity: str, *turns: Any) -> dict[str, Any]:
    return {"dialogue_id": identity, "services": ["Music_1"], "turns": list(turns)}


FIRST = record("1_00000", turn("USER", "Play a song."), turn("SYSTEM", "Which?"), turn("USER", "Any."))
SECOND = record("1_00001", turn("USER", "放首歌"), turn("USER", "快点"), turn("SYSTEM", "好的"), turn("USER", " "))


def read(folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "dialogues_001.json").write_text(text, encoding="utf-8")
    reader, _, parts = recognise(open_log(str(folder)))
    assert reader == SgdReader()
    return list(reader.read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_holds_dialogues_by_their_ids(tmp_path: Path, indent: int | None) -> None:
    tally = Tally()
    (tmp_path / "schema.json").write_text('[{"service_name": "Music_1", "slots": []}]')
    first, second = read(tmp_path, json.dumps([FIRST, SECOND], indent=indent), tally)
    assert texts(first) == [("USER", "Play a song."), ("SYSTEM", "Which?"), ("USER", "Any.")]
    assert texts(second) == [("USER", "放首歌\n快点"), ("SYSTEM", "好的")]
    assert (first.id, second.id) == ("dialogues_001.json:1_00000", "dialogues_001.json:1_00001")
    assert tally.skipped == {"empty": 1}


def test_lines_hold_the_same_or_short_turns(tmp_path: Path) -> None:
    short = {"id": "9", "split": "train", "turns": [["USER", "Hi"], ["SYSTEM", "Hello"]]}
    first, second = read(tmp_path, json.dumps(short) + "\n" + json.dumps(FIRST) + "\n")
    assert texts(first) == [("USER", "Hi"), ("SYSTEM", "Hello")]
    assert len(second.turns) == 3
    assert (first.id, second.id) == ("dialogues_001.json:9", "dialogues_001.json:1_00000")


def test_canonical_lines_are_still_told_from_it() -> None:
    canonical = '{"id": "a", "turns": [{"speaker": "USER", "text": "hi"}]}'
    long = canonical.replace("hi", "h" * 99_999)
    for head in (canonical, long[:65536], '{"turns": []}'):
        assert JsonlReader.recognises(head, "log")
        assert not SgdReader.recognises(head, "log")
    for head in (json.dumps(FIRST), '{"turns": [["USER", "hi"]]}', '{"turns": [{"speaker": "USER", "utterance": "h'):
        assert not JsonlReader.recognises(head, "log")
        assert SgdReader.recognises(head, "log")


@pytest.mark.parametrize(
    "bad",
    [3, None, [], {}, record("x", 1), record("x", turn("USER", None)), record("x", ["USER"]), record("x", ["USER", 2]),
     {"dialogue_id": 3, "turns": "x"}],
)  # fmt: skip
def test_a_bad_record_is_counted_among_good_ones(tmp_path: Path, bad: Any) -> None:
    tally = Tally()
    assert len(read(tmp_path, json.dumps([FIRST, bad, FIRST]), tally)) == 2
    assert len(read(tmp_path, "\n".join(map(json.dumps, [FIRST, bad, FIRST])) + '\n{"turns', tally)) == 2
    assert tally.skipped == {"malformed": 3}


def test_a_dialogue_in_which_nobody_talks_is_counted(tmp_path: Path) -> None:
    tally = Tally()
    assert len(read(tmp_path, json.dumps([FIRST, record("x"), record("y", turn("USER", ""))]), tally)) == 1
    assert tally.skipped == {"empty": 2}


def test_a_cut_list_is_one_error_after_its_whole_records(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(json.dumps([FIRST, SECOND])[:-30])
    found = SgdReader().read(open_log(str(tmp_path)), Tally())
    assert len(next(found).turns) == 3
    with pytest.raises(LogError, match=r"log.*is not whole JSON"):
        next(found)


def test_damage_is_survived(tmp_path: Path) -> None:
    small = record("1", turn("USER", "hi\ud800"), turn("SYSTEM", "你好"))
    for whole in (json.dumps([small]), json.dumps(small) + "\n"):
        for content in damaged(whole.encode()):
            survives("sgd", tmp_path / "log", content)


@pytest.mark.parametrize(
    "content",
    ["[" * 1_000_000, '[{"turns": [' + '["USER", "x"], ' * 60_000, '{"turns":' * 100_000, "[" + "9" * 1_000_000,
     '{"turns": [{"speaker": "' + "\\" * 1_000_000],
)  # fmt: skip
def test_a_megabyte_of_anything_takes_no_time(tmp_path: Path, content: str) -> None:
    assert seconds("sgd", tmp_path / "log", content.encode()) < 3


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpora are not here")
def test_the_data_set_in_short_is_read_whole() -> None:
    reader, _, parts = recognise(open_log(str(SHARED / "corpora" / "sgd")))
    tally = Tally()
    assert sum(1 for _ in reader.read(parts, tally)) == 17_193
    assert tally.skipped == {"empty": 2}
