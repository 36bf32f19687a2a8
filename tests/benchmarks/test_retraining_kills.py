"""Retraining, killed again and again at random moments; printed. There is always one whole current version."""

import os
import random
import signal
import time
from pathlib import Path

from chatbot.bot import load_bot
from chatbot.dialogue import Turn
from tests.conftest import FORKS, run_program
from tests.test_retraining import LINE

KILLS = 30


def test_thirty_kills(trained: Path, tmp_path: Path) -> None:
    dice, current, promotions, ended = random.Random(1), "0001", 0, 0
    streams = tmp_path / "streams"
    streams.mkdir()
    for name in "012":
        (streams / name).touch()
    environment = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    slowest = 8.0
    for number in range(KILLS):
        log = trained / f"log{number}.jsonl"
        log.write_text("".join(LINE.format(100 * number + one) for one in range(40)), encoding="utf-8")
        arguments = ("retrain", "tiny", log.name, "--steps", "40", "--promote")
        process = FORKS.Process(target=run_program, args=(arguments, trained, environment, streams, "a"))
        begun = time.monotonic()
        process.start()
        # Most moments are those towards the end, where versions are written and promoted.
        process.join(slowest * dice.triangular(0.3, 1.1, 0.95))
        if process.exitcode is None and process.pid:
            os.kill(process.pid, signal.SIGKILL)
        else:
            ended += 1
            slowest = time.monotonic() - begun
        process.join()
        bot = load_bot(str(trained / "bots" / "tiny.toml"))
        version = bot.versions.current()
        promotions += version != current
        current = version
        assert bot.replier().answers([[Turn("you", "hello")]], ["Tiny"], [1])[0]
        assert all(bot.versions.card(name)["version"] == name for name in bot.versions.names())
        assert (bot.versions.path(current) / "known.npy").exists()
    print(f"\n{KILLS} retrainings: {KILLS - ended} killed, {promotions} promoted; always one whole current version")
