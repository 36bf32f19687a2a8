"""How a version stands in what the gate goes by."""

from collections.abc import Sequence
from typing import Any

import torch

from chatbot.dialogue import Pair, Turn
from chatbot.generation.replier import Replier
from chatbot.training.evaluation import measures_of, reply_all
from chatbot.training.gate import ProbeSettings
from chatbot.training.likelihood import Probe, measure_nats


def gate_figures(
    replier: Replier, persona: str, probes: dict[str, Probe], asked: Sequence[Pair], questions: Sequence[ProbeSettings]
) -> dict[str, Any]:
    """Return likelihoods of the ``probes``, how dull replies to ``asked`` are, and how ``questions`` fare.

    ``persona`` is whom the bot answers as.
    """
    figures: dict[str, Any] = {}
    for part, probe in probes.items():
        nats = measure_nats(replier.model, probe.examples, replier.tokenizer, replier.device, torch.float32).total
        found = probe.likelihood(nats)
        figures[part] = {"bits_per_byte": found.bits_per_byte, "word_perplexity": found.word_perplexity}
    figures["replies"] = measures_of(list(reply_all(replier, asked, seed=1)), asked)
    figures["probes"] = [_probe(replier, persona, question) for question in questions]
    return figures


def _probe(replier: Replier, persona: str, probe: ProbeSettings) -> dict[str, Any]:
    (reply,) = replier.answers([[Turn("you", probe.question)]], [persona], [1])
    return {"question": probe.question, "reply": reply, "passed": probe.passes(reply)}
