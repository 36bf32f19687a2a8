"""The command line as people use it: the real program, its output and its exit status."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import BOT, Chatbot

LOG = '{"id": "a:1", "turns": [{"speaker": "Ada", "text": "ping"}, {"speaker": "Bob", "text": "pong 乒乓"}]}\n'


def test_a_pipe_gets_one_reply_a_line_and_nothing_else(trained: Path, chatbot: Chatbot) -> None:
    done = chatbot("chat", "tiny", cwd=trained, stdin="hello\n\n/new\nwhat is your name?\n/new\n你好\n/quit\nhello\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["Hello! How are you?", "My name is Tiny.", "你好呀！"]


def test_one_message_and_json(trained: Path, chatbot: Chatbot) -> None:
    assert chatbot("chat", "tiny", "good", "night", cwd=trained).stdout == "Sleep well!\n"
    record = json.loads(chatbot("chat", "tiny", "hello", "--json", cwd=trained).stdout)
    assert (record["message"], record["reply"], record["version"]) == ("hello", "Hello! How are you?", "0001")


def test_what_was_said_can_be_gone_on_with(trained: Path, chatbot: Chatbot) -> None:
    chatbot("chat", "tiny", "tell me a joke", cwd=trained, check=True)
    assert chatbot("chat", "tiny", "-c", "another one", cwd=trained).stdout == "That was my only one.\n"


def test_hostile_input_is_answered_in_one_clean_line(trained: Path, chatbot: Chatbot) -> None:
    done = chatbot("chat", "tiny", cwd=trained, stdin=b"\xff\xfe\x1b]52;c;x\x07\n" + b"word " * 200_000 + b"\n\x00\n")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", done.stdout)


def test_a_closed_pipe_is_141(trained: Path) -> None:
    script = f"yes hello | head -2000 | {sys.executable} -m chatbot chat tiny | head -1; echo ${{PIPESTATUS[2]}}"
    done = subprocess.run(["bash", "-c", script], cwd=trained, capture_output=True, text=True, check=False, timeout=120)
    assert done.stdout.splitlines() == ["Hello! How are you?", "141"]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["chat", "tiny"], "tiny is not trained yet", "chatbot train tiny"),
        (["chat", "nobody"], 'there is no bot "nobody"', "bots here: tiny"),
        (["chta", "tiny"], "No such command 'chta'", "chatbot --help"),
        (["train", "tiny", "--minutes", "soon"], "Invalid value for '--minutes'", "chatbot train --help"),
        (["train", "tiny", "--steps", "-3"], "training.steps: input should be greater than or equal to 1", ""),
        (["train", "tiny", "--device", "abacus"], 'there is no device "abacus"', "auto or cpu"),
        (["corpus", "inspect", "nothing.json"], "nothing.json: there is no such file", "check the path"),
        (["corpus", "inspect", "corpora/tiny/talk.txt", "--format", "txet"], 'did you mean "text"', ""),
        (["corpus", "fetch", "nothing"], "there is no corpus.toml", "corpora there: tiny"),
        (["rollback", "tiny"], "tiny is not trained yet", "chatbot train tiny"),
    ],
)
def test_a_users_error_is_told_in_lines_with_what_to_do(
    project: Path, chatbot: Chatbot, arguments: list[str], error: str, hint: str
) -> None:
    done = chatbot(*arguments, cwd=project)
    assert done.returncode == 2
    assert done.stdout == ""
    assert all(line.startswith(("error: ", "hint: ")) for line in done.stderr.splitlines())
    assert error in done.stderr
    assert hint in done.stderr


def test_a_broken_corpus_is_told_with_its_place(project: Path, chatbot: Chatbot) -> None:
    (project / "corpora" / "tiny" / "talk.txt").write_bytes(b"\x00\x01\x02")
    done = chatbot("train", "tiny", cwd=project)
    assert (done.returncode, "talk.txt: byte 0: is binary" in done.stderr) == (2, True)


def test_a_corpus_that_yields_nothing_is_told(project: Path, chatbot: Chatbot) -> None:
    (project / "corpora" / "tiny" / "talk.txt").write_text("lonely\n")
    assert "yields no pairs" in chatbot("train", "tiny", cwd=project).stderr


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "bot.json"])
def test_a_damaged_version_is_one_error_and_can_be_rolled_back(trained: Path, chatbot: Chatbot, name: str) -> None:
    shutil.copytree(trained / "bots/tiny/versions/0001", trained / "bots/tiny/versions/0002")
    (trained / "bots/tiny/versions/current").write_text("0002\n")
    file = trained / "bots/tiny/versions/0002" / name
    file.write_bytes(file.read_bytes()[:100])
    done = chatbot("chat", "tiny", "hello", cwd=trained)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and "0002" in done.stderr and "Traceback" not in done.stderr
    assert chatbot("rollback", "tiny", cwd=trained).stdout == "tiny is at version 0001\n"
    assert chatbot("chat", "tiny", "hello", cwd=trained).stdout == "Hello! How are you?\n"


def test_training_tells_plain_lines_on_stderr_and_makes_a_version(project: Path, chatbot: Chatbot) -> None:
    done = chatbot("train", "tiny", "--steps", "12", cwd=project, check=True)
    assert done.stdout == ""
    assert "10 pairs to train on" in done.stderr
    assert "nothing is held out to measure on" in done.stderr
    folder = project / "bots/tiny/versions/0001"
    assert {path.name for path in folder.iterdir()} >= {
        "model.safetensors",
        "tokenizer.json",
        "bot.json",
        "card.json",
        "metrics.jsonl",
    }
    assert not (project / "bots/tiny/training.safetensors").exists()
    (card,) = json.loads(chatbot("versions", "tiny", "--json", cwd=project).stdout)
    assert (card["steps"], card["current"], card["training_pairs"]) == (12, True, 10)


def interrupted(project: Path, wanted: str, steps: bool = False) -> str:
    """Return what a long training tells when Ctrl-C comes once it has told ``wanted``, and made some steps."""
    program = [sys.executable, "-m", "chatbot", "train", "tiny", "--steps", "4000", "--seed", "3"]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}
    running = subprocess.Popen(program, cwd=project, stderr=subprocess.PIPE, text=True, env=alone)
    assert running.stderr is not None
    told = ""
    while wanted not in told:
        line = running.stderr.readline()
        assert line, told
        told += line
    while steps and not (project / "bots/tiny/metrics.jsonl").read_text():
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    told += running.stderr.read()
    running.stderr.close()
    assert running.wait(60) == 130
    return told


def test_an_interrupted_training_goes_on(project: Path, chatbot: Chatbot) -> None:
    assert "saved. To go on: chatbot train tiny --steps 4000 --seed 3" in interrupted(
        project, " parameters", steps=True
    )
    assert "Stopped at step" in interrupted(project, "going on at step")
    assert "tiny is not trained yet" in chatbot("chat", "tiny", cwd=project).stderr


def test_evaluation_prints_json_or_a_table(trained: Path, chatbot: Chatbot) -> None:
    (trained / "log.tsv").write_text("hello\tHello! How are you?\nnew\tnever seen\n")
    figures = json.loads(chatbot("evaluate", "tiny", "--on", "log.tsv", "--json", cwd=trained).stdout)
    wanted = (
        "pairs answer_bytes bits_per_byte word_perplexity distinct_1 distinct_2 repeated_4grams f1 chrf mean_length"
    )
    wanted += " overlap_share baselines without_overlap"
    assert set(wanted.split()) <= figures.keys()
    assert (figures["pairs"], figures["overlap_share"]) == (2, 0.5)
    assert "bits per byte" in chatbot("evaluate", "tiny", "--on", "log.tsv", cwd=trained).stdout


def test_a_corpus_can_be_looked_at_and_exported(project: Path, chatbot: Chatbot) -> None:
    found = json.loads(chatbot("corpus", "inspect", "corpora/tiny/talk.txt", "--json", cwd=project).stdout)
    assert (found["format"], found["dialogues"], found["turns"], found["pairs"]) == ("text", 7, 20, 13)
    assert found["speakers"] == {"A": 10, "B": 10}
    assert "tell me a joke" in chatbot("corpus", "inspect", "corpora/tiny", cwd=project).stdout
    exported = chatbot("corpus", "export", "corpora/tiny/talk.txt", cwd=project).stdout
    chatbot("corpus", "export", "-", "-o", "out/log.jsonl", cwd=project, stdin=exported, check=True)
    assert (project / "out/log.jsonl").read_text(encoding="utf-8") == exported
    assert len(exported.splitlines()) == 7


def test_an_export_tells_what_was_left_out_and_leaves_devices_alone(project: Path, chatbot: Chatbot) -> None:
    (project / "log.tsv").write_text("q\ta\nlonely\n")
    done = chatbot("corpus", "export", "log.tsv", "--format", "tsv", "-o", "/dev/null", cwd=project, check=True)
    assert done.stderr == "left out: 1 malformed\n"
    assert not Path("/dev/null").is_file()


def test_a_failed_export_leaves_no_file(project: Path, chatbot: Chatbot) -> None:
    (project / "cut.json").write_text('{"name": "x", "type": "personal_chat", "messages": [{"id": 1, "type": "mess')
    done = chatbot("corpus", "export", "cut.json", "-o", "out.jsonl", cwd=project)
    assert done.returncode == 2
    assert sorted(path.name for path in project.iterdir()) == ["bots", "corpora", "cut.json"]


def test_formats_are_listed(project: Path, chatbot: Chatbot) -> None:
    lines = chatbot("corpus", "formats", cwd=project).stdout.splitlines()
    assert {"telegram", "whatsapp", "tsv"} <= {line.split()[0] for line in lines}


def test_a_full_disk_is_one_error(trained: Path, chatbot: Chatbot) -> None:
    shutil.rmtree(trained / "bots/tiny")
    (trained / "bots/tiny.toml").write_text(BOT)
    limited = f"ulimit -f 8; exec {sys.executable} -m chatbot train tiny --steps 2"
    done = subprocess.run(
        ["bash", "-c", limited], cwd=trained, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 2
    assert "File too large" in done.stderr and "Traceback" not in done.stderr
    assert not list((trained / "bots/tiny").rglob("*.part"))


def test_people_have_their_words_listed_found_handed_out_and_forgotten(trained: Path, chatbot: Chatbot) -> None:
    def conversations(verb: str, *more: str, stdin: str = "") -> str:
        return chatbot("conversations", verb, "tiny", *more, cwd=trained, stdin=stdin, check=True).stdout

    assert "nobody has talked to tiny yet" in chatbot("conversations", "list", "tiny", cwd=trained).stderr
    chatbot("chat", "tiny", cwd=trained, stdin="hello\n/new\n你好\n", check=True)
    first, second = json.loads(conversations("list", "--json"))
    assert (first["title"], second["title"], first["turns"]) == ("hello", "你好", 2)
    assert "Hello! How are you?" in conversations("show", str(first["number"]))
    assert "你好呀！" in conversations("search", "你好")
    assert chatbot("conversations", "search", "tiny", "nothing", cwd=trained).returncode == 1
    out = conversations("export")
    assert [len(json.loads(line)["turns"]) for line in out.splitlines()] == [2, 2]
    assert "**you**: hello" in conversations("export", "--format", "markdown")
    conversations("export", "-o", "out.jsonl")
    assert ((trained / "out.jsonl").read_text(encoding="utf-8"), (trained / "out.jsonl").stat().st_mode & 0o777) == (
        out,
        0o600,
    )
    assert "<b>you</b>: 你好" in conversations("export", "--format", "html")
    conversations("import", "-", "--person", "terminal:eve", stdin=out)
    unsure = chatbot("conversations", "forget", "tiny", first["person"], cwd=trained, stdin="n\n")
    assert (unsure.returncode, "Nothing was removed." in unsure.stderr) == (1, True)
    assert "4 turns are gone" in conversations("forget", first["person"], "--yes")
    assert [one["person"] for one in json.loads(conversations("list", "--json"))] == ["terminal:eve"] * 2
    assert "4 turns removed" in conversations("purge", "--days", "0")


def test_a_bot_that_keeps_nothing_leaves_no_store(trained: Path, chatbot: Chatbot) -> None:
    with (trained / "bots" / "tiny.toml").open("a", encoding="utf-8") as file:
        file.write("\n[conversations]\nkeep = false\n")
    done = chatbot("chat", "tiny", cwd=trained, stdin="tell me a joke\nanother one\n", check=True)
    assert done.stdout.splitlines()[1] == "That was my only one."
    assert not list((trained / "bots" / "tiny").glob("*.db*"))
    assert "tiny keeps no conversations" in chatbot("conversations", "list", "tiny", cwd=trained).stderr
