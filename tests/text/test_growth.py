"""A tokenizer that grows: what it knows stays, what is new becomes short."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.text.context import Unit
from chatbot.text.tokenizer import Tokenizer

OLD = ["hello there, how are you?", "hello, what is your name?", "I am fine, and you?"] * 3
NEW = ["привет, как дела?", "привет, как тебя зовут?", "你好，你叫什么名字？", "你好，最近怎么样？"] * 3
BEFORE: dict[Unit, Tokenizer] = {unit: Tokenizer.train(OLD, 400, unit) for unit in get_args(Unit)}
AFTER = {unit: tokenizer.grow(NEW, 1000) for unit, tokenizer in BEFORE.items()}
each_unit = pytest.mark.parametrize("unit", BEFORE)


def test_merges_go_on_by_hand() -> None:
    before = Tokenizer.train(["ab ab"], 300)
    after, parts = before.grow(["好 ab好 ab好"], 3)
    first, second, third = before.encode("好")
    blank_ab, new = before.encode("ab")[-1], len(before)
    assert before.encode("x ab好")[-4:] == [blank_ab, first, second, third]
    assert len(after) == new + 3
    assert sorted(parts, key=len)[1:] == [[first, second, third], [blank_ab, first, second, third]]
    assert after.encode("好") == [new + parts.index([first, second, third])]
    assert after.encode("x ab好")[-1:] == [new + parts.index([blank_ab, first, second, third])]
    assert after.encode("x ab") == before.encode("x ab")


@each_unit
def test_old_texts_keep_their_ids_and_new_ones_become_shorter(unit: Unit) -> None:
    before, (after, parts) = BEFORE[unit], AFTER[unit]
    assert [after.encode(text) for text in OLD] == [before.encode(text) for text in OLD]
    assert all(len(after.encode(text)) < 0.7 * len(before.encode(text)) for text in NEW)
    assert len(after) == len(before) + len(parts)
    assert (after.pad, after.begin, after.end) == (before.pad, before.begin, before.end)
    assert max(token for text in NEW for token in after.encode(text)) >= len(before)


@each_unit
def test_the_parts_of_an_entry_spell_it(unit: Unit) -> None:
    before, (after, parts) = BEFORE[unit], AFTER[unit]
    assert parts
    for place, ids in enumerate(parts, len(before)):
        assert len(ids) > 1
        assert before.decode(ids) == after.decode([place])


@each_unit
@given(st.text())
def test_any_text_comes_back(unit: Unit, text: str) -> None:
    after, _ = AFTER[unit]
    assert after.decode(after.encode(text)) == text


@each_unit
@given(st.text(alphabet="привет, 你好hello?", max_size=40))
def test_texts_that_mix_old_and_new_come_back_no_longer_than_before(unit: Unit, text: str) -> None:
    after, _ = AFTER[unit]
    assert after.decode(after.encode(text)) == text
    assert len(after.encode(text)) <= len(BEFORE[unit].encode(text))


@each_unit
def test_what_grew_is_saved_and_grows_again(unit: Unit, tmp_path: Path) -> None:
    after, _ = AFTER[unit]
    after.save(tmp_path)
    loaded = Tokenizer.load(tmp_path)
    assert [loaded.encode(text) for text in [*OLD, *NEW]] == [after.encode(text) for text in [*OLD, *NEW]]
    again, parts = loaded.grow(["γειά σου"] * 3, 50)
    assert parts
    assert [again.encode(text) for text in [*OLD, *NEW]] == [after.encode(text) for text in [*OLD, *NEW]]


@each_unit
def test_growth_is_bounded_and_the_same_each_time(unit: Unit) -> None:
    first, second = (BEFORE[unit].grow(NEW, 3) for _ in range(2))
    assert len(first[0]) == len(BEFORE[unit]) + 3
    assert first[1] == second[1]
    assert [first[0].encode(text) for text in NEW] == [second[0].encode(text) for text in NEW]


@each_unit
def test_nothing_new_adds_nothing(unit: Unit) -> None:
    assert BEFORE[unit].grow([], 100)[1] == []
    assert BEFORE[unit].grow(["a different one"], 100)[1] == []  # all of it once only
