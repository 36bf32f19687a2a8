"""What many tests share: a small trained bot, and the command line."""

import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["OMP_NUM_THREADS"] = "1"  # two workers with two threads each would spin

import pytest
import torch

from chatbot.cli import main
from chatbot.training.device import keep_memory

if TYPE_CHECKING:
    from chatbot.generation.replier import Replier
    from chatbot.training.examples import Examples

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

LONG = {"learning", "test_readme.py"}

pytest_plugins = ["tests.postgresql"]

Chatbot = Callable[..., subprocess.CompletedProcess[str]]

# Each run is a process of its own, forked from one that has read what takes long to read and has done nothing with it.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["tests.conftest", "chatbot.serving", "chatbot.learning", "chatbot.adapters.telegram.service", "torch._dynamo"]
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-benchmarks", action="store_true", help="measure speed")


def pytest_configure() -> None:
    keep_memory()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not LONG & {*item.path.parts})  # the long ones first: workers then end together
    if not config.getoption("--run-benchmarks"):
        skip = pytest.mark.skip(reason="a benchmark: make bench runs it")
        for item in items:
            if "benchmarks" in item.path.parts:
                item.add_marker(skip)


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


@pytest.fixture(scope="module")
def replier(trained_once: Path) -> "Replier":
    """The tiny bot's current version, loaded."""
    from chatbot.bot import load_bot

    return load_bot(str(trained_once / "bots" / "tiny.toml")).replier()


def examples_of(replier: "Replier", *texts: tuple[str, str]) -> "Examples":
    """Return pairs of a question and an answer as that bot learns them."""
    from chatbot.dialogue import Pair, Turn
    from chatbot.training.examples import make_examples

    pairs = [Pair((Turn("Person", question),), Turn("Tiny", answer), "") for question, answer in texts]
    return make_examples(pairs, replier.tokenizer, replier.text)


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """The tiny bot, trained, in a folder of its own."""
    return Path(shutil.copytree(trained_once, tmp_path / "trained"))


def run_program(
    arguments: tuple[str, ...], cwd: Path, environment: Mapping[str, str], streams: Path, written: str = "w"
) -> None:
    """Be the program, with the files 0, 1 and 2 of ``streams`` for its standard streams."""
    os.chdir(cwd)
    os.environ.update(environment)
    for number, mode in enumerate(("r", written, written)):
        with (streams / str(number)).open(mode) as stream:
            os.dup2(stream.fileno(), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - multiprocessing has closed its own
    sys.argv = ["chatbot", *arguments]
    main()


@pytest.fixture
def chatbot(tmp_path: Path) -> Chatbot:
    """Runs the program in a process of its own: ``chatbot("chat", "tiny", cwd=folder, stdin="hello")``."""
    streams = tmp_path / "streams"
    environment = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}

    def run(
        *arguments: str, cwd: Path, stdin: str | bytes = "", check: bool = False, user: str = "tester"
    ) -> subprocess.CompletedProcess[str]:
        streams.mkdir(exist_ok=True)
        (streams / "0").write_bytes(stdin.encode() if isinstance(stdin, str) else stdin)
        program = FORKS.Process(target=run_program, args=(arguments, cwd, {**environment, "USER": user}, streams))
        program.start()
        program.join(300)
        assert program.exitcode is not None, f"{arguments} hangs"
        printed, told = ((streams / name).read_bytes().decode() for name in "12")
        result = subprocess.CompletedProcess(arguments, program.exitcode, printed, told)
        assert not check or result.returncode == 0, told
        return result

    return run
