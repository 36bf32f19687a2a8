"""Knowledge distillation: a model that learns new examples is held to what it used to say to the old ones."""

import torch
from torch import Tensor

from chatbot.model.seq2seq import Seq2Seq
from chatbot.training.batch import Batch
from chatbot.training.loss import soft_cross_entropy_sum


class Teacher:
    """A model as it was: of old examples, its chances of every token are learnt, and not their texts.

    To a model that is still the same they teach nothing, while texts would move it by what is in these by chance
    (Hinton et al. 2015; Li and Hoiem 2016; with replayed examples, Buzzega et al. 2020). The cost counts ``weight``
    times as much as that of new examples.
    """

    def __init__(self, model: Seq2Seq, weight: float) -> None:
        self.model, self.weight = model.eval().requires_grad_(requires_grad=False), weight

    def cost(self, batch: Batch, outputs: Tensor, student: Seq2Seq) -> Tensor:
        """Return the summed cross-entropy in nats of the student's ``outputs`` [N, E] at the tokens of ``batch``."""
        with torch.no_grad():
            taught = self.model.follow(self.model.read(batch).state, batch.inputs)[batch.real]
        own, other = student.embedding.weight, self.model.embedding.weight
        return soft_cross_entropy_sum(outputs, own, student.bias, taught, other, self.model.bias)
