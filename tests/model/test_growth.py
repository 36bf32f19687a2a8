"""Entries that a trained model gains: they begin as the mean of their parts, and all else stays."""

from itertools import product
from pathlib import Path

import pytest
import torch

from chatbot.model.checkpoint import load_model, save_tensors
from chatbot.model.decoders import DECODERS
from chatbot.model.encoders import ENCODERS
from chatbot.model.latent import LatentSettings, make_model
from chatbot.model.seq2seq import ModelSettings, Seq2Seq

V, PAD = 70, 0
PARTS = [[5, 6], [7, 7, 8], *([9, 10 + place] for place in range(60))]
"""So many that the rows do not fit the padding."""
OWNERS = {"embedding.weight", "bias"}
LATENTS = (None, LatentSettings(latent_size=4), LatentSettings(latent_size=4, conditional=True, bag_of_words=1.0))
KINDS = [kinds for kinds in product(ENCODERS, DECODERS, LATENTS) if kinds[0] != "image" or kinds[2] is None]
each_kind = pytest.mark.parametrize(("encoder", "decoder", "latent"), KINDS)


def settings(encoder: str, decoder: str, latent: LatentSettings | None) -> ModelSettings:
    return ModelSettings.model_validate({
        "embedding_size": 8, "dropout": 0.0,
        "encoder": {"kind": encoder, "hidden_size": 12}, "decoder": {"kind": decoder, "hidden_size": 12},
        "bridge": {"kind": "projected", "to": "every-step"},
        "attention": {"kind": "general" if latent is None or latent.conditional else "none"},
    })  # fmt: skip


def make(encoder: str, decoder: str, latent: LatentSettings | None, entries: int = V) -> Seq2Seq:
    torch.default_generator.manual_seed(1)
    model = make_model(settings(encoder, decoder, latent), entries, PAD, latent).eval()
    model.expect(torch.arange(entries))
    return model


@each_kind
def test_nothing_else_is_as_large_as_the_vocabulary(encoder: str, decoder: str, latent: LatentSettings | None) -> None:
    small, large = (make(encoder, decoder, latent, entries).state_dict() for entries in (V, 10 * V))
    assert {name for name in small if small[name].shape != large[name].shape} == OWNERS


@each_kind
@torch.no_grad()
def test_a_grown_model_says_the_same_of_what_it_knew(encoder: str, decoder: str, latent: LatentSettings | None) -> None:
    before, after = make(encoder, decoder, latent), make(encoder, decoder, latent)
    after.grow(PARTS)
    old, new = before.state_dict(), after.state_dict()
    for name in old:
        rows = V if name in OWNERS else None
        assert torch.equal(old[name][:rows] if rows else old[name], new[name][:rows] if rows else new[name]), name
    source = torch.rand(2, 3, 64, 64) if before.pictures else torch.randint(5, V, (2, 6))
    lengths = torch.full((2,), before.pictures.cells if before.pictures else 6)
    (first, _), (second, _) = (
        model.step(model.start(source, lengths), torch.tensor([5, 6])) for model in (before, after)
    )
    assert second.shape == (2, V + len(PARTS))
    torch.testing.assert_close(second[:, :V], first)
    shares = second.softmax(-1)[:, :V]
    torch.testing.assert_close(shares / shares.sum(-1, keepdim=True), first.softmax(-1))


def test_new_rows_are_the_means_of_their_parts() -> None:
    model = make("lstm", "lstm", None)
    rows, biases = model.embedding.weight.detach().clone(), model.bias.detach().clone()
    model.grow(PARTS)
    torch.testing.assert_close(model.embedding.weight[V], (rows[5] + rows[6]) / 2)
    torch.testing.assert_close(model.embedding.weight[V + 1], (2 * rows[7] + rows[8]) / 3)
    torch.testing.assert_close(model.bias[V + 1], (2 * biases[7] + biases[8]) / 3)
    assert model.embedding.weight.requires_grad
    assert model.bias.requires_grad
    assert model.embedding.padding_idx == PAD
    assert len(model.embedding.weight) == len(model.bias) == 192
    assert model.bias[V + len(PARTS) :].max() == -1e4


def test_few_new_entries_take_the_rows_that_were_spare() -> None:
    model = make("lstm", "lstm", None)
    model.grow(PARTS[:2])
    assert len(model.embedding.weight) == 128
    assert model.step(model.start(torch.tensor([[5]]), torch.tensor([1])), torch.tensor([6]))[0].shape == (1, V + 2)


def test_a_grown_model_is_saved_and_loaded(tmp_path: Path) -> None:
    model = make("lstm", "lstm", None)
    model.grow(PARTS)
    save_tensors(tmp_path / "model.safetensors", model.state_dict())
    loaded = load_model(tmp_path / "model.safetensors", settings("lstm", "lstm", None), V + len(PARTS), PAD)
    assert all(torch.equal(one, other) for one, other in zip(model.parameters(), loaded.parameters(), strict=True))


def test_no_new_entry_leaves_a_model_as_it_was() -> None:
    before, after = make("lstm", "lstm", None), make("lstm", "lstm", None)
    after.grow([])
    assert after.vocabulary_size == V
    assert torch.equal(before.embedding.weight[:V], after.embedding.weight[:V])
