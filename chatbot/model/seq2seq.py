"""The encoder-decoder: embeddings, encoder, bridge, decoder with its attention, output."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from chatbot.model.attention import AnyAttention, GeneralAttention
from chatbot.model.bridge import AnyBridge, Bridge, NoBridge, ProjectedBridge, StateShape
from chatbot.model.decoders import AnyDecoder, LstmDecoder, State, Surroundings
from chatbot.model.encoders import AnyEncoder, Encoded, LstmEncoder
from chatbot.model.rnn import LockedDropout
from chatbot.settings import Settings


class ModelSettings(Settings):
    """The ``[model]`` table of a bot file."""

    embedding_size: int = Field(256, ge=1, le=16384)
    """Size of a token's vector, on the source, target and output side."""
    dropout: float = Field(0.2, ge=0, lt=1)
    """Share of each vector's numbers that training hides."""
    word_dropout: float = Field(0.0, ge=0, lt=1)
    """Share of source tokens that training hides, so that a reply does not hang on one word."""
    encoder: AnyEncoder = LstmEncoder()
    """Reads the context."""
    bridge: AnyBridge | None = None
    """Forms the context vector and says where it goes; by default ``projected`` for recurrent decoders, for others
    ``none``."""
    decoder: AnyDecoder = LstmDecoder()
    """Writes the reply."""
    attention: AnyAttention = GeneralAttention()
    """How the decoder looks back at the context."""
    input_feeding: bool = False
    """The decoder's last output enters its next step (Luong et al. 2015); recurrent decoders only."""

    @property
    def chosen_bridge(self) -> AnyBridge:
        """The bridge, or the default one for the decoder."""
        return self.bridge or (ProjectedBridge() if self.decoder.recurrent else NoBridge())

    @model_validator(mode="after")
    def _fits(self) -> "ModelSettings":
        """Refuse what cannot be built together, and say why."""
        if reasons := list(self._objections()):
            raise ValueError("; ".join(reasons))
        return self

    def _objections(self) -> Iterator[str]:
        encoder, decoder, bridge = self.encoder, self.decoder, self.chosen_bridge
        yield from filter(None, (encoder.objection(), decoder.objection()))
        yield from filter(None, [self.attention.objection(decoder.hidden_size, encoder.final_shape[1])])
        shape = decoder.initial_shape
        yield from filter(None, [bridge.objection(encoder.final_shape, (shape.layers, shape.size))])
        if bridge.kind == "none" and self.attention.kind == "none":
            yield "without a bridge and without attention, nothing leads from the encoder to the decoder"
        if self.input_feeding and self.attention.kind == "none":
            yield "input_feeding feeds what attention found, and there is none"
        if not decoder.recurrent:
            yield from self._recurrence(f"a {decoder.kind} decoder")

    def _recurrence(self, decoder: str) -> Iterator[str]:
        """Yield what only a decoder that goes step by step can do."""
        if self.chosen_bridge.kind != "none" and self.chosen_bridge.to != "every-step":
            yield f'{decoder} has no initial state for a context vector; set [model.bridge] to = "every-step"'
        if self.attention.before_step:
            yield f'{decoder} has no previous state for {self.attention.kind} attention; "concat" looks afterwards'
        if self.input_feeding:
            yield f"{decoder} computes all steps at once and cannot have its output fed in"


_NEVER = -1e4
"""Bias of what is never chosen."""

BuildBridge = Callable[[int, StateShape], Bridge | None]


class Question(Protocol):
    """What a model reads of a batch: ``source`` [B, S] and ``targets`` [B, T] ids with their lengths [B]."""

    @property
    def source(self) -> Tensor:
        """[B, S]."""

    @property
    def lengths(self) -> Tensor:
        """[B]."""

    @property
    def targets(self) -> Tensor:
        """[B, T]."""

    @property
    def target_lengths(self) -> Tensor:
        """[B]."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model made of a batch's sources: the ``state`` before the first target token.

    A latent adds its ``divergence`` [B, Z] in nats and, where there is one, the ``bag`` [B, E] of words to come.
    """

    state: State
    divergence: Tensor | None = None
    bag: Tensor | None = None


