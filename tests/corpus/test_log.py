"""Opening logs, wherever and however packed they are."""

import gzip
import io
import itertools
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard

from chatbot.corpus import log
from chatbot.corpus.log import open_log
from chatbot.corpus.tally import Tally
from chatbot.errors import LogError


def read(path: str) -> dict[str, list[str]]:
    return {Path(part.name).name: [line for _, line in part.lines(Tally())] for part in open_log(path)}


def test_a_file_a_folder_and_a_pattern_are_read(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.txt").write_text("two\n")
    (tmp_path / "deep" / "a.txt").write_text("one")
    (tmp_path / ".hidden").write_text("never")
    assert read(str(tmp_path / "b.txt")) == {"b.txt": ["two"]}
    assert read(str(tmp_path)) == {"b.txt": ["two"], "a.txt": ["one"]}
    assert read(str(tmp_path / "**" / "a*.txt")) == {"a.txt": ["one"]}


def test_packed_logs_are_read_without_unpacking(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"one\n"))
    (tmp_path / "b.txt.zst").write_bytes(zstandard.compress(b"two\n"))
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("../../evil.txt", "three\n")
        archive.writestr("inner.txt.gz", gzip.compress(b"four\n"))
    assert read(str(tmp_path)) == {
        "a.txt.gz": ["one"],
        "b.txt.zst": ["two"],
        "evil.txt": ["three"],
        "inner.txt.gz": ["four"],
    }
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.txt.gz", "b.txt.zst", "c.zip"]


def test_standard_input_is_a_part_that_can_be_looked_at_and_then_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"line\n" * 50_000)))
    (part,) = open_log("-")
    assert part.text_head().startswith("line\n")
    assert sum(1 for _ in part.lines(Tally())) == 50_000


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_only_the_three_line_ends_end_a_line(tmp_path: Path, end: str) -> None:
    (tmp_path / "log").write_bytes(f"a\u2028b\x85c{end}d".encode())
    assert read(str(tmp_path / "log")) == {"log": ["a\u2028b\x85c", "d"]}


def test_bad_bytes_are_replaced_and_counted(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes("caf\u00e9s \u00e0 \ufffd\n".encode() * 9 + b"c\xe9 \xff\xff\nend \xe4\xbd")
    tally = Tally()
    (part,) = open_log(str(tmp_path / "log"))
    lines = [line for _, line in part.lines(tally)]
    assert lines == ["caf\u00e9s \u00e0 \ufffd"] * 9 + ["c\ufffd \ufffd\ufffd", "end \ufffd"]
    assert tally.replaced == 4


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress((b" " * 99_999 + b"\n") * 1000))
    with pytest.raises(LogError, match="expands to more than 200 times"):
        read(str(tmp_path / "bomb.gz"))


def test_a_line_too_long_for_any_dialogue_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_LONGEST", 100)
    long = ["z" * 100, "z" * 1000, "z" * 199 + "\n", "z" * 200]
    texts = ["x" * 98, "y" * 97 + "\r", long[0], "short", *long[1:]]
    (tmp_path / "log").write_text("\n".join(texts))
    tally = Tally()
    lines = list(open_log(str(tmp_path / "log"))[0].lines(tally))
    assert [(number, len(line)) for number, line in lines] == [(1, 98), (2, 97), (4, 5), (7, 0)]
    assert tally.skipped == {"malformed": 4}
    assert [place for place, _ in tally.malformed] == ["log:3", "log:5", "log:6", "log:8"]


def test_only_a_few_heads_are_remembered_of_many_parts(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number:03}.txt").write_text(f"{number}\n" * 10_000)
    parts = open_log(str(tmp_path))
    tracemalloc.start()
    heads = sum(len(part.head()) for part in parts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (heads > 8 * 2**20, peak < 2**23) == (True, True)


def test_an_archive_is_listed_once_however_many_members_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "days.zip", "w") as archive:
        for number in range(50):
            archive.writestr(f"{number:02}.txt", f"day {number}\n")
    opened: list[Path] = []

    class Listed(zipfile.ZipFile):
        def __init__(self, path: Path) -> None:
            opened.append(path)
            super().__init__(path)

    monkeypatch.setattr(zipfile, "ZipFile", Listed)
    assert len(read(str(tmp_path / "days.zip"))) == 50
    assert opened == [tmp_path / "days.zip"]


def test_a_name_in_an_archive_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("a\nerror: \x1b[31mb", "")
    (part,) = open_log(str(tmp_path / "c.zip"))
    assert part.name.isprintable() and part.name.startswith(str(tmp_path / "c.zip"))


@pytest.mark.parametrize("name", ["cut.gz", "cut.zst", "cut.zip"])
def test_a_damaged_archive_is_one_error_that_names_it(tmp_path: Path, name: str) -> None:
    whole = {
        "cut.gz": gzip.compress(b"one two three\n" * 999),
        "cut.zst": zstandard.compress(b"x" * 999),
        "cut.zip": b"PK\x03\x04",
    }
    (tmp_path / name).write_bytes(whole[name][: len(whole[name]) // 2] if name != "cut.zip" else whole[name])
    with pytest.raises(LogError, match=name):
        read(str(tmp_path / name))


def test_an_archive_with_any_byte_changed_is_read_or_is_one_error(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", "one\ntwo\n")
    whole = (tmp_path / "c.zip").read_bytes()
    for place, change in itertools.product(range(len(whole)), (0, 1, 9, 255)):
        (tmp_path / "c.zip").write_bytes(whole[:place] + bytes([change]) + whole[place + 1 :])
        try:
            read(str(tmp_path / "c.zip"))
        except LogError as error:
            assert "c.zip" in error.message


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no such file"):
        open_log(str(tmp_path / "no"))
    with pytest.raises(LogError, match="holds no files"):
        open_log(str(tmp_path))
