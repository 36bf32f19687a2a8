"""Records out of JSON objects of any size, and what readers make of records with any value in any place."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.canonical import dump_dialogue
from chatbot.corpus.log import open_log
from chatbot.corpus.readers import READERS, Tally, json_stream
from chatbot.corpus.readers.json_stream import Begins, records
from chatbot.errors import LogError
from tests.corpus.readers.test_readers import SAMPLES

ODD: list[Any] = [None, True, 0, -1, 1.5, 10**30, "", "x", "\ud800", "\x00", [], {}, [[]], [{}], {"a": [1]}, "9" * 5000]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["\\", '"', "\\u12", "😀"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def read(folder: Path, text: str, *paths: str) -> list[tuple[str, Any]]:
    (folder / "log.json").write_text(text, encoding="utf-8")
    (part,) = open_log(str(folder / "log.json"))
    return list(records(part, paths, Tally()))


def test_records_are_found_at_their_paths_only(tmp_path: Path) -> None:
    log = {"a": [{"b": {"a": [7]}}, 2, "x", [3], {}], "b": {"c": {"d": None}}, "c": 1}
    assert read(tmp_path, json.dumps(log), "a.item", "b.c") == [
        ("a.item", {"b": {"a": [7]}}), ("a.item", 2), ("a.item", "x"), ("a.item", [3]), ("a.item", {}),
        ("b.c", {"d": None}),
    ]  # fmt: skip
    assert read(tmp_path, "[[1], [2]]", "item") == [("item", [1]), ("item", [2])]


@pytest.mark.parametrize("chunk", [1, 2, 7, 100])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
def test_wherever_the_text_is_cut_the_values_are_those_of_the_library(
    chunk: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: Any
) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", chunk)
    log = {"skipped": [value, {"b": value}], "a": [value, [value]], "after": value}
    for indent in (None, 2):
        assert read(tmp_path, json.dumps(log, indent=indent), "a.item") == [("a.item", value), ("a.item", [value])]
        found = read(tmp_path, json.dumps([value, {"a": value}], indent=indent, ensure_ascii=False), "*")
        assert found == [("item", value), ("item", {"a": value})]


def test_what_begins_is_told_before_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text('{"x": [{"a": 1}, {"b": 2}]}')
    (part,) = open_log(str(tmp_path / "log.json"))
    here = ("x.item", Begins.HERE)
    assert list(records(part, {"x.item.a"}, Tally(), {"x.item"})) == [here, ("x.item.a", 1), here]


@pytest.mark.parametrize("chunk", [64, 2**20])
@pytest.mark.parametrize("deep", ["[" * 100_000 + "7" + "]" * 100_000, '{"x]\\"": ' * 5000 + '"}"' + "}" * 5000])
def test_what_is_nested_too_deep_is_nothing(
    chunk: int, deep: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", chunk)
    assert read(tmp_path, f'{{"a": [{deep}, 7]}}', "a.item") == [("a.item", None), ("a.item", 7)]


def test_half_a_surrogate_pair_is_replaced_and_a_whole_one_is_a_character(tmp_path: Path) -> None:
    text = r'{"a": [{"\ud800x": "\ud83d\ude00\ude00"}, "\uD83D"]}'
    assert read(tmp_path, text, "a.item") == [("a.item", {"\ufffdx": "😀\ufffd"}), ("a.item", "\ufffd")]


@pytest.mark.parametrize("chunk", [64, 1000, 2**20])
def test_a_number_that_is_too_long_is_shortened(chunk: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", chunk)
    long = "7" * 1_000_000
    found = read(tmp_path, f'{{"a": [{{"x": {long}, "y": [1, 2.5]}}, -{long}, 3]}}', "a.item")
    shown = [("a.item", {"x": int("7" * 1000), "y": [1, 2.5]}), ("a.item", -int("7" * 999)), ("a.item", 3)]
    assert found == shown


@pytest.mark.parametrize("name", ["google-chat", "hangouts", "mattermost", "messenger", "matrix", "slack", "telegram"])
def test_a_number_that_would_fill_the_memory_is_none(name: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(re.sub(r"(?<!\w)\d{10,}", r"\g<0>e99999999", SAMPLES[name]), encoding="utf-8")
    assert all(dialogue.turns for dialogue in READERS[name]().read(open_log(str(tmp_path / "log")), Tally()))
    assert read(tmp_path, '{"a": [1e999999999, 1e3]}', "a.item")[1] == ("a.item", 1000)


def test_a_value_without_end_is_not_read_to_the_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(json_stream, "_LONGEST", 2**21)
    with pytest.raises(LogError, match="more than 2,097,152 characters"):
        read(tmp_path, '{"a": ["' + "x" * 2**24, "a.item")


@pytest.mark.parametrize(
    "bad", ["", "{", '{"a": [1, 2}', '{"a": 1} {', '{"a": \ud800}', '{"a": NaN}', '{"a": 1e999999999999}x']
)
def test_broken_json_is_one_error_that_says_where(tmp_path: Path, bad: str) -> None:
    (tmp_path / "log.json").write_bytes(bad.encode("utf-8", "surrogatepass"))
    with pytest.raises(LogError, match=r"log\.json: (is empty|.*is not whole JSON)"):
        list(records(open_log(str(tmp_path / "log.json"))[0], ["a.item"], Tally()))


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container with each key of it."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from places(inner)


@pytest.mark.parametrize("name", ["google-chat", "hangouts", "instagram", "messenger", "reddit"])
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_any_place_is_read_or_counted(name: str, tmp_path: Path, data: st.DataObject) -> None:
    lines = SAMPLES[name].split("\n") if name == "reddit" else [SAMPLES[name]]
    log = copy.deepcopy([json.loads(line) for line in lines])
    container, key = data.draw(st.sampled_from([place for place in places(log) if place[0] is not log]))
    container[key] = data.draw(st.sampled_from(ODD))
    (tmp_path / "log").write_text("\n".join(json.dumps(record) for record in log), encoding="utf-8")
    for dialogue in READERS[name]().read(open_log(str(tmp_path / "log")), Tally()):
        assert all(turn.text and turn.speaker for turn in dialogue.turns)
        assert dump_dialogue(dialogue).encode()
