"""A variational autoencoder learns: its latent tells much, rebuilds nearly as well as none, and makes new texts."""

import random
from itertools import product

import pytest
import torch

from chatbot.dialogue import Pair, Turn
from chatbot.generation.latent import Latents
from chatbot.generation.replier import Replier
from chatbot.generation.searches import GreedySearch
from chatbot.model.latent import VariationalSeq2Seq, make_model
from chatbot.model.seq2seq import ModelSettings
from chatbot.text.context import TextSettings
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.examples import make_examples
from chatbot.training.latents import latent_figures, posterior_means
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.objectives import AutoencoderObjective, Objective, VariationalObjective
from chatbot.training.settings import TrainingSettings
from chatbot.training.trainer import Trainer

PARTS = (
    ("the cat", "my dog", "a bird", "our teacher", "the old man", "your sister", "his friend", "a doctor"),
    ("sees", "likes", "finds", "calls", "hears", "paints", "follows", "misses"),
    ("the red house", "a small boat", "my blue hat", "the long road", "an open door", "the green tree", "a cold lake"),
    ("today", "every day", "at night", "in the morning", "again", "with joy", "in the rain", "for me"),
)
SENTENCES = [" ".join(parts) for parts in product(*PARTS)]
random.Random(1).shuffle(SENTENCES)
KNOWN, UNSEEN = SENTENCES[:1200], SENTENCES[1200:1400]
CPU = torch.device("cpu")
MODEL = {
    "embedding_size": 64,
    "dropout": 0.0,
    "encoder": {"kind": "gru", "hidden_size": 128},
    "bridge": {"kind": "projected", "to": "both"},
    "decoder": {"kind": "gru", "hidden_size": 128},
    "attention": {"kind": "none"},
}
TRAINING = {
    "batch_tokens": 1500,
    "learning_rate": 4e-3,
    "ema": 0.95,
    "warm_up_steps": 50,
    "validations": 2,
    "precision": "float32",
}
TEXT = TextSettings(context_turns=1)
TOKENIZER = Tokenizer.train(KNOWN, 400)


def pairs(texts: list[str]) -> list[Pair]:
    return [Pair((Turn("text", text),), Turn("again", text), text) for text in texts]


def trained(objective: Objective, steps: int) -> Replier:
    torch.manual_seed(1)
    model = make_model(ModelSettings.model_validate(MODEL), len(TOKENIZER), TOKENIZER.pad, objective.latent)
    trainer = Trainer(
        model,
        make_examples(pairs(KNOWN), TOKENIZER, TEXT),
        Probe.make(pairs(UNSEEN), TOKENIZER, TEXT),
        TOKENIZER,
        TrainingSettings.model_validate({**TRAINING, "steps": steps}),
        CPU,
        objective=objective,
    )
    for _ in trainer.run():
        pass
    model.load_state_dict(trainer.best)
    return Replier(model.eval(), TOKENIZER, TEXT, GreedySearch(), CPU)


def rebuilt(replier: Replier) -> float:
    """Return the share of unseen sentences that come back to the letter."""
    said = replier.answers([[Turn("text", text)] for text in UNSEEN], ["again"] * len(UNSEEN), [0] * len(UNSEEN))
    return sum(one == text for one, text in zip(said, UNSEEN, strict=True)) / len(UNSEEN)


@pytest.fixture(scope="module")
def variational() -> Replier:
    return trained(VariationalObjective(), steps=600)


@pytest.fixture
def latents(variational: Replier) -> Latents:
    assert isinstance(variational.model, VariationalSeq2Seq)
    return Latents(variational, variational.model)


def test_the_latent_does_not_collapse(variational: Replier) -> None:
    assert isinstance(variational.model, VariationalSeq2Seq)
    probe = Probe.make(pairs(UNSEEN), TOKENIZER, TEXT)
    nats = measure_nats(variational.model, probe.examples, TOKENIZER, CPU, torch.float32)
    means = posterior_means(variational.model, probe.examples, TOKENIZER, CPU)
    figures = latent_figures(nats, means, int(probe.bytes.sum()))
    assert figures["divergence"] > 2
    assert figures["active_units"] >= 10


def test_an_autoencoder_rebuilds_what_it_has_never_seen_with_noise_or_without() -> None:
    assert rebuilt(trained(AutoencoderObjective(noise=0.02), steps=350)) >= 0.95


def test_a_variational_one_rebuilds_nearly_as_well(variational: Replier) -> None:
    assert rebuilt(variational) >= 0.85


def test_the_prior_draws_sentences_that_are_new_and_not_one(latents: Latents) -> None:
    drawn = latents.draw(100, seed=1)
    assert len(set(drawn)) >= 80
    assert sum(text in SENTENCES for text in drawn) >= 80
    assert sum(text in KNOWN for text in drawn) <= 60
    assert latents.draw(3, seed=1) == drawn[:3]


def test_a_walk_leads_from_one_sentence_to_the_other(latents: Latents) -> None:
    walk = latents.walk(KNOWN[0], KNOWN[1], 5, seed=1)
    assert (walk[0], walk[-1]) == tuple(latents.rebuild(text, 1, seed=1)[0] for text in KNOWN[:2])
    assert len(walk) == 5


def test_the_nearest_to_a_sentence_are_itself_and_its_like(latents: Latents) -> None:
    nearest = latents.neighbours(KNOWN[0], KNOWN, 5)
    assert nearest[0][0] == KNOWN[0]
    assert nearest[0][1] == pytest.approx(0, abs=1e-4)
    shared = [len(set(text.split()) & set(KNOWN[0].split())) for text, _ in nearest[1:]]
    assert min(shared) >= 3
