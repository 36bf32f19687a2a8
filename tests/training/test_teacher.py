"""What is learnt of old examples when the model as it was teaches them."""

import copy
from dataclasses import replace

import torch

from chatbot.generation.replier import Replier
from chatbot.model.seq2seq import Seq2Seq
from chatbot.training.batch import make_batch
from chatbot.training.examples import Examples
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.settings import TrainingSettings
from chatbot.training.teacher import Teacher
from chatbot.training.trainer import Trainer
from tests.conftest import examples_of

CPU = torch.device("cpu")
OLD = (("tell me a joke", "A bit walks into a byte. It fits."), ("good night", "Sleep well!"))


def after_training(replier: Replier, shown: Examples, weight: float, measured: Examples) -> list[float]:
    """Return the nats of the measured examples after training on those shown; a teacher has that weight."""
    model, tokenizer = copy.deepcopy(replier.model), replier.tokenizer
    settings = TrainingSettings(steps=40, batch_tokens=512, learning_rate=3e-3, ema=0.5, precision="float32")
    trainer = Trainer(model, shown, Probe.make([], tokenizer, replier.text), tokenizer, settings, CPU)
    trainer.teacher = Teacher(copy.deepcopy(replier.model), weight) if weight else None
    list(trainer.run())
    return nats(model, measured, replier)


def nats(model: Seq2Seq, measured: Examples, replier: Replier) -> list[float]:
    return list(measure_nats(model.eval(), measured, replier.tokenizer, CPU, torch.float32).total)


def test_what_is_recalled_stays_as_it_was_whatever_its_text(replier: Replier) -> None:
    wrong = replace(examples_of(replier, ("tell me a joke", "No."), ("good night", "Never.")), recalled=2)
    before = nats(replier.model, wrong, replier)
    taught = after_training(replier, wrong, 1.0, wrong)
    learnt = after_training(replier, wrong, 0.0, wrong)
    assert all(abs(one - other) < 0.2 * other for one, other in zip(taught, before, strict=True))
    assert all(one < 0.2 * other for one, other in zip(learnt, before, strict=True))


def test_new_examples_are_learnt_beside_and_more_weight_holds_the_old_ones_better(replier: Replier) -> None:
    shown = replace(examples_of(replier, ("tell me a story", "No more bits today, sorry."), *OLD), recalled=2)
    new = examples_of(replier, ("tell me a story", "No more bits today, sorry."))
    before = nats(replier.model, new, replier)
    assert after_training(replier, shown, 3.0, new)[0] < before[0] / 2
    drift = [
        sum(after_training(replier, shown, weight, examples_of(replier, *OLD))) for weight in (0.01, 10.0)
    ]  # fmt: skip
    assert drift[1] < drift[0]


def test_a_batchs_rows_say_what_they_do_in_the_batch(replier: Replier) -> None:
    all_examples = replace(examples_of(replier, *OLD, ("hi", "ok"), ("hello there", "no")), recalled=1, disliked=1)
    tokenizer, model = replier.tokenizer, replier.model.eval()
    batch = make_batch(all_examples, torch.arange(4).numpy(), tokenizer.pad, tokenizer.begin, CPU)
    assert (batch.recalled.tolist(), batch.disliked.tolist()) == ([False, False, True, False], [False] * 3 + [True])
    part = batch.rows(batch.recalled | batch.disliked)
    assert part.targets.shape[1] == max(all_examples.target.lengths[2:]) < batch.targets.shape[1]
    assert part.tokens == sum(all_examples.target.lengths[2:])
    whole, own = (model.follow(model.read(one).state, one.inputs)[:, : part.targets.shape[1]] for one in (batch, part))
    torch.testing.assert_close(whole[2:][part.real], own[part.real], atol=1e-4, rtol=1e-4)
