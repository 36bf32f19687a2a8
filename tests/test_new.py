"""A bot from a log, in one command."""

import tomllib
from pathlib import Path
from typing import Any

import pexpect
import pytest

from chatbot.bot import load_bot
from chatbot.corpus.manifest import load_corpus
from chatbot.corpus.readers import Tally
from chatbot.novelty import Sources, find_new
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
    assert (wrong.returncode, wrong.stderr.splitlines()) == (
        2, ["error: nobody in the log is called 小敏", 'hint: there are: 小明, Ada "A"'],
    )  # fmt: skip
    again = chatbot("new", "ada", "--from", str(log), cwd=tmp_path)
    assert (again.returncode, "is there already" in again.stderr, again.stdout) == (2, True, "")
    assert chatbot("new", "../x", "--from", str(log), cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("said", "language"), [("you know it is the best to do", "en"), ("ich weiß es doch auch nicht so genau", None)]
)
def test_a_language_is_named_only_where_it_is_known(
    tmp_path: Path, chatbot: Chatbot, said: str, language: str | None
) -> None:
    (tmp_path / "log.tsv").write_text("".join(f"ping {one}\t{said} {one}\n" for one in range(9)), encoding="utf-8")
    chatbot("new", "one", "--from", "log.tsv", cwd=tmp_path, check=True)
    manifest = tomllib.loads((tmp_path / "corpora/one/corpus.toml").read_text(encoding="utf-8"))
    assert manifest.get("language") == language


def test_phone_numbers_are_hidden_as_those_in_the_group_write_them(tmp_path: Path, chatbot: Chatbot) -> None:
    names = ("Anna", "Ben", "Cem", "Dora", "Emil")
    said = [
        f'{{"speaker": "+49 171 1234567", "text": "{name}?"}}, {{"speaker": "Ada", "text": "030 901820, {name}"}}'
        for name in names
    ]
    (tmp_path / "log.jsonl").write_text("".join(f'{{"id": "a", "turns": [{one}]}}\n' for one in said), encoding="utf-8")
    chatbot("new", "ada", "--from", "log.jsonl", "--as", "Ada", cwd=tmp_path, check=True)
    corpus = load_corpus(tmp_path / "corpora/ada")
    assert corpus.manifest.privacy.regions == ("US", "GB", "CN", "TW", "DE")
    assert all(pair.answer.text.startswith("<phone>") for pair in corpus.pairs(Tally()))


def group(*people: str) -> str:
    """Return a log in which Carol asks everyone the same, and each answers in their own way, after a while."""
    asked = '{"speaker": "Carol", "text": "ping %d", "time": "2024-05-01T10:00:00+00:00"}'
    answers = {"Ada": "pong %d", "小明": "乓 %d"}
    lines = (
        f'{{"id": "{name} {number}", "turns": [{asked % number}, '
        f'{{"speaker": "{name}", "text": "{answers.get(name, "what? %d") % number}", '
        f'"time": "2024-05-01T10:{number:02}:00+00:00"}}]}}\n'
        for number in range(30)
        for name in people
    )
    return "".join(lines)


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_several_people_are_told_apart_and_the_bot_answers_as_one(tmp_path: Path, chatbot: Chatbot) -> None:
    (tmp_path / "log.jsonl").write_text(group("Ada", "小明", "Bob"), encoding="utf-8")
    done = chatbot("new", "us", "--from", "log.jsonl", "--as", "小明", "--as", "Ada", cwd=tmp_path, check=True)
    assert "it tells 小明, Ada apart and answers as 小明" in done.stderr
    path = tmp_path / "bots/us.toml"
    assert read(tmp_path / "corpora/us/corpus.toml")["pairing"]["answers_by"] == ["小明", "Ada"]
    assert (read(path)["name"], read(path)["answers_as"]) == ("us", "小明")
    assert (read(path)["text"]["speakers"], read(path)["text"]["pause_minutes"]) == (["小明", "Ada"], 5)
    chatbot("train", "us", "--steps", "2", cwd=tmp_path, check=True)
    assert chatbot("chat", "us", "ping 3", cwd=tmp_path, check=True).stdout.startswith("乓")
    assert "乓" in chatbot("explain", "us", "ping 3", cwd=tmp_path, check=True).stdout.split("nearest")[0]
    path.write_text(path.read_text(encoding="utf-8").replace('answers_as = "小明"', 'answers_as = "Ada"'), "utf-8")
    assert chatbot("chat", "us", "ping 3", cwd=tmp_path, check=True).stdout.startswith("pong")
    new = find_new(load_bot(str(path)), "0001", Sources(conversations=True), lambda line: None)
    assert [pair.answer.speaker for pair in new.pairs] == ["Ada", "Ada"]
    assert [pair.question[-1].speaker for pair in new.pairs] == ["you", "you"]


def test_of_everyone_those_who_write_much_are_told_apart(tmp_path: Path, chatbot: Chatbot) -> None:
    rare = '{"id": "x", "turns": [{"speaker": "Eve", "text": "?"}, {"speaker": "Ada", "text": "!"}]}\n'
    (tmp_path / "log.jsonl").write_text(group("Ada", "小明") + rare, encoding="utf-8")
    chatbot("new", "us", "--from", "log.jsonl", "--as", "everyone", cwd=tmp_path, check=True)
    assert read(tmp_path / "bots/us.toml")["text"]["speakers"] == ["Carol", "Ada", "小明"]
    assert read(tmp_path / "bots/us.toml")["text"]["pause_minutes"] == 5
    (tmp_path / "crowd.jsonl").write_text(group(*(f"someone {number}" for number in range(40))), encoding="utf-8")
    chatbot("new", "crowd", "--from", "crowd.jsonl", "--as", "everyone", cwd=tmp_path, check=True)
    assert "speakers" not in read(tmp_path / "bots/crowd.toml")["text"]


def test_the_roles_of_a_data_set_are_nobody_to_be_told_apart(tmp_path: Path, chatbot: Chatbot) -> None:
    (tmp_path / "log.txt").write_text("ping\npong\n\n乒\n乓\n", encoding="utf-8")
    chatbot("new", "both", "--from", "log.txt", "--as", "A", "--as", "B", cwd=tmp_path, check=True)
    assert not {"speakers", "pause_minutes"} & read(tmp_path / "bots/both.toml")["text"].keys()


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
