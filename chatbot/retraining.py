"""Retraining: on new logs and kept conversations, without forgetting, and only for the better."""

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.bot import Bot, BotSettings
from chatbot.conversation.lessons import note_learnt
from chatbot.corpus.pair_file import PairFile, choose, exchanges, spread, spread_places, together
from chatbot.corpus.spans import span_of
from chatbot.corpus.split import Exchanges, known_exchanges, split_pairs, without_known
from chatbot.dialogue import Pair
from chatbot.errors import CheckpointError
from chatbot.generation.shortlist import Known, load_pairs
from chatbot.learning import Say, facts_of, measure_contest, replier_of, run_of
from chatbot.model.checkpoint import load_model
from chatbot.model.seq2seq import Seq2Seq
from chatbot.novelty import Novelty, ancestors_of, ask_store, first_of, kept_logs, learnt_logs
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.consolidation import Anchor
from chatbot.training.contest import Contender
from chatbot.training.examples import make_examples
from chatbot.training.gate import objections
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.modelcard import vocabulary_line
from chatbot.training.run import Run, load_known
from chatbot.training.stepping_back import step_back
from chatbot.training.tables import counted
from chatbot.training.teacher import Teacher
from chatbot.training.trainer import Trainer
from chatbot.training.versions import PAIRS, WEIGHTS
from chatbot.training.vocabulary import Growth, grow_if_worse

BATCH, _ROUNDS = 0.4, 3
"""Batches of two fifths of the size and, where no other budget is set, three rounds of the new. As often it validates:
a small log is learnt sooner than the bot file's number of validations would take."""
_NEW_SHARE, _NEW_MOST = 0.1, 1000
_REPLAYED = 3333
"""Old pairs beside each round of a small log, at least: with a quarter, twice as much of the old was forgotten."""
_RECALLED = 2048
_SPELT, _CHECKED = 20_000, 2000
"""Old pairs by which EWC tells what they depend on, by which it is told how well the vocabulary spells them, and by
which what is forgotten while it trains and how far to step back; the gate goes by all that are held out."""


def tried_before(bot: Bot, new: Novelty) -> str:
    """Return the version that the parent has become with the same new pairs before, without being promoted."""
    cards = (bot.versions.card(name) for name in bot.versions.names())
    same = [card["version"] for card in cards if card.get("parent") == new.parent and card.get("novelty") == new.digest]
    return str(same[-1]) if same else ""


def too_few(bot: Bot, new: Novelty) -> bool:
    """Tell whether there are too few new dialogues to hold any out, by which a version could be judged."""
    learnable = bot.frozen(bot.versions.path(new.parent)).learnable(new.pairs)
    return not _split(learnable, bot.settings.training.seed)[1]


@dataclass(frozen=True, slots=True)
class _Version:
    """A version that a retraining goes on from, and its settings but for the dropout, which is retraining's."""

    name: str
    folder: Path
    settings: BotSettings
    tokenizer: Tokenizer
    model: Seq2Seq

    @classmethod
    def load(cls, bot: Bot, version: str, device: torch.device) -> "_Version":
        folder = bot.versions.path(version)
        frozen = bot.frozen(folder)
        model = frozen.model.model_copy(update={"dropout": bot.settings.retraining.dropout})
        frozen = frozen.model_copy(update={"model": model})
        tokenizer = Tokenizer.load(folder, frozen.text.tags)
        loaded = load_model(folder / WEIGHTS, model, len(tokenizer), tokenizer.pad, frozen.objective.latent)
        return cls(version, folder, frozen, tokenizer, loaded.to(device))


@dataclass(frozen=True, slots=True)
class _Material:
    """What a retraining learns from, what it is measured on, and counts of it for the card.

    ``shown`` are the ``learnt`` pairs for all rounds, liked ones more often; ``replayed`` some of the ``old`` ones, of
    which the last, ``recalled``, are of the bot's corpora. Of the old ones that are held out, the first, ``original``,
    are those of the corpora.
    """

    learnt: Sequence[Pair]
    shown: Sequence[Pair]
    disliked: Sequence[Pair]
    old: Sequence[Pair]
    replayed: Sequence[Pair]
    recalled: int
    old_held_out: Sequence[Pair]
    original: int
    new_held_out: Sequence[Pair]
    card: dict[str, Any]

    @classmethod
    def choose(cls, bot: Bot, new: Novelty, frozen: BotSettings, rounds: int) -> "_Material":
        settings, data = bot.settings.training, bot.data()
        learnt, new_held_out = _split(frozen.learnable(new.pairs), settings.seed)
        kept = frozen.learnable(PairFile.of(kept_logs(bot).pairs(learnt_logs(bot, new.parent))))
        kept, kept_held_out = _split(kept, settings.seed)
        old, old_held_out = together([data.training, kept]), together([data.held_out, kept_held_out])
        liked, weight = known_exchanges(frozen.learnable(new.liked)), bot.settings.retraining.liked
        # All rounds are one epoch, so that old pairs beside the new ones are others in each round.
        times = np.where(np.isin(exchanges(learnt), liked), weight, 1) * rounds
        shown = choose(learnt, np.repeat(np.arange(len(learnt)), times))
        disliked = list(frozen.learnable(new.disliked)) * rounds
        wanted = round((len(shown) + len(disliked)) * settings.replay / (1 - settings.replay))
        wanted = max(wanted, _REPLAYED * rounds) if settings.replay else 0
        of_kept = round(wanted * len(kept) / max(1, len(old)))
        recalled = _some(data.training, wanted - of_kept, settings.seed)
        replayed = [*_some(kept, of_kept, settings.seed), *recalled]
        known = known_exchanges(learnt)
        return cls(
            learnt, shown, disliked, old, replayed, len(recalled), without_known(old_held_out, known),
            len(without_known(data.held_out, known)), without_known(new_held_out, known_exchanges(old)),
            {"new_pairs": len(learnt), "new_span": span_of(learnt), "replayed_pairs": len(replayed), **facts_of(data)},
        )  # fmt: skip


