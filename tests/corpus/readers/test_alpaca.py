"""Stanford Alpaca's format."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.alpaca import AlpacaReader


def read(folder: Path, text: str, tally: Tally | None = None, **names: Any) -> list[list[tuple[str, str]]]:
    (folder / "log").write_text(text, encoding="utf-8")
    dialogues = AlpacaReader(**names).read(open_log(str(folder / "log")), tally or Tally())
    return [[(turn.speaker, turn.text) for turn in dialogue.turns] for dialogue in dialogues]


def test_the_input_follows_the_instruction(tmp_path: Path) -> None:
    record = {"instruction": "Translate:", "input": "猫", "output": "cat"}
    assert read(tmp_path, json.dumps([record])) == [[("user", "Translate:\n猫"), ("assistant", "cat")]]
    record = {"instruction": "Sing!", "input": "", "output": "La."}
    assert read(tmp_path, json.dumps(record), speakers=("Ada", "Bo")) == [[("Ada", "Sing!"), ("Bo", "La.")]]


def test_the_system_prompt_and_the_history_come_first(tmp_path: Path) -> None:
    record = {
        "instruction": "And now?", "input": None, "output": "Noon.", "system": "Be brief.",
        "history": [["What time is it?", "Ten."], ["And now?", "Eleven."]],
    }  # fmt: skip
    (said,) = read(tmp_path, json.dumps(record))
    assert said[0] == ("system", "Be brief.")
    assert [text for _, text in said[1:]] == ["What time is it?", "Ten.", "And now?", "Eleven.", "And now?", "Noon."]
    assert [speaker for speaker, _ in said[1:]] == ["user", "assistant"] * 3


def test_of_two_answers_the_preferred_one_counts(tmp_path: Path) -> None:
    tally = Tally()
    record = {"instruction": "Well?", "input": "", "chosen": "Yes.", "rejected": "No."}
    assert read(tmp_path, json.dumps([record]), tally) == [[("user", "Well?"), ("assistant", "Yes.")]]
    assert tally.skipped == {"rejected": 1}


@pytest.mark.parametrize(
    "record",
    ["[]", "null", "{}", '{"instruction": 1}', '{"instruction": "x", "history": [["y"]]}',
     '{"instruction": "x", "output": 7}'],
)  # fmt: skip
def test_a_bad_record_is_counted_among_good_ones(tmp_path: Path, record: str) -> None:
    tally = Tally()
    good = '{"instruction": "Sing!", "output": "La."}'
    assert len(read(tmp_path, f"[{good},{record},{good}]", tally)) == 2
    assert tally.skipped == {"malformed": 1}


def test_a_record_without_answer_keeps_its_question(tmp_path: Path) -> None:
    tally = Tally()
    said = read(
        tmp_path, '{"instruction": "Sing!", "input": "", "output": ""}\n{"instruction": "", "output": ""}\n', tally
    )
    assert said == [[("user", "Sing!")]]
    assert tally.skipped == {"empty": 3}


def test_long_inputs_do_not_hide_the_format(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(json.dumps([{"instruction": "Sum up:", "input": "long " * 20_000, "output": "No."}]))
    assert isinstance(recognise(open_log(str(tmp_path / "log")))[0], AlpacaReader)
