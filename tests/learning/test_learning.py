"""The models learn: to copy and to reverse strings that they have never seen."""

import random
from typing import Any

import pytest
import torch

from chatbot.dialogue import Pair, Turn
from chatbot.generation.replier import Replier
from chatbot.generation.searches import GreedySearch
from chatbot.model.seq2seq import ModelSettings, Seq2Seq
from chatbot.text.context import TextSettings
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.examples import make_examples
from chatbot.training.likelihood import Probe
from chatbot.training.settings import TrainingSettings
from chatbot.training.trainer import Trainer

SMALL: dict[str, Any] = {"hidden_size": 64}
MODEL: dict[str, Any] = {
    "embedding_size": 32,
    "dropout": 0.0,
    "encoder": {"kind": "lstm", **SMALL},
    "decoder": {"kind": "lstm", **SMALL},
}
TRAINING: dict[str, Any] = {
    "steps": 400,
    "batch_tokens": 512,
    "learning_rate": 4e-3,
    "ema": 0.95,
    "warm_up_steps": 40,
    "validations": 1,
    "precision": "float32",
}
GRU = {"encoder": {"kind": "gru", **SMALL}, "decoder": {"kind": "gru", **SMALL}}
NO_ATTENTION = {"attention": {"kind": "none"}}


def strings(count: int, seed: int, lengths: tuple[int, int]) -> list[str]:
    dice = random.Random(seed)
    return ["".join(dice.choice("0123456789") for _ in range(dice.randint(*lengths))) for _ in range(count)]


def pairs(texts: list[str], reverse: bool) -> list[Pair]:
    return [Pair((Turn("A", text),), Turn("B", text[::-1] if reverse else text), text) for text in texts]


def right_by_length(
    model: dict[str, Any], training: dict[str, Any], reverse: bool, seed: int, lengths: tuple[int, int] = (2, 5)
) -> dict[int, float]:
    """Train, and return the share of unseen strings of each length that come out right."""
    seen = strings(6000, seed, lengths)
    unseen = sorted(set(strings(600, seed + 100, lengths)) - set(seen))
    tokenizer = Tokenizer.train(seen[:100], 300)
    text = TextSettings(context_turns=1)
    torch.manual_seed(seed)
    network = Seq2Seq(ModelSettings.model_validate({**MODEL, **model}), len(tokenizer), tokenizer.pad)
    settings = TrainingSettings.model_validate({**TRAINING, **training, "seed": seed})
    examples = make_examples(pairs(seen, reverse), tokenizer, text)
    trainer = Trainer(network, examples, Probe.make([], tokenizer, text), tokenizer, settings, torch.device("cpu"))
    for _ in trainer.run():
        pass
    network.load_state_dict(trainer.best)
    replier = Replier(network.eval(), tokenizer, text, GreedySearch(), torch.device("cpu"))
    wanted = [pair.answer.text for pair in pairs(unseen, reverse)]
    found = replier.answers([[Turn("A", one)] for one in unseen], ["B"] * len(unseen), [0] * len(unseen))
    right: dict[int, list[bool]] = {}
    for said, one in zip(found, wanted, strict=True):
        right.setdefault(len(one), []).append(said == one)
    return {length: sum(rows) / len(rows) for length, rows in right.items()} | {
        0: sum(map(sum, right.values())) / len(unseen)
    }


@pytest.mark.parametrize(("reverse", "seed"), [(False, 1), (True, 1), (True, 2)], ids=["copy", "reverse", "again"])
def test_the_default_model_learns_whatever_the_seed(reverse: bool, seed: int) -> None:
    assert right_by_length({}, {"steps": 500, "learning_rate": 1e-2}, reverse, seed, lengths=(3, 6))[0] >= 0.95


@pytest.mark.parametrize(
    "model",
    [
        pytest.param({"input_feeding": True}, id="input feeding"),
        pytest.param({**GRU, "attention": {"kind": "concat"}}, id="gru, concat"),
        pytest.param({"encoder": {"kind": "cnn", "layers": 2, **SMALL}, "attention": {"kind": "dot"}}, id="cnn, dot"),
        pytest.param(
            {"encoder": {"kind": "cnn-rnn", **SMALL}, "attention": {"kind": "additive"}}, id="cnn-rnn, additive"
        ),
        pytest.param({"decoder": {"kind": "cnn", "layers": 2, **SMALL}}, id="cnn decoder"),
        pytest.param(
            {
                "encoder": {"kind": "transformer", "layers": 2, **SMALL},
                "decoder": {"kind": "transformer", "layers": 2, **SMALL},
                "attention": {"kind": "multi-head"},
            },
            id="transformer",
        ),
    ],
)
def test_every_encoder_decoder_and_attention_learns_to_reverse(model: dict[str, Any]) -> None:
    assert right_by_length(model, {}, reverse=True, seed=1)[0] >= 0.95


@pytest.mark.parametrize(
    "bridge",
    [
        pytest.param({"kind": "last"}, id="last"),
        pytest.param({"kind": "projected", "to": "both"}, id="projected, beside every input"),
        pytest.param({"kind": "pooled", "by": "attention"}, id="self-attention"),
    ],
)
def test_one_vector_holds_short_strings_and_loses_longer_ones(bridge: dict[str, Any]) -> None:
    longer = {"steps": 500, "batch_tokens": 768, "learning_rate": 1e-2}
    right = right_by_length({**NO_ATTENTION, "bridge": bridge}, longer, reverse=True, seed=1)
    assert right[3] >= 0.6
    assert right[5] <= right[3] - 0.1
