"""The wiring of a bot's training and evaluation. Apart from ``bot``, so that serving loads no trainer."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from chatbot.bot import Bot, Data
from chatbot.corpus.gathering import gather
from chatbot.corpus.inspect import open_reader
from chatbot.corpus.manifest import MANIFEST, Corpus, load_corpus
from chatbot.corpus.pair_file import spread
from chatbot.corpus.pairs import PairingSettings
from chatbot.corpus.privacy import PrivacySettings
from chatbot.corpus.readers import Tally
from chatbot.corpus.spans import span_of
from chatbot.dialogue import Pair
from chatbot.errors import ChatbotError, CorpusError
from chatbot.generation.replier import Replier
from chatbot.generation.searches import KnownSearch
from chatbot.generation.shortlist import Known, Shortlist, known_pairs
from chatbot.model.seq2seq import Seq2Seq
from chatbot.text.context import render_reply
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.augment import among_strangers, change_topics
from chatbot.training.contest import Contender, contest
from chatbot.training.evaluation import evaluate
from chatbot.training.examples import Examples, make_examples
from chatbot.training.likelihood import Probe
from chatbot.training.memorisation import Memorisation, plant
from chatbot.training.metrics import mean
from chatbot.training.run import METRICS, Run, load_known
from chatbot.training.tables import counted
from chatbot.training.trainer import Sampler, Trainer

_STATE = "training.safetensors"
_SAMPLES, _COUNTED = 3, 100_000

Say = Callable[[str], None]


def prepare_training(bot: Bot, device: torch.device, fresh: bool, say: Say) -> Run:
    """Return a training of the bot from its corpora; it goes on from a saved state unless ``fresh``."""
    data = bot.data()
    say(_describe(data))
    tokenizer = bot.make_tokenizer(data.training)
    shown = change_topics(data.training, bot.settings.training.topic_changes, bot.settings.training.seed)
    card = {"kind": "trained", "corpora": list(bot.settings.corpora), **facts_of(data)}
    model = bot.new_model(tokenizer)
    pairs = data.training
    run = run_of(bot, model, tokenizer, pairs, data.held_out, device, fresh, card, pairs, shown=shown)
    measure_contest(run, bot, {"held_out": data.held_out}, lambda: _current(bot, device))
    return run


def measure_contest(
    run: Run, bot: Bot, parts: dict[str, Sequence[Pair]], before: Callable[[], Contender | None]
) -> None:  # fmt: skip
    """Have ``run`` measure its version on ``parts`` beside the one ``before`` it, for the card."""
    others = run.compare

    def compare(trained: Seq2Seq) -> dict[str, Any]:
        replier = replier_of(bot, trained, run.tokenizer, run.trainer.device, run.texts)
        new = Contender(replier, run.known)
        found = contest(new, before(), bot.answerer(bot.settings.text), parts, run.pairs, bot.settings.probes)
        return {**others(trained), **found}

    run.compare = compare


def replier_of(bot: Bot, model: Seq2Seq, tokenizer: Tokenizer, device: torch.device, texts: list[Known]) -> Replier:
    """Return what replies as the bot would with ``model``, if it knew these texts."""
    search = bot.settings.search
    shortlist = Shortlist(texts, tokenizer) if isinstance(search, KnownSearch) and texts else None
    return Replier(model, tokenizer, bot.settings.text, search, device, shortlist)


def _current(bot: Bot, device: torch.device) -> Contender | None:
    """Return the current version, if there is one that can be read, and measured on the same pairs."""
    try:
        version = bot.versions.current()
        if bot.frozen(bot.versions.path(version)).learns != bot.settings.learns:
            return None
        return Contender(bot.replier(version, device), load_known(bot.versions.path(version)))
    except ChatbotError:
        return None


def forget_interrupted(bot: Bot) -> None:
    """Delete what an interrupted training would go on from."""
    for path in (bot.folder / _STATE, (bot.folder / _STATE).with_suffix(".old.safetensors")):
        path.unlink(missing_ok=True)


def evaluate_bot(
    bot: Bot, on: str, version: str, encoding: str, replies: int, device: torch.device, say: Say
) -> dict[str, Any]:
    """Return the measures of a version of the bot on its held-out pairs, or on the log or corpus ``on``."""
    replier = bot.replier(version, device)
    data = bot.data()
    pairs = bot.settings.learnable(_read_pairs(on, encoding, Tally())) if on else data.held_out
    if not pairs:
        raise CorpusError(f"{on or bot.id}: has no pairs to measure on", "name a log with --on PATH")
    say(f"measuring {counted(len(pairs), 'pair')} and the replies to {min(replies, len(pairs)):,} of them")
    known = load_known(bot.versions.path(version or bot.versions.current()))
    return evaluate(replier, pairs, data.training, known, replies, bot.settings.training.seed)


def run_of(
    bot: Bot, model: Seq2Seq, tokenizer: Tokenizer, pairs: Sequence[Pair], held_out: Sequence[Pair],
    device: torch.device, fresh: bool, card: dict[str, Any], learnt: Sequence[Pair], disliked: Sequence[Pair] = (),
    shown: Iterable[Pair] = (), rounds: int = 1, recalled: int = 0,
) -> Run:  # fmt: skip
    """Return a training of ``model`` on ``pairs``; ``learnt`` are the texts behind them, which the version knows.

    ``disliked`` are trained against. What the model is ``shown`` may have other contexts than ``pairs`` have, and be
    several ``rounds`` of some of them; the last ``recalled`` are old ones.
    """
    settings = bot.settings
    tells = not settings.objective.from_itself and not model.pictures
    seed = f"{settings.training.seed} {card.get('parent', '')}"  # a retraining plants others
    canaries = plant(settings.training.canaries if tells else 0, len(pairs), seed)
    seen = among_strangers(shown or pairs, settings.training.seed) if settings.text.speakers else shown or pairs
    examples = make_examples(chain(canaries * rounds, seen, disliked), tokenizer, settings.text, model.pictures)
    examples = replace(examples, disliked=len(disliked), recalled=recalled)
    if "parent" not in card:
        model.expect(torch.from_numpy(_frequencies(examples.target.values, len(tokenizer))))
    frozen = settings.model_dump_json(indent=2) + "\n"
    trainer = Trainer(
        model, examples, Probe.make(held_out, tokenizer, settings.text, model.pictures), tokenizer, settings.training,
        device,
        bot.folder / _STATE, _identity(frozen, examples, card), _sampler(bot, tokenizer, held_out, device),
        settings.objective,
    )  # fmt: skip
    trainer.unlikelihood = settings.retraining.unlikelihood
    resumed = not fresh and (bot.folder / METRICS).exists() and trainer.resume()
    if not resumed and trainer.state_path is not None and trainer.state_path.exists():
        # An interrupted training of other data or settings: kept until the next one is interrupted too.
        trainer.state_path.replace(trainer.state_path.with_suffix(".old.safetensors"))
    texts = known_pairs(learnt, settings.text) if isinstance(settings.search, KnownSearch) else []
    run = Run(trainer, tokenizer, bot.versions, frozen, learnt, card, resumed, texts=texts)
    if tells:
        memory = Memorisation(canaries, pairs, held_out, tokenizer, settings.text, device, seed)
        run.compare = lambda trained: {"memorisation": memory.measure(trained)}
    return run


def _frequencies(tokens: NDArray[np.int32], entries: int) -> NDArray[np.int64]:
    """Return how often each entry of a vocabulary occurs; block by block, since each is copied."""
    blocks = np.array_split(tokens, 1 + len(tokens) // 10_000_000)
    counts: NDArray[np.int64] = np.sum([np.bincount(block, minlength=entries) for block in blocks], axis=0)
    return counts


def _sampler(bot: Bot, tokenizer: Tokenizer, held_out: Sequence[Pair], device: torch.device) -> Sampler:
    """Return what shows replies to some held-out questions."""
    chosen = random.Random(0).sample(list(held_out), min(_SAMPLES, len(held_out)))  # noqa: S311 - not for secrets
    text = bot.settings.text

    def sample(model: Seq2Seq) -> list[tuple[str, str, str]]:
        if not chosen:
            return []
        replier = replier_of(bot, model, tokenizer, device, [])
        contexts = [pair.question for pair in chosen]
        replies = replier.answers(contexts, [pair.answer.speaker for pair in chosen], range(len(chosen)))
        rows = zip(chosen, replies, strict=True)
        return [
            (pair.question[-1].text, render_reply(reply, text), render_reply(pair.answer.text, text))
            for pair, reply in rows
        ]

    return sample


def _read_pairs(path: str, encoding: str, tally: Tally) -> Sequence[Pair]:
    """Return the unfiltered pairs of a corpus's folder or of a log in any format."""
    if (Path(path) / MANIFEST).is_file():
        return load_corpus(Path(path)).all_pairs(tally)
    reader, _, parts = open_reader(path, "", encoding)
    return gather(reader.read(parts, tally), PairingSettings(), PrivacySettings(), tally)


