"""Dialogues of ``E`` and ``M`` lines."""

from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.conv import ConvReader
from chatbot.dialogue import Dialogue


def read(folder: Path, text: str, tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    return list(ConvReader(**settings).read(open_log(str(folder / "log")), tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_e_begins_a_dialogue_and_m_is_a_turn(tmp_path: Path) -> None:
    first, second = read(tmp_path, "E\nM 你在吗\nM 在的\nE\nM 吃了吗 \nM 24/7\nM 好")
    assert texts(first) == [("A", "你在吗"), ("B", "在的")]
    assert texts(second) == [("A", "吃了吗"), ("B", "24/7"), ("A", "好")]
    assert (first.id, second.id) == ("log:1", "log:4")


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("今/天/天/气/好/", "今天天气好"), ("今天/天气/好", "今天天气好"),
        ("说/ /you/ /know/", "说 you know"), ("一/共/1///2/吧/", "一共1/2吧"),
    ],
)  # fmt: skip
def test_words_cut_apart_are_put_together(tmp_path: Path, cut: str, whole: str) -> None:
    (dialogue,) = read(tmp_path, f"E\nM {cut}\nM 我/不/知/道/啊/\n")
    assert texts(dialogue) == [("A", whole), ("B", "我不知道啊")]


def test_empty_turns_and_strange_lines_are_counted(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, "E\n\nE\nM \nM 有人吗\nM\nM 喂\nnoise\n", tally)
    assert texts(dialogue) == [("B", "有人吗\n喂")]
    assert tally.skipped == {"empty": 2, "malformed": 1}


def test_other_texts_are_not_taken_for_it(tmp_path: Path) -> None:
    for text in ("M hello\nM you\n", "E\n", "E\nEva\nMax\n"):
        (tmp_path / "log").write_text(text)
        assert ConvReader.recognises(text, "log") == ""
    (tmp_path / "log").write_text("E\nM hi\nM hello\n")
    assert isinstance(recognise(open_log(str(tmp_path / "log")))[0], ConvReader)


def test_a_turn_without_words_is_a_mark_too(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("E\nM 呵呵\nM 是的。\nE\nM 不是\nM\nM 那是什么？\nE\n", encoding="utf-8")
    reader, _, _ = recognise(open_log(str(tmp_path / "log")))
    assert reader == ConvReader()
