"""The README is true: its commands run, its reference is that of the settings."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Chatbot
from tests.reference import README, written

TEXT = README.read_text(encoding="utf-8")


def test_the_reference_is_up_to_date() -> None:
    assert written() == TEXT, "make format writes it"


def test_every_command_named_exists() -> None:
    from typer.main import get_command

    from chatbot.cli import app

    known = get_command(app).commands  # type: ignore[attr-defined]
    named = set(
        re.findall(
            r"chatbot (corpus \w+|[a-z]+)\b", "\n".join(re.findall(r"```.*?```|`chatbot [^`]+`", TEXT, re.DOTALL))
        )
    )
    assert {"train", "chat", "corpus fetch"} <= named
    for name in named:
        first, _, second = name.partition(" ")
        assert first in known
        assert not second or second in known[first].commands
    assert all(re.search(rf"`chatbot {name}\b", TEXT) for name in known)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is in git, where the starter bot has had three steps of training."""
    folder = tmp_path_factory.mktemp("readme") / "chatbot"
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
        # Older than what make has installed, or it would install this copy over the checkout that is tested.
        os.utime(folder / name, (0, 0))
    run("chatbot train smalltalk-en --steps 3", folder)
    return folder


def run(script: str, folder: Path) -> str:
    """Return what a shell script prints, run with this environment's programs first on the PATH."""
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "VENV": str(programs.parent),
        "HOME": str(folder),
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=[str(number) for number in range(len(BLOCKS))])
def test_the_shell_blocks_run(checkout: Path, chatbot: Chatbot, block: str) -> None:
    made_by_make = (Path(sys.executable).parent.parent / ".installed").exists()
    if "make " in block and not made_by_make:
        pytest.skip("this environment was not made by make")
    for line in block.splitlines():
        if line.startswith("chatbot "):
            chatbot(*shlex.split(line)[1:], cwd=checkout, check=True)
        else:
            printed = run(line, checkout)
            assert "make -s chat" not in line or len(printed.splitlines()) == 2
