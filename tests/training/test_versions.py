"""Versions: whole folders, of which one is current."""

from pathlib import Path

import pytest

from chatbot.errors import ModelError, UntrainedError
from chatbot.training.modelcard import card_sections, model_card
from chatbot.training.tables import table_of_versions
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


def test_no_name_is_given_twice(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "bot" / "versions")
    first, second = versions.add(write, {}), versions.add(write, {})
    versions.remove(second)
    assert versions.names() == [first]
    assert versions.add(write, {}) == "0003"
    versions.remove("0003")
    versions.remove(first)
    assert versions.next() == "0004"
    (versions.folder / "last").write_bytes(b"\xff")  # damaged: what is there counts
    assert versions.add(write, {}) == "0001"


def test_what_a_killed_removal_left_is_swept_away(tmp_path: Path) -> None:
    versions = Versions(tmp_path / "bot" / "versions")
    (versions.folder / versions.add(write, {})).rename(versions.folder / "gone-0001")
    assert versions.names() == []
    versions.sweep()
    assert list(versions.folder.iterdir()) == []


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
    replies = {"f1": 0.25, "distinct_2": 0.5}
    figures = {
        "old": {"bits_per_byte": 1.5}, "new": {"bits_per_byte": 2.0}, "probes": [], "replies": replies,
        "latency_ms": 20.0, "seen": 0.0,
    }  # fmt: skip
    failed = {"question": "who are you?", "reply": "我是人", "passed": False}
    text = model_card({
        "version": "0002", "created": "2026-01-01", "kind": "retrained", "parent": "0001", "new_pairs": 1234,
        "replayed_pairs": 1300, "new_span": {"first": "2025-01-02", "last": "2025-03-04"},
        "sources": [
            {"name": "talk", "title": "Small talk", "source": "", "licence": "MIT", "pairs": 2000,
             "first": "2020-01-01", "last": "2021-01-01"},
        ],
        "logs": [{"path": "new.jsonl", "sha256": "abc"}], "people": 2, "until": "2026-01-01", "skipped": {"media": 3},
        "before": figures, "after": {**figures, "probes": [failed], "seen": 0.125}, "objections": ["duller"],
        "baselines": {"reference": {"f1": 1.0}, "random": {"f1": 0.1}},
    })  # fmt: skip
    for fact in ("retrained from version 0001", "licence: MIT", "SHA-256 abc", "2 people", "1,234 new pairs", "3 media",
                 "2,000 pairs, 2020-01-01 to 2021-01-01", "new pairs, 2025-01-02 to 2025-03-04",
                 "| measure | this version | the one before | reference | random |",
                 "| bits per byte, old pairs | 1.500 | 1.500 |  |  |", "| f1 | 0.250 | 0.250 | 1.000 | 0.100 |",
                 "| ms a reply | 20.000 | 20.000 |", "12.5% of these pairs it has learnt", "- duller",
                 "“我是人”"):  # fmt: skip
        assert fact in text


def test_a_card_says_that_a_bot_quotes_and_what_was_hidden() -> None:
    text = model_card({"version": "0001", "created": "2026-01-01", "quoted": 1200, "hidden": {"email": 3}})
    assert "it keeps 1,200 answers of its corpus and says them word for word" in text
    assert "- hidden: 3 email" in text


def test_a_table_of_versions_tells_what_each_is_from_and_how_it_fares_on_old_pairs() -> None:
    first = {"version": "0001", "created": "2026-11-22T09:27:21+00:00", "corpora": ["a", "b"], "training_pairs": 1234,
             "validation": {"bits_per_byte": 1.5, "word_perplexity": 20.0}}  # fmt: skip
    second = {"version": "0002", "created": "now", "parent": "0001", "logs": [{}], "people": 2, "new_pairs": 5,
              "validation": {"bits_per_byte": 9.0}, "after": {"old": {"bits_per_byte": 1.6}}}  # fmt: skip
    assert table_of_versions([first, second], "0002")[1:] == [
        ["", "0001", "2026-11-22 09:27", "a, b", "1,234", "1.500", "20.000"],
        ["*", "0002", "now", "0001 and 1 log and 2 people", "5", "1.600", ""],
    ]


def spent_lines(**facts: object) -> list[str]:
    card = {"version": "0001", "created": "2026-01-01", "seconds": 540.0, **facts}
    return next(section.lines for section in card_sections(card) if section.title == "Energy and time")


def test_a_model_card_tells_energy_only_where_it_was_measured() -> None:
    spent = {"seconds": 600.0, "processor_seconds": 1200.0, "joules": {"processor 0": 36_000.0, "memory 0": 1800.0}}
    time, energy = spent_lines(spent=spent, device="cpu")
    assert time.startswith("10.0 minutes, 9.0 of them on steps")
    assert "20.0 minutes of processor time" in time
    assert energy.endswith(": processor 0 10 Wh, memory 0 0.5 Wh")
    time, none = spent_lines(spent={**spent, "joules": {}}, device="cpu")
    assert none == "energy of the processor: not measured, no counter could be read"
    *_, processor, card = spent_lines(spent={**spent, "joules": {}}, device="cuda:0")
    assert processor == none
    assert "graphics card: not measured" in card
    _, energy, processor = spent_lines(spent={**spent, "joules": {"graphics card": 360_000.0}}, device="cuda:0")
    assert energy.endswith(": graphics card 100 Wh")
    assert processor == none
