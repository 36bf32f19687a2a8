"""Speed, printed; ``make bench`` runs these. Compare figures of one run only, as ratios: machines are noisy."""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from chatbot.bot import load_bot
from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.dialogue import Pair, Turn
from chatbot.learning import prepare_training
from chatbot.model.seq2seq import ModelSettings, Seq2Seq
from chatbot.text.context import TextSettings
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.batch import make_batch
from chatbot.training.buckets import padding, plan_epoch
from chatbot.training.device import keep_memory, use_cores
from chatbot.training.events import Stepped
from chatbot.training.examples import make_examples
from chatbot.training.likelihood import Probe
from chatbot.training.settings import TrainingSettings
from chatbot.training.trainer import Trainer
from tests.conftest import make_project

WORDS = [
    f"{a}{b}"
    for a in ("ka", "lo", "mi", "ne", "pu", "ra", "si", "to")
    for b in ("da", "fe", "gi", "ho", "ju", "k", "l")
]


def median(measure: Callable[[], float], times: int = 5) -> float:
    return statistics.median(measure() for _ in range(times))


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def chat_pairs(count: int) -> list[Pair]:
    """Pairs as long as chats are: a question and an answer of some twelve words each."""
    dice = random.Random(1)

    def text() -> str:
        return " ".join(dice.choice(WORDS) for _ in range(max(1, int(dice.gammavariate(1.8, 7)))))

    return [
        Pair((Turn("A", text()), Turn("B", text()), Turn("A", text())), Turn("B", text()), str(n)) for n in range(count)
    ]


def test_training_beside_the_usual_loop() -> None:
    """Target tokens a second of this trainer, and of one decoder step at a time on shuffled batches in float32."""
    keep_memory()
    use_cores()
    pairs = chat_pairs(20_000)
    tokenizer = Tokenizer.train([pair.answer.text for pair in pairs], 8000)
    examples = make_examples(pairs, tokenizer, TextSettings(context_turns=1))
    shape = {
        "embedding_size": 256,
        "encoder": {"kind": "lstm", "hidden_size": 512},
        "decoder": {"kind": "lstm", "hidden_size": 512},
    }
    model = Seq2Seq(ModelSettings.model_validate(shape), 8000, tokenizer.pad)
    settings = TrainingSettings(steps=40, batch_tokens=4096, validations=1)
    trainer = Trainer(
        model, examples, Probe.make([], tokenizer, TextSettings()), tokenizer, settings, torch.device("cpu")
    )
    ours = [event for event in trainer.run() if isinstance(event, Stepped)][-1].tokens_per_second
    usual = statistics.median(usual_loop(model, examples, tokenizer) for _ in range(3))
    share = padding(
        examples.source.lengths,
        examples.target.lengths,
        plan_epoch(examples.source.lengths, examples.target.lengths, 4096, 1, 0),
    )
    print(f"\ntraining: {ours:,.0f} target tokens/s, the usual loop {usual:,.0f}: {ours / usual:.1f} times")
    print(f"padding: {share:.1%}")


def usual_loop(model: Seq2Seq, examples: object, tokenizer: Tokenizer) -> float:
    optimizer = torch.optim.Adam(model.parameters())
    random_batch = torch.randint(0, 20_000, (64,)).numpy()
    begun = time.perf_counter()
    batch = make_batch(examples, random_batch, tokenizer.pad, tokenizer.begin, torch.device("cpu"))  # type: ignore[arg-type]
    state = model.start(batch.source, batch.lengths)
    loss = torch.zeros(())
    for place in range(batch.inputs.shape[1]):
        logits, state = model.step(state, batch.inputs[:, place])
        loss = loss + cross_entropy(logits, batch.targets[:, place], ignore_index=tokenizer.pad, reduction="sum")
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return batch.tokens / (time.perf_counter() - begun)


def telegram_message(n: int) -> str:
    date = f"2024-03-05T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}"
    sender = f'"from": "{"AB"[n % 2]}", "from_id": "user{n % 2}"'
    return f'{{"id": {n}, "type": "message", "date": "{date}", {sender}, "text": "message number {n}"}}'


def test_reading(tmp_path: Path) -> None:
    count = 100_000
    (tmp_path / "log.tsv").write_text("".join(f"question number {n}\tanswer number {n}\n" for n in range(count)))
    messages = ",\n".join(telegram_message(n) for n in range(count))
    (tmp_path / "result.json").write_text(
        f'{{"name": "x", "type": "personal_chat", "id": 1, "messages": [{messages}]}}'
    )
    for name in ("log.tsv", "result.json"):
        reader, _, parts = recognise(open_log(str(tmp_path / name)))
        spent = seconds(lambda reader=reader, parts=parts: sum(1 for _ in reader.read(parts, Tally())))  # type: ignore[misc]
        print(f"\nreading {name}: {count / spent:,.0f} records/s")


def test_replies_and_memory(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project")
    bot = load_bot(str(project / "bots" / "tiny.toml"))
    list(prepare_training(bot, torch.device("cpu"), fresh=True, say=lambda line: None).events())
    environment = {**os.environ, "HOME": str(tmp_path)}

    def run(*arguments: str) -> None:
        program = [sys.executable, "-m", "chatbot", *arguments]
        subprocess.run(program, cwd=project, env=environment, check=True, capture_output=True)

    print(f"\nchatbot --help: {median(lambda: seconds(lambda: run('--help'))):.2f} s")
    print(f"chatbot chat tiny hello: {median(lambda: seconds(lambda: run('chat', 'tiny', 'hello'))):.2f} s")
    running = subprocess.Popen(
        [sys.executable, "-m", "chatbot", "chat", "tiny"],
        cwd=project,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdin and running.stdout
    latencies = []
    for _ in range(30):
        begun = time.perf_counter()
        running.stdin.write("hello\n")
        running.stdin.flush()
        running.stdout.readline()
        latencies.append(time.perf_counter() - begun)
    memory = psutil.Process(running.pid).memory_info().rss / 2**20
    running.stdin.close()
    running.wait()
    running.stdout.close()
    print(f"a reply through a pipe: {statistics.median(latencies[5:]) * 1000:.0f} ms; memory of chat: {memory:.0f} MiB")
