"""What holds for every combination of encoder, decoder and attention."""

from itertools import product
from typing import get_args

import pytest
import torch
from torch import Tensor

from chatbot.model.attention import ATTENTIONS, AnyAttention
from chatbot.model.decoders import DECODERS, AnyDecoder
from chatbot.model.encoders import ENCODERS, AnyEncoder
from chatbot.model.seq2seq import ModelSettings, Seq2Seq

V, PAD = 70, 0
COMBINATIONS = list(product(ENCODERS, DECODERS, ATTENTIONS))


def make(encoder: str, decoder: str, attention: str, layers: int = 2, dropout: float = 0.0) -> Seq2Seq:
    torch.manual_seed(1)
    settings = ModelSettings.model_validate(
        {
            "embedding_size": 8, "dropout": dropout,
            "encoder": {"kind": encoder, "hidden_size": 12, "layers": layers},
            "decoder": {"kind": decoder, "hidden_size": 12, "layers": layers},
            "attention": {"kind": attention},
        }
    )  # fmt: skip
    return Seq2Seq(settings, V, PAD).eval()


def batch(pad_to: int = 7) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(2)
    source, lengths = torch.randint(5, V, (3, pad_to)), torch.tensor([7, 4, 1])
    positions = torch.arange(pad_to)
    return source.masked_fill(positions >= lengths[:, None], PAD), lengths, torch.randint(5, V, (3, 6))


@pytest.fixture(params=COMBINATIONS, ids="-".join)
def model(request: pytest.FixtureRequest) -> Seq2Seq:
    return make(*request.param)


@pytest.mark.parametrize(
    ("table", "union"), [(ENCODERS, AnyEncoder), (DECODERS, AnyDecoder), (ATTENTIONS, AnyAttention)]
)
def test_tables_and_unions_agree(table: dict[str, type], union: object) -> None:
    assert set(table.values()) == set(get_args(get_args(union)[0]))
    assert all(kind().kind == name for name, kind in table.items())


def test_step_by_step_is_teacher_forced(model: Seq2Seq) -> None:
    source, lengths, target = batch()
    forced = model.logits(model(source, lengths, target))[..., :V]
    state = model.start(source, lengths)
    for place in range(target.shape[1]):
        logits, state = model.step(state, target[:, place])
        torch.testing.assert_close(logits, forced[:, place], atol=1e-5, rtol=1e-4)


def test_a_batch_is_its_rows(model: Seq2Seq) -> None:
    source, lengths, target = batch()
    together = model(source, lengths, target)
    for row, length in enumerate(lengths):
        alone = model(source[row : row + 1, :length], lengths[row : row + 1], target[row : row + 1])
        torch.testing.assert_close(alone[0], together[row], atol=1e-5, rtol=1e-4)


def test_more_padding_changes_nothing(model: Seq2Seq) -> None:
    source, lengths, target = batch()
    padded = torch.nn.functional.pad(source, (0, 5), value=PAD)
    torch.testing.assert_close(model(padded, lengths, target), model(source, lengths, target), atol=1e-6, rtol=1e-5)


def test_selected_rows_go_on_as_they_would_have(model: Seq2Seq) -> None:
    source, lengths, target = batch()
    _, state = model.step(model.start(source, lengths), target[:, 0])
    rows = torch.tensor([2, 0, 0])
    chosen, _ = model.step(state.select(rows), target[rows, 1])
    everyone, _ = model.step(state, target[:, 1])
    torch.testing.assert_close(chosen, everyone[rows])


def test_attention_weights_are_shares_of_the_real_tokens(model: Seq2Seq) -> None:
    source, lengths, target = batch()
    _, state = model.step(model.start(source, lengths), target[:, 0])
    torch.testing.assert_close(state.weights.sum(-1), torch.ones(3))
    assert state.weights[2, 1:].abs().max() == 0


def test_every_parameter_gets_a_gradient(model: Seq2Seq) -> None:
    source, lengths, target = batch()
    model.logits(model(source, lengths, target)).square().mean().backward()
    missing = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert missing == []


def test_tokens_beyond_the_vocabulary_are_never_likely(model: Seq2Seq) -> None:
    source, lengths, target = batch()
    logits = model.logits(model(source, lengths, target))
    assert logits.shape[-1] == 128
    assert logits.softmax(-1)[..., V:].max() == 0


def test_dropout_is_for_training_only() -> None:
    model = make("lstm", "lstm", "general", dropout=0.5)
    source, lengths, target = batch()
    torch.testing.assert_close(model(source, lengths, target), model(source, lengths, target))
    model.train()
    assert not torch.allclose(model(source, lengths, target), model(source, lengths, target))


def test_dot_attention_of_different_sizes_is_refused_by_name() -> None:
    settings = ModelSettings.model_validate(
        {"attention": {"kind": "dot"}, "encoder": {"kind": "gru", "hidden_size": 8}}
    )
    with pytest.raises(ValueError, match="one hidden_size"):
        Seq2Seq(settings, V, PAD)


def test_attention_by_hand() -> None:
    attention = ATTENTIONS["dot"]().build(2, 2)
    states = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [9.0, 9.0]]])
    mask = torch.tensor([[True, True, False]])
    context, weights = attention(torch.tensor([[[torch.log(torch.tensor(3.0)), 0.0]]]), states, mask)
    torch.testing.assert_close(weights, torch.tensor([[[0.75, 0.25, 0.0]]]))
    torch.testing.assert_close(context, torch.tensor([[[0.75, 0.25]]]))
