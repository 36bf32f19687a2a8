"""How a version stands in what the gate goes by."""

import statistics
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import torch

from chatbot.dialogue import Pair, Turn
from chatbot.generation.replier import Replier
from chatbot.text.words import split_words
from chatbot.training.evaluation import reply_all
from chatbot.training.gate import ProbeSettings
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.metrics import distinct

_LATENCIES = 9


def gate_figures(
    replier: Replier, name: str, probes: dict[str, Probe], asked: Sequence[Pair], questions: Sequence[ProbeSettings]
) -> dict[str, Any]:
    """Return likelihoods of the ``probes``, how dull and how slow replies to ``asked`` are, and how ``questions`` fare.

    ``name`` is what the bot is called.
    """
    figures: dict[str, Any] = {}
    for part, probe in probes.items():
        nats = measure_nats(replier.model, probe.examples, replier.tokenizer, replier.device, torch.float32).total
        found = probe.likelihood(nats)
        figures[part] = {"bits_per_byte": found.bits_per_byte, "word_perplexity": found.word_perplexity}
    said = list(reply_all(replier, asked, seed=1))
    figures["replies"] = {
        "distinct_2": distinct([split_words(one) for one in said], 2),
        "most_frequent": max(Counter(said).values(), default=0) / max(1, len(said)),
    }
    figures["latency_ms"] = _latency(replier, asked)
    figures["probes"] = [_probe(replier, name, question) for question in questions]
    return figures


def _probe(replier: Replier, name: str, probe: ProbeSettings) -> dict[str, Any]:
    (reply,) = replier.answers([[Turn("you", probe.question)]], [name], [1])
    return {"question": probe.question, "reply": reply, "passed": probe.passes(reply)}


def _latency(replier: Replier, pairs: Sequence[Pair]) -> float:
    """Return the median time of a reply in milliseconds."""
    spent = [0.0]
    for pair in [*pairs[:1], *pairs[:_LATENCIES]]:  # the first one warms up
        begun = time.perf_counter()
        replier.answers([pair.question], [pair.answer.speaker], [1])
        spent.append(1000 * (time.perf_counter() - begun))
    return statistics.median(spent[2:] or spent)
