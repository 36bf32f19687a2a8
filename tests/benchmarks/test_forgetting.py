"""What retraining on another register gains, and what it forgets, beside other ways to learn it; printed as a table.

``CORPORA`` names a folder with DailyDialog, SGD and Ubuntu IRC logs; ``FORGET_MINUTES`` how long the first training is
(5); a retraining has a fifth of that. With ``FORGET_STEPS`` instead, they have so many steps, and as many as a fifth of
the text takes, or a sixth with a teacher, who reads it, too: what else the machine does then changes the seconds that
are printed, and nothing else.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from chatbot.bot import Bot, load_bot
from chatbot.corpus.canonical import dump_dialogue
from chatbot.corpus.fetch import fetch
from chatbot.corpus.log import open_log
from chatbot.corpus.manifest import load_corpus
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.split import known_exchanges, split_pairs, without_known
from chatbot.dialogue import Pair
from chatbot.learning import prepare_training, run_of
from chatbot.model.seq2seq import Seq2Seq
from chatbot.novelty import Sources, find_new
from chatbot.retraining import BATCH, prepare_retraining
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.likelihood import Probe, measure_nats
from chatbot.training.run import Kept, Run

CORPORA = Path(os.environ.get("CORPORA", "../shared/corpora"))
MINUTES, STEPS, SHARE = float(os.environ.get("FORGET_MINUTES", "5")), int(os.environ.get("FORGET_STEPS", "0")), 0.2
TAUGHT_SHARE = 0.155
LOGS = {"SGD, a tenth": ("sgd/sgd_dialogues.jsonl.gz", 10), "IRC": ("ubuntu-irc/*.raw.txt", 1)}
"""Patterns of logs, and of how many dialogues one is taken."""
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "replay (default)": ({}, {}),
    "with the model's dropout": ({}, {"step_back": False, "dropout": 0.3}),
    "replay without a teacher": ({}, {"step_back": False, "hold": 0.0}),
    "fine-tuning alone": ({"replay": 0.0}, {"step_back": False}),
    "EWC, strength 1": ({"replay": 0.0}, {"step_back": False, "ewc": 1.0}),
}
CPU, ROOT = torch.device("cpu"), Path(__file__).parents[2]


def quiet(line: str) -> None:
    """Say nothing."""


def budget(share: float = 1.0) -> dict[str, Any]:
    """Return a training's budget, or that of a retraining, whose steps are smaller."""
    if not STEPS:
        return {"minutes": MINUTES * share, "validations": 5}
    steps = STEPS if share == 1 else round(STEPS * share / BATCH)
    return {"minutes": None, "steps": steps, "validations": 5}


def finish(run: Run) -> Kept:
    *_, kept = run.events()
    assert isinstance(kept, Kept)
    return kept


def changed(bot: Bot, training: dict[str, Any], retraining: dict[str, Any]) -> Bot:
    settings = bot.settings
    update = {
        "training": settings.training.model_copy(update=training),
        "retraining": settings.retraining.model_copy(update=retraining),
    }
    return replace(bot, settings=settings.model_copy(update=update))


def together(bot: Bot, log: str) -> dict[str, float]:
    """Return bits per byte on old and new held-out pairs of a model trained from scratch on both, for as long."""
    data, new = bot.data(), find_new(bot, "0001", Sources([log]), quiet)
    learnt, new_held_out = split_pairs(bot.settings.learnable(new.pairs), 0.1, 1000, bot.settings.training.seed)
    pairs = [*data.training, *learnt]
    new_held_out = without_known(new_held_out, known_exchanges(data.training))
    tokenizer = bot.make_tokenizer(pairs)
    model = bot.new_model(tokenizer)
    run = run_of(bot, model, tokenizer, pairs, [*data.held_out, *new_held_out], CPU, True, {}, pairs)
    seconds = finish(run).card["seconds"]
    old_held_out = without_known(data.held_out, known_exchanges(learnt))
    old, new_bits = (bits_per_byte(model, tokenizer, bot, pairs) for pairs in (old_held_out, new_held_out))
    return {"seconds": seconds, "old": old, "new": new_bits}


