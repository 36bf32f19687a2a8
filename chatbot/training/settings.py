"""The ``[training]`` table of a bot file."""

from typing import Literal

from pydantic import Field

from chatbot.settings import Settings
from chatbot.training.gate import GateSettings


class TrainingSettings(Settings):
    """How a model is trained, and for how long: the first budget that is spent ends it."""

    batch_tokens: int = Field(4096, ge=16)
    """Positions of a batch, source and target together, padding included."""
    learning_rate: float = Field(2e-3, gt=0, le=1)
    """The highest rate; it rises to it and then falls to 0 at the budget's end."""
    warm_up_steps: int = Field(200, ge=0)
    """Over how many steps the rate rises; at most a tenth of the budget."""
    weight_decay: float = Field(0.01, ge=0, le=1)
    """AdamW's, of matrices."""
    clip: float = Field(1.0, gt=0)
    """Largest norm of the gradient."""
    ema: float = Field(0.998, ge=0, lt=1)
    """Decay of the moving average of the weights, which is what validates and is kept."""
    steps: int | None = Field(None, ge=1)
    """Budget: batches."""
    epochs: float | None = Field(None, gt=0)
    """Budget: rounds over the pairs; 10 when there is no budget at all."""
    minutes: float | None = Field(None, gt=0)
    """Budget: time, validation included."""
    validations: int = Field(10, ge=1)
    """How often the budget is interrupted to validate; less often when it is minutes, and too few for that, and three
    times at most in a retraining."""
    patience: int = Field(0, ge=0)
    """Stop after so many validations without a better one; 0: never."""
    validation_share: float = Field(0.02, gt=0, lt=0.5)
    """Share of dialogues held out where the bot names no validation corpora."""
    validation_pairs: int = Field(2000, ge=1)
    """Most pairs held out so."""
    train_on_all: bool = False
    """Train on the held-out dialogues too, so that a small corpus is learnt whole; validation then only tells
    whether training goes well, and no measure of it counts."""
    topic_changes: float = Field(0.0, ge=0, le=1)
    """Share of the first pairs of dialogues that are shown behind the end of another dialogue, so that a bot can
    follow people from one subject to the next."""
    save_steps: int = Field(500, ge=1)
    """How many steps a crash can cost."""
    replay: float = Field(0.5, ge=0, lt=1)
    """Share of old examples in retraining."""
    canaries: int = Field(20, ge=0, le=1000)
    """Nonsense pairs that training plants, at most one for a hundred real ones, to measure how much is memorised: of
    five, the mean exposure was off by a bit or two."""
    seed: int = Field(1, ge=0, lt=2**31)
    """Of everything random in training."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 where the device computes with it."""


class RetrainingSettings(Settings):
    """``[retraining]``: what a bot learns of its conversations, and when a new version takes the place of the old."""

    per_person: int = Field(500, ge=0)
    """Most replies to one person that are learnt from, so that nobody takes the bot over; 0: all."""
    liked: int = Field(3, ge=1, le=100)
    """So many times more a reply counts that got a 👍; one with a 👎 is not learnt from."""
    unlikelihood: float = Field(0.0, ge=0)
    """Weight of making replies with a 👎 less likely (Welleck et al. 2020); 0: they are only not learnt from."""
    hold: float = Field(4.0, ge=0)
    """How many times more than new examples those of the corpora count, which teach what the first version would have
    said (Hinton et al. 2015); 0: they count as much, and teach their texts."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Takes the place of the model's: in few rounds there is nothing to overfit, and without it a model that is still
    as it was says just what its teacher says."""
    step_back: bool = True
    """Where more of the old would be lost than the gate's ``old_loss``, keep weights between those of the version
    before and those that training made of them (Wortsman et al. 2022)."""
    ewc: float = Field(0.0, ge=0)
    """Strength of elastic weight consolidation: 1 counts the loss on old pairs as much as that on new ones; 0: off."""
    grow_at: float = Field(0.4, ge=0, lt=1)
    """By what share a token must hold fewer bytes of new texts than of old ones for the vocabulary to grow: 0.1 to 0.4
    is another subject, 0.7 another language; 0: never."""
    grow_by: float = Field(0.5, gt=0, le=10)
    """Most entries that it then gains, as a share of those that it has."""
    gate: GateSettings = GateSettings()
    """How much worse a new version may be, to take the place of the one before it."""
