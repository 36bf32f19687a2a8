"""The model learns: to copy and to reverse strings that it has never seen, whatever the seed."""

import random

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

MODEL = {
    "embedding_size": 32,
    "dropout": 0.0,
    "encoder": {"kind": "lstm", "hidden_size": 64},
    "decoder": {"kind": "lstm", "hidden_size": 64},
}
TRAINING = {
    "steps": 700,
    "batch_tokens": 1024,
    "learning_rate": 1e-2,
    "ema": 0.95,
    "warm_up_steps": 50,
    "validations": 1,
    "precision": "float32",
}


def strings(count: int, seed: int) -> list[str]:
    dice = random.Random(seed)
    return ["".join(dice.choice("0123456789") for _ in range(dice.randint(3, 6))) for _ in range(count)]


def pairs(texts: list[str], reverse: bool) -> list[Pair]:
    return [Pair((Turn("A", text),), Turn("B", text[::-1] if reverse else text), text) for text in texts]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("reverse", [False, True], ids=["copy", "reverse"])
def test_short_digit_strings(reverse: bool, seed: int) -> None:
    seen = strings(6000, seed)
    unseen = sorted(set(strings(400, seed + 100)) - set(seen))
    tokenizer = Tokenizer.train(seen[:100], 300)
    text = TextSettings(context_turns=1)
    torch.manual_seed(seed)
    model = Seq2Seq(ModelSettings.model_validate(MODEL), len(tokenizer), tokenizer.pad)
    settings = TrainingSettings.model_validate({**TRAINING, "seed": seed})
    examples = make_examples(pairs(seen, reverse), tokenizer, text)
    trainer = Trainer(model, examples, Probe.make([], tokenizer, text), tokenizer, settings, torch.device("cpu"))
    for _ in trainer.run():
        pass
    model.load_state_dict(trainer.best)
    replier = Replier(model.eval(), tokenizer, text, GreedySearch(), torch.device("cpu"))
    wanted = [pair.answer.text for pair in pairs(unseen, reverse)]
    found = replier.answers([[Turn("A", one)] for one in unseen], ["B"] * len(unseen), [0] * len(unseen))
    assert sum(one == other for one, other in zip(found, wanted, strict=True)) / len(unseen) >= 0.95
