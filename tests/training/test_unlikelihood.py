"""Unlikelihood: what people disliked becomes less likely, and what they did not stays."""

import copy
from dataclasses import replace
from pathlib import Path

import torch

from chatbot.bot import load_bot
from chatbot.dialogue import Pair, Turn
from chatbot.training.examples import make_examples
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.loss import cross_entropy_sum, unlikelihood_sum
from chatbot.training.settings import TrainingSettings
from chatbot.training.trainer import Trainer

CPU = torch.device("cpu")


def pair(question: str, answer: str) -> Pair:
    return Pair((Turn("Person", question),), Turn("Tiny", answer), "")


def test_it_is_minus_the_log_of_the_chance_to_say_anything_else() -> None:
    torch.manual_seed(1)
    outputs, weight, bias = torch.randn(3, 4), torch.randn(5, 4), torch.randn(5)
    targets = torch.tensor([0, 3, 4])
    shares = (outputs @ weight.T + bias).softmax(-1)[torch.arange(3), targets]
    assert torch.allclose(unlikelihood_sum(outputs, weight, bias, targets), -(1 - shares).log().sum())
    assert torch.allclose(cross_entropy_sum(outputs, weight, bias, targets), -shares.log().sum())


def test_a_certain_token_costs_much_but_not_infinitely() -> None:
    cost = unlikelihood_sum(torch.tensor([[1000.0]]), torch.tensor([[1.0], [0.0]]), torch.zeros(2), torch.tensor([0]))
    assert 5 < cost < 20


def test_a_disliked_reply_becomes_less_likely_and_the_others_stay(trained_once: Path) -> None:
    replier = load_bot(str(trained_once / "bots" / "tiny.toml")).replier()
    model, tokenizer, text = copy.deepcopy(replier.model), replier.tokenizer, replier.text
    disliked, kept = pair("tell me a joke", "A bit walks into a byte. It fits."), pair("good night", "Sleep well!")
    examples = [make_examples([one], tokenizer, text) for one in (disliked, kept)]

    def nats() -> list[float]:
        return [float(measure_nats(model.eval(), one, tokenizer, CPU, torch.float32).total[0]) for one in examples]

    before = nats()
    both = replace(make_examples([kept, disliked], tokenizer, text), disliked=1)
    settings = TrainingSettings(steps=60, batch_tokens=128, learning_rate=3e-3, ema=0.5, precision="float32")
    trainer = Trainer(model, both, Probe.make([], tokenizer, text), tokenizer, settings, CPU)
    trainer.unlikelihood = 1.0
    list(trainer.run())
    after = nats()
    assert after[0] > before[0] + 2
    assert after[1] < before[1] + 0.5
