"""ShareGPT's format."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.sharegpt import ShareGPTReader
from tests.conftest import SHARED


def turn(speaker: str, text: str | None) -> dict[str, Any]:
    return {"from": speaker, "value": text}


def read(folder: Path, tally: Tally | None = None, *records: Any) -> list[list[tuple[str, str]]]:
    (folder / "log").write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")
    dialogues = ShareGPTReader().read(open_log(str(folder / "log")), tally or Tally())
    return [[(turn.speaker, turn.text) for turn in dialogue.turns] for dialogue in dialogues]


def test_whoever_begins_and_repeats_is_heard(tmp_path: Path) -> None:
    turns = [turn("gpt", "Hi!"), turn("human", "天气"), turn("human", "怎么样？"), turn("gpt", "晴。")]
    (said,) = read(tmp_path, None, {"id": "a_0", "conversations": turns})
    assert said == [("gpt", "Hi!"), ("human", "天气\n怎么样？"), ("gpt", "晴。")]


def test_calls_of_functions_and_what_they_give_are_turns(tmp_path: Path) -> None:
    turns = [
        turn("human", "Rain?"),
        turn("function_call", '{"name": "look"}'),
        turn("observation", "{}"),
        turn("gpt", "No."),
    ]
    (said,) = read(tmp_path, None, {"conversations": turns, "tools": "[]"})
    assert [speaker for speaker, _ in said] == ["human", "function_call", "observation", "gpt"]


@pytest.mark.parametrize(
    "record",
    [
        {"system": "Be kind.", "conversations": [turn("human", "hi")]},
        {"conversations": [turn("system", "Be kind."), turn("human", "hi")]},
        {"system": "Be kind.", "conversations": [turn("system", "Be kind."), turn("human", "hi")]},
        {"system": "Be kind.", "conversations": [turn("human", "hi"), turn("gpt", None)]},
    ],
)
def test_a_system_prompt_comes_first_wherever_it_stands(tmp_path: Path, record: Any) -> None:
    assert read(tmp_path, None, record) == [[("system", "Be kind."), ("human", "hi")]]


def test_preferred_answers_pictures_and_damage(tmp_path: Path) -> None:
    tally = Tally()
    said = read(
        tmp_path, tally,
        {"conversations": [turn("human", "<image>\nWho?")], "images": ["1.png"], "chosen": turn("gpt", "Bo.")},
        {"conversations": [turn("human", "<image>"), turn("gpt", "A cat.")], "images": ["2.png"]},
        {"conversations": [{"from": "human"}]}, {"conversations": [{"value": "x"}]}, {"conversations": "x"}, [], None,
        {"conversations": []},
    )  # fmt: skip
    assert said == [[("human", "Who?"), ("gpt", "Bo.")], [("gpt", "A cat.")]]
    assert tally.skipped == {"rejected": 1, "media": 1, "empty": 1, "malformed": 5}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared logs are not here")
def test_a_real_dump_is_read_whole() -> None:
    reader, _, parts = recognise(open_log(str(SHARED / "exports" / "sharegpt")))
    tally = Tally()
    assert len(list(reader.read(parts, tally))) == 60
    assert not tally.skipped
