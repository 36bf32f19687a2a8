"""Versions: whole folders, of which one is current."""

from pathlib import Path

import pytest

from chatbot.errors import ModelError, UntrainedError
from chatbot.training.modelcard import model_card
from chatbot.training.versions import Versions


def write(folder: Path) -> None:
    (folder / "model").write_text("weights")


def test_versions_are_numbered_and_one_is_current(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "bot" / "versions")
    first, second = versions.add(write, {"a": 1}), versions.add(write, {"a": 2})
    versions.promote(second)
    assert (first, second, versions.names(), versions.current()) == ("0001", "0002", ["0001", "0002"], "0002")
    assert versions.previous() == "0001"
    assert versions.card("0002")["a"] == 2
    assert (versions.path("0001") / "model").read_text() == "weights"


def test_a_version_that_could_not_be_written_is_not_there(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "bot" / "versions")

    def fail(folder: Path) -> None:
        write(folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        versions.add(fail, {})
    assert list((tmp_path / "bot" / "versions").iterdir()) == []


def test_untrained_and_unknown_say_what_to_do(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "bot" / "versions")
    with pytest.raises(UntrainedError) as caught:
        versions.current()
    assert caught.value.hint == "chatbot train bot"
    versions.promote(versions.add(write, {}))
    with pytest.raises(ModelError, match='no version "9"'):
        versions.promote("9")
    with pytest.raises(ModelError, match="the first"):
        versions.previous()


def test_a_model_card_tells_data_measures_and_weaknesses() -> None:
    figures = {"old": {"bits_per_byte": 1.5}, "new": {"bits_per_byte": 2.0}, "probes": []}
    failed = {"question": "who are you?", "reply": "我是人", "passed": False}
    text = model_card({
        "version": "0002", "created": "2026-01-01", "kind": "retrained", "parent": "0001", "new_pairs": 1234,
        "sources": [{"name": "talk", "title": "Small talk", "source": "", "licence": "MIT"}],
        "logs": [{"path": "new.jsonl", "sha256": "abc"}], "people": 2, "until": "2026-01-01", "skipped": {"media": 3},
        "before": figures, "after": {**figures, "probes": [failed]}, "objections": ["duller"],
    })  # fmt: skip
    for fact in ("retrained from version 0001", "licence: MIT", "SHA-256 abc", "2 people", "1,234 new pairs", "3 media",
                 "| old pairs | 1.500 | 1.500 |", "- duller", "“我是人”"):  # fmt: skip
        assert fact in text
