"""Translation pairs."""

from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.translation import TranslationReader
from tests.conftest import SHARED

CREDIT = "CC-BY 2.0 (France) Attribution: tatoeba.org #1 (Ada) & #2 (Bo)"


def read(folder: Path, text: str, tally: Tally | None = None, **settings: Any) -> list[list[tuple[str, str]]]:
    (folder / "log").write_text(text, encoding="utf-8-sig")
    dialogues = TranslationReader(**settings).read(open_log(str(folder / "log")), tally or Tally())
    return [[(turn.speaker, turn.text) for turn in dialogue.turns] for dialogue in dialogues]


@pytest.mark.parametrize("line", [f"Hi.\t嗨。\t{CREDIT}", "Hi.\t嗨。", "1276\tHi.\t2\t嗨。"])
def test_every_layout_gives_the_two_sentences(tmp_path: Path, line: str) -> None:
    assert read(tmp_path, line + "\r\n") == [[("source", "Hi."), ("target", "嗨。")]]


def test_the_direction_and_the_languages_can_be_chosen(tmp_path: Path) -> None:
    said = read(tmp_path, f"Hi.\t嗨。\t{CREDIT}\n", reverse=True, speakers=("Chinese", "English"))
    assert said == [[("Chinese", "嗨。"), ("English", "Hi.")]]


def test_lines_that_are_no_pairs_are_counted(tmp_path: Path) -> None:
    tally = Tally()
    assert len(read(tmp_path, "Hi.\t嗨。\nalone\n\t嗨。\n\n1\tHi.\t2\t\nBye.\t再见。\n", tally)) == 2
    assert tally.skipped == {"malformed": 3, "empty": 1}


def test_the_marks_are_tatoebas(tmp_path: Path) -> None:
    for text, kind in (
        (f"Hi.\t嗨。\t{CREDIT}\n", "translation"),
        ("1\tHi.\t2\t嗨。\n", "translation"),
        ("Hi.\t嗨。\n", "tsv"),
    ):
        (tmp_path / "log").write_text(text * 3, encoding="utf-8")
        assert recognise(open_log(str(tmp_path / "log")))[0].model_dump()["kind"] == kind


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpora are not here")
def test_tatoebas_own_pairs_are_read_whole() -> None:
    reader, _, parts = recognise(open_log(str(SHARED / "corpora" / "tatoeba-en-zh")))
    assert sum(1 for _ in reader.read(parts, Tally())) == 26_388
