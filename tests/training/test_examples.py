"""Pairs as ids: packed, in blocks, and the same as one by one."""

import pytest

from chatbot.dialogue import Pair, Turn
from chatbot.text.context import TextSettings, render_answer, render_context
from chatbot.text.tokenizer import Tokenizer
from chatbot.training import examples
from chatbot.training.examples import make_examples

TURNS = [
    Turn("AB"[place % 2], text)
    for place, text in enumerate(
        ["Hello there!", "hi", "你好吗？", "很好,  thanks", "Hello there!", "hi", "", "bye \u200e now"] * 2
    )
]
PAIRS = [Pair(tuple(TURNS[max(0, end - 5) : end]), TURNS[end], "d") for end in range(1, len(TURNS))]


@pytest.mark.parametrize("block", [1, 4, 1000])
@pytest.mark.parametrize("text", [TextSettings(), TextSettings(fold_case=True, spaced=True, context_tokens=9)])
def test_blocks_have_the_ids_of_single_pairs(block: int, text: TextSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "_BLOCK", block)
    tokenizer = Tokenizer.train([turn.text for turn in TURNS], 300)

    found = make_examples(PAIRS, tokenizer, text)

    for place, pair in enumerate(PAIRS):
        segments = render_context(pair.question, pair.answer.speaker, text)
        assert found.source[place].tolist() == tokenizer.encode_context(segments, text.context_tokens)
        assert found.target[place].tolist() == [*tokenizer.encode(render_answer(pair.answer.text)), tokenizer.end]


def test_long_answers_are_cut_without_an_end() -> None:
    tokenizer = Tokenizer.train(["a b c"], 300)
    found = make_examples([Pair((Turn("A", "?"),), Turn("B", "a b c"), "d")], tokenizer, TextSettings(answer_tokens=2))
    assert found.target[0].tolist() == tokenizer.encode("a b c")[:2]