def _identity(frozen: str, examples: Examples, card: dict[str, Any]) -> str:
    """Return a digest of what is trained on what, from which parent."""
    digest = blake2b(frozen.encode(), digest_size=16)
    for rows in (examples.source, examples.target):
        digest.update(np.ascontiguousarray(rows.values).data)
        digest.update(rows.lengths.data)
    digest.update(f"{card.get('parent', '')} {examples.disliked} {examples.recalled}".encode())
    return digest.hexdigest()


def facts_of(data: Data) -> dict[str, Any]:
    """Return where pairs are from, how many there are, and what was left out, for a version's card."""
    skipped = dict(data.tally.skipped.most_common())
    return {
        "sources": [_source(*each) for each in data.read],
        "training_pairs": len(data.training),
        "held_out_pairs": len(data.held_out),
        "skipped": skipped,
        "hidden": data.tally.hidden,
    }


def _source(corpus: Corpus, pairs: Sequence[Pair]) -> dict[str, Any]:
    kept = {"title", "source", "licence", "language"}
    return {"name": corpus.name, **corpus.manifest.model_dump(include=kept), "pairs": len(pairs), **span_of(pairs)}


def _describe(data: Data) -> str:
    average = mean(len(pair.question) for pair in spread(data.training, _COUNTED))
    summary = data.tally.summary()
    dropped = f"; left out: {summary}" if summary else ""
    counts = f"{counted(len(data.training), 'pair')} to train on, {average:.1f} turns of context"
    held_out = f"{len(data.held_out):,} held out" if len(data.held_out) else "nothing is held out to measure on"
    return f"{counts}; {held_out}{dropped}"
