"""Dialogues to pairs: the same on one core and on several, whatever becomes of the others."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chatbot.corpus import cores, gathering
from chatbot.corpus.cores import on_all_cores
from chatbot.corpus.filters import FilterSettings
from chatbot.corpus.gathering import gather
from chatbot.corpus.pairs import PairingSettings
from chatbot.corpus.privacy import PrivacySettings
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue, Turn

TIME = datetime(2024, 5, 1, tzinfo=UTC)


def dialogues() -> Iterator[Dialogue]:
    for number in range(40):
        texts = [f"write to ada{number}@example.org", "ok", f"你好 {number}", f"Ada, call 13800138{number:03}", "ok"]
        yield Dialogue(f"log:{number}", tuple(Turn(("Ada", "Bob")[n % 2], text, TIME) for n, text in enumerate(texts)))


def found(privacy: PrivacySettings) -> tuple[list[object], dict[str, int], dict[str, int]]:
    tally = Tally()
    kept = gather(dialogues(), PairingSettings(), privacy, tally, FilterSettings(same_answer=9))
    return list(kept), dict(tally.hidden), dict(tally.skipped)


@pytest.mark.parametrize("privacy", [PrivacySettings(), PrivacySettings(pseudonyms=True)])
def test_several_cores_find_what_one_finds(privacy: PrivacySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = found(privacy)
    assert alone[1]["email"] == alone[1]["phone"] == 40
    assert alone[2] == {"repeated pair": 39, "frequent answer": 31 + 32}
    monkeypatch.setattr(gathering, "_TURNS", 10)
    monkeypatch.setattr(cores, "_ALONE", 2)
    monkeypatch.setattr(cores, "_cores", lambda: 2)
    assert found(privacy) == alone


def halve(number: int) -> tuple[int, int]:
    if number == 13 and os.environ["SURVIVES"] != str(os.getpid()):
        os.kill(os.getpid(), signal.SIGKILL)
    return number // 2, os.getpid()


def test_work_goes_on_when_a_process_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVIVES", str(os.getpid()))
    monkeypatch.setattr(cores, "_ALONE", 3)
    monkeypatch.setattr(cores, "_cores", lambda: 2)
    done = list(on_all_cores(halve, range(30)))
    assert [half for half, _ in done] == [number // 2 for number in range(30)]
    assert done[0][1] == done[29][1] == os.getpid() != done[5][1]


class Heavy:
    """Work that counts how often it is packed to be sent."""

    sent = 0

    def __call__(self, number: int) -> int:
        return number + 1

    def __reduce__(self) -> tuple[type["Heavy"], tuple[()]]:
        Heavy.sent += 1
        return Heavy, ()


def test_work_is_sent_to_each_process_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "_ALONE", 3)
    monkeypatch.setattr(cores, "_cores", lambda: 2)
    assert list(on_all_cores(Heavy(), range(100))) == list(range(1, 101))
    assert 1 <= Heavy.sent <= 2
