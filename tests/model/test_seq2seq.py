"""What holds for every combination of encoder, decoder, attention and bridge."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, cast, get_args

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from chatbot.model.attention import ATTENTIONS, AnyAttention
from chatbot.model.bridge import BRIDGES, AnyBridge
from chatbot.model.decoders import DECODERS, AnyDecoder
from chatbot.model.encoders import ENCODERS, AnyEncoder
from chatbot.model.encoders.recurrent import RecurrentEncoder
from chatbot.model.seq2seq import ModelSettings, Seq2Seq

V, PAD = 70, 0
READERS_OF_TOKENS = [name for name, kind in ENCODERS.items() if kind().pictures is None]
KINDS = list(product(READERS_OF_TOKENS, DECODERS, ATTENTIONS))
WAYS = ("initial-state", "every-step", "both")
POOLS = ("mean", "max", "attention")
BRIDGES_OF_ALL_SORTS: list[dict[str, Any]] = [
    {"kind": "none"},
    *({"kind": kind, "to": to} for kind, to in product(("last", "projected"), WAYS)),
    *({"kind": "pooled", "to": to, "by": pool} for to, pool in zip(WAYS, POOLS, strict=True)),
]
RECURRENT = ("lstm", "gru")


def tables(encoder: str, decoder: str, attention: str, **more: Any) -> dict[str, Any]:
    return {
        "embedding_size": 8, "dropout": 0.0,
        "encoder": {"kind": encoder, "hidden_size": 12, "layers": 1},
        "decoder": {"kind": decoder, "hidden_size": 12, "layers": 1},
        "attention": {"kind": attention},
        **more,
    }  # fmt: skip


def make(settings: dict[str, Any]) -> Seq2Seq:
    torch.default_generator.manual_seed(1)  # torch.manual_seed keeps a stack for each accelerator
    return Seq2Seq(ModelSettings.model_validate(settings), V, PAD).eval()


def is_legal(decoder: str, attention: str, bridge: dict[str, Any], feeding: bool) -> bool:
    """The rules once more, as one would tell them: with all sizes alike, only the decoder and what is missing count."""
    if attention == "none" and (bridge["kind"] == "none" or feeding):
        return False
    steps = attention == "additive" or feeding or (bridge["kind"] != "none" and bridge["to"] != "every-step")
    return decoder in RECURRENT or not steps


def legal(encoder: str, decoder: str, attention: str) -> Iterator[dict[str, Any]]:
    for bridge, feeding in product(BRIDGES_OF_ALL_SORTS, (False, True)):
        if is_legal(decoder, attention, bridge, feeding):
            yield tables(encoder, decoder, attention, bridge=bridge, input_feeding=feeding)


def batch(pad_to: int = 7) -> tuple[Tensor, Tensor, Tensor]:
    torch.default_generator.manual_seed(2)
    source, lengths = torch.randint(5, V, (3, pad_to)), torch.tensor([7, 4, 1])
    positions = torch.arange(pad_to)
    return source.masked_fill(positions >= lengths[:, None], PAD), lengths, torch.randint(5, V, (3, 4))


@pytest.mark.parametrize(
    ("table", "union"),
    [(ENCODERS, AnyEncoder), (DECODERS, AnyDecoder), (ATTENTIONS, AnyAttention), (BRIDGES, AnyBridge)],
)
def test_tables_and_unions_agree(table: dict[str, type], union: object) -> None:
    assert set(table.values()) == set(get_args(get_args(union)[0]))
    assert all(kind().kind == name for name, kind in table.items())


@dataclass
class Case:
    """A model, a batch, and what the model makes of it."""

    model: Seq2Seq

    def __post_init__(self) -> None:
        self.source, self.lengths, self.target = batch()
        self._run()

    @torch.no_grad()
    def _run(self) -> None:
        self.forced = self.model(self.source, self.lengths, self.target)
        self.started = self.model.start(self.source, self.lengths)
        _, self.stepped = self.model.step(self.started, self.target[:, 0])

    @torch.no_grad()
    def step_by_step_is_teacher_forced(self) -> None:
        wanted = self.model.logits(self.forced)[..., :V]
        state = self.started
        for place in range(self.target.shape[1]):
            logits, state = self.model.step(state, self.target[:, place])
            torch.testing.assert_close(logits, wanted[:, place], atol=1e-5, rtol=1e-4)

    @torch.no_grad()
    def a_batch_is_its_rows_whatever_the_padding(self) -> None:
        for row, length in ((1, 4), (2, 1)):
            part = slice(row, row + 1)
            alone = self.model(self.source[part, :length], self.lengths[part], self.target[part])
            torch.testing.assert_close(alone[0], self.forced[row], atol=1e-5, rtol=1e-4)

    @torch.no_grad()
    def selected_rows_go_on_as_they_would_have(self) -> None:
        rows = torch.tensor([2, 0, 0])
        chosen, _ = self.model.step(self.stepped.select(rows), self.target[rows, 1])
        wanted = self.model.logits(self.forced[rows, 1])[:, :V]
        torch.testing.assert_close(chosen, wanted, atol=1e-5, rtol=1e-4)

    def attention_weights_are_shares_of_the_real_tokens(self, attention: str) -> None:
        weights = self.stepped.weights
        assert weights.shape == self.source.shape
        torch.testing.assert_close(weights.sum(-1), torch.full((3,), 0.0 if attention == "none" else 1.0))
        assert weights[2, 1:].abs().max() == 0

    @torch.no_grad()
    def the_source_counts(self) -> None:
        other = self.source.clone()
        other[:, 0] = 5 + (self.source[:, 0] - 4) % (V - 5)
        changed = (self.forced - self.model(other, self.lengths, self.target)).abs()
        assert changed.amax(dim=(1, 2)).min() > 1e-7

    @torch.no_grad()
    def later_targets_do_not(self) -> None:
        earlier = self.model(self.source, self.lengths, self.target[:, :3])
        torch.testing.assert_close(self.forced[:, :3], earlier, atol=1e-6, rtol=1e-5)

    def every_parameter_gets_a_gradient(self) -> None:
        self.model.logits(self.model(self.source, self.lengths, self.target)).square().mean().backward()
        assert [name for name, parameter in self.model.named_parameters() if parameter.grad is None] == []


class PictureCase(Case):
    """The same with pictures for a source."""

    def __post_init__(self) -> None:
        _, _, self.target = batch()
        self.source = torch.randint(0, 256, (3, 3, 64, 64), dtype=torch.uint8)
        self.lengths = torch.full((3,), 64)
        self._run()

    @torch.no_grad()
    def a_batch_is_its_rows_whatever_the_padding(self) -> None:
        for row in range(3):
            part = slice(row, row + 1)
            alone = self.model(self.source[part], self.lengths[part], self.target[part])
            torch.testing.assert_close(alone[0], self.forced[row], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("kinds", KINDS, ids="-".join)
def test_every_legal_combination_conforms(kinds: tuple[str, str, str]) -> None:
    for settings in legal(*kinds):
        case = Case(make(settings))
        case.step_by_step_is_teacher_forced()
        case.a_batch_is_its_rows_whatever_the_padding()
        case.selected_rows_go_on_as_they_would_have()
        case.attention_weights_are_shares_of_the_real_tokens(kinds[2])
        case.the_source_counts()
        case.later_targets_do_not()
        case.every_parameter_gets_a_gradient()


@pytest.mark.parametrize("kinds", KINDS, ids="-".join)
def test_every_other_combination_is_refused(kinds: tuple[str, str, str]) -> None:
    for bridge, feeding in product(BRIDGES_OF_ALL_SORTS, (False, True)):
        if not is_legal(*kinds[1:], bridge, feeding):
            with pytest.raises(ValidationError):
                ModelSettings.model_validate(tables(*kinds, bridge=bridge, input_feeding=feeding))


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("decoder", DECODERS)
def test_the_defaults_of_every_encoder_and_decoder_fit(encoder: str, decoder: str) -> None:
    ModelSettings.model_validate({"encoder": {"kind": encoder}, "decoder": {"kind": decoder}})


@pytest.mark.parametrize("encoder", READERS_OF_TOKENS)
@pytest.mark.parametrize("decoder", DECODERS)
def test_several_layers_conform_too(encoder: str, decoder: str) -> None:
    settings = tables(encoder, decoder, "general")
    settings["encoder"]["layers"] = settings["decoder"]["layers"] = 3
    case = Case(make(settings))
    case.step_by_step_is_teacher_forced()
    case.a_batch_is_its_rows_whatever_the_padding()
    case.selected_rows_go_on_as_they_would_have()
    case.every_parameter_gets_a_gradient()


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_picture_is_read_with_every_decoder_and_attention_that_fit(decoder: str, attention: str) -> None:
    encoder = {"kind": "image", "hidden_size": 12, "channels": 4}
    for settings in legal("image", decoder, attention):
        case = PictureCase(make({**settings, "encoder": encoder}))
        case.step_by_step_is_teacher_forced()
        case.a_batch_is_its_rows_whatever_the_padding()
        case.selected_rows_go_on_as_they_would_have()
        case.every_parameter_gets_a_gradient()


@pytest.mark.parametrize(("size", "cells"), [(64, 64), (96, 36), (128, 64), (192, 36), (224, 49)])
def test_a_picture_becomes_a_grid_whatever_its_size(size: int, cells: int) -> None:
    settings = ENCODERS["image"].model_validate({"picture_size": size, "channels": 4, "hidden_size": 8})
    assert settings.pictures is not None
    assert settings.pictures.cells == cells
    encoded = settings.build(8, 0.0, cells=False)(
        torch.zeros(2, 3, size, size, dtype=torch.uint8), torch.tensor([1, 1])
    )
    assert encoded.states.shape == (2, cells, 8)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"attention": {"kind": "dot"}, "encoder": {"kind": "gru", "hidden_size": 8}}, "of one hidden_size: 12, 8"),
        ({"attention": {"kind": "multi-head", "heads": 5}}, "5 heads cannot share the decoder's hidden_size of 12"),
        ({"encoder": {"kind": "transformer", "hidden_size": 12, "heads": 5}}, "5 heads cannot share a hidden_size"),
        ({"encoder": {"kind": "cnn", "width": 4}}, "width must be odd"),
        ({"bridge": {"kind": "none"}, "attention": {"kind": "none"}}, "nothing leads from the encoder to the decoder"),
        ({"input_feeding": True, "attention": {"kind": "none"}}, "feeds what attention found"),
        ({"bridge": {"kind": "last"}, "encoder": {"kind": "cnn", "hidden_size": 8}}, r"\(1, 8\).*\(1, 12\).*projected"),
        ({"decoder": {"kind": "cnn"}, "input_feeding": True}, "a cnn decoder computes all steps at once"),
        ({"decoder": {"kind": "cnn"}, "bridge": {"kind": "projected"}}, 'a cnn decoder has no initial state.*"every-s'),
        ({"decoder": {"kind": "transformer"}, "attention": {"kind": "additive"}}, "a transformer decoder has no previ"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_reason(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        ModelSettings.model_validate({**tables("lstm", "lstm", "general"), **more})


def test_tokens_beyond_the_vocabulary_are_never_likely() -> None:
    model = make(tables("lstm", "lstm", "general"))
    source, lengths, target = batch()
    logits = model.logits(model(source, lengths, target))
    assert logits.shape[-1] == 128
    assert logits.softmax(-1)[..., V:].max() == 0


@pytest.mark.parametrize("kind", ["lstm", "cnn", "transformer"])
def test_dropout_is_for_training_only(kind: str) -> None:
    model = make({**tables(kind, kind, "general"), "dropout": 0.5})
    source, lengths, target = batch()
    torch.testing.assert_close(model(source, lengths, target), model(source, lengths, target))
    model.train()
    assert not torch.allclose(model(source, lengths, target), model(source, lengths, target))


def test_attention_by_hand() -> None:
    attention = ATTENTIONS["dot"]().build(2, 2)
    states = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [9.0, 9.0]]])
    memory = attention.remember(states, torch.tensor([[True, True, False]]))
    context, weights = attention(torch.tensor([[[torch.log(torch.tensor(3.0)), 0.0]]]), memory)
    torch.testing.assert_close(weights, torch.tensor([[[0.75, 0.25, 0.0]]]))
    torch.testing.assert_close(context, torch.tensor([[[0.75, 0.25]]]))


def test_the_last_state_is_handed_over_as_it_is() -> None:
    model = make(tables("lstm", "lstm", "none", bridge={"kind": "last"}))
    source, lengths, _ = batch()
    embedded = model.embedding(source) * 8**0.5
    state = model.start(source, lengths)
    encoder = cast("RecurrentEncoder", model.encoder)
    _, forwards = encoder.forwards[0](embedded[1:2, :4])
    _, backwards = encoder.backwards[0](embedded[1:2, :4].flip(1))
    both = forwards.beside(backwards)
    torch.testing.assert_close(state.cache["hidden"][1], both.hidden[0])
    torch.testing.assert_close(state.cache["cell"][1], both.cell[0])
