"""Retraining: on new logs and kept conversations, without forgetting, and only for the better."""

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import torch

from chatbot.bot import Bot, BotSettings
from chatbot.conversation.lessons import erased_versions, note_clean, note_learnt
from chatbot.conversation.store import Store
from chatbot.corpus.pair_file import PairFile, choose, exchanges
from chatbot.corpus.split import known_exchanges, split_pairs, without_known
from chatbot.dialogue import Pair
from chatbot.generation.replier import Replier
from chatbot.generation.searches import KnownSearch
from chatbot.generation.shortlist import Known, Shortlist, known_pairs, load_pairs
from chatbot.learning import Say, counts_of, run_of
from chatbot.model.checkpoint import load_model
from chatbot.model.seq2seq import Seq2Seq
from chatbot.novelty import Novelty, kept_logs, learnt_logs, lineage
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.consolidation import Anchor
from chatbot.training.evaluation import reply_milliseconds
from chatbot.training.examples import make_examples
from chatbot.training.gate import objections
from chatbot.training.likelihood import Probe
from chatbot.training.run import Run, load_known
from chatbot.training.standing import gate_figures
from chatbot.training.versions import PAIRS, WEIGHTS

Answer = TypeVar("Answer")

_RATE, _EPOCHS = 0.25, 3.0
"""A quarter of the first rate, three rounds over the new: enough to learn them, little enough to keep the old."""
_NEW_SHARE, _NEW_MOST = 0.1, 1000
_REPLIES = 100
_RECALLED = 2048


def tried_before(bot: Bot, new: Novelty) -> str:
    """Return the version that the parent has become with the same new pairs before, without being promoted."""
    cards = (bot.versions.card(name) for name in bot.versions.names())
    same = [card["version"] for card in cards if card.get("parent") == new.parent and card.get("novelty") == new.digest]
    return str(same[-1]) if same else ""


def prepare_retraining(
    bot: Bot, new: Novelty, budgeted: bool, device: torch.device, fresh: bool, forced: bool, say: Say
) -> Run:
    """Return a training that goes on from a version, on what is new to it mixed with what is old.

    Its budget is the bot's when ``budgeted``, since the command line set it so; else some rounds over the new pairs.
    The version that comes of it takes the parent's place when the gate has nothing against it, or when ``forced``.
    """
    folder = bot.versions.path(new.parent)
    frozen = bot.frozen(folder)
    tokenizer, persona = Tokenizer.load(folder, frozen.text.tags), bot.persona(frozen.text)
    latent = frozen.objective.latent
    model = load_model(folder / WEIGHTS, frozen.model, len(tokenizer), tokenizer.pad, latent).to(device)
    unchanged = copy.deepcopy(model).eval()
    settings = bot.settings.training
    learnable = frozen.learnable(new.pairs)
    learnt, new_held_out = split_pairs(learnable, _NEW_SHARE, _NEW_MOST, settings.seed)
    old = bot.data()
    kept = frozen.learnable(PairFile.of(kept_logs(bot).pairs(learnt_logs(bot, new.parent))))
    old_pairs = PairFile.of(chain(old.training, kept)) if kept else old.training
    new_held_out = without_known(new_held_out, known_exchanges(old_pairs))
    old_held_out = without_known(old.held_out, known_exchanges(learnt))
    liked, weight = known_exchanges(frozen.learnable(new.liked)), bot.settings.retraining.liked
    times = np.where(np.isin(exchanges(learnt), liked), weight, 1)
    shown = choose(learnt, np.repeat(np.arange(len(learnt)), times))
    disliked = list(frozen.learnable(new.disliked))
    replayed = _replayed(old_pairs, len(shown) + len(disliked), settings.replay, settings.seed)
    say(f"{len(learnt)} new pairs, {len(replayed)} old ones beside them; {len(new_held_out)} new ones held out")
    probes = {"old": Probe.make(old_held_out, tokenizer, frozen.text, model.pictures)}
    probes["new"] = Probe.make(new_held_out, tokenizer, frozen.text, model.pictures)
    card = {
        "kind": "retrained", "parent": new.parent, "novelty": new.digest, "new_pairs": len(learnt),
        "logs": [{"path": path, "sha256": checksum} for checksum, path in new.logs.items()],
        "people": len(new.people), "until": new.until.isoformat() if new.until else None,
        "replayed_pairs": len(replayed), "sources": bot.sources(), **counts_of(old),
    }  # fmt: skip
    retrained = replace(bot, settings=_settings(bot.settings, frozen, budgeted))
    held_out = [*new_held_out, *old_held_out]
    everything = PairFile.of(chain(old_pairs, learnt))
    run = run_of(retrained, model, tokenizer, [*shown, *replayed], held_out, device, fresh, card, everything, disliked)
    if strength := bot.settings.retraining.ewc:
        chosen = random.Random(settings.seed).sample(old_pairs, min(_RECALLED, len(old_pairs)))  # noqa: S311
        examples = make_examples(chosen, tokenizer, frozen.text, model.pictures)
        run.trainer.anchor = Anchor(model, examples, tokenizer, device, strength, settings.seed)
    run.known_before = load_known(folder)
    known = load_pairs(folder / PAIRS) if run.known and (folder / PAIRS).exists() else []
    run.known = [*known, *run.known]
    asked = _spread([*old_held_out, *new_held_out])

    def replier(measured: Seq2Seq, pairs: list[Known]) -> Replier:
        search = retrained.settings.search
        shortlist = Shortlist(pairs, tokenizer) if isinstance(search, KnownSearch) and pairs else None
        return Replier(measured, tokenizer, frozen.text, search, device, shortlist)

    def compare(trained: Seq2Seq) -> dict[str, Any]:
        both = replier(unchanged, known), replier(trained, [*known, *known_pairs(learnt, frozen.text)])
        before, after = (gate_figures(one, persona, probes, asked, retrained.settings.probes) for one in both)
        before["latency_ms"], after["latency_ms"] = reply_milliseconds(both, asked)
        return {**remembered(trained), "before": before, "after": after}

    remembered, run.compare = run.compare, compare
    gate = retrained.settings.retraining.gate
    run.judge = lambda figures: objections(
        {**figures["before"], "memorisation": bot.versions.card(new.parent).get("memorisation")},
        {**figures["after"], "memorisation": figures.get("memorisation")},
        gate,
    )
    run.forced = forced
    run.note = lambda version: _note(bot, new, version)
    return run


