"""Tidying of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.text.clean import clean, close_up, space_out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  two \n\t blanks\u00a0 ", "two blanks"),
        ("bell\x07 and \x1b[31mred", "bell and [31mred"),
        ("e\u0301", "é"),
        ("\u202eoverride\u202c \ufeffmark", "override mark"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("你好\u3000世界", "你好 世界"),
    ],
)
def test_controls_go_and_words_stay(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("spaced", "written"),
    [
        ("I ’ m fine , thanks . And you ?", "I’m fine, thanks. And you?"),
        ("I don ' t know ( yet ) .", "I don't know (yet)."),
        ("It costs $ 5 , or 5 % more .", "It costs $5, or 5% more."),
        ("我 很 好", "我很好"),
    ],
)
def test_spaced_text_is_drawn_together_as_people_write(spaced: str, written: str) -> None:
    assert close_up(spaced) == written


@pytest.mark.parametrize("text", ["I'm fine, thanks. And you?", "Say , Jim , how about a beer ?"])
def test_spacing_out_twice_is_spacing_out_once(text: str) -> None:
    assert space_out(space_out(text)) == space_out(text)


def test_typed_text_is_spaced_as_the_corpus_is() -> None:
    assert space_out("Well, how are you?") == "Well , how are you ?"
