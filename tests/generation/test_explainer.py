"""What a reply is explained with."""

from pathlib import Path

import pytest

from chatbot.bot import load_bot
from chatbot.dialogue import Turn
from chatbot.generation.explainer import Explainer


@pytest.mark.parametrize("message", ["what is your name?", "你叫什么名字？"])
def test_the_steps_are_the_reply_and_each_is_weighed(trained_once: Path, message: str) -> None:
    bot = load_bot(str(trained_once / "bots" / "tiny.toml"))
    replier = bot.replier()
    context = [Turn("you", message)]
    found = Explainer(replier, bot.learnt_pairs).explain(context, bot.name, seed=1)
    reply = "".join(replier.stream(context, bot.name, 1))
    assert found.reply == reply
    assert "".join(step.piece.strip("␣") for step in found.steps[:-1]) == reply.replace(" ", "")
    assert found.steps[-1].piece == "⏎"
    for step in found.steps:
        assert sum(step.weights) == pytest.approx(1, abs=1e-4)
        assert 0 < step.probability <= 1
        assert step.probability >= max(share for _, share in step.others) - 1e-6
    assert "".join(piece.strip("␣") for piece in found.source) == "▸" + message.replace(" ", "")
    assert (found.neighbours[0].question, round(found.neighbours[0].nearness, 3)) == (message, 1.0)