def tainted_versions(bot: Bot) -> set[str]:
    """Return the versions that learnt from people who were forgotten since, and those that came of them."""
    tainted = _ask_store(bot, erased_versions) or set()
    for name in bot.versions.names():
        if bot.versions.card(name).get("parent") in tainted:
            tainted.add(name)
    return tainted


def clean_ancestor(bot: Bot) -> str:
    """Return the latest in the current version's line that learnt from nobody who was forgotten since; "" for none."""
    tainted = tainted_versions(bot)
    line = (card["version"] for card in lineage(bot, bot.versions.current()))
    return next((version for version in line if version not in tainted), "")


def settle_erasures(bot: Bot, parent: str) -> None:
    """Stay at ``parent`` rather than at a version that learnt from people since forgotten; complete their receipts."""
    if bot.versions.current() in tainted_versions(bot):
        bot.versions.promote(parent)
    _ask_store(bot, lambda store: note_clean(store, bot.versions.current()))


def _note(bot: Bot, new: Novelty, version: str) -> None:
    """Note from whom a version has learnt, and keep the logs that it has learnt from."""
    for checksum, dialogues in new.dialogues.items():
        kept_logs(bot).add(new.logs[checksum], checksum, new.answers_by, dialogues)
    if new.people:
        _ask_store(bot, lambda store: note_learnt(store, version, dict(new.people), new.read))


def _ask_store(bot: Bot, ask: Callable[[Store], Answer]) -> Answer | None:
    """Return what ``ask`` returns of the bot's conversations; nothing if it keeps none."""
    kept = bot.settings.conversations
    if not kept.has_store(bot.path):
        return None
    store = kept.open_store(bot.path)
    try:
        return ask(store)
    finally:
        store.close()


def _settings(settings: BotSettings, frozen: BotSettings, budgeted: bool) -> BotSettings:
    """Return the settings of a retraining: the version's model and text, a lower rate, and a budget."""
    training = settings.training
    changes: dict[str, Any] = {"learning_rate": training.learning_rate * _RATE}
    if not budgeted:
        changes |= {"steps": None, "minutes": None, "epochs": _EPOCHS}
    update = {"model": frozen.model, "text": frozen.text, "objective": frozen.objective}
    return settings.model_copy(update={**update, "training": training.model_copy(update=changes)})


def _spread(pairs: Sequence[Pair]) -> list[Pair]:
    return list(pairs[:: max(1, len(pairs) // _REPLIES)])[:_REPLIES]


def _replayed(old: Sequence[Pair], new: int, share: float, seed: int) -> list[Pair]:
    wanted = min(len(old), round(new * share / (1 - share)))
    return random.Random(seed).sample(old, wanted)  # noqa: S311 - not for secrets