def prepare_retraining(
    bot: Bot, new: Novelty, budgeted: bool, device: torch.device, fresh: bool, forced: bool, say: Say
) -> Run:
    """Return a training that goes on from a version, on what is new to it mixed with what is old.

    Its budget is the bot's when ``budgeted``, since the command line set it so; else some rounds over the new pairs.
    The version that comes of it takes the parent's place when the gate has nothing against it, or when ``forced``.
    """
    parent = _Version.load(bot, new.parent, device)
    answerer = bot.answerer(parent.settings.text)
    rounds = 1 if budgeted else _ROUNDS
    material = _Material.choose(bot, new, parent.settings, rounds)
    say(f"{counted(len(material.learnt), 'new pair')}, {len(material.replayed):,} old ones beside them; "
        f"{len(material.new_held_out):,} and {len(material.old_held_out):,} held out")  # fmt: skip
    growth = _grow(parent, material, bot.settings)
    say("vocabulary: " + vocabulary_line(growth.figures))
    model = copy.deepcopy(parent.model)
    model.grow(growth.parts)
    start = copy.deepcopy(model)
    first = _first(bot, parent, device, say)
    teaches = first.model if first is not parent and len(first.tokenizer) == len(growth.tokenizer) else start
    card = {
        "kind": "retrained", "parent": new.parent, "ancestors": ancestors_of(bot, new.parent), "novelty": new.digest,
        "logs": [{"path": path, "sha256": checksum} for checksum, path in new.logs.items()],
        "people": len(new.people), "until": new.until.isoformat() if new.until else None,
        **material.card, "hidden": dict(material.card["hidden"] + new.hidden), "vocabulary": growth.figures,
    }  # fmt: skip
    retrained = replace(bot, settings=retrained_settings(bot.settings, parent.settings, answerer, budgeted))
    run = run_of(
        retrained, model, growth.tokenizer, [*material.learnt, *material.replayed],
        [*material.new_held_out, *spread(material.old_held_out, _CHECKED)], device, fresh, card,
        together([material.old, material.learnt]), material.disliked, [*material.shown, *material.replayed], rounds,
        material.recalled,
    )  # fmt: skip
    if held := bot.settings.retraining.hold:
        run.trainer.teacher = Teacher(teaches, held)
    run.settle = _settling(start, growth.tokenizer, first, material, bot.settings)
    if strength := bot.settings.retraining.ewc:
        run.trainer.anchor = _anchor(model, parent, material.old, device, strength, bot.settings.training.seed)
    run.known_before = load_known(parent.folder)
    texts = load_pairs(parent.folder / PAIRS) if run.texts and (parent.folder / PAIRS).exists() else []
    run.texts = list(dict.fromkeys([*texts, *run.texts]))
    parts = {"old": material.old_held_out, "new": material.new_held_out}
    measure_contest(run, retrained, parts, lambda: _contender(retrained, parent, run.known_before, texts))
    run.judge = _judgement(bot, new.parent)
    run.forced = forced
    run.note = lambda version: _note(bot, new, version)
    return run


def _first(bot: Bot, parent: _Version, device: torch.device, say: Say) -> _Version:
    """Return the first version in the line of a ``parent``, or the parent if it is that or the first cannot be read.

    What a version loses of the old is little; with the one before it for a teacher, it would all the same add up.
    """
    name = first_of(bot, parent.name)
    try:
        return parent if name == parent.name else _Version.load(bot, name, device)
    except CheckpointError as error:
        say(f"{error.message}: version {parent.name} teaches what is old in its place")
        return parent


