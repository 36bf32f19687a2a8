"""The terminal, on a real pseudo-terminal whose screen is read."""

import os
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte
import pytest


class Screen:
    """A chat on an 80 x 24 terminal."""

    def __init__(self, folder: Path, home: Path, *options: str) -> None:
        environment = {
            **os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "TERM": "xterm-256color",
            "PROMPT_TOOLKIT_NO_CPR": "1", "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        program = ["-m", "chatbot", "chat", "tiny", *options]
        self.child = pexpect.spawn(
            sys.executable, program, cwd=str(folder), env=environment, dimensions=(24, 80), timeout=60
        )
        self.screen = pyte.Screen(80, 24)
        self.stream = pyte.ByteStream(self.screen)

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def wait(self, wanted: str) -> str:
        """Return the screen once it shows ``wanted``."""
        for _ in range(600):
            try:
                self.stream.feed(self.child.read_nonblocking(65536, timeout=0.1))
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                break
            if wanted in self.text().replace(" ", "").replace("\n", "") or wanted in self.text():
                return self.text()
        raise AssertionError(f"{wanted!r} is not on the screen:\n{self.text()}")

    def type(self, keys: str) -> None:
        time.sleep(0.1)
        self.child.send(keys)

    def status(self) -> int | None:
        self.child.expect(pexpect.EOF)
        self.child.close()
        return int(self.child.exitstatus) if self.child.exitstatus is not None else None


@pytest.fixture
def screen(trained: Path, tmp_path: Path) -> Iterator[Screen]:
    opened = Screen(trained, tmp_path)
    opened.wait("/quit leaves.\n>")
    yield opened
    opened.child.close(force=True)


def test_a_talk_in_two_languages(screen: Screen) -> None:
    screen.type("hello\r")
    screen.wait("Hello! How are you?\n>")
    screen.type("/new\r")
    screen.wait("A new conversation.")
    screen.type("你好\r")
    screen.wait("你好呀！")
    screen.type("/quit\r")
    assert screen.status() == 0


def test_commands_do_what_help_says(screen: Screen) -> None:
    screen.type("/help\r")
    screen.wait("/quit            leave")
    screen.type("/retry\r")
    screen.wait("There is nothing to answer yet.")
    screen.type("/undo\r")
    screen.wait("There is nothing to take back.")
    screen.type("what is your name?\r")
    screen.wait("My name is Tiny.")
    screen.type("/retry\r")
    screen.wait("/retry\nMy name is Tiny.")
    screen.type("/undo\r")
    screen.wait("taken back: My name is Tiny.")
    screen.type("/new\r")
    screen.wait("A new conversation.")
    screen.type("good night\r")
    screen.wait("Sleep well!")
    screen.type("/history\r")
    screen.wait("Tiny: Sleep well!")
    screen.type("/nonsense\r")
    screen.wait("There is no /nonsense.")
    screen.type("\x04")
    assert screen.status() == 0


def test_what_was_said_is_rated_found_titled_and_saved(screen: Screen, trained: Path) -> None:
    screen.type("/good\r")
    screen.wait("There is no reply yet.")
    screen.type("你好\r")
    screen.wait("你好呀！")
    screen.type("/good\r")
    screen.wait("Noted, thank you.")
    screen.type("/title 问候\r")
    screen.wait("now called 问候")
    screen.type("/search 好呀\r")
    screen.wait("Tiny: 你好呀！")
    screen.type("/save talk.md\r")
    screen.wait("saved to talk.md")
    assert "**Tiny**: 你好呀！" in (trained / "talk.md").read_text(encoding="utf-8")
    screen.type("/save /proc/talk.md\r")
    screen.wait("No such file or directory")
    screen.type("/edit hello\r")
    screen.wait("Hello! How are you?\n>")
    screen.type("/version\r")
    screen.wait("Tiny is at version 0001.")


def test_how_replies_are_chosen_can_be_set(screen: Screen) -> None:
    screen.type("/set\r")
    screen.wait("kind = greedy")
    screen.type("/set temprature 0.7\r")
    screen.wait("unknown key")
    screen.type("/set no_repeat_ngram 3\r")
    screen.wait("no_repeat_ngram = 3")
    screen.type("/set kind sampling\r")
    screen.wait("kind = sampling")
    screen.wait("top_p = ")
    screen.type("/set kind smapling\r")
    screen.wait('unknown kind "smapling"; did you mean "sampling"?')
    screen.type("/set kind known\r")
    screen.wait("keeps no answers to choose among")
    screen.type("/edit\r")
    screen.wait("It is /edit TEXT")


def test_alt_enter_begins_a_new_line_of_one_message(screen: Screen) -> None:
    screen.type("what is\x1b\ryour name?\r")
    screen.wait("My name is Tiny.")
    screen.type("/history\r")
    screen.wait("you: what is your name?")


def test_ctrl_c_at_the_prompt_does_not_leave(screen: Screen) -> None:
    screen.type("half\x03")
    screen.wait("/quit or Ctrl-D leaves.")
    screen.type("hello\r")
    screen.wait("Hello! How are you?")


def test_a_pasted_message_with_controls_is_one_clean_message(screen: Screen) -> None:
    screen.type("\x1b[200~what is\nyour name?\x1b[201~\r")
    screen.wait("My name is Tiny.")
    screen.type("/history\r")
    screen.wait("you: what is your name?")


def test_the_talk_goes_on_and_its_history_is_private(screen: Screen, trained: Path, tmp_path: Path) -> None:
    screen.type("good night\r")
    screen.wait("Sleep well!")
    screen.type("/quit\r")
    screen.status()
    again = Screen(trained, tmp_path, "--continue")
    again.wait(">")
    again.type("/history\r")
    again.wait("you: good night")
    again.child.close(force=True)
    assert stat.S_IMODE((tmp_path / "state" / "chatbot" / "history").stat().st_mode) == 0o600
