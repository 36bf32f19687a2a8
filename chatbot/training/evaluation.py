"""The measures of a bot on pairs, beside baselines, and without the pairs that training has seen."""

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from chatbot.corpus.nearest import NearestQuestions
from chatbot.corpus.pair_file import exchanges, spread_places
from chatbot.corpus.split import Exchanges
from chatbot.dialogue import Pair
from chatbot.generation.replier import Replier
from chatbot.model.latent import VariationalSeq2Seq
from chatbot.text.context import render_answer
from chatbot.training.latents import latent_figures, posterior_means
from chatbot.training.likelihood import Nats, Probe, measure_nats
from chatbot.training.metrics import reply_measures

_BATCH, _TIMED = 64, 15


def evaluate(
    replier: Replier, pairs: Sequence[Pair], training: Sequence[Pair], known: Exchanges, replies: int, seed: int
) -> dict[str, Any]:
    """Return all measures on ``pairs``, and the same without those whose exchange is ``known`` from training.

    Likelihoods are of all pairs; replies are made to ``replies`` of them, spread evenly. ``training`` are the pairs
    that the baselines answer from.
    """
    probe = Probe.make(pairs, replier.tokenizer, replier.text, replier.model.pictures)
    nats = measure_nats(replier.model, probe.examples, replier.tokenizer, replier.device, torch.float32)
    latent = _latent_figures(replier, probe, nats)
    overlaps = np.isin(exchanges(pairs), known)
    chosen = spread_places(len(pairs), replies).tolist()
    answered = [pairs[row] for row in chosen]
    outputs = {"model": list(reply_all(replier, answered, seed)), **_baselines(answered, training, seed)}

    def figures(rows: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Any]:
        likelihood = probe.likelihood(nats.total, rows)
        kept = [place for place, row in enumerate(chosen) if rows[row]]
        measured = {name: _measure(texts, answered, kept) for name, texts in outputs.items()}
        return {
            "pairs": int(rows.sum()),
            "answer_bytes": likelihood.bytes,
            "bits_per_byte": likelihood.bits_per_byte,
            "word_perplexity": likelihood.word_perplexity,
            "loss": likelihood.loss,
            "replies": len(kept),
            **measured.pop("model"),
            "baselines": measured,
        }

    whole = figures(np.ones(len(pairs), dtype=bool))
    return {
        **whole,
        **latent,
        "overlap_share": float(overlaps.mean()) if len(pairs) else 0.0,
        "without_overlap": figures(~overlaps),
    }


def _latent_figures(replier: Replier, probe: Probe, nats: Nats) -> dict[str, float | int]:
    if not isinstance(replier.model, VariationalSeq2Seq):
        return {}
    means = posterior_means(replier.model, probe.examples, replier.tokenizer, replier.device)
    return latent_figures(nats, means, int(probe.bytes.sum()))


def reply_all(replier: Replier, pairs: Sequence[Pair], seed: int) -> Iterator[str]:
    """Yield the bot's reply to each pair's question, made in batches."""
    for start in range(0, len(pairs), _BATCH):
        part = pairs[start : start + _BATCH]
        seeds = range(seed + start, seed + start + len(part))
        yield from replier.answers([pair.question for pair in part], [pair.answer.speaker for pair in part], seeds)


def reply_milliseconds(repliers: Sequence[Replier], pairs: Sequence[Pair]) -> list[float]:
    """Return the median time of a reply of each in milliseconds, made alone on one thread; 0 without pairs.

    They reply in turn, so that what else a machine has to do slows all of them.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        spent: list[list[float]] = [[] for _ in repliers]
        for pair in [*pairs[:2], *pairs[:_TIMED]]:  # the first ones warm up
            for replier, times in zip(repliers, spent, strict=True):
                begun = time.perf_counter()
                replier.answers([pair.question], [pair.answer.speaker], [1])
                times.append(1000 * (time.perf_counter() - begun))
        return [statistics.median(times[2:] or [0.0]) for times in spent]
    finally:
        torch.set_num_threads(threads)


def _baselines(pairs: Sequence[Pair], training: Sequence[Pair], seed: int) -> dict[str, list[str]]:
    """Return the replies of what any model must beat, and the references as its upper bound."""
    rows = {"reference": [render_answer(pair.answer.text) for pair in pairs]}
    if training:
        dice = random.Random(seed)  # noqa: S311 - not for secrets
        nearest = NearestQuestions([pair.question[-1].text for pair in training])
        found = [nearest.find(pair.question[-1].text, 1)[0][0] for pair in pairs]
        rows["random"] = [render_answer(dice.choice(training).answer.text) for _ in pairs]
        rows["nearest"] = [render_answer(training[place].answer.text) for place in found]
    return rows


def baseline_measures(pairs: Sequence[Pair], training: Sequence[Pair], seed: int) -> dict[str, dict[str, Any]]:
    """Return the measures of the baselines' replies to the questions of pairs."""
    return {name: measures_of(texts, pairs) for name, texts in _baselines(pairs, training, seed).items()}


def _measure(texts: list[str], pairs: Sequence[Pair], kept: list[int]) -> dict[str, Any]:
    return measures_of([texts[place] for place in kept], [pairs[place] for place in kept])


def measures_of(replies: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Return the measures of replies to the questions of pairs."""
    references = [render_answer(pair.answer.text) for pair in pairs]
    contexts = [" ".join(render_answer(turn.text) for turn in pair.question) for pair in pairs]
    return reply_measures(replies, references, contexts)
