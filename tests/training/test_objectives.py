"""Objectives: what is learnt of pairs, and what a latent costs."""

from typing import Any, get_args

import numpy as np
import pytest
import torch

from chatbot.bot import BotSettings
from chatbot.dialogue import Pair, Turn
from chatbot.model.latent import Gaussian
from chatbot.model.seq2seq import Reading
from chatbot.training.objectives import (
    OBJECTIVES,
    AnyObjective,
    AutoencoderObjective,
    ReplyObjective,
    VariationalObjective,
    blur,
)

PAIRS = [
    Pair((Turn("A", "hi"),), Turn("B", "hello"), "1"),
    Pair((Turn("A", "hi"), Turn("B", "hello"), Turn("A", "how are you?")), Turn("B", "hi"), "1"),
]
BLIND = {"attention": {"kind": "none"}}


def test_the_table_and_the_union_agree() -> None:
    assert set(OBJECTIVES.values()) == set(get_args(get_args(AnyObjective)[0]))
    assert all(kind().kind == name for name, kind in OBJECTIVES.items())  # type: ignore[attr-defined]


def test_replies_are_learnt_as_they_are() -> None:
    assert ReplyObjective().pairs(PAIRS) == PAIRS
    assert VariationalObjective(conditional=True).pairs(PAIRS) == PAIRS


@pytest.mark.parametrize("objective", [AutoencoderObjective(), VariationalObjective()])
def test_an_autoencoder_learns_each_text_once_from_itself(
    objective: AutoencoderObjective | VariationalObjective,
) -> None:
    learnt = objective.pairs(PAIRS)
    assert [pair.answer.text for pair in learnt] == ["hi", "hello", "how are you?"]
    assert all(pair.question[-1].text == pair.answer.text and len(pair.question) == 1 for pair in learnt)


def test_noise_leaves_out_and_exchanges_but_never_the_tag() -> None:
    ids = np.arange(1000, dtype=np.int32)
    seen = blur(ids, 0.2, np.random.default_rng(1))
    assert seen[0] == 0
    assert 0.75 < len(seen) / len(ids) < 0.85
    assert 0.1 < (np.diff(seen) < 0).mean() < 0.25
    assert set(seen) <= set(ids)
    assert blur(ids, 0.2, np.random.default_rng(1)).tolist() == seen.tolist()


@pytest.mark.parametrize("length", [1, 2])
def test_noise_leaves_something_of_the_shortest_text(length: int) -> None:
    ids = np.arange(length, dtype=np.int32)
    assert len(blur(ids, 0.9, np.random.default_rng(1))) == length


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"objective": {"kind": "translate"}, "text": {"context_turns": 2}}, "set .text. context_turns = 1"),
        ({"objective": {"kind": "autoencoder"}}, "single texts"),
        ({"text": {"script": "simplified"}, "model": {"encoder": {"kind": "image"}}}, "remove .text. script"),
        ({"objective": {"kind": "variational"}, "text": {"context_turns": 1}}, "attention goes round the latent"),
        (
            {
                "objective": {"kind": "variational"},
                "text": {"context_turns": 1},
                "model": {**BLIND, "bridge": {"kind": "last"}},
            },
            "draws its latent from a bridge",
        ),
    ],
)
def test_what_does_not_fit_an_objective_is_refused_with_the_reason(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        BotSettings.model_validate({"corpora": ["x"], **more})


def test_a_conditional_model_may_attend_and_have_contexts() -> None:
    BotSettings.model_validate({"corpora": ["x"], "objective": {"kind": "variational", "conditional": True}})


def test_the_divergence_of_gaussians_by_hand() -> None:
    one = Gaussian(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]]))
    normal = Gaussian(torch.zeros(1, 2), torch.zeros(1, 2))
    expected = torch.tensor([[0.5, (torch.tensor(2.0).exp().item() - 1 - 2) / 2]])
    torch.testing.assert_close(one.divergence(normal), expected)
    torch.testing.assert_close(one.divergence(one), torch.zeros(1, 2))
    torch.testing.assert_close(one.draw(torch.tensor([[0.0, 1.0]])), torch.tensor([[1.0, torch.tensor(1.0).exp()]]))


@pytest.mark.parametrize(("progress", "share"), [(0.0, 0.0), (0.15, 0.5), (0.3, 1.0), (1.0, 1.0)])
def test_the_cost_of_a_latent_rises_and_has_free_bits(progress: float, share: float) -> None:
    objective = VariationalObjective(free_bits=1.0, annealing=0.3)
    # The first number tells 0.5 nats on the mean, which is free; the second 3.
    divergence = torch.tensor([[0.0, 2.0], [1.0, 4.0]])
    reading = Reading(None, divergence)  # type: ignore[arg-type]
    penalty = objective.penalty(reading, torch.zeros(2, 3, dtype=torch.long), 0, torch.zeros(5, 4), progress)
    assert penalty is not None
    assert float(penalty) == pytest.approx(share * 2 * (1.0 + 3.0))


def test_a_bag_of_words_names_words_but_no_padding() -> None:
    objective = VariationalObjective(free_bits=0.0, bag_of_words=0.5)
    embedding = torch.eye(4)
    reading = Reading(None, torch.zeros(1, 2), torch.tensor([[0.0, 9.0, 0.0, 0.0]]))  # type: ignore[arg-type]
    right = objective.penalty(reading, torch.tensor([[1, 1, 0]]), 0, embedding, 1.0)
    wrong = objective.penalty(reading, torch.tensor([[2, 2, 0]]), 0, embedding, 1.0)
    assert right is not None
    assert wrong is not None
    assert float(right) == pytest.approx(0.0, abs=1e-3)
    assert float(wrong) == pytest.approx(0.5 * 2 * 9.0, abs=1e-2)
