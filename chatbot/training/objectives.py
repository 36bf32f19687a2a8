"""Kinds of objectives: what a model learns from a corpus's pairs, and what its loss is."""

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from chatbot.dialogue import Pair, Turn
from chatbot.model.latent import LatentSettings
from chatbot.model.seq2seq import Reading
from chatbot.settings import Settings
from chatbot.text.clean import clean
from chatbot.training.likelihood import Nats

Ints = NDArray[np.int32]


class Objective(Settings):
    """Settings of an objective: the ``[objective]`` table of a bot file."""

    single_texts: ClassVar[bool] = False
    """It is about one text at a time: no context before it."""
    from_itself: ClassVar[bool] = False
    """Its answers are its questions: that a model can say one tells nothing of what it remembers."""
    latent: ClassVar[LatentSettings | None] = None
    """The latent that its model has."""

    def pairs(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """Return what is to be learnt of ``pairs``."""
        return pairs

    def blur(self, source: Ints, dice: np.random.Generator) -> Ints:
        """Return source ids as training shows them."""
        return source

    def word_dropout_of_targets(self) -> float:
        """Return the share of target inputs that training hides."""
        return 0.0

    def penalty(self, reading: Reading, targets: Tensor, pad: int, embedding: Tensor, progress: float) -> Tensor | None:
        """Return what adds to a batch's summed cross-entropy, in nats, when ``progress`` of the budget is spent."""
        return None

    def held_out_cost(self, nats: Nats) -> float:
        """Return what the best weights have the least of: the held-out targets' negative log-likelihood."""
        return float(nats.answers.sum())


class ReplyObjective(Objective):
    """``kind = "reply"``: answers to questions (Vinyals and Le 2015)."""

    kind: Literal["reply"] = "reply"


class TranslateObjective(Objective):
    """``kind = "translate"``: a text's translation, from that text alone (Sutskever et al. 2014)."""

    kind: Literal["translate"] = "translate"
    single_texts: ClassVar[bool] = True


class AutoencoderObjective(Objective):
    """``kind = "autoencoder"``: each text of the corpus from itself."""

    kind: Literal["autoencoder"] = "autoencoder"
    single_texts: ClassVar[bool] = True
    from_itself: ClassVar[bool] = True
    noise: float = Field(0.0, ge=0, lt=1)
    """Denoising: this share of a text's tokens is left out, and this share of its neighbours change places (Hill et
    al. 2016)."""

    def pairs(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """Return each text once, as its own answer."""
        return texts_as_pairs(pairs)

    def blur(self, source: Ints, dice: np.random.Generator) -> Ints:
        """Return the ids of a text, its first one the speaker tag, with noise."""
        return blur(source, self.noise, dice) if self.noise else source


class VariationalObjective(LatentSettings, Objective):
    """``kind = "variational"``: each text from itself, through a Gaussian latent that can also be drawn from.

    Kingma and Welling (2014); Bowman et al. (2016) for text. ``conditional`` learns replies (Zhao et al. 2017).
    """

    kind: Literal["variational"] = "variational"
    free_bits: float = Field(2.0, ge=0)
    """Nats that each number of the latent may tell at no cost, which keeps it in use (Kingma et al. 2016)."""
    annealing: float = Field(0.3, ge=0, le=1)
    """Share of the budget over which the latent's cost rises from nothing to ``weight`` (Bowman et al. 2016)."""
    weight: float = Field(1.0, ge=0, le=10)
    """Of the latent's cost beside that of the words (beta in Higgins et al. 2017)."""
    word_dropout: float = Field(0.1, ge=0, lt=1)
    """Share of the decoder's input tokens that training hides, so that it asks the latent (Bowman et al. 2016)."""

    @property
    def single_texts(self) -> bool:  # type: ignore[override]
        """A conditional model has contexts."""
        return not self.conditional

    @property
    def from_itself(self) -> bool:  # type: ignore[override]
        """A conditional model answers."""
        return not self.conditional

    @property
    def latent(self) -> LatentSettings:  # type: ignore[override]
        """The latent of its model."""
        return LatentSettings.model_validate({name: getattr(self, name) for name in LatentSettings.model_fields})

    def pairs(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """Return each text once, as its own answer, or the pairs of a conditional model."""
        return pairs if self.conditional else texts_as_pairs(pairs)

    def word_dropout_of_targets(self) -> float:
        """Return ``word_dropout``."""
        return self.word_dropout

    def penalty(self, reading: Reading, targets: Tensor, pad: int, embedding: Tensor, progress: float) -> Tensor | None:
        """Return the latent's cost, risen so far, and that of the words without their order."""
        if reading.divergence is None:
            return None
        # Free bits are of a batch's mean: where a text needs more, another one may need less.
        cost = reading.divergence.mean(0).clamp(min=self.free_bits).sum() * len(targets)
        total = cost * self.weight * (min(1.0, progress / self.annealing) if self.annealing else 1.0)
        if reading.bag is not None:
            scores = (reading.bag.float() @ embedding.float().T).log_softmax(-1)
            total = total - self.bag_of_words * (scores.gather(1, targets) * (targets != pad)).sum()
        return total

    def held_out_cost(self, nats: Nats) -> float:
        """Return the loss of training at its end."""
        if nats.divergence is None or not len(nats.divergence):
            return float(nats.answers.sum())
        cost = np.maximum(nats.divergence.mean(axis=0), self.free_bits).sum() * len(nats.answers)
        return float(nats.answers.sum() + self.weight * cost)


def texts_as_pairs(pairs: Iterable[Pair]) -> list[Pair]:
    """Return each text that the pairs ask or answer, once, as its own answer."""
    texts = dict.fromkeys(clean(turn.text) for pair in pairs for turn in (pair.question[-1], pair.answer))
    return [Pair((Turn("text", text),), Turn("again", text), text) for text in texts if text]


def blur(source: Ints, share: float, dice: np.random.Generator) -> Ints:
    """Return ids with a ``share`` left out and a share of neighbours exchanged; the first id stays as it is."""
    rest = source[1:]
    kept = rest[dice.random(len(rest)) >= share] if len(rest) else rest
    kept = kept if len(kept) else rest
    swapped = kept.copy()
    place = 0
    while place + 1 < len(swapped):
        if dice.random() < share:
            swapped[place], swapped[place + 1] = kept[place + 1], kept[place]
            place += 1
        place += 1
    return np.concatenate([source[:1], swapped])


OBJECTIVES: dict[str, type[Objective]] = {
    "reply": ReplyObjective,
    "translate": TranslateObjective,
    "autoencoder": AutoencoderObjective,
    "variational": VariationalObjective,
}
AnyObjective = Annotated[
    ReplyObjective | TranslateObjective | AutoencoderObjective | VariationalObjective, Field(discriminator="kind")
]
