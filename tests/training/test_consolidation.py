"""Elastic weight consolidation: what old pairs depend on stays."""

import copy

import torch

from chatbot.generation.replier import Replier
from chatbot.training.consolidation import Anchor
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.settings import TrainingSettings
from chatbot.training.trainer import Trainer
from tests.conftest import examples_of

CPU = torch.device("cpu")


def after_other_pairs(replier: Replier, strength: float) -> tuple[float, float]:
    """Return the nats of an old pair and of a new one after training on the new one."""
    model, tokenizer = copy.deepcopy(replier.model), replier.tokenizer
    old = examples_of(replier, ("tell me a joke", "A bit walks into a byte. It fits."))
    new = examples_of(replier, ("tell me a joke", "No."))
    settings = TrainingSettings(steps=60, batch_tokens=64, learning_rate=3e-3, ema=0.5, precision="float32")
    trainer = Trainer(model, new, Probe.make([], tokenizer, replier.text), tokenizer, settings, CPU)
    trainer.anchor = Anchor(model, replier.model, old, tokenizer, CPU, strength, seed=1) if strength else None
    list(trainer.run())
    nats = [measure_nats(model.eval(), one, tokenizer, CPU, torch.float32).total[0] for one in (old, new)]
    return float(nats[0]), float(nats[1])


def test_an_anchor_trades_what_is_new_for_what_is_old(replier: Replier) -> None:
    (free_old, free_new), (held_old, held_new) = (after_other_pairs(replier, strength) for strength in (0.0, 1e8))
    assert held_old < free_old / 2
    assert held_new > free_new


def test_what_has_not_moved_is_not_pulled(replier: Replier) -> None:
    model = copy.deepcopy(replier.model)
    old = examples_of(replier, ("hello", "Hello! How are you?"))
    anchor = Anchor(model, replier.model, old, replier.tokenizer, CPU, 1.0, seed=1)
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    anchor.pull()
    assert not any(weight.grad.any() for weight in model.parameters() if weight.grad is not None)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.1)
    anchor.pull()
    assert any((weight.grad > 0).any() for weight in model.parameters() if weight.grad is not None)


def test_entries_that_a_model_gained_are_free(replier: Replier) -> None:
    model, known = copy.deepcopy(replier.model), len(replier.tokenizer)
    model.grow([[10, 11]] * 100)
    old = examples_of(replier, ("hello", "Hello! How are you?"))
    anchor = Anchor(model, replier.model, old, replier.tokenizer, CPU, 1.0, seed=1)
    with torch.no_grad():
        for each in model.parameters():
            each.grad = torch.zeros_like(each)
            each.add_(0.1)
    anchor.pull()
    owners: list[torch.Tensor] = [model.embedding.weight, model.bias]
    for weight in owners:
        assert weight.grad is not None
        assert weight.grad[:known].any()
        assert not weight.grad[known:].any()
