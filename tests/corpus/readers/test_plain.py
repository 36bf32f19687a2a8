"""Text, TSV, canonical JSON lines and DailyDialog."""

from pathlib import Path

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import READERS, Reader, Tally, named_reader, recognise
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.conftest import SHARED


def read(name: str, folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    reader: Reader = named_reader(name)
    return list(reader.read(open_log(str(folder / "log")), tally or Tally()))


def test_text_has_a_turn_a_line_and_an_empty_line_between_dialogues(tmp_path: Path) -> None:
    first, second = read("text", tmp_path, "\n\nhi\n hello \nbye\n\n \n\n再见\n拜拜")
    assert [(turn.speaker, turn.text) for turn in first.turns] == [("A", "hi"), ("B", "hello"), ("A", "bye")]
    assert [turn.text for turn in second.turns] == ["再见", "拜拜"]
    assert (first.id, second.id) == ("log:3", "log:9")


def test_tsv_has_a_dialogue_a_line(tmp_path: Path) -> None:
    tally = Tally()
    dialogues = read("tsv", tmp_path, "hi\thello\n\nq\ta\tq2\ta2\nlonely\n\tno question\n", tally)
    assert [[turn.text for turn in dialogue.turns] for dialogue in dialogues] == [
        ["hi", "hello"],
        ["q", "a", "q2", "a2"],
    ]
    assert tally.skipped == {"empty": 1, "malformed": 2}
    assert tally.malformed[0] == ("log:4", "lonely")


def test_dailydialog_ends_turns_and_has_labels_or_not(tmp_path: Path) -> None:
    first, second = read("dailydialog", tmp_path, "Hi . __eou__ Hello ! __eou__\n你好。__eou__你好！__eou__\t1\t0 0\n")
    assert [turn.text for turn in first.turns] == ["Hi .", "Hello !"]
    assert [turn.text for turn in second.turns] == ["你好。", "你好！"]


@pytest.mark.parametrize(
    "line",
    [
        "{", '{"id": 1, "turns": []}', '{"turns": [{"speaker": "A"}]}', '{"turns": [1]}', "[" * 100_000,
        '{"turns": [{"speaker": "A", "text": "x", "time": "31/02"}]}', '{"id": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_a_bad_line_of_json_is_counted_among_good_ones(tmp_path: Path, line: str) -> None:
    tally = Tally()
    good = '{"id": "a", "turns": [{"speaker": "A", "text": "hi"}]}'
    assert len(read("jsonl", tmp_path, f"{good}\n{line}\n{good}\n", tally)) == 2
    assert tally.skipped["malformed"] == 1


def test_lone_surrogates_that_json_can_spell_are_replaced(tmp_path: Path) -> None:
    (dialogue,) = read("jsonl", tmp_path, '{"turns": [{"speaker": "A", "text": "a\\ud800b"}]}')
    assert dialogue.turns[0].text == "a?b"
    assert dialogue.id == "log:1"


def test_a_text_about_dialogues_is_none_of_dailydialog() -> None:
    head = "# Formats\n\n| `dailydialog` | turns ended by `__eou__` |\n| `text` | a turn a line |\n"
    assert not READERS["dailydialog"].recognises(head, "README.md")


def test_an_unknown_format_gets_a_suggestion() -> None:
    with pytest.raises(LogError, match='did you mean "telegram"'):
        named_reader("telegrm")


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpora are not here")
@pytest.mark.parametrize(
    ("name", "dialogues"), [("dialogues_text_En.txt", 8096), ("dev_en.txt", 995), ("dev_zh.txt", 995)]
)
def test_dailydialog_itself_is_read_whole(name: str, dialogues: int) -> None:
    reader, _, parts = recognise(open_log(str(SHARED / "corpora" / "dailydialog" / name)))
    found = list(reader.read(parts, Tally()))
    assert len(found) == dialogues
    assert not any("__eou__" in turn.text or "\t" in turn.text for dialogue in found for turn in dialogue.turns)


@pytest.mark.parametrize(
    "log",
    [
        "2025-03-01 10:00:00 小王\n你好\n\n2025-03-01 10:00:10 我\n嗨，吃了吗\n",
        "小王(wxid_abc) 2025-03-01 10:00:00\n你好\n我(wxid_me) 2025-03-01 10:00:09\n嗨\n",
        "user,message\nA,hi\nB,yo, man\n",
        "sep=;\nwho;what\nA;hi\n",
    ],
)
def test_what_some_program_wrote_is_no_text_with_a_turn_a_line(tmp_path: Path, log: str) -> None:
    (tmp_path / "log").write_text(log, encoding="utf-8")
    with pytest.raises(LogError, match="is in no format that is known"):
        recognise(open_log(str(tmp_path / "log")))


@pytest.mark.parametrize(
    "log", ["hi\nyo\n", "hello,there\nhi you\n", "see you at 2025-03-01 10:00\nok\nfine\nbye\nbye\n"]
)
def test_what_people_wrote_is(tmp_path: Path, log: str) -> None:
    (tmp_path / "log").write_text(log, encoding="utf-8")
    assert recognise(open_log(str(tmp_path / "log")))[0] == named_reader("text")
