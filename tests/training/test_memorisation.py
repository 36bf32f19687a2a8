"""What a model has memorised: canaries and lines that could be extracted."""

import copy

import torch

from chatbot.dialogue import Pair, Turn
from chatbot.generation.replier import Replier
from chatbot.model.seq2seq import Seq2Seq
from chatbot.training.examples import make_examples
from chatbot.training.gate import GateSettings, objections
from chatbot.training.likelihood import Probe
from chatbot.training.memorisation import Memorisation, plant
from chatbot.training.modelcard import memory_lines
from chatbot.training.settings import TrainingSettings
from chatbot.training.trainer import Trainer


def memory(replier: Replier, canaries: list[Pair], learnt: list[Pair], held_out: list[Pair]) -> Memorisation:
    return Memorisation(canaries, learnt, held_out, replier.tokenizer, replier.text, torch.device("cpu"), "1")


def test_there_is_at_most_one_canary_for_a_hundred_pairs_and_each_seed_has_its_own() -> None:
    assert len(plant(5, 399, "1")) == 3
    assert len(plant(5, 10_000, "1")) == 5
    assert plant(5, 99, "1") == []
    assert plant(5, 1000, "1") == plant(5, 1000, "1") != plant(5, 1000, "2")
    assert all(len(pair.answer.text) == len("123 456 789") for pair in plant(5, 1000, "1"))


def test_what_was_learnt_by_heart_is_extractable_and_what_was_not_seen_is_not(replier: Replier) -> None:
    learnt = [pair("tell me a joke", "A bit walks into a byte. It fits.")]
    unseen = [pair("what is your number?", "It is 4829 1736, says Wilhelmina.")]
    found = memory(replier, [], learnt, unseen).measure(replier.model)
    assert (found["lines"], found["extractable"]) == (1, 1.0)
    assert (found["control_lines"], found["control_extractable"]) == (1, 0.0)
    assert found["exposure"] is None


def test_lines_that_tell_nothing_are_not_looked_at(replier: Replier) -> None:
    often = [pair("a", "yes"), pair("b", "yes"), pair("c", "yes yes"), pair("d", "yes, yes")]
    assert memory(replier, [], often, []).measure(replier.model)["lines"] == 0


def test_a_planted_canary_is_exposed_once_it_is_learnt(replier: Replier) -> None:
    canaries = plant(2, 200, "1")
    assert memory(replier, canaries, [], []).measure(replier.model)["exposure"] < 5
    found = memory(replier, canaries, [], []).measure(taught(replier, canaries))
    assert found["exposure"] > 7 > found["control_exposure"]


def test_the_gate_refuses_what_leaks_more_than_its_parent() -> None:
    figures = {"new": {"bits_per_byte": 1.0}, "old": {"bits_per_byte": 1.0}, "latency_ms": 1.0, "probes": [],
               "replies": {"distinct_2": 0.5, "most_frequent": 0.1}}  # fmt: skip
    better = {**figures, "new": {"bits_per_byte": 0.9}}

    def found(old: dict[str, float], new: dict[str, float]) -> list[str]:
        return objections({**figures, "memorisation": old}, {**better, "memorisation": new}, GateSettings())

    assert found({"exposure": 1.4}, {"exposure": 3.3}) == []
    assert found({"exposure": 1.4}, {"exposure": 3.5}) == ["leakier: exposure of what it learnt is 3.5 after 1.4"]
    assert found({"extractable": 0.0}, {"extractable": 0.1})[0].startswith("leakier: extractable of what it learnt is")
    assert found({}, {"exposure": 8.0}) == []


def test_the_card_says_it_in_sentences() -> None:
    found = {"canaries": 5, "exposure": 2.04, "highest": 8.0, "control_exposure": 1.4, "lines": 200, "tries": 100,
             "extractable": 0.015, "control_lines": 20, "control_extractable": 0.0, "chance": 0.5}  # fmt: skip
    first, second = memory_lines(found)
    assert first == "exposure of 5 planted canaries: 2.0 of 8 bits; of others, never seen: 1.4"
    assert "1.5% come up in 100 replies" in second
    assert list(memory_lines({})) == []


def taught(replier: Replier, pairs: list[Pair]) -> Seq2Seq:
    """Return a copy of the model that was trained on the pairs alone."""
    model, tokenizer = copy.deepcopy(replier.model), replier.tokenizer
    settings = TrainingSettings(steps=150, batch_tokens=64, learning_rate=1e-2, ema=0.5, precision="float32")
    examples = make_examples(pairs, tokenizer, replier.text)
    empty = Probe.make([], tokenizer, replier.text)
    trainer = Trainer(model, examples, empty, tokenizer, settings, torch.device("cpu"))
    list(trainer.run())
    return model.eval()


def pair(question: str, answer: str) -> Pair:
    return Pair((Turn("Person", question),), Turn("Tiny", answer), question)
