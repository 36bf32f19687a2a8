"""What holds for every reader."""

import gzip
import random
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.canonical import dump_dialogue
from chatbot.corpus.log import open_log
from chatbot.corpus.readers import READERS, AnyReader, Tally, recognise
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

SAMPLES = {
    "captions": 'path,text\n/a/1.png,a red circle\n/a/2.png,"a square, green"\n',
    "dailydialog": "Hi . __eou__ Hello ! __eou__\nBye . __eou__ See you . __eou__\t1 2\t0 0\n",
    "discord": '{"guild": {"id": "1", "name": "Tea"}, "channel": {"id": "2", "name": "talk"}, "messages": ['
    '{"id": "3", "timestamp": "2024-03-05T21:41:05.2+00:00", "content": "hi", "author": {"id": "7"}},'
    '{"id": "4", "type": "19", "timestamp": "2024-03-05T21:42:05+00:00", "content": "你好", "author": {"id": "8"}}]}',
    "jsonl": '{"id": "a:1", "turns": [{"speaker": "Ada", "text": "hi"}, {"speaker": "Bob", "text": "你好"}]}\n',
    "matrix": '{"room_name": "Tea", "room_creator": "a", "export_date": "3/5/2024", "exported_by": "a", "messages": ['
    '{"type": "m.room.message", "sender": "@a:x.org", "event_id": "$1", "origin_server_ts": 1709640000000,'
    ' "content": {"msgtype": "m.text", "body": "hi"}},'
    '{"type": "m.room.message", "sender": "@b:x.org", "event_id": "$2", "origin_server_ts": 1709640060000,'
    ' "content": {"msgtype": "m.text", "body": "你好"}}]}',
    "mattermost": '{"type": "version", "version": 1}\n{"type": "post", "post": {"team": "t", "channel": "c",'
    ' "user": "mei", "message": "hi", "create_at": 1709640000000, "replies": [{"user": "tom", "message": "你好",'
    ' "create_at": 1709640060000}]}}\n',
    "slack": '[{"type": "message", "user": "U1", "text": "hi", "ts": "1709640000.000100"},'
    '{"type": "message", "user": "U2", "text": "你好", "ts": "1709640060.000200"}]',
    "telegram": '{"name": "Bob", "type": "personal_chat", "id": 1, "messages": ['
    '{"id": 1, "type": "message", "date": "2024-03-05T21:41:05", "from": "Ada", "from_id": "user1", "text": "hi"},'
    '{"id": 2, "type": "message", "date": "2024-03-05T21:42:05", "from": "Bob", "from_id": "user2", "text": "hello"}]}',
    "text": "hi\nhello\n\nbye\nsee you\n",
    "tsv": "hi\thello\nbye\tsee you\n",
}


def read(path: Path) -> tuple[str, list[Dialogue], Tally]:
    reader, reason, parts = recognise(open_log(str(path)))
    tally = Tally()
    assert reason
    return str(getattr(reader, "kind", "")), list(reader.read(parts, tally)), tally


def test_the_table_the_union_and_the_samples_agree() -> None:
    union = get_args(get_args(AnyReader)[0])
    assert set(READERS.values()) == set(union)
    assert SAMPLES.keys() == READERS.keys()
    assert all(reader().model_dump()["kind"] == name for name, reader in READERS.items())


@pytest.mark.parametrize("name", READERS)
def test_each_format_is_recognised_by_its_content_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(SAMPLES[name], encoding="utf-8")
    kind, dialogues, tally = read(tmp_path / "log")
    assert kind == name
    assert all(len(dialogue.turns) == 2 for dialogue in dialogues)
    assert not tally.skipped


@pytest.mark.parametrize("name", READERS)
def test_each_format_is_read_packed_and_with_any_line_end(name: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(SAMPLES[name], encoding="utf-8")
    (tmp_path / "log.gz").write_bytes(gzip.compress(SAMPLES[name].replace("\n", "\r\n").encode("utf-8-sig")))
    plain, packed = read(tmp_path / "log")[1], read(tmp_path / "log.gz")[1]
    assert [dialogue.turns for dialogue in plain] == [dialogue.turns for dialogue in packed]


@pytest.mark.parametrize("name", READERS)
def test_each_formats_dialogues_come_back_from_the_canonical_layout(name: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(SAMPLES[name], encoding="utf-8")
    lines = "".join(dump_dialogue(dialogue) + "\n" for dialogue in read(tmp_path / "log")[1])
    (tmp_path / "export.jsonl").write_text(lines, encoding="utf-8")
    again = "".join(dump_dialogue(dialogue) + "\n" for dialogue in read(tmp_path / "export.jsonl")[1])
    assert again == lines


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_ends_in_dialogues_or_in_one_error(name: str, tmp_path: Path, data: st.DataObject) -> None:
    whole = SAMPLES[name].encode()
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=20))
    (tmp_path / "log").write_bytes(whole[:cut] + junk + whole[cut + data.draw(st.integers(0, 9)) :])
    try:
        list(READERS[name]().read(open_log(str(tmp_path / "log")), Tally()))
    except LogError as error:
        assert "log" in error.message


def test_the_plain_formats_count_only_where_no_other_fits(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(SAMPLES["text"])
    (tmp_path / "log").write_text(SAMPLES["dailydialog"])
    assert read(tmp_path)[0] == "dailydialog"


def test_two_formats_that_fit_are_an_error_that_names_both(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(SAMPLES["text"])
    (tmp_path / "b").write_text(SAMPLES["tsv"])
    with pytest.raises(LogError, match=r"text \(.*tsv \("):
        read(tmp_path)


def test_no_format_that_fits_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").write_text('{"some": "json"}')
    with pytest.raises(LogError, match="in no format"):
        read(tmp_path)


def test_noise_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(random.Random(1).randbytes(5000))
    with pytest.raises(LogError, match="binary"):
        read(tmp_path)
