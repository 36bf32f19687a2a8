"""Chinese in one script, whichever of the two people write."""

from collections.abc import Sequence

import pytest

from chatbot.dialogue import Pair, Turn
from chatbot.text.script import Script, in_script, pairs_in_script, script_of, turns_in_script

TRADITIONAL, SIMPLIFIED = "她的頭髮後面有一個圖書館。", "她的头发后面有一个图书馆。"


@pytest.mark.parametrize("text", [TRADITIONAL, SIMPLIFIED])
def test_either_script_becomes_the_one_that_is_wanted(text: str) -> None:
    assert in_script(text, "simplified") == SIMPLIFIED
    assert in_script(text, "traditional") == TRADITIONAL
    assert in_script(text, "as-written") == text


def test_a_character_becomes_what_its_word_needs() -> None:
    assert in_script("皇后在后面干活，吃饼干，理发，出发。", "traditional") == "皇后在後面幹活，吃餅乾，理髮，出發。"


@pytest.mark.parametrize("text", ["Hello, 1 + 1?", "Grüße 😀", "すし", "", "  two  blanks "])
def test_what_is_not_chinese_stays(text: str) -> None:
    assert in_script(text, "traditional").split() == text.split()


def test_damaged_text_is_no_obstacle() -> None:
    assert in_script("\ud800這\x00", "simplified") == "这"


def test_every_turn_of_a_pair_is_rewritten_and_nothing_else_of_it() -> None:
    question = (Turn("林", "你好嗎", id="1"), Turn("陳", "圖書館", reply_to="1"))
    (pair,) = pairs_in_script([Pair(question, Turn("林", "謝謝"), "d")], "simplified")
    assert pair == Pair((Turn("林", "你好吗", id="1"), Turn("陳", "图书馆", reply_to="1")), Turn("林", "谢谢"), "d")
    assert turns_in_script(question, "as-written") is question


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        (["你好", "圖書館", "再見", "谢谢"], "traditional"),
        (["你好", "图书馆", "謝謝", "再见"], "simplified"),
        (["你好", "hello"], "as-written"),
    ],
)
def test_the_script_of_a_log_is_that_of_most_of_it(texts: Sequence[str], script: Script) -> None:
    assert script_of(texts) == script
