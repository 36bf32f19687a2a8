"""Replies to people."""

from dataclasses import replace

import pytest

from chatbot.dialogue import Turn
from chatbot.generation.replier import Replier


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("hello", "Hello! How are you?"),
        ("What is your name?", "My name is Tiny."),
        ("你好", "你好呀！"),
        ("谢谢", "不客气！"),
    ],
)
def test_the_bot_says_what_it_has_learnt(replier: Replier, question: str, answer: str) -> None:
    assert replier.answers([[Turn("you", question)]], ["Tiny"], [1]) == [answer]


def test_context_tells_what_is_meant(replier: Replier) -> None:
    turns = [
        Turn("you", "tell me a joke"),
        Turn("Tiny", "A bit walks into a byte. It fits."),
        Turn("you", "another one"),
    ]
    assert replier.answers([turns], ["Tiny"], [1]) == ["That was my only one."]


@pytest.mark.parametrize("question", ["hello", "你好", "who are you?", "zzz ??? 😀"])
def test_the_pieces_of_a_stream_are_the_reply(replier: Replier, question: str) -> None:
    context = [Turn("you", question)]
    pieces = list(replier.stream(context, "Tiny", 1))
    assert "".join(pieces) == replier.answers([context], ["Tiny"], [1])[0]
    assert "\ufffd" not in "".join(pieces)


def test_a_stream_comes_in_more_than_one_piece(replier: Replier) -> None:
    assert len(list(replier.stream([Turn("you", "hello")], "Tiny", 1))) > 2


def test_a_spaced_bot_streams_what_people_write(replier: Replier) -> None:
    class Spelt:
        """A search that says what it is told."""

        def __init__(self, text: str) -> None:
            self.ids = replier.tokenizer.encode(text)

        def search(self, scorer: object, task: object):  # type: ignore[no-untyped-def]
            for token in self.ids:
                yield [token]

    text = replier.text.model_copy(update={"spaced": True})
    spelt = Spelt("I ' m fine , thanks ( really ) . And you ?")
    spaced = Replier(replier.model, replier.tokenizer, text, spelt, replier.device)  # type: ignore[arg-type]
    assert "".join(spaced.stream([Turn("you", "hi")], "Tiny")) == "I'm fine, thanks (really). And you?"


def test_a_bot_of_one_script_understands_both(replier: Replier) -> None:
    simplified = replace(replier, text=replier.text.model_copy(update={"script": "simplified"}))
    assert simplified.answers([[Turn("you", "謝謝")]], ["Tiny"], [1]) == ["不客气！"]
    assert replier.answers([[Turn("you", "謝謝")]], ["Tiny"], [1]) != ["不客气！"]
