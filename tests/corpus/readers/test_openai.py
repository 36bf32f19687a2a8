"""OpenAI's chat format."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.openai import OpenAIReader
from chatbot.errors import LogError

HELLO = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}


def read(folder: Path, text: str, tally: Tally | None = None) -> list[list[tuple[str, str]]]:
    (folder / "log").write_text(text, encoding="utf-8")
    dialogues = OpenAIReader().read(open_log(str(folder / "log")), tally or Tally())
    return [[(turn.speaker, turn.text) for turn in dialogue.turns] for dialogue in dialogues]


def read_record(folder: Path, messages: list[Any], tally: Tally | None = None, **more: Any) -> list[tuple[str, str]]:
    (dialogue,) = read(folder, json.dumps({"messages": messages, **more}), tally)
    return dialogue


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(HELLO) + "\n\n" + json.dumps(HELLO), json.dumps([HELLO, HELLO]),
        json.dumps([HELLO, HELLO], indent=2), json.dumps(HELLO, indent=1).replace("\n", "\r\n"),
    ],
)  # fmt: skip
def test_records_stand_in_lines_in_a_list_or_alone(tmp_path: Path, text: str) -> None:
    said = read(tmp_path, text)
    reader, _, _ = recognise(open_log(str(tmp_path / "log")))
    assert isinstance(reader, OpenAIReader)
    assert said in ([[("user", "hi"), ("assistant", "hello")]] * 2, [[("user", "hi"), ("assistant", "hello")]])


def test_contents_are_texts_or_parts(tmp_path: Path) -> None:
    tally = Tally()
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    said = read_record(
        tmp_path,
        [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "name": "Ada", "content": [{"type": "text", "text": "What is"}, picture]},
            {"role": "assistant", "content": [{"type": "text", "value": "一只猫。"}], "loss_weight": 1.0},
            {"role": "user", "content": [picture]},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "look"}}]},
            {"role": "tool", "tool_call_id": "1", "name": "look", "content": "a cat"},
            {"role": "assistant", "content": "A cat", "weight": 0},
            {"role": "assistant", "content": "still."},
            {"role": "assistant", "content": None, "refusal": "No more."},
            {"role": "user", "content": " "},
        ],
        tally,
    )
    assert said == [
        ("system", "Be brief."), ("Ada", "What is"), ("assistant", "一只猫。"), ("tool", "a cat"),
        ("assistant", "A cat\nstill.\nNo more."),
    ]  # fmt: skip
    assert tally.skipped == {"media": 1, "system": 1, "empty": 1}


def test_marks_of_pictures_go_where_there_are_pictures(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "<image>Who is this?"}, {"role": "assistant", "content": "Bo."}]
    assert read_record(tmp_path, messages, images=["1.png"])[0] == ("user", "Who is this?")
    assert read_record(tmp_path, messages)[0] == ("user", "<image>Who is this?")


def test_of_two_outputs_the_preferred_one_counts(tmp_path: Path) -> None:
    answers = {kind: [{"role": "assistant", "content": kind}] for kind in ("preferred_output", "non_preferred_output")}
    tally = Tally()
    record = {"input": {"messages": [{"role": "user", "content": "hi"}], "tools": []}, **answers}
    assert read(tmp_path, json.dumps(record), tally) == [[("user", "hi"), ("assistant", "preferred_output")]]
    assert tally.skipped == {"rejected": 1}


def test_of_two_answers_the_preferred_one_counts(tmp_path: Path) -> None:
    tally = Tally()
    better, worse = ({"role": "assistant", "content": text} for text in ("Yes.", "No."))
    said = read_record(tmp_path, [{"role": "user", "content": "Well?"}], tally, chosen=better, rejected=worse)
    assert said == [("user", "Well?"), ("assistant", "Yes.")]
    assert tally.skipped == {"rejected": 1}


@pytest.mark.parametrize(
    "record",
    [
        "{", '{"messages": 1}', '{"messages": [1]}', '{"messages": [{"role": 1, "content": "x"}]}', "[]", "7",
        '{"messages": [{"role": "user", "content": 7}]}', '{"messages": [{"role": "user", "content": [7]}]}',
        '{"messages": ' + "[" * 100_000, '{"messages": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_a_bad_record_is_counted_among_good_ones(tmp_path: Path, record: str) -> None:
    tally = Tally()
    assert len(read(tmp_path, f"{json.dumps(HELLO)}\n{record}\n{json.dumps(HELLO)}\n", tally)) == 2
    assert tally.skipped == {"malformed": 1}
    assert tally.malformed[0][0] == "log:2"


def test_a_cut_list_gives_what_is_whole_and_then_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="log: after record 1: is not whole JSON"):
        read(tmp_path, json.dumps([HELLO, HELLO])[:-20])


def test_depth_costs_no_time(tmp_path: Path) -> None:
    started = time.process_time()
    for text in ("[" * 1_000_000, '[{"messages": ' + "[" * 1_000_000, '[{"a":' + '{"a":' * 200_000):
        with pytest.raises(LogError):
            read(tmp_path, text)
    assert time.process_time() - started < 5
