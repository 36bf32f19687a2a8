"""How likely a model finds the answers of pairs: the figures that models are compared by."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from chatbot.dialogue import Pair
from chatbot.model.seq2seq import Seq2Seq
from chatbot.pictures import PictureShape
from chatbot.text.context import TextSettings, render_answer
from chatbot.text.tokenizer import Tokenizer
from chatbot.text.words import count_words
from chatbot.training.batch import make_batch
from chatbot.training.buckets import plan_epoch
from chatbot.training.examples import Examples, make_examples
from chatbot.training.loss import token_losses

_UNCUT = 1_000_000
_BATCH_TOKENS = 16384


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Total negative log-likelihood in ``nats`` of answers of so many ``tokens``, ``words`` and UTF-8 ``bytes``."""

    nats: float
    tokens: int
    words: int
    bytes: int

    @property
    def loss(self) -> float:
        """Nats per token, ends of replies included."""
        return self.nats / max(1, self.tokens)

    @property
    def bits_per_byte(self) -> float | None:
        """Bits, ends of replies included, per byte of the answers; none of no answers."""
        return self.nats / math.log(2) / self.bytes if self.bytes else None

    @property
    def word_perplexity(self) -> float | None:
        """Exp of nats per word, where each reply's end counts as a word; none of no answers."""
        return math.exp(min(700.0, self.nats / self.words)) if self.words else None


@dataclass(frozen=True, slots=True)
class Probe:
    """Held-out pairs, ready to be measured: examples whose answers are not cut, with their words and bytes."""

    examples: Examples
    words: NDArray[np.int64]
    bytes: NDArray[np.int64]

    @classmethod
    def make(
        cls, pairs: Sequence[Pair], tokenizer: Tokenizer, text: TextSettings, pictures: PictureShape | None = None
    ) -> "Probe":
        """Return the pairs as a probe."""
        uncut = text.model_copy(update={"answer_tokens": _UNCUT})
        answers = [render_answer(pair.answer.text) for pair in pairs]
        words = np.array([count_words(answer) + 1 for answer in answers], dtype=np.int64)
        sizes = np.array([len(answer.encode("utf-8", "replace")) for answer in answers], dtype=np.int64)
        return cls(make_examples(pairs, tokenizer, uncut, pictures), words, sizes)

    def likelihood(self, nats: NDArray[np.float64], rows: NDArray[np.bool_] | None = None) -> Likelihood:
        """Return the sums over the given rows, or all, for ``nats`` [N] of each."""
        chosen = np.ones(len(nats), dtype=bool) if rows is None else rows
        return Likelihood(
            float(nats[chosen].sum()),
            int(self.examples.target.lengths[chosen].sum()),
            int(self.words[chosen].sum()),
            int(self.bytes[chosen].sum()),
        )


@dataclass(frozen=True, slots=True)
class Nats:
    """Negative log-likelihoods: ``answers`` [N] of whole targets and, with a latent, its ``divergence`` [N, Z].

    The answers are then given a latent drawn from the posterior, and the divergence is that of the posterior from the
    prior, so that both together bound the answers' own (Kingma and Welling 2014).
    """

    answers: NDArray[np.float64]
    divergence: NDArray[np.float64] | None = None

    @property
    def total(self) -> NDArray[np.float64]:
        """What each answer costs altogether [N]."""
        return self.answers if self.divergence is None else self.answers + self.divergence.sum(axis=1)


@torch.inference_mode()
def measure_nats(
    model: Seq2Seq, examples: Examples, tokenizer: Tokenizer, device: torch.device, precision: torch.dtype
) -> Nats:
    """Return the negative log-likelihood of each example's whole target, in nats."""
    nats = np.zeros(len(examples))
    divergence: NDArray[np.float64] | None = None
    torch.manual_seed(0)  # of latents drawn
    for indices in batches(examples):
        batch = make_batch(examples, indices, tokenizer.pad, tokenizer.begin, device)
        with torch.autocast(device.type, precision, enabled=precision != torch.float32):
            reading = model.read(batch)
            outputs = model.follow(reading.state, batch.inputs)
        sums = _target_nats(model, outputs, batch.targets, tokenizer.pad)
        nats[indices] = sums.cpu().numpy()
        if reading.divergence is not None:
            told = reading.divergence.double().cpu().numpy()
            divergence = np.zeros((len(examples), told.shape[1])) if divergence is None else divergence
            divergence[indices] = told
    return Nats(nats, divergence)


def _target_nats(model: Seq2Seq, outputs: Tensor, targets: Tensor, pad: int) -> Tensor:
    """Return the negative log-likelihood [B] in nats of ``targets`` [B, T] after ``outputs`` [B, T, E]."""
    real = targets != pad
    losses = token_losses(outputs[real], model.embedding.weight, model.bias, targets[real])
    rows = real.nonzero()[:, 0]
    return torch.zeros(len(targets), dtype=torch.float64, device=losses.device).index_add_(0, rows, losses.double())


def batches(examples: Examples) -> Iterable[NDArray[np.int64]]:
    """Return the examples' places in batches to measure by."""
    return plan_epoch(examples.source.lengths, examples.target.lengths, _BATCH_TOKENS, 0, 0) if len(examples) else []
