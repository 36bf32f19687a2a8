"""Retraining: on new logs and kept conversations, without forgetting, and only for the better."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

import torch

from chatbot.bot import Bot, BotSettings
from chatbot.conversation.lessons import erased_versions, latest_reply, lessons, note_learnt
from chatbot.corpus.fetch import sha256
from chatbot.corpus.filters import FilterSettings, exchange_mark, filter_pairs
from chatbot.corpus.inspect import read_log
from chatbot.corpus.manifest import MANIFEST, load_corpus
from chatbot.corpus.pairs import PairingSettings, make_pairs
from chatbot.corpus.privacy import PrivacySettings, Shield
from chatbot.corpus.readers import Tally
from chatbot.corpus.split import known_exchanges, split_pairs, without_known
from chatbot.dialogue import Dialogue, Pair
from chatbot.errors import CorpusError
from chatbot.generation.replier import Replier
from chatbot.generation.searches import KnownSearch
from chatbot.generation.shortlist import Shortlist, load_pairs
from chatbot.learning import Say, counts_of, run_of
from chatbot.model.checkpoint import load_model
from chatbot.model.seq2seq import Seq2Seq
from chatbot.text.clean import clean
from chatbot.text.context import render_answer
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.gate import objections
from chatbot.training.keptlogs import KeptLogs
from chatbot.training.likelihood import Probe
from chatbot.training.run import Kept, Run, load_known
from chatbot.training.standing import gate_figures
from chatbot.training.versions import PAIRS, WEIGHTS

_RATE, _EPOCHS = 0.25, 3.0
"""A quarter of the first rate, three rounds over the new: enough to learn them, little enough to keep the old."""
_NEW_SHARE, _NEW_MOST = 0.1, 1000
_REPLIES = 100


@dataclass(frozen=True, slots=True)
class Sources:
    """Where to learn from: logs, of which only what ``answers_by`` say (everyone, if empty), and conversations."""

    logs: Sequence[str] = ()
    encoding: str = ""
    answers_by: Sequence[str] = ()
    conversations: bool = False
    since: datetime | None = None


@dataclass(slots=True)
class Novelty:
    """What is new: pairs, logs with their dialogues (learnt from ``answers_by``), and how many turns of whom."""

    pairs: list[Pair] = field(default_factory=list)
    liked: set[int] = field(default_factory=set)
    """Marks of the exchanges that someone liked."""
    logs: dict[str, tuple[str, list[Dialogue]]] = field(default_factory=dict)
    people: Counter[int] = field(default_factory=Counter)
    answers_by: tuple[str, ...] = ()
    until: datetime | None = None

    @property
    def digest(self) -> str:
        """A number that the same pairs share."""
        marks = sorted(exchange_mark(pair) for pair in self.pairs)
        return blake2b(repr(marks).encode(), digest_size=8).hexdigest()


def find_new(bot: Bot, sources: Sources, say: Say) -> Novelty:
    """Return what the bot's current version has not learnt yet.

    Raises:
        CorpusError: the logs yield no pairs.
    """
    new, tally = Novelty(answers_by=tuple(sources.answers_by)), Tally()
    for log in sources.logs:
        _read_log(bot, log, sources, new, tally)
    if sources.conversations:
        _read_conversations(bot, sources.since, new, tally)
    if summary := tally.summary():
        say(f"left out: {summary}")
    if sources.logs and not new.pairs and tally.skipped["known log"] < len(sources.logs):
        raise CorpusError(f"{', '.join(sources.logs)}: yields no pairs", f"chatbot corpus inspect {sources.logs[0]}")
    return new


def tried_before(bot: Bot, new: Novelty) -> str:
    """Return the version that the current one has become with the same new pairs before, without being promoted."""
    current = bot.versions.current()
    cards = (bot.versions.card(name) for name in bot.versions.names())
    same = [card["version"] for card in cards if card.get("parent") == current and card.get("novelty") == new.digest]
    return str(same[-1]) if same else ""


def prepare_retraining(
    bot: Bot, new: Novelty, budgeted: bool, device: torch.device, fresh: bool, forced: bool, say: Say
) -> Run:
    """Return a training that goes on from the current version, on what is new mixed with what is old.

    Its budget is the bot's when ``budgeted``, since the command line set it so; else some rounds over the new pairs.
    The version that comes of it takes the parent's place when the gate has nothing against it, or when ``forced``.
    """
    parent = bot.versions.current()
    folder = bot.versions.path(parent)
    tokenizer, frozen = Tokenizer.load(folder), bot.frozen(folder)
    latent = frozen.objective.latent
    model = load_model(folder / WEIGHTS, frozen.model, len(tokenizer), tokenizer.pad, latent).to(device)
    settings = bot.settings.training
    learnable = frozen.objective.pairs(new.pairs)
    learnt, new_held_out = split_pairs(learnable, _NEW_SHARE, _NEW_MOST, settings.seed)
    old = bot.data()
    old_pairs = [*old.training, *frozen.objective.pairs(list(_logs(bot).pairs(but=list(new.logs))))]
    new_held_out = without_known(new_held_out, known_exchanges(old_pairs))
    old_held_out = without_known(old.held_out, known_exchanges(learnt))
    liked = bot.settings.retraining.liked
    shown = [pair for pair in learnt for _ in range(liked if exchange_mark(pair) in new.liked else 1)]
    replayed = _replayed(old_pairs, len(shown), settings.replay, settings.seed)
    say(f"{len(learnt)} new pairs, {len(replayed)} old ones beside them; {len(new_held_out)} new ones held out")
    probes = {"old": Probe.make(old_held_out, tokenizer, frozen.text, model.pictures)}
    probes["new"] = Probe.make(new_held_out, tokenizer, frozen.text, model.pictures)
    card = {
        "kind": "retrained", "parent": parent, "novelty": new.digest, "new_pairs": len(learnt),
        "logs": [{"path": path, "sha256": checksum} for checksum, (path, _) in new.logs.items()],
        "people": len(new.people), "until": new.until.isoformat() if new.until else None,
        "replayed_pairs": len(replayed), "sources": bot.sources(), **counts_of(old),
    }  # fmt: skip
    retrained = replace(bot, settings=_settings(bot.settings, frozen, budgeted))
    held_out = [*new_held_out, *old_held_out]
    run = run_of(retrained, model, tokenizer, [*shown, *replayed], held_out, device, fresh, card, [*old_pairs, *learnt])
    run.known_before = load_known(folder)
    run.pairs_before = load_pairs(folder / PAIRS) if run.keep_pairs and (folder / PAIRS).exists() else []
    asked = _spread([*old_held_out, *new_held_out])

    def measure(measured: Seq2Seq, known: list[tuple[str, str]]) -> dict[str, Any]:
        search = retrained.settings.search
        shortlist = Shortlist(known, tokenizer) if isinstance(search, KnownSearch) and known else None
        replier = Replier(measured, tokenizer, frozen.text, search, device, shortlist)
        return gate_figures(replier, bot.name, probes, asked, retrained.settings.probes)

    before = measure(model.eval(), run.pairs_before)
    texts = [(clean(pair.question[-1].text), render_answer(pair.answer.text)) for pair in learnt]
    run.compare = lambda trained: {"before": before, "after": measure(trained, [*run.pairs_before, *texts])}
    gate = retrained.settings.retraining.gate
    run.judge = lambda figures: objections(figures["before"], figures["after"], gate)
    run.forced = forced
    return run


def settle(bot: Bot, new: Novelty, kept: Kept) -> None:
    """Keep the logs that a promoted version has learnt from, and note from whom it has learnt."""
    if kept.promoted:
        for checksum, (path, dialogues) in new.logs.items():
            _logs(bot).add(path, checksum, new.answers_by, dialogues)
    if new.people:
        store = bot.settings.conversations.open_store(bot.path)
        try:
            note_learnt(store, kept.version, dict(new.people))
        finally:
            store.close()


def tainted_versions(bot: Bot) -> set[str]:
    """Return the versions that learnt from people who were forgotten since, and those that came of them."""
    kept = bot.settings.conversations
    if not kept.has_store(bot.path):
        return set()
    store = kept.open_store(bot.path)
    try:
        tainted = erased_versions(store)
    finally:
        store.close()
    for name in bot.versions.names():
        if bot.versions.card(name).get("parent") in tainted:
            tainted.add(name)
    return tainted


def _logs(bot: Bot) -> KeptLogs:
    return KeptLogs(bot.folder / "logs")


def _read_log(bot: Bot, log: str, sources: Sources, new: Novelty, tally: Tally) -> None:
    """Take the pairs of a corpus's folder, or of a log in any format, unless they are known."""
    if (Path(log) / MANIFEST).is_file():
        new.pairs += load_corpus(Path(log)).pairs(tally)
        return
    checksum = sha256(Path(log)) if Path(log).is_file() else ""
    if _logs(bot).has(checksum):
        tally.skip("known log")
        return
    dialogues = list(read_log(log, sources.encoding, tally))
    pairing = PairingSettings(answers_by=tuple(sources.answers_by))
    pairs = (pair for dialogue in dialogues for pair in make_pairs(dialogue, pairing))
    new.pairs += filter_pairs(pairs, FilterSettings(), tally)
    if checksum:
        new.logs[checksum] = (log, dialogues)


