"""The wiring of a bot's training, retraining and evaluation. Apart from ``bot``, so that serving loads no trainer."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import torch

from chatbot.bot import Bot, BotSettings, Data
from chatbot.corpus.fetch import sha256
from chatbot.corpus.filters import FilterSettings, filter_pairs
from chatbot.corpus.inspect import open_reader
from chatbot.corpus.manifest import MANIFEST, load_corpus
from chatbot.corpus.pairs import PairingSettings, make_pairs
from chatbot.corpus.privacy import PrivacySettings, cover
from chatbot.corpus.readers import Tally
from chatbot.corpus.split import known_exchanges, split_pairs, without_known
from chatbot.dialogue import Pair
from chatbot.errors import CorpusError
from chatbot.generation.replier import Replier
from chatbot.generation.searches import KnownSearch
from chatbot.generation.shortlist import load_pairs
from chatbot.model.checkpoint import load_model
from chatbot.model.seq2seq import Seq2Seq
from chatbot.text.context import render_answer, render_reply
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.augment import change_topics
from chatbot.training.evaluation import evaluate
from chatbot.training.examples import Examples, make_examples
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.metrics import mean
from chatbot.training.run import METRICS, Run, load_known
from chatbot.training.trainer import Sampler, Trainer
from chatbot.training.versions import PAIRS, WEIGHTS

_STATE = "training.safetensors"
_SAMPLES = 3
_RETRAIN_RATE, _RETRAIN_EPOCHS = 0.25, 3.0
"""A quarter of the first rate, three rounds over the new: enough to learn them, little enough to keep the old."""
_NEW_SHARE, _NEW_MOST = 0.1, 1000

Say = Callable[[str], None]


def prepare_training(bot: Bot, device: torch.device, fresh: bool, say: Say) -> Run:
    """Return a training of the bot from its corpora; it goes on from a saved state unless ``fresh``."""
    data = bot.data()
    say(_describe(data))
    tokenizer = bot.make_tokenizer(data.training)
    shown = change_topics(data.training, bot.settings.training.topic_changes, bot.settings.training.seed)
    card = {"kind": "trained", "corpora": list(bot.settings.corpora), **_counts(data)}
    model = bot.new_model(tokenizer)
    answers = tokenizer.encode_batch([render_answer(pair.answer.text) for pair in data.training])
    counts = np.bincount([token for ids in answers for token in (*ids, tokenizer.end)], minlength=len(tokenizer))
    model.expect(torch.from_numpy(counts))
    return _run(bot, model, tokenizer, shown, data.held_out, device, fresh, card, data.training)


def prepare_retraining(
    bot: Bot,
    logs: Sequence[str],
    encoding: str,
    answers_by: Sequence[str],
    budgeted: bool,
    device: torch.device,
    fresh: bool,
    say: Say,
) -> Run:
    """Return a training that goes on from the current version, on the logs' pairs mixed with old ones.

    Of the logs, only what ``answers_by`` answer is learnt, or what everyone does when that is empty.
    Its budget is the bot's when ``budgeted``, since the command line set it so; else some rounds over the new pairs.
    """
    parent = bot.versions.current()
    folder = bot.versions.path(parent)
    tokenizer = Tokenizer.load(folder)
    frozen = bot.frozen(folder)
    latent = frozen.objective.latent
    model = load_model(folder / WEIGHTS, frozen.model, len(tokenizer), tokenizer.pad, latent).to(device)
    settings = bot.settings.training
    pairs = frozen.objective.pairs(_read_logs(logs, encoding, answers_by, say))
    new, new_held_out = split_pairs(pairs, _NEW_SHARE, _NEW_MOST, settings.seed)
    old = bot.data()
    new_held_out = without_known(new_held_out, known_exchanges(old.training))
    old_held_out = without_known(old.held_out, known_exchanges(new))
    replayed = _replayed(old.training, len(new), settings.replay, settings.seed)
    say(f"{len(new)} new pairs, {len(replayed)} old ones beside them; {len(new_held_out)} new ones held out")
    probes = {"old": Probe.make(old_held_out, tokenizer, frozen.text, model.pictures)}
    probes["new"] = Probe.make(new_held_out, tokenizer, frozen.text, model.pictures)
    before = _figures(model, probes, tokenizer, device)
    card = {
        "kind": "retrained", "parent": parent, "logs": [{"path": log, "sha256": _checksum(log)} for log in logs],
        "new_pairs": len(new), "replayed_pairs": len(replayed), **_counts(old),
    }  # fmt: skip
    retrained = replace(bot, settings=_retraining_settings(bot.settings, frozen, budgeted))
    held_out = [*new_held_out, *old_held_out]
    run = _run(retrained, model, tokenizer, [*new, *replayed], held_out, device, fresh, card, [*old.training, *new])
    run.known_before = load_known(folder)
    run.pairs_before = load_pairs(folder / PAIRS) if run.keep_pairs and (folder / PAIRS).exists() else []
    run.compare = lambda trained: {"before": before, "after": _figures(trained, probes, tokenizer, device)}
    return run


def evaluate_bot(bot: Bot, on: str, version: str, encoding: str, replies: int, device: torch.device) -> dict[str, Any]:
    """Return the measures of a version of the bot on its held-out pairs, or on the log or corpus ``on``."""
    replier = bot.replier(version, device)
    data = bot.data()
    pairs = bot.settings.objective.pairs(_read_pairs(on, encoding, (), Tally())) if on else data.held_out
    if not pairs:
        raise CorpusError(f"{on or bot.id}: has no pairs to measure on", "name a log with --on PATH")
    known = load_known(bot.versions.path(version or bot.versions.current()))
    return evaluate(replier, pairs, data.training, known, replies, bot.settings.training.seed)


def _run(
    bot: Bot, model: Seq2Seq, tokenizer: Tokenizer, pairs: list[Pair], held_out: list[Pair], device: torch.device,
    fresh: bool, card: dict[str, Any], learnt: list[Pair],
) -> Run:  # fmt: skip
    settings = bot.settings
    examples = make_examples(pairs, tokenizer, settings.text, model.pictures)
    frozen = settings.model_dump_json(indent=2) + "\n"
    trainer = Trainer(
        model, examples, Probe.make(held_out, tokenizer, settings.text, model.pictures), tokenizer, settings.training,
        device,
        bot.folder / _STATE, _identity(frozen, examples, card), _sampler(bot, tokenizer, held_out, device),
        settings.objective,
    )  # fmt: skip
    resumed = not fresh and (bot.folder / METRICS).exists() and trainer.resume()
    if not resumed and trainer.state_path is not None and trainer.state_path.exists():
        # An interrupted training of other data or settings: kept until the next one is interrupted too.
        trainer.state_path.replace(trainer.state_path.with_suffix(".old.safetensors"))
    keep = isinstance(settings.search, KnownSearch)
    return Run(trainer, tokenizer, bot.versions, frozen, learnt, card, resumed, keep_pairs=keep)


def _retraining_settings(settings: BotSettings, frozen: BotSettings, budgeted: bool) -> BotSettings:
    """Return the settings of a retraining: the version's model and text, a lower rate, and a budget."""
    training = settings.training
    changes: dict[str, Any] = {"learning_rate": training.learning_rate * _RETRAIN_RATE}
    if not budgeted:
        changes |= {"steps": None, "minutes": None, "epochs": _RETRAIN_EPOCHS}
    return settings.model_copy(
        update={
            "model": frozen.model,
            "text": frozen.text,
            "objective": frozen.objective,
            "training": training.model_copy(update=changes),
        }
    )


