"""The real process against a server that others wrote: the npm package telegram-test-api.

``TELEGRAM_TEST_API`` names a folder in which ``npm install telegram-test-api`` was run.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.adapters.telegram.bot_api import TOKEN
from tests.adapters.telegram.conftest import Serve, Served

FOLDER = os.environ.get("TELEGRAM_TEST_API", "")
SERVER = """
const Server = require("telegram-test-api");
const server = new Server({port: 0, host: "localhost", storeTimeout: 600});
server.start().then(() => console.log(server.server.address().port));
"""
ADA = {"id": 7, "first_name": "Ada", "is_bot": False}

pytestmark = pytest.mark.skipif(not FOLDER or not shutil.which("node"), reason="needs TELEGRAM_TEST_API and node")


@pytest.fixture
def other() -> Iterator[str]:
    """The address of their server."""
    process = subprocess.Popen(["node", "-e", SERVER], cwd=FOLDER, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield f"http://localhost:{int(process.stdout.readline())}"
    process.kill()
    process.communicate()


def post(url: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def say(url: str, text: str, chat: int = 7, **more: Any) -> None:
    place = {"id": chat, "type": "private", "first_name": "Ada"}
    post(f"{url}/sendMessage", {"botToken": TOKEN, "from": ADA, "chat": place, "date": 0, "text": text, **more})


def heard(url: str, count: int, chat: int = 7) -> list[str]:
    """Return the next texts that the bot sends to a chat."""
    texts: list[str] = []
    until = time.monotonic() + 30
    while len(texts) < count and time.monotonic() < until:
        found = post(f"{url}/getUpdates", {"token": TOKEN, "chatId": chat})["result"]
        texts += [one["message"]["text"] for one in found]
        time.sleep(0.05)
    return texts


def test_a_conversation(serve: Serve, other: str) -> None:
    served: Served = serve(url=other)
    say(other, "hello")
    (first,) = heard(other, 1)
    assert first.startswith("Hello! How are you?")
    assert "/privacy" in first
    say(other, "你好", chat=8)
    assert heard(other, 1, chat=8)[0].startswith("你好呀！")
    say(other, "/version", entities=[{"type": "bot_command", "offset": 0, "length": 8}])
    assert "0001" in heard(other, 1)[0]
    assert served.end() == 0


def test_what_was_said_while_it_was_dead_is_answered_once(serve: Serve, other: str) -> None:
    served = serve(url=other)
    say(other, "hello")
    heard(other, 1)
    served.end(9)
    for number in range(1, 6):
        say(other, "hello", chat=100 + number)
    served.start()
    for number in range(1, 6):
        assert heard(other, 1, chat=100 + number)
    assert served.end() == 0
