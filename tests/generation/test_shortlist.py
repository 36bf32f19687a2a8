"""Answers of the corpus that a reply may be chosen from."""

from pathlib import Path

import pytest

from chatbot.dialogue import Pair, Turn
from chatbot.errors import CheckpointError
from chatbot.generation.shortlist import Known, Shortlist, known_pairs, load_pairs, save_pairs
from chatbot.text.context import SELF, TextSettings
from chatbot.text.tokenizer import Tokenizer

PAIRS = [
    Pair((Turn("Eve", "who are you?"),), Turn("Ada", "I am  Ada."), "1"),
    Pair((Turn("Ada", "who are you?"),), Turn("小明", "我是小明。"), "2"),
    Pair((Turn("Ada", "who are you?"),), Turn("Bob", "Bob!"), "3"),
]
TOKENIZER = Tokenizer.train([pair.answer.text for pair in PAIRS], 300)


def candidates(known: list[Known], tag: str) -> list[str]:
    return [TOKENIZER.decode(one.ids) for one in Shortlist(known, TOKENIZER).candidates("who are you", 9, tag)]


def test_each_speaker_has_their_own_answers_and_the_others_share_theirs() -> None:
    known = known_pairs(PAIRS, TextSettings(speakers=("Ada", "小明", "Eve")))
    assert candidates(known, "<speaker1>") == ["I am Ada."]
    assert candidates(known, "<speaker2>") == ["我是小明。"]
    assert candidates(known, "<speaker3>") == []
    assert candidates(known, SELF) == ["Bob!"]


def test_where_nobody_is_told_apart_every_answer_is_the_bots() -> None:
    assert candidates(known_pairs(PAIRS, TextSettings()), SELF) == ["I am Ada.", "我是小明。", "Bob!"]


def said(message: str, *known: tuple[str, str]) -> list[str]:
    pairs = [Known(*pair) for pair in known]
    tokenizer = Tokenizer.train([pair.answer for pair in pairs], 300)
    return [tokenizer.decode(one.ids) for one in Shortlist(pairs, tokenizer).candidates(message, 2)]


def test_an_answer_to_a_question_that_is_far_is_none_where_another_is_near() -> None:
    known = ("how is the weather", "Sunny."), ("how is it", "Fine."), ("how is the weather today", "It rains.")
    assert said("how is the weather?", *known) == ["Sunny.", "It rains."]
    assert said("how is it?", *known) == ["Fine."]


def test_where_nothing_is_near_the_answers_that_fit_most_questions_are_there() -> None:
    answers = ["Why do you ask?", *["Sure, I do."] * 3, *["Oh."] * 2, "A long story."]
    assert said("嗯？", *((f"question{place}", answer) for place, answer in enumerate(answers))) == [
        "Oh.",
        "Sure, I do.",
    ]


@pytest.mark.parametrize("text", [TextSettings(), TextSettings(speakers=("Ada", "小明"))])
def test_what_was_saved_is_what_is_loaded_and_names_nobody(tmp_path: Path, text: TextSettings) -> None:
    pairs = [Pair(pair.question, Turn(pair.answer.speaker, "嗯"), pair.dialogue) for pair in PAIRS]
    save_pairs(tmp_path / "pairs.jsonl", known_pairs(pairs, text))
    assert load_pairs(tmp_path / "pairs.jsonl") == list(dict.fromkeys(known_pairs(pairs, text)))
    written = (tmp_path / "pairs.jsonl").read_text(encoding="utf-8")
    assert not any(name in written for name in ("Ada", "小明", "Bob"))
    assert written.splitlines()[-1] == '["who are you?", "嗯"]'  # as it was before there were tags


@pytest.mark.parametrize("line", ['["question"]', '{"a": 1}', '["a", "b", "c", "d"]', "[1"])
def test_damage_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "pairs.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(CheckpointError, match="is damaged"):
        load_pairs(tmp_path / "pairs.jsonl")