def _sampler(bot: Bot, tokenizer: Tokenizer, held_out: Sequence[Pair], device: torch.device) -> Sampler:
    """Return what shows replies to some held-out questions."""
    chosen = random.Random(0).sample(list(held_out), min(_SAMPLES, len(held_out)))  # noqa: S311 - not for secrets
    text = bot.settings.text

    def sample(model: Seq2Seq) -> list[tuple[str, str, str]]:
        if not chosen:
            return []
        replier = Replier(model, tokenizer, text, bot.settings.search, device)
        contexts = [pair.question for pair in chosen]
        replies = replier.answers(contexts, [pair.answer.speaker for pair in chosen], range(len(chosen)))
        rows = zip(chosen, replies, strict=True)
        return [
            (pair.question[-1].text, render_reply(reply, text), render_reply(pair.answer.text, text))
            for pair, reply in rows
        ]

    return sample


def _figures(model: Seq2Seq, probes: dict[str, Probe], tokenizer: Tokenizer, device: torch.device) -> dict[str, Any]:
    figures = {}
    for name, probe in probes.items():
        found = probe.likelihood(measure_nats(model, probe.examples, tokenizer, device, torch.float32).total)
        figures[name] = {"bits_per_byte": found.bits_per_byte, "word_perplexity": found.word_perplexity}
    return figures


