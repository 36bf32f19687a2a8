"""Arrays that grow beyond memory come back as what was appended."""

from pathlib import Path

import numpy as np
import pytest

from chatbot.corpus import ragged
from chatbot.corpus.ragged import Ragged, Spool


@pytest.mark.parametrize("most", [0, 100, 2**20], ids=["in a file", "part by part", "in memory"])
def test_one_array_comes_of_many_parts(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ragged, "_IN_MEMORY", most)
    monkeypatch.setattr(ragged, "large_folder", lambda: str(tmp_path))
    growing = Spool[np.int32](np.dtype(np.int32))
    for start in range(0, 300, 7):
        growing.append(list(range(start, min(start + 7, 300))))
        assert list(tmp_path.iterdir()) == [], "what people said has no name on the disk"
    growing.append([])

    whole = growing.array()

    assert len(growing) == len(whole) == 300
    assert whole.tolist() == list(range(300))
    assert not whole.flags.writeable


@pytest.mark.parametrize("most", [0, 2**20])
def test_nothing_appended_is_an_empty_array(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ragged, "_IN_MEMORY", most)
    growing = Spool[np.uint64](np.dtype(np.uint64))
    assert growing.array().tolist() == []
    again = Spool[np.uint64](np.dtype(np.uint64))
    again.append(np.empty(0, np.uint64))
    assert again.array().dtype == np.uint64


def test_rows_keep_their_lengths() -> None:
    rows = Ragged.pack([[1, 2], [], [3]], np.int32)
    assert len(rows) == 3
    assert [row.tolist() for row in map(rows.__getitem__, range(3))] == [[1, 2], [], [3]]
    assert rows.lengths.tolist() == [2, 0, 1]
    assert len(Ragged.pack([], np.int32)) == 0
