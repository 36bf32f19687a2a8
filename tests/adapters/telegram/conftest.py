"""The real `chatbot telegram` process against our own Bot API server."""

import multiprocessing.process
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.telegram.bot_api import TOKEN, BotApi
from tests.conftest import FORKS, run_program


class Served:
    """A bot that serves: the process, what it printed, and the folder it serves from."""

    def __init__(self, folder: Path, streams: Path, environment: dict[str, str]) -> None:
        self.folder, self.streams, self.environment = folder, streams, environment
        self.process: multiprocessing.process.BaseProcess | None = None

    def start(self) -> None:
        """Start it, once more if need be; its log goes on."""
        self.streams.mkdir(exist_ok=True)
        for name in "012":
            (self.streams / name).touch()
        arguments = (("telegram", "tiny"), self.folder, self.environment, self.streams, "a")
        self.process = FORKS.Process(target=run_program, args=arguments)
        self.process.start()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal, and return its exit status."""
        assert self.process and self.process.pid
        os.kill(self.process.pid, number)
        return self.status()

    def status(self, seconds: float = 30) -> int:
        """Return its exit status when it has ended."""
        assert self.process
        self.process.join(seconds)
        assert self.process.exitcode is not None, "it does not end"
        return self.process.exitcode

    @property
    def log(self) -> str:
        """All that it has printed."""
        return "".join((self.streams / name).read_text(encoding="utf-8") for name in "12")


Serve = Callable[..., Served]


@pytest.fixture
def api() -> BotApi:
    """A Bot API server; it ends with the tests."""
    server = BotApi()
    server.start()
    return server


@pytest.fixture
def serve(trained: Path, tmp_path: Path, api: BotApi) -> Iterator[Serve]:
    """Starts the tiny bot on Telegram with ``[telegram]`` settings, given as lines of TOML."""
    started: list[Served] = []

    def start(settings: str = "", more: str = "", begin: bool = True, url: str = "", **environment: Any) -> Served:
        toml = trained / "bots" / "tiny.toml"
        text = toml.read_text(encoding="utf-8").split("\n[telegram]")[0]
        toml.write_text(f'{text}\n[telegram]\napi_url = "{url or api.url}"\n{settings}\n{more}\n', encoding="utf-8")
        surroundings = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "TELEGRAM_TOKEN": TOKEN}
        served = Served(trained, tmp_path / f"streams{len(started)}", {**surroundings, **environment})
        started.append(served)
        if begin:
            served.start()
        return served

    yield start
    for served in started:
        if served.process and served.process.is_alive():
            served.process.kill()
            served.process.join()