def _settling(
    start: Seq2Seq, tokenizer: Tokenizer, first: _Version, material: _Material, settings: BotSettings
) -> Callable[[Trainer], dict[str, Any]]:
    """Return what steps back towards ``start`` until the gate has nothing against what is lost of the old pairs.

    That is beside ``start``; and of those of the corpora in all, beside the ``first`` version.
    """
    gate = settings.retraining.gate
    places = spread_places(len(material.old_held_out), _CHECKED)
    old, original = choose(material.old_held_out, places), places < material.original

    def costs(spelt_by: Tokenizer) -> Callable[[Seq2Seq], NDArray[np.float64]]:
        examples = Probe.make(old, spelt_by, first.settings.text, start.pictures).examples
        return lambda model: (
            measure_nats(model.eval(), examples, spelt_by, next(model.parameters()).device, torch.float32).total
        )

    def settle(trainer: Trainer) -> dict[str, Any]:
        at_first, measure = costs(first.tokenizer)(first.model)[original].sum(), costs(tokenizer)
        before = measure(start)
        # The gate measures on all old pairs, on which it may be a little more.
        most = before.sum() * (1 + 0.9 * gate.old_loss)
        most_in_all = at_first * (1 + 0.9 * gate.old_loss_in_all)
        if before[original].sum() >= most_in_all:  # no way is short enough for that: the gate will see
            most_in_all = inf

        def over(model: Seq2Seq) -> float:
            found = measure(model)
            return float(max(found.sum() - most, found[original].sum() - most_in_all))

        share = 1.0
        if settings.retraining.step_back:
            trainer.best, share = step_back(trainer.model, start.state_dict(), trainer.best, over, 0.0)
        trainer.model.load_state_dict(trainer.best)
        lost = float(measure(trainer.model)[original].sum() / at_first - 1) if original.any() else None
        return {"share_of_the_way": share, "first": first.name, "lost_in_all": lost}

    return settle


def _grow(parent: _Version, material: _Material, settings: BotSettings) -> Growth:
    """Return the vocabulary for the new texts; of many old ones, some tell how well they are spelt."""
    frozen = parent.settings
    old = frozen.spelt(_some(material.old, _SPELT, settings.training.seed))
    new = frozen.spelt(material.learnt)
    return grow_if_worse(parent.tokenizer, old, new, settings.retraining, not frozen.text.tokenizer)


def _anchor(
    model: Seq2Seq, parent: _Version, old: Sequence[Pair], device: torch.device, strength: float, seed: int
) -> Anchor:
    recalled = _some(old, _RECALLED, seed)
    examples = make_examples(recalled, parent.tokenizer, parent.settings.text, parent.model.pictures)
    return Anchor(model, parent.model, examples, parent.tokenizer, device, strength, seed)


def _contender(bot: Bot, parent: _Version, known: Exchanges, texts: list[Known]) -> Contender:
    """Return the parent as it replies now, with its own tokenizer."""
    device = next(parent.model.parameters()).device
    return Contender(replier_of(bot, parent.model.eval(), parent.tokenizer, device, texts), known)


def _judgement(bot: Bot, parent: str) -> Callable[[dict[str, Any]], list[str]]:
    """Return what judges a new version by its figures and its parent's."""
    leaked = bot.versions.card(parent).get("memorisation")
    gate = bot.settings.retraining.gate
    return lambda figures: objections(
        {**figures["before"], "memorisation": leaked},
        {**figures["after"], "memorisation": figures.get("memorisation"), "lost_in_all": figures["lost_in_all"]},
        gate,
    )


def _note(bot: Bot, new: Novelty, version: str) -> None:
    """Note from whom a version has learnt, and keep the logs that it has learnt from."""
    for checksum, dialogues in new.copies.items():
        kept_logs(bot).add(new.logs[checksum], checksum, new.answers_by, dialogues.data)
    if new.people:
        ask_store(bot, lambda store: note_learnt(store, version, dict(new.people), new.read))


def retrained_settings(settings: BotSettings, frozen: BotSettings, answerer: str, budgeted: bool) -> BotSettings:
    """Return the settings of a retraining: the version's model and text, smaller batches, and a budget."""
    training = settings.training
    changes: dict[str, Any] = {"batch_tokens": max(16, round(training.batch_tokens * BATCH))}
    changes["validations"] = min(training.validations, _ROUNDS)
    if not budgeted:
        changes |= {"steps": None, "minutes": None, "epochs": 1.0}
    update: dict[str, Any] = {"model": frozen.model, "text": frozen.text, "objective": frozen.objective}
    update["answers_as"] = answerer if frozen.text.speakers else ""
    return settings.model_copy(update={**update, "training": training.model_copy(update=changes)})


def _split(pairs: Sequence[Pair], seed: int) -> tuple[Sequence[Pair], Sequence[Pair]]:
    """Return the pairs of logs to learn, and those to judge by: at least one dialogue of two or more."""
    return split_pairs(pairs, _NEW_SHARE, _NEW_MOST, seed, least=1)


def _some(pairs: Sequence[Pair], most: int, seed: int) -> list[Pair]:
    return random.Random(seed).sample(pairs, min(len(pairs), most))  # noqa: S311 - not for secrets