def bits_per_byte(model: Seq2Seq, tokenizer: Tokenizer, bot: Bot, pairs: Sequence[Pair]) -> float:
    probe = Probe.make(pairs, tokenizer, bot.settings.text)
    nats = measure_nats(model.eval(), probe.examples, tokenizer, CPU, torch.float32).total
    return probe.likelihood(nats).bits_per_byte or 0.0


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Bot:
    """A bot that has learnt DailyDialog; each test goes on from its first version."""
    if not (CORPORA / "dailydialog").is_dir():
        pytest.skip("needs CORPORA")
    tmp_path = tmp_path_factory.mktemp("forgetting")
    (tmp_path / "bots").mkdir()
    for name in ("dailydialog-en", "dailydialog-en-dev"):
        folder = tmp_path / "corpora" / name
        folder.mkdir(parents=True)
        (folder / "corpus.toml").write_bytes((ROOT / "corpora" / name / "corpus.toml").read_bytes())
        fetch(load_corpus(folder), str(CORPORA / "dailydialog"), lambda *_: None)
    (tmp_path / "bots" / "b.toml").write_bytes((ROOT / "bots" / "dailydialog-en.toml").read_bytes())
    bot = changed(load_bot(str(tmp_path / "bots" / "b.toml")), budget(), {})
    torch.set_num_threads(os.cpu_count() or 1)
    finish(prepare_training(bot, CPU, True, quiet))
    return bot


def log_of(register: str, folder: Path, first: int = 0, every: int = 1) -> str:
    """Return the path of a log with some of the dialogues of a register."""
    pattern, share = LOGS[register]
    reader, _, parts = recognise(open_log(str(CORPORA / pattern)))
    dialogues = list(reader.read(parts, Tally()))[first :: share * every]
    path = folder / f"{len(dialogues)}-{first}.jsonl"
    path.write_text("".join(dump_dialogue(one) + "\n" for one in dialogues), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("register", LOGS)
def test_gain_and_loss(bot: Bot, tmp_path: Path, register: str) -> None:
    print(f"\ntrained {f'{STEPS} steps' if STEPS else f'{MINUTES:g} minutes'}; retrained for a fifth of that")
    path = log_of(register, tmp_path)
    before: dict[str, Any] = {}
    found: dict[str, dict[str, float]] = {}
    for way, (training, retraining) in WAYS.items():
        taught = STEPS and retraining.get("hold", 1) and training.get("replay", 1)
        learner = changed(bot, {**budget(TAUGHT_SHARE if taught else SHARE), **training}, retraining)
        new = find_new(learner, "0001", Sources([path]), quiet)
        kept = finish(prepare_retraining(learner, new, True, CPU, True, False, quiet))
        before = kept.card["before"]
        found[way] = {part: kept.card["after"][part]["bits_per_byte"] for part in ("old", "new")}
        found[way]["seconds"] = kept.card["seconds"]
    found["together, from scratch"] = together(bot, path)
    best = before["new"]["bits_per_byte"] - found["together, from scratch"]["new"]
    print(f"{register}: before: old {before['old']['bits_per_byte']:.3f}, new {before['new']['bits_per_byte']:.3f}")
    for way, bits in found.items():
        gain = (before["new"]["bits_per_byte"] - bits["new"]) / best
        loss = bits["old"] / before["old"]["bits_per_byte"] - 1
        figures = f"old {bits['old']:.3f} ({loss:+.1%}), new {bits['new']:.3f} ({gain:.0%} of the gain)"
        print(f"  {way:24} {figures}, {bits['seconds']:.0f} s")


def test_twenty_in_a_row(bot: Bot, tmp_path: Path) -> None:
    """Twenty retrainings, each on a four hundredth of SGD; one that the gate lets through is the next's parent."""
    parent, taken, held_out = "0001", 0, bot.data().held_out

    def first() -> float:
        """Return the bits per byte that the parent needs for what was learnt at first."""
        replier = bot.replier(parent, CPU)
        return bits_per_byte(replier.model, replier.tokenizer, bot, held_out)

    start = first()
    print(f"\nold {start:.3f}")
    for number in range(20):
        path = log_of("SGD, a tenth", tmp_path, number, 40)
        new = find_new(bot, parent, Sources([path]), quiet)
        kept = finish(prepare_retraining(bot, new, False, CPU, True, False, quiet))
        taken, parent = taken + kept.promoted, kept.version if kept.promoted else parent
        before, after = (kept.card[when]["new"]["bits_per_byte"] for when in ("before", "after"))
        verdict = "taken" if kept.promoted else "; ".join(kept.objections)
        seconds = f"{kept.card['seconds']:.0f} s"
        print(
            f"  {number + 1}: old {first() / start - 1:+.1%}, new {before:.3f} -> {after:.3f}, {seconds}; {verdict}",
            flush=True,
        )
    print(f"  {taken} of 20 were taken")
