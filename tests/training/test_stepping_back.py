"""How far a model goes on the way that training has shown."""

import copy
from pathlib import Path

import pytest
import torch

from chatbot.bot import load_bot
from chatbot.model.seq2seq import Seq2Seq
from chatbot.training.stepping_back import step_back


@pytest.mark.parametrize(("most", "share"), [(1.0, 1.0), (0.99, 15 / 16), (0.7, 11 / 16), (0.07, 1 / 16), (0.06, 1.0)])
def test_as_much_of_the_way_is_gone_as_the_cost_allows(trained_once: Path, most: float, share: float) -> None:
    model = copy.deepcopy(load_bot(str(trained_once / "bots" / "tiny.toml")).replier().model)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    after = {name: weight + 1 if weight.is_floating_point() else weight for name, weight in before.items()}

    def gone(model: Seq2Seq) -> float:
        return round(float((model.bias - before["bias"]).mean().detach()), 3)

    weights, found = step_back(model, before, after, gone, most)
    assert found == share
    torch.testing.assert_close(weights["bias"], before["bias"] + share)
    torch.testing.assert_close(model.state_dict()["bias"], weights["bias"])
