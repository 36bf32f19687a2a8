"""Files are swapped whole, and errors name them."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chatbot.files import replacing, write_whole


def write(path: Path) -> None:
    with replacing(path) as stream:
        stream.write("new")


@pytest.mark.parametrize("way", [lambda path: write_whole(path, "new"), write])
def test_a_full_disk_is_told_with_the_file_and_leaves_the_old_one(
    way: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.txt"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as raised:
        way(path)
    assert raised.value.filename == str(path)
    assert [one.name for one in tmp_path.iterdir()] == ["kept.txt"]
    assert path.read_text() == "old"


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    path = tmp_path / "talk"
    path.mkdir()
    with pytest.raises(IsADirectoryError) as raised:
        write_whole(path, "new")
    assert raised.value.filename == str(path)
    assert list(tmp_path.iterdir()) == [path]
