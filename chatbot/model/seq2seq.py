"""The encoder-decoder with attention: embeddings, encoder, bridge, decoder, attention, output."""

from dataclasses import dataclass

import torch
from pydantic import Field
from torch import Tensor, nn

from chatbot.model.attention import AnyAttention, GeneralAttention
from chatbot.model.decoders import AnyDecoder, LstmDecoder
from chatbot.model.encoders import AnyEncoder, LstmEncoder
from chatbot.model.rnn import LockedDropout, RnnState
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
    decoder: AnyDecoder = LstmDecoder()
    """Writes the reply."""
    attention: AnyAttention = GeneralAttention()
    """How the decoder looks back at the context."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a batch of replies stands: the decoder's state and the source that it attends to.

    ``memory`` is [B, S, H]; ``mask`` [B, S] is true where it is not padding; ``weights`` [B, S] are the attention
    of the last step.
    """

    decoder: RnnState
    memory: Tensor
    mask: Tensor
    weights: Tensor

    def select(self, rows: Tensor) -> "State":
        """Return the state of the given rows of the batch, which may repeat."""
        return State(
            self.decoder.select(rows),
            self.memory.index_select(0, rows),
            self.mask.index_select(0, rows),
            self.weights.index_select(0, rows),
        )


class Seq2Seq(nn.Module):
    """An encoder and a decoder with attention between them and one embedding for all three uses of tokens.

    Source, target and output share one matrix (Press and Wolf 2017). The attentional output is
    tanh(W [context; output]) (Luong et al. 2015).
    """

    def __init__(self, settings: ModelSettings, vocabulary_size: int, padding_id: int) -> None:
        super().__init__()
        size = settings.embedding_size
        # A multiple of 64 rows makes the output's matrix products faster; the rows beyond are never chosen.
        self.vocabulary_size = vocabulary_size
        self.embedding = nn.Embedding(-(-vocabulary_size // 64) * 64, size, padding_idx=padding_id)
        self.encoder = settings.encoder.build(size, settings.dropout)
        self.decoder = settings.decoder.build(size, self.encoder.output_size, settings.dropout)
        self.attention = settings.attention.build(self.decoder.output_size, self.encoder.output_size)
        self.combine = nn.Linear(self.encoder.output_size + self.decoder.output_size, size)
        self.bias = nn.Parameter(torch.zeros(self.embedding.num_embeddings))
        self.dropout = LockedDropout(settings.dropout)
        self.word_dropout = settings.word_dropout
        nn.init.normal_(self.embedding.weight, std=size**-0.5)
        self.embedding.weight.data[padding_id] = 0
        self.bias.data[vocabulary_size:] = -1e4

    def expect(self, counts: Tensor) -> None:
        """Begin with the frequencies ``counts`` [V] of target tokens, so that training need not learn them first."""
        shares = (counts.float() + 0.5) / (counts.sum() + 0.5 * len(counts))
        self.bias.data[: self.vocabulary_size] = shares.log()

    def forward(self, source: Tensor, lengths: Tensor, target: Tensor) -> Tensor:
        """Return the attentional outputs [B, T, E] for target inputs [B, T] (teacher forcing)."""
        outputs, _ = self._advance(self.start(source, lengths), target)
        return outputs

    def start(self, source: Tensor, lengths: Tensor) -> State:
        """Return the state before the first target token, for ``source`` ids [B, S] with ``lengths`` [B]."""
        encoded = self.encoder(self._hide_words(self._embed(source)), lengths)
        mask = torch.arange(source.shape[1], device=source.device) < lengths[:, None]
        weights = encoded.states.new_zeros(mask.shape, dtype=torch.float32)
        return State(self.decoder.begin(encoded), encoded.states, mask, weights)

    def step(self, state: State, ids: Tensor) -> tuple[Tensor, State]:
        """Return the logits [B, V] of the next token after ``ids`` [B], and the state after them."""
        outputs, state = self._advance(state, ids[:, None])
        return self.logits(outputs[:, 0])[:, : self.vocabulary_size], state

    def logits(self, outputs: Tensor) -> Tensor:
        """Return scores [..., V rounded up to 64] of attentional outputs [..., E]."""
        return nn.functional.linear(outputs, self.embedding.weight, self.bias.to(outputs.dtype))

    def _advance(self, state: State, target: Tensor) -> tuple[Tensor, State]:
        outputs, decoder = self.decoder(self._embed(target), state.decoder)
        context, weights = self.attention(outputs, state.memory, state.mask)
        outputs = torch.tanh(self.combine(torch.cat([context, outputs], dim=-1)))
        return self.dropout(outputs), State(decoder, state.memory, state.mask, weights[:, -1])

    def _embed(self, ids: Tensor) -> Tensor:
        # Scaled up to unit variance: the matrix itself is small, for the sake of the output's logits.
        embedded = self.embedding(ids) * self.embedding.embedding_dim**0.5
        dropped: Tensor = self.dropout(embedded)
        return dropped

    def _hide_words(self, embedded: Tensor) -> Tensor:
        """Return [B, S, E] with whole tokens set to zero (Gal and Ghahramani 2016, section 4.2)."""
        if not self.training or self.word_dropout == 0:
            return embedded
        return embedded * torch.empty_like(embedded[..., :1]).bernoulli_(1 - self.word_dropout)
