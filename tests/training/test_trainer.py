"""Training: resumed is uninterrupted, budgets end it, the best is kept."""

from pathlib import Path
from typing import Any

import pytest
import torch

from chatbot.dialogue import Pair, Turn
from chatbot.errors import TrainingError
from chatbot.model.seq2seq import ModelSettings, Seq2Seq
from chatbot.text.context import TextSettings
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.events import Event, Finished, Saved, Stepped, Validated
from chatbot.training.examples import make_examples
from chatbot.training.likelihood import Probe
from chatbot.training.metrics_file import MetricsFile, read_metrics
from chatbot.training.settings import TrainingSettings
from chatbot.training.trainer import Trainer

PAIRS = [Pair((Turn("A", f"say {n} twice"),), Turn("B", f"{n} {n}"), f"d{n}") for n in range(100, 160)]
TOKENIZER = Tokenizer.train([pair.question[0].text for pair in PAIRS], 300)
TEXT = TextSettings()
MODEL = ModelSettings.model_validate(
    {"embedding_size": 16, "dropout": 0.2, "word_dropout": 0.1, "encoder": {"kind": "lstm", "hidden_size": 16}}
)


def make(path: Path | None = None, identity: str = "x", pairs: list[Pair] = PAIRS, **settings: Any) -> Trainer:
    torch.manual_seed(1)
    chosen = TrainingSettings.model_validate(
        {"batch_tokens": 200, "validations": 2, "precision": "float32", **settings}
    )
    return Trainer(
        Seq2Seq(MODEL, len(TOKENIZER), TOKENIZER.pad), make_examples(pairs, TOKENIZER, TEXT),
        Probe.make(PAIRS[:10], TOKENIZER, TEXT), TOKENIZER, chosen, torch.device("cpu"), path, identity,
    )  # fmt: skip


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in trainer.model.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def steps(events: list[Event]) -> list[Stepped]:
    return [event for event in events if isinstance(event, Stepped)]


@pytest.mark.parametrize("stop", [1, 10, 17])
def test_resumed_is_uninterrupted_to_the_bit(tmp_path: Path, stop: int) -> None:
    whole = make(steps=20)
    losses = [event.loss for event in steps(list(whole.run()))]
    first = make(tmp_path / "state", steps=20)
    for event in first.run():
        if isinstance(event, Stepped) and event.step == stop:
            break
    first.save()
    second = make(tmp_path / "state", steps=20)
    assert second.resume()
    assert [event.loss for event in steps(list(second.run()))] == losses[stop:]
    assert same(weights(second), weights(whole))
    assert same(second.best, whole.best)


def test_a_training_killed_at_its_end_is_over_when_resumed(tmp_path: Path) -> None:
    first = make(tmp_path / "state", steps=6)
    list(first.run())
    second = make(tmp_path / "state", steps=6)
    assert second.resume()
    assert steps(list(second.run())) == []
    assert same(second.best, first.best)


def test_half_a_line_of_a_curve_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "m").write_text(
        '{"event": "step", "step": 10}\n{"event": "step", "st{"event": "step", "step": 20}\n{"ev'
    )
    assert [record["step"] for record in read_metrics(tmp_path / "m")] == [10]
    MetricsFile(tmp_path / "m", resumed=True)
    assert (tmp_path / "m").read_text().endswith("}\n")


def test_a_state_of_another_training_is_left_alone(tmp_path: Path) -> None:
    first = make(tmp_path / "state", identity="one", steps=4)
    list(first.run())
    assert not make(tmp_path / "state", identity="two", steps=4).resume()
    (tmp_path / "state").write_bytes(b"damaged")
    assert not make(tmp_path / "state", identity="one", steps=4).resume()


def test_the_same_seed_trains_the_same_model_and_another_does_not() -> None:
    trained = [make(steps=5, seed=seed) for seed in (1, 1, 2)]
    for trainer in trained:
        list(trainer.run())
    assert same(weights(trained[0]), weights(trained[1]))
    assert not same(weights(trained[0]), weights(trained[2]))


@pytest.mark.parametrize(
    ("budget", "epochs"), [({"steps": 6}, None), ({"epochs": 2}, 2.0), ({"steps": 10_000, "epochs": 0.5}, 0.5)]
)
def test_the_first_budget_that_is_spent_ends_training(budget: dict[str, Any], epochs: float | None) -> None:
    events = list(make(**budget).run())
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "budget"
    if epochs is None:
        assert events[-1].step == 6
    else:
        assert events[-1].epoch == pytest.approx(epochs, abs=0.2)


def test_minutes_are_a_budget() -> None:
    events = list(make(minutes=0.005).run())
    assert isinstance(events[-1], Finished)
    assert 0.1 <= events[-1].seconds <= 3


def test_the_rate_rises_and_falls_to_nothing() -> None:
    rates = [event.rate for event in steps(list(make(steps=40, warm_up_steps=100, learning_rate=1.0).run()))]
    assert rates.index(max(rates)) == 4
    assert rates[-1] < 0.05


def test_validations_are_spread_over_the_budget_and_the_best_is_kept() -> None:
    trainer = make(steps=40, validations=4, learning_rate=1e-2)
    events = [event for event in trainer.run() if isinstance(event, Validated)]
    assert [event.step for event in events] == [10, 20, 30, 40]
    assert min(event.loss for event in events) == trainer.position.best
    assert trainer.best


def test_patience_ends_training_when_nothing_gets_better() -> None:
    events = list(make(steps=1000, validations=50, learning_rate=1.0, patience=2, clip=1e9).run())
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "patience"
    assert events[-1].step < 1000


def test_states_are_saved_every_so_often(tmp_path: Path) -> None:
    saved = [event.step for event in make(tmp_path / "state", steps=20, save_steps=7).run() if isinstance(event, Saved)]
    assert saved == [7, 10, 14, 20]


def test_nothing_to_learn_from_is_an_error() -> None:
    with pytest.raises(TrainingError, match="not one pair"):
        make(pairs=[])