def _read_conversations(bot: Bot, since: datetime | None, new: Novelty, tally: Tally) -> None:
    """Take replies that people did not dislike; those that they liked weigh more."""
    kept = bot.settings.conversations
    if not kept.has_store(bot.path):
        return
    settings, shield, seen = bot.settings.retraining, Shield(PrivacySettings(), tally.hidden), set[int]()
    store = kept.open_store(bot.path)
    try:
        new.until = latest_reply(store)
        for lesson in lessons(store, since or _learnt_until(bot), settings.per_person):
            mark = exchange_mark(lesson.pair)
            if lesson.rating < 0 or mark in seen:
                tally.skip("disliked reply" if lesson.rating < 0 else "repeated pair")
                continue
            seen.add(mark)
            new.pairs.append(_covered(lesson.pair, shield))
            if lesson.rating > 0:
                new.liked.add(exchange_mark(new.pairs[-1]))
            new.people[lesson.person] += 1
    finally:
        store.close()


def _covered(pair: Pair, shield: Shield) -> Pair:
    question = tuple(replace(turn, text=shield.hide(turn.text)) for turn in pair.question)
    return replace(pair, question=question, answer=replace(pair.answer, text=shield.hide(pair.answer.text)))


def _learnt_until(bot: Bot) -> datetime | None:
    """Return up to when the current version and its ancestors have learnt from conversations."""
    name: str | None = bot.versions.current()
    while name in bot.versions.names():
        card = bot.versions.card(str(name))
        if card.get("until"):
            return datetime.fromisoformat(card["until"])
        name = card.get("parent")
    return None


def _settings(settings: BotSettings, frozen: BotSettings, budgeted: bool) -> BotSettings:
    """Return the settings of a retraining: the version's model and text, a lower rate, and a budget."""
    training = settings.training
    changes: dict[str, Any] = {"learning_rate": training.learning_rate * _RATE}
    if not budgeted:
        changes |= {"steps": None, "minutes": None, "epochs": _EPOCHS}
    update = {"model": frozen.model, "text": frozen.text, "objective": frozen.objective}
    return settings.model_copy(update={**update, "training": training.model_copy(update=changes)})


def _spread(pairs: Sequence[Pair]) -> list[Pair]:
    return list(pairs[:: max(1, len(pairs) // _REPLIES)][:_REPLIES])


def _replayed(old: list[Pair], new: int, share: float, seed: int) -> list[Pair]:
    wanted = min(len(old), round(new * share / (1 - share)))
    return random.Random(seed).sample(old, wanted)  # noqa: S311 - not for secrets
