"""The webhook: believed only with its secret, behind nginx too, shared by several processes; health and metrics."""

import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from tests.adapters.telegram.bot_api import BotApi
from tests.adapters.telegram.conftest import Serve
from tests.conftest import ROOT

ADA, SECRET = 7, "a-secret-of-letters"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def status(url: str, body: bytes | None = None, secret: str = SECRET) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def webhook(port: int, url: str = "", more: str = "") -> str:
    return (
        f'mode = "webhook"\nwebhook_url = "{url or f"http://127.0.0.1:{port}/telegram"}"\nwebhook_port = {port}\n{more}'
    )


def test_updates_come_in_by_webhook_from_who_knows_the_secret(serve: Serve, api: BotApi) -> None:
    port, told = free_port(), free_port()
    served = serve(webhook(port, more=f"metrics_port = {told}"), TELEGRAM_SECRET=SECRET)
    assert api.answer_to(ADA, "hello").startswith("Hello!")
    assert api.called("setWebhook")[-1]["secret_token"] == SECRET
    assert not api.called("getUpdates")
    url = f"http://127.0.0.1:{port}/telegram"
    forged = json.dumps(api.updates[-1] if api.updates else {"update_id": 1}).encode()
    assert status(url, forged, "wrong") == 403
    assert status(url, b"{nonsense") == 400
    assert status(url, b"[1]") == 400
    assert status(url, b'{"update_id": 1, "x": "' + b"x" * 1_100_000 + b'"}') in (0, 400, 413)
    assert status(url, b'{"update_id": 1}') == 200
    assert status(f"http://127.0.0.1:{port}/elsewhere", forged) == 404
    with urllib.request.urlopen(f"http://127.0.0.1:{told}/health", timeout=5) as answer:
        assert json.load(answer)["ok"]
    with urllib.request.urlopen(f"http://127.0.0.1:{told}/metrics", timeout=5) as answer:
        assert "chatbot_received_total 1\n" in answer.read().decode()
    assert served.end() == 0
    assert SECRET not in served.log


def test_a_webhook_that_is_away_for_a_while_misses_nothing(serve: Serve, api: BotApi) -> None:
    served = serve(webhook(free_port()), TELEGRAM_SECRET=SECRET)
    api.answer_to(ADA, "hello")
    served.end()
    api.say(ADA, "fine, thanks")
    served.start()
    assert api.wait(lambda: api.texts(ADA)[1:]) == ["Good to hear."]


@pytest.mark.skipif(NGINX is None or not shutil.which("openssl"), reason="nginx is not there")
def test_the_readmes_nginx_passes_updates_on(serve: Serve, api: BotApi, tmp_path: Path) -> None:
    port, outside = free_port(), free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1",
         "-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")], check=True, capture_output=True,
    )  # fmt: skip
    site = (ROOT / "README.md").read_text(encoding="utf-8").partition("```nginx\n")[2].partition("```")[0]
    for theirs, ours in (
        ("443", f"127.0.0.1:{outside}"), ("127.0.0.1:8443", f"127.0.0.1:{port}"),
        ("/etc/letsencrypt/live/bot.example.org/fullchain.pem", str(tmp_path / "cert.pem")),
        ("/etc/letsencrypt/live/bot.example.org/privkey.pem", str(tmp_path / "key.pem")),
    ):  # fmt: skip
        assert theirs in site
        site = site.replace(theirs, ours, 1)
    paths = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}}\n"
                      f"http {{ access_log off; {paths} {site} }}")  # fmt: skip
    nginx = subprocess.Popen([str(NGINX), "-c", str(config), "-p", str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        serve(webhook(port, f"https://127.0.0.1:{outside}/telegram"), TELEGRAM_SECRET=SECRET)
        assert api.answer_to(ADA, "hello").startswith("Hello!")
    finally:
        nginx.terminate()
        nginx.wait(10)


def test_two_processes_share_the_work_and_take_over_from_each_other(serve: Serve, api: BotApi, database: str) -> None:
    chats = range(1, 13)
    ports = (free_port(), free_port())
    store = f'[conversations]\nurl = "{database}"'
    first = serve(webhook(ports[0]), store, TELEGRAM_SECRET=SECRET)
    api.wait(lambda: api.called("setWebhook"))
    second = serve(webhook(ports[1]), store, TELEGRAM_SECRET=SECRET)
    api.wait(lambda: api.called("setWebhook")[1:])
    urls = [f"http://127.0.0.1:{port}/telegram" for port in ports]
    api.webhook = None  # from now on updates come to both, in turn

    def answered(times: int) -> bool:
        return all(len(api.texts(chat)) >= times for chat in chats)

    for place, text in enumerate(["hello", "fine, thanks"] * 2):
        for chat in chats:
            api.say(chat, text)
            update = api.updates.pop()
            assert status(urls[(place + chat) % 2], json.dumps(update).encode()) == 200
        if place == 2:
            first.end(9)
            urls = [urls[1]] * 2
        api.wait(partial(answered, place + 1))
    assert second.end() == 0
    counts = [len(api.texts(chat)) for chat in chats]
    # Half of the chats were the first one's; of each a send may have been under way whose outcome nobody knows.
    assert sum(counts) - 4 * len(chats) <= len(chats) // 2
    assert all(api.texts(chat)[1] == "Good to hear." for chat in chats)
    assert all('"answered"' in one.log for one in (first, second))
