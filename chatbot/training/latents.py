"""Measures of a latent: does it tell the decoder anything, and with how many of its numbers?"""

import math

import numpy as np
import torch

from chatbot.model.latent import VariationalSeq2Seq
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.batch import make_batch
from chatbot.training.examples import Examples
from chatbot.training.likelihood import Nats, batches

_ACTIVE = 0.01


def latent_figures(nats: Nats, means: np.ndarray | None, size: int) -> dict[str, float | int]:
    """Return what a latent tells about texts of ``size`` bytes together.

    ``divergence`` is in nats a text; ``reconstruction_bits_per_byte`` what the texts cost once the latent is known.
    A number of the latent is active when its posterior ``means`` [N, Z] vary by more than 0.01 (Burda et al. 2016);
    a conditional model's, whose prior moves too, when it tells more than 0.01 nats.
    """
    if nats.divergence is None or not len(nats.divergence):
        return {}
    spread = means.var(axis=0) if means is not None else nats.divergence.mean(axis=0)
    return {
        "latent_size": nats.divergence.shape[1],
        "active_units": int((spread > _ACTIVE).sum()),
        "divergence": float(nats.divergence.sum(axis=1).mean()),
        "reconstruction_bits_per_byte": float(nats.answers.sum()) / math.log(2) / max(1, size),
    }


@torch.inference_mode()
def posterior_means(
    model: VariationalSeq2Seq, examples: Examples, tokenizer: Tokenizer, device: torch.device
) -> np.ndarray | None:
    """Return where an unconditional model's posterior sees each source [N, Z]; of a conditional one, nothing."""
    if model.conditional:
        return None
    means = np.zeros((len(examples), model.latent.size), dtype=np.float32)
    for indices in batches(examples):
        batch = make_batch(examples, indices, tokenizer.pad, tokenizer.begin, device)
        means[indices] = model.locate(batch.source, batch.lengths).mean.float().cpu().numpy()
    return means
