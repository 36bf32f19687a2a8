"""What many tests share: a small trained bot, and the command line."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from chatbot.training.device import keep_memory

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

DIALOGUES = """\
hello
Hello! How are you?
fine, thanks
Good to hear.

what is your name?
My name is Tiny.

who are you?
I am Tiny, a very small bot.

你好
你好呀！
你叫什么名字？
我叫小小。

good night
Sleep well!

tell me a joke
A bit walks into a byte. It fits.
another one
That was my only one.

谢谢
不客气！
"""

BOT = """\
name = "Tiny"
corpora = ["tiny"]

[text]
vocabulary_size = 400
context_turns = 3
fold_case = true

[model]
embedding_size = 48
dropout = 0.0
[model.encoder]
kind = "lstm"
hidden_size = 64
[model.decoder]
kind = "lstm"
hidden_size = 64

[training]
steps = 150
batch_tokens = 256
learning_rate = 1e-2
warm_up_steps = 10
ema = 0.9
train_on_all = true
validations = 3
precision = "float32"

[search]
kind = "greedy"
"""

CORPUS = """\
title = "Tiny talk"
licence = "MIT"
source = "written for the tests"
files = ["*.txt"]

[reader]
kind = "text"
speakers = ["Person", "Tiny"]

[pairing]
answers_by = ["Tiny"]
"""

Chatbot = Callable[..., subprocess.CompletedProcess[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-benchmarks", action="store_true", help="measure speed")


def pytest_configure() -> None:
    keep_memory()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--run-benchmarks"):
        skip = pytest.mark.skip(reason="a benchmark: make bench runs it")
        for item in items:
            if "benchmarks" in item.path.parts:
                item.add_marker(skip)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def make_project(folder: Path) -> Path:
    """Return ``folder``, filled with the bot file and the corpus of the tiny bot."""
    (folder / "bots").mkdir(parents=True)
    (folder / "corpora" / "tiny").mkdir(parents=True)
    (folder / "bots" / "tiny.toml").write_text(BOT, encoding="utf-8")
    (folder / "corpora" / "tiny" / "corpus.toml").write_text(CORPUS, encoding="utf-8")
    (folder / "corpora" / "tiny" / "talk.txt").write_text(DIALOGUES, encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An untrained bot named tiny, in a folder of its own."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bot, trained: look, but do not touch."""
    from chatbot.bot import load_bot
    from chatbot.learning import prepare_training

    folder = make_project(tmp_path_factory.mktemp("trained") / "project")
    bot = load_bot(str(folder / "bots" / "tiny.toml"))
    list(prepare_training(bot, torch.device("cpu"), fresh=True, say=lambda line: None).events())
    return folder


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """The tiny bot, trained, in a folder of its own."""
    return Path(shutil.copytree(trained_once, tmp_path / "trained"))


@pytest.fixture
def chatbot(tmp_path: Path) -> Chatbot:
    """Runs the real program: ``chatbot("chat", "tiny", cwd=folder, stdin="hello")``."""

    def run(
        *arguments: str, cwd: Path, stdin: str | bytes = "", check: bool = False
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
        environment["OMP_NUM_THREADS"] = "1"  # two workers with two threads each would spin
        program = [sys.executable, "-m", "chatbot", *arguments]
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            program, cwd=cwd, input=data, capture_output=True, env=environment, check=False, timeout=300
        )
        result = subprocess.CompletedProcess(program, done.returncode, done.stdout.decode(), done.stderr.decode())
        assert not check or result.returncode == 0, result.stderr
        return result

    return run
