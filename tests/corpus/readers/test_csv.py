"""Comma-separated values."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.log import open_log
from chatbot.corpus.manifest import load_corpus
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.csv_rows import CsvReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError


def read(folder: Path, text: str | bytes, tally: Tally | None = None, **columns: Any) -> list[Dialogue]:
    (folder / "log.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(CsvReader(**columns).read(open_log(str(folder / "log.csv")), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_a_question_with_its_answer_is_a_dialogue(tmp_path: Path) -> None:
    first, second = read(tmp_path, 'id,Question,Answer\n1,"Tea, or coffee?","Say ""tea""."\n\n2,你好,"你好\r\n呀"\n')
    assert texts(first) == [("A", "Tea, or coffee?"), ("B", 'Say "tea".')]
    assert texts(second) == [("A", "你好"), ("B", "你好\n呀")]
    assert (first.id, second.id) == ("log.csv:2", "log.csv:4")


def test_messages_merge_and_silence_cuts(tmp_path: Path) -> None:
    times = ("09:00", "Ada,hi"), ("09:04", "Ada,there"), ("09:05", "Bo,hey"), ("11:00", "Ada,new")
    rows = "".join(f"{said},2024-03-05 {time}:00\n" for time, said in times)
    first, second = read(tmp_path, "speaker,text,time\n" + rows)
    assert texts(first) == [("Ada", "hi\nthere"), ("Bo", "hey")]
    assert texts(second) == [("Ada", "new")]
    assert first.turns[0].time == datetime(2024, 3, 5, 9, 0)  # noqa: DTZ001 - the log states no zone


def test_rows_of_several_dialogues_may_take_turns(tmp_path: Path) -> None:
    rows = "1,Ada,hi\n2,Cy,yo\n1,Bo,hey\n2,Di,what?\n1,Ada,bye\n"
    first, second = read(tmp_path, "dialogue,speaker,text\n" + rows)
    assert texts(first) == [("Ada", "hi"), ("Bo", "hey"), ("Ada", "bye")]
    assert texts(second) == [("Cy", "yo"), ("Di", "what?")]


def test_questions_of_one_dialogue_stay_together(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, "dialogue,question,answer\nx,a?,b\nx,c?,d\n", speakers=("Ada", "Bo"))
    assert texts(dialogue) == [("Ada", "a?"), ("Bo", "b"), ("Ada", "c?"), ("Bo", "d")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-05T21:41:05+08:00", "2024-03-05T21:41:05+08:00"),
        ("2024-03-05T21:41:05Z", "2024-03-05T21:41:05+00:00"),
        ("2024/3/5 9:41", "2024-03-05T09:41:00"), ("2024-03-05", "2024-03-05T00:00:00"), ("", None),
        ("1709674865", "2024-03-05T21:41:05+00:00"), ("1709674865000", "2024-03-05T21:41:05+00:00"),
    ],
)  # fmt: skip
def test_times_are_iso_or_since_1970(tmp_path: Path, written: str, meant: str | None) -> None:
    (dialogue,) = read(tmp_path, f"speaker,text,time\nAda,hi,{written}\n")
    time = dialogue.turns[0].time
    assert (time.isoformat() if time else None) == meant


def test_the_corpus_file_names_columns_and_how_times_are_written(tmp_path: Path) -> None:
    (tmp_path / "corpus.toml").write_text(
        'title = "x"\n[reader]\nkind = "csv"\nspeaker = "Who"\ntext = "Said"\n'
        'time = "At"\ntime_format = "%d/%m/%Y %H:%M %z"\n'
    )
    (tmp_path / "log.csv").write_text("At;Who;Said\n05/03/2024 21:41 +0000;Ada;hi; \n", encoding="utf-8-sig")
    corpus = load_corpus(tmp_path)
    (dialogue,) = corpus.manifest.reader.read(corpus.parts(), Tally())
    assert texts(dialogue) == [("Ada", "hi")]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 21, 41, tzinfo=UTC)


def test_rows_that_do_not_fit_are_counted(tmp_path: Path) -> None:
    tally = Tally()
    rows = 'Ada,hi,\nAda\nAda,one, two, three\nAda,when,31/02\n,nobody\nAda,  ,\nBo,"never closed\nAda,more\n'
    (dialogue,) = read(tmp_path, "speaker,text,time\n" + rows, tally)
    assert texts(dialogue) == [("Ada", "hi"), ("unknown", "nobody")]
    assert tally.skipped == {"malformed": 4, "empty": 1}
    assert [place for place, _ in tally.malformed] == ["log.csv:3", "log.csv:4", "log.csv:5", "log.csv:8"]


@pytest.mark.parametrize("text", ["hello\nworld\n", "who,said\na,b\n", "\n\n"])
def test_a_header_without_the_columns_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(LogError, match="names no such columns"):
        read(tmp_path, text)


def test_other_delimiters_are_seen_in_the_header(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("question\tanswer\nhi, you\thello; you\n")
    reader, reason, parts = recognise(open_log(str(tmp_path / "log")))
    (dialogue,) = reader.read(parts, Tally())
    assert reason == "the columns are question, answer"
    assert texts(dialogue) == [("A", "hi, you"), ("B", "hello; you")]


@pytest.mark.parametrize("line", ['a,"', '"', "a,b", '"a""', ",,,,", 'a,"b" c'])
def test_a_megabyte_of_anything_is_read_at_once(tmp_path: Path, line: str) -> None:
    started = time.process_time()
    read(tmp_path, "question,answer\n" + f"{line}\n" * (100_000 // len(line)))
    read(tmp_path, "question,answer\n" + line * (1_000_000 // len(line)))
    assert time.process_time() - started < 5


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=60))
def test_any_bytes_end_in_dialogues_or_in_one_error(tmp_path: Path, junk: bytes) -> None:
    try:
        read(tmp_path, b"speaker,text,time\nAda,hi,2024-03-05\n" + junk)
    except LogError as error:
        assert "log.csv" in error.message
