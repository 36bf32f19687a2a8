"""Conversations as they are handed out to read."""

import pytest

from chatbot.conversation.pages import as_html, as_markdown
from chatbot.dialogue import Dialogue, Turn


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("It's 3.5-ish (really)!", "It's 3.5-ish (really)!"),
        ("*no* [a](b) <i> `c` a_b | c & d \\", "\\*no\\* \\[a\\](b) \\<i\\> \\`c\\` a\\_b \\| c \\& d \\\\"),
        ("# 一\n- 二", "# 一 - 二"),
    ],
)
def test_what_people_typed_is_never_taken_for_markdown(said: str, written: str) -> None:
    assert f"**Ada**: {written}\n" in "".join(as_markdown([Dialogue("a", (Turn("Ada", said),))]))


def test_nor_for_html() -> None:
    assert "<b>Ada</b>: &lt;i&gt;" in "".join(as_html([Dialogue("a", (Turn("Ada", "<i>"),))]))