class Seq2Seq(nn.Module):
    """An encoder and a decoder, with one embedding for all three uses of tokens.

    Source, target and output share one matrix (Press and Wolf 2017).
    """

    def __init__(
        self, settings: ModelSettings, vocabulary_size: int, padding_id: int, build_bridge: BuildBridge | None = None
    ) -> None:
        super().__init__()
        size = settings.embedding_size
        self.vocabulary_size = vocabulary_size
        self.embedding = nn.Embedding(_rows(vocabulary_size), size, padding_idx=padding_id)
        bridge = settings.chosen_bridge
        initial, self.beside = bridge.to != "every-step", bridge.to != "initial-state"
        shape = settings.decoder.initial_shape if initial else StateShape(1, settings.decoder.hidden_size, cells=False)
        self.pictures = settings.encoder.pictures
        self.encoder = settings.encoder.build(size, settings.dropout, bridge.kind == "last" and shape.cells)
        self.bridge = (build_bridge or bridge.build)(self.encoder.output_size, shape)
        self.decoder = settings.decoder.build(
            Surroundings(
                embedding_size=size,
                memory_size=self.encoder.output_size,
                context_size=self.bridge.output_size if self.bridge and self.beside else 0,
                initial=initial,
                attention=settings.attention,
                input_feeding=settings.input_feeding,
                dropout=settings.dropout,
            )
        )
        self.bias = nn.Parameter(torch.zeros(self.embedding.num_embeddings))
        self.dropout = LockedDropout(settings.dropout)
        self.word_dropout = settings.word_dropout
        nn.init.normal_(self.embedding.weight, std=size**-0.5)
        self.embedding.weight.data[padding_id] = 0
        self.bias.data[vocabulary_size:] = _NEVER

    def expect(self, counts: Tensor) -> None:
        """Begin with the frequencies ``counts`` [V] of target tokens, so that training need not learn them first."""
        shares = (counts.float() + 0.5) / (counts.sum() + 0.5 * len(counts))
        self.bias.data[: self.vocabulary_size] = shares.log()

    @torch.no_grad()
    def grow(self, parts: Sequence[Sequence[int]]) -> None:
        """Take new entries in, of which each begins with the mean of the rows and of the biases of its ``parts``.

        All other weights stay what they are, to the bit, and so do the logits of the entries that there were.
        """
        old, size = self.vocabulary_size, self.vocabulary_size + len(parts)
        weight = self.embedding.weight.new_zeros(_rows(size), self.embedding.embedding_dim)
        bias = self.bias.new_full([_rows(size)], _NEVER)
        weight[:old], bias[:old] = self.embedding.weight[:old], self.bias[:old]
        for place, ids in enumerate(parts, old):
            weight[place], bias[place] = weight[list(ids)].mean(dim=0), bias[list(ids)].mean()
        self.embedding = nn.Embedding.from_pretrained(weight, freeze=False, padding_idx=self.embedding.padding_idx)
        self.bias = nn.Parameter(bias)
        self.vocabulary_size = size

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        """Return the outputs [B, T, E] for target inputs [B, T] (teacher forcing)."""
        return self.follow(self.start(source, lengths), target)

    def read(self, batch: Question) -> Reading:
        """Return what the model makes of a batch before it writes, in training and where likelihoods are measured."""
        return Reading(self.start(batch.source, batch.lengths))

    def follow(self, state: State, target: Tensor, word_dropout: float = 0.0) -> Tensor:
        """Return the outputs [B, T, E] for target inputs [B, T], of which training hides a share."""
        outputs, _ = self.decoder(self._hide_words(self._embed(target), word_dropout), state)
        dropped: Tensor = self.dropout(outputs)
        return dropped

    def start(self, source: Tensor, lengths: Tensor, seeds: Sequence[int] = ()) -> State:
        """Return the state before the first target token, for ``source`` ids [B, S] with ``lengths`` [B].

        Nothing is drawn here; ``seeds`` are for models that do.
        """
        encoded = self.encode(source, lengths)
        return self.decoder.start(encoded, self.bridge(encoded) if self.bridge else None, self.beside)

    def step(self, state: State, ids: Tensor) -> tuple[Tensor, State]:
        """Return the logits [B, V] of the next token after ``ids`` [B], and the state after them."""
        outputs, state = self.decoder(self._embed(ids[:, None]), state)
        return self.logits(self.dropout(outputs)[:, 0])[:, : self.vocabulary_size], state

    def logits(self, outputs: Tensor) -> Tensor:
        """Return scores [..., V rounded up to 64] of outputs [..., E]."""
        return nn.functional.linear(outputs, self.embedding.weight, self.bias.to(outputs.dtype))

    def encode(self, source: Tensor, lengths: Tensor) -> Encoded:
        """Return ``source`` ids [B, S], or pictures [B, 3, P, P], encoded."""
        if self.pictures is None:
            source = self._hide_words(self._embed(source), self.word_dropout)
        encoded: Encoded = self.encoder(source, lengths)
        return encoded

    def _embed(self, ids: Tensor) -> Tensor:
        # Scaled up to unit variance: the matrix itself is small, for the sake of the output's logits.
        embedded = self.embedding(ids) * self.embedding.embedding_dim**0.5
        dropped: Tensor = self.dropout(embedded)
        return dropped

    def _hide_words(self, embedded: Tensor, share: float) -> Tensor:
        """Return [B, S, E] with whole tokens set to zero (Gal and Ghahramani 2016, section 4.2)."""
        if not self.training or share == 0:
            return embedded
        return embedded * torch.empty_like(embedded[..., :1]).bernoulli_(1 - share)


def _rows(vocabulary_size: int) -> int:
    """Return a multiple of 64, which makes the output's matrix products faster; the rows beyond are never chosen."""
    return -(-vocabulary_size // 64) * 64