def _replayed(old: list[Pair], new: int, share: float, seed: int) -> list[Pair]:
    wanted = min(len(old), round(new * share / (1 - share)))
    return random.Random(seed).sample(old, wanted)  # noqa: S311 - not for secrets


def _read_logs(logs: Sequence[str], encoding: str, answers_by: Sequence[str], say: Say) -> list[Pair]:
    """Return the pairs worth learning from of corpora's folders and of logs in any format."""
    tally = Tally()
    pairs: list[Pair] = []
    for log in logs:
        filters = load_corpus(Path(log)).manifest.filters if (Path(log) / MANIFEST).is_file() else FilterSettings()
        pairs += filter_pairs(_read_pairs(log, encoding, answers_by, tally), filters, tally)
    if summary := tally.summary():
        say(f"left out: {summary}")
    if not pairs:
        raise CorpusError(f"{', '.join(logs)}: yields no pairs", f"chatbot corpus inspect {logs[0]}")
    return pairs


def _read_pairs(path: str, encoding: str, answers_by: Sequence[str], tally: Tally) -> list[Pair]:
    """Return the unfiltered pairs of a corpus's folder or of a log in any format."""
    if (Path(path) / MANIFEST).is_file():
        return list(load_corpus(Path(path)).all_pairs(tally))
    reader, _, parts = open_reader(path, "", encoding)
    pairing = PairingSettings(answers_by=tuple(answers_by))
    dialogues = cover(reader.read(parts, tally), PrivacySettings(), tally)
    return [pair for dialogue in dialogues for pair in make_pairs(dialogue, pairing)]


def _identity(frozen: str, examples: Examples, card: dict[str, Any]) -> str:
    """Return a digest of what is trained on what, from which parent."""
    digest = blake2b(frozen.encode(), digest_size=16)
    for rows in (examples.source, examples.target):
        digest.update(rows.values.tobytes() + rows.lengths.tobytes())
    digest.update(str(card.get("parent", "")).encode())
    return digest.hexdigest()


def _checksum(log: str) -> str:
    return sha256(Path(log)) if Path(log).is_file() else ""


def _counts(data: Data) -> dict[str, Any]:
    skipped = dict(data.tally.skipped.most_common())
    return {"training_pairs": len(data.training), "held_out_pairs": len(data.held_out), "skipped": skipped}


def _describe(data: Data) -> str:
    average = mean(len(pair.question) for pair in data.training)
    summary = data.tally.summary()
    dropped = f"; left out: {summary}" if summary else ""
    counts = f"{len(data.training)} pairs to train on, {average:.1f} turns of context"
    return f"{counts}; {len(data.held_out)} held out{dropped}"
