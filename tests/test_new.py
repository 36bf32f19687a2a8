"""A bot from a log, in one command."""

import tomllib
from pathlib import Path

import pexpect
import pytest

from tests.conftest import Chatbot

LOG = "".join(
    f'{{"id": "a:{number}", "turns": [{{"speaker": "Ada \\"A\\"", "text": "ping {number}"}}, '
    f'{{"speaker": "小明", "text": "乓，{number}号 a@b.cd"}}, {{"speaker": "小明", "text": "再来"}}]}}\n'
    for number in range(30)
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "我的 log.jsonl"
    path.write_text(LOG, encoding="utf-8")
    return path


def test_a_log_becomes_a_bot_that_can_be_trained(log: Path, tmp_path: Path, chatbot: Chatbot) -> None:
    done = chatbot("new", "ming", "--from", str(log), cwd=tmp_path, check=True)
    assert "jsonl" in done.stdout
    assert "email hidden" in done.stdout
    assert "小明 67%" in done.stdout
    assert "next: chatbot train ming" in done.stderr
    manifest = tomllib.loads((tmp_path / "corpora/ming/corpus.toml").read_text(encoding="utf-8"))
    assert (manifest["reader"]["kind"], manifest["language"]) == ("jsonl", "zh")
    assert manifest["pairing"]["answers_by"] == ["小明"]
    bot = tomllib.loads((tmp_path / "bots/ming.toml").read_text(encoding="utf-8"))
    assert (bot["name"], bot["text"]["script"]) == ("小明", "simplified")
    chatbot("train", "ming", "--steps", "2", cwd=tmp_path, check=True)
    assert chatbot("chat", "ming", "ping 3", cwd=tmp_path).stdout.startswith("乓，")


def test_whom_it_should_be_can_be_said(log: Path, tmp_path: Path, chatbot: Chatbot) -> None:
    chatbot("new", "ada", "--from", str(log), "--as", 'Ada "A"', cwd=tmp_path, check=True)
    manifest = tomllib.loads((tmp_path / "corpora/ada/corpus.toml").read_text(encoding="utf-8"))
    assert manifest["pairing"]["answers_by"] == ['Ada "A"']
    chatbot("new", "all", "--from", str(log), "--as", "everyone", cwd=tmp_path, check=True)
    assert (
        "answers_by" not in tomllib.loads((tmp_path / "corpora/all/corpus.toml").read_text(encoding="utf-8"))["pairing"]
    )
    wrong = chatbot("new", "eve", "--from", str(log), "--as", "小敏", cwd=tmp_path)
    assert (wrong.returncode, "nobody in the log is called 小敏" in wrong.stderr) == (2, True)
    again = chatbot("new", "ada", "--from", str(log), cwd=tmp_path)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)
    assert chatbot("new", "../x", "--from", str(log), cwd=tmp_path).returncode == 2


def test_on_a_terminal_it_asks(log: Path, tmp_path: Path) -> None:
    import sys

    child = pexpect.spawn(
        sys.executable, ["-m", "chatbot", "new", "x", "--from", str(log)], cwd=str(tmp_path), timeout=60
    )
    child.expect("Who should the bot be")
    child.expect("number")
    child.sendline("7")
    child.expect("number")
    child.sendline("2")
    child.expect("will be Ada")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
