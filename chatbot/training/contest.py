"""A version against the one before it, and beside baselines, in what the gate goes by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from chatbot.corpus.pair_file import exchanges, spread
from chatbot.corpus.split import Exchanges
from chatbot.dialogue import Pair, Turn
from chatbot.generation.replier import Replier
from chatbot.training.evaluation import baseline_measures, measures_of, reply_all, reply_milliseconds
from chatbot.training.gate import ProbeSettings
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.metrics import mean

_REPLIES, _ANSWERING = 100, 100_000
"""How many pairs are replied to, and how many learnt ones the baselines answer from."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A version that replies, and the marks of the exchanges that it has learnt from."""

    replier: Replier
    known: Exchanges


def contest(
    new: Contender, before: Contender | None, answerer: str, parts: dict[str, Sequence[Pair]], learnt: Sequence[Pair],
    questions: Sequence[ProbeSettings],
) -> dict[str, Any]:  # fmt: skip
    """Return the figures on ``parts`` of a new version (``after``), of the one ``before`` it, and of ``baselines``.

    The baselines answer from what the new one has ``learnt``; ``seen`` is the share of the pairs that each knew.
    """
    pairs = [pair for part in parts.values() for pair in part]
    asked = spread(pairs, _REPLIES)
    contenders = {**({"before": before} if before else {}), "after": new}
    milliseconds = reply_milliseconds([one.replier for one in contenders.values()], asked)
    found: dict[str, Any] = {
        when: {
            **gate_figures(one.replier, answerer, parts, asked, questions),
            "latency_ms": spent,
            "seen": mean(np.isin(exchanges(pairs), one.known)),
        }
        for (when, one), spent in zip(contenders.items(), milliseconds, strict=True)
    }
    if before:  # what it says is its own: a version that unlearnt people must not hold the words of one that did not
        found["before"]["probes"] = [{**probe, "reply": ""} for probe in found["before"]["probes"]]
    return {**found, "baselines": baseline_measures(asked, spread(learnt, _ANSWERING), seed=1)}


def gate_figures(
    replier: Replier, answerer: str, parts: dict[str, Sequence[Pair]], asked: Sequence[Pair],
    questions: Sequence[ProbeSettings],
) -> dict[str, Any]:  # fmt: skip
    """Return likelihoods of the ``parts``, how dull replies to ``asked`` are, and how ``questions`` fare.

    ``answerer`` is whom the bot answers as.
    """
    figures: dict[str, Any] = {}
    for part, pairs in parts.items():
        probe = Probe.make(pairs, replier.tokenizer, replier.text, replier.model.pictures)
        nats = measure_nats(replier.model, probe.examples, replier.tokenizer, replier.device, torch.float32).total
        found = probe.likelihood(nats)
        figures[part] = {"bits_per_byte": found.bits_per_byte, "word_perplexity": found.word_perplexity}
    figures["replies"] = measures_of(list(reply_all(replier, asked, seed=1)), asked)
    figures["probes"] = [_probe(replier, answerer, question) for question in questions]
    return figures


def _probe(replier: Replier, answerer: str, probe: ProbeSettings) -> dict[str, Any]:
    (reply,) = replier.answers([[Turn("you", probe.question)]], [answerer], [1])
    return {"question": probe.question, "reply": reply, "passed": probe.passes(reply)}
