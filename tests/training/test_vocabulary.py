"""When a vocabulary grows, and what is told of it."""

import pytest

from chatbot.text.tokenizer import Tokenizer
from chatbot.training.modelcard import model_card, vocabulary_line
from chatbot.training.settings import RetrainingSettings
from chatbot.training.vocabulary import bytes_per_token, grow_if_worse

OLD = ["hello there, how are you?", "hello, what is your name?", "I am fine, and you?"] * 3
NEW = ["привет, как дела?", "привет, как тебя зовут?"] * 3
TOKENIZER = Tokenizer.train(OLD, 320)


def test_bytes_per_token_by_hand() -> None:
    assert bytes_per_token(TOKENIZER, ["你", "好好"]) == 1.0
    assert bytes_per_token(TOKENIZER, ["1234"]) == 4 / 5  # and the blank in front
    assert bytes_per_token(TOKENIZER, []) is None


def test_another_script_makes_it_grow_within_bounds() -> None:
    growth = grow_if_worse(TOKENIZER, OLD, NEW, RetrainingSettings(grow_by=0.1), own=True)
    figures = growth.figures
    assert figures["added"] == len(growth.parts) == round(0.1 * len(TOKENIZER))
    assert figures["entries"] == len(growth.tokenizer) == len(TOKENIZER) + figures["added"]
    assert figures["before"]["new"] < 0.6 * figures["before"]["old"]
    assert figures["after"]["new"] > 1.5 * figures["before"]["new"]
    assert figures["after"]["old"] == figures["before"]["old"]


@pytest.mark.parametrize(
    ("new", "settings", "own"),
    [
        (["hello, how is your name?"] * 3, RetrainingSettings(), True),
        (NEW, RetrainingSettings(grow_at=0), True),
        (NEW, RetrainingSettings(grow_at=0.95), True),
        (NEW, RetrainingSettings(), False),
        ([], RetrainingSettings(), True),
    ],
    ids=["not worse", "never", "not by so much", "not its own", "nothing"],
)
def test_otherwise_it_stays(new: list[str], settings: RetrainingSettings, own: bool) -> None:
    growth = grow_if_worse(TOKENIZER, OLD, new, settings, own)
    assert growth.tokenizer is TOKENIZER
    assert (growth.parts, growth.figures["added"]) == ([], 0)
    assert growth.figures["before"] == growth.figures["after"]


def test_a_card_tells_what_was_added_and_why() -> None:
    found = {
        "entries": 4500, "added": 1500, "own": True, "before": {"old": 3.75, "new": 1.0},
        "after": {"old": 3.74, "new": 2.5},
    }  # fmt: skip
    line = (
        "3.750 bytes a token of old texts, 1.000 of new ones; then 3.740 bytes a token of old texts, "
        "2.500 of new ones; 1,500 entries added: 4,500 entries"
    )
    assert vocabulary_line(found) == line
    assert line in model_card({"version": "0002", "created": "2026-01-01", "vocabulary": found})
    stays = {**found, "added": 0, "own": False}
    assert "it stays as it is, since the bot file names its tokenizer" in vocabulary_line(stays)
