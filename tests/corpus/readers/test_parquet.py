"""Apache Parquet."""

import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.parquet import ParquetReader
from chatbot.errors import LogError

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

Said = list[list[tuple[str, str]]]


def read(path: Path, tally: Tally | None = None) -> Said:
    reader, _, parts = recognise(open_log(str(path)))
    assert isinstance(reader, ParquetReader)
    dialogues = reader.read(parts, tally or Tally())
    return [[(turn.speaker, turn.text) for turn in dialogue.turns] for dialogue in dialogues]


def write(path: Path, columns: dict[str, Any]) -> Path:
    parquet.write_table(pa.table(columns), path, row_group_size=2)
    return path


def test_columns_are_those_of_csv(tmp_path: Path) -> None:
    log = write(
        tmp_path / "log", {"Question": ["hi", "再见", None], "answer": ["hello", "拜拜", "?"], "rest": [1, 2, 3]}
    )
    tally = Tally()
    assert read(log, tally) == [[("A", "hi"), ("B", "hello")], [("A", "再见"), ("B", "拜拜")], [("B", "?")]]
    assert tally.skipped == {"empty": 1}


def test_times_have_the_column_s_zone(tmp_path: Path) -> None:
    times = pa.array([1709674865_000000001, None], pa.timestamp("ns", "UTC"))
    names = pa.array(["Ada", "Bo"]).dictionary_encode()
    log = write(tmp_path / "log", {"speaker": names, "text": ["hi", "hey"], "time": times})
    (dialogue,) = ParquetReader().read(open_log(str(log)), Tally())
    assert [turn.speaker for turn in dialogue.turns] == ["Ada", "Bo"]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 41, 5, tzinfo=UTC)
    assert dialogue.turns[1].time is None


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"messages": [[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]]},
            ["user", "assistant"],
        ),
        ({"conversations": [[{"from": "human", "value": "hi"}, {"from": "gpt", "value": "hello"}]]}, ["human", "gpt"]),
        ({"instruction": ["hi"], "input": [None], "output": ["hello"]}, ["user", "assistant"]),
    ],
)  # fmt: skip
def test_records_for_language_models_are_known(tmp_path: Path, columns: dict[str, Any], said: list[str]) -> None:
    (dialogue,) = read(write(tmp_path / "log", columns))
    assert dialogue == list(zip(said, ["hi", "hello"], strict=True))


def test_progress_is_told_in_bytes_of_the_file(tmp_path: Path) -> None:
    log = write(tmp_path / "log", {"question": ["hi"] * 5, "answer": ["hello"] * 5})
    told: list[int] = []
    assert len(list(ParquetReader().read(open_log(str(log), progress=told.append), Tally()))) == 5
    assert len(told) == 3 and 0 < sum(told) <= log.stat().st_size


def test_an_archive_is_read_without_being_unpacked(tmp_path: Path) -> None:
    log = write(tmp_path / "log", {"question": ["hi"], "answer": ["hello"]})
    with zipfile.ZipFile(tmp_path / "log.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(log, "data/train-00000-of-00001.parquet")
    assert read(tmp_path / "log.zip") == [[("A", "hi"), ("B", "hello")]]


def test_other_columns_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="has no such columns: a, b"):
        read(write(tmp_path / "log", {"a": ["x"], "b": ["y"]}))


def test_bad_bytes_and_strange_cells_do_not_stop_the_reading(tmp_path: Path) -> None:
    tally = Tally()
    texts = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"a\xffok")]
    )
    log = write(tmp_path / "log", {"question": texts, "answer": ["b", "c"], "time": [[1], None]})
    assert read(log, tally) == [[("A", "ok"), ("B", "c")]]
    assert tally.skipped == {"malformed": 1}


def test_without_pyarrow_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = write(tmp_path / "log", {"question": ["hi"], "answer": ["hello"]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LogError, match="needs pyarrow") as caught:
        read(log)
    assert "chatbot[parquet]" in caught.value.hint


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_ends_in_dialogues_or_in_one_error(tmp_path: Path, data: st.DataObject) -> None:
    whole = write(tmp_path / "whole", {"question": ["hi", "bye"], "answer": ["hello", "ciao"]}).read_bytes()
    cut = data.draw(st.integers(4, len(whole)))
    (tmp_path / "log").write_bytes(
        whole[:cut] + data.draw(st.binary(max_size=8)) + whole[cut + data.draw(st.integers(0, 9)) :]
    )
    try:
        list(ParquetReader().read(open_log(str(tmp_path / "log")), Tally()))
    except LogError as error:
        assert "log" in error.message
