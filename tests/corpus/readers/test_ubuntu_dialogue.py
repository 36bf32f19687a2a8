"""The Ubuntu Dialogue Corpus in its three layouts."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.dailydialog import DailyDialogReader
from chatbot.corpus.readers.ubuntu_dialogue import UbuntuDialogueReader
from chatbot.dialogue import Dialogue
from tests.corpus.readers.damage import damaged, seconds, survives

FILE = (
    "2009-03-01T11:49:00.000Z\tmiro_9\t\twhy is my sound gone?\n"
    "2009-03-01T11:50:00.000Z\tmiro_9\t\tit \x0304worked\x03 before\n"
    '2009-03-01T11:52:00.000Z\tlena\tmiro_9\tmiro_9: "alsamixer"\tthen press m\n'
    "2009-03-01T11:53:00.000Z\tmiro_9\tlena\t谢谢\n"
)
TABLE = (
    "folder,dialogueID,date,from,to,text\n"
    '3,12.tsv,2009-03-01T11:49:00.000Z,miro_9,,"why, then?"\n'
    '3,12.tsv,2009-03-01T11:50:00.000Z,lena,miro_9,"say ""hi""\nand wait"\n'
    "4,12.tsv,2010-03-01T09:00:00.000Z,ana,,ls -l\n"
)
TRAIN = (
    "Context,Utterance,Label\n"
    "anyone here ? __eou__ hello ? __eou__ __eot__ i am . __eou__ __eot__ ,good __eou__,1\n"
    "anyone here ? __eou__ __eot__ ,buy a goat __eou__,0\n"
    "what , now ? __eou__ __eot__ ,later __eou__,1.0\n"
)


def read(path: Path, tally: Tally | None = None) -> list[Dialogue]:
    reader, _, parts = recognise(open_log(str(path)))
    assert reader == UbuntuDialogueReader()
    return list(reader.read(parts, tally or Tally()))


def read_text(folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    return read(folder / "log", tally)


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_a_file_is_a_dialogue_with_times_in_utc(tmp_path: Path) -> None:
    (dialogue,) = read_text(tmp_path, FILE)
    assert texts(dialogue) == [
        ("miro_9", "why is my sound gone?\nit worked before"), ("lena", 'miro_9: "alsamixer"\tthen press m'),
        ("miro_9", "谢谢"),
    ]  # fmt: skip
    assert dialogue.turns[1].time == datetime(2009, 3, 1, 11, 52, tzinfo=UTC)
    assert dialogue.id == "log:1"


def test_files_do_not_mix_whatever_their_times(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "dialogs.zip", "w") as archive:
        archive.writestr("dialogs/3/1.tsv", FILE)
        archive.writestr("dialogs/4/1.tsv", FILE.replace("miro_9", "eda"))
    first, second = read(tmp_path)
    assert [dialogue.turns[0].speaker for dialogue in (first, second)] == ["miro_9", "eda"]


def test_a_silence_cuts_and_five_minutes_end_a_turn(tmp_path: Path) -> None:
    first, second = read_text(
        tmp_path, FILE.replace("T11:50", "T11:56").replace("T11:52", "T11:57").replace("T11:53", "T13:00")
    )
    assert [len(dialogue.turns) for dialogue in (first, second)] == [3, 1]


def test_a_table_holds_many_dialogues(tmp_path: Path) -> None:
    first, second = read_text(tmp_path, TABLE)
    assert texts(first) == [("miro_9", "why, then?"), ("lena", 'say "hi"\nand wait')]
    assert texts(second) == [("ana", "ls -l")]
    assert (first.id, second.id) == ("log:2", "log:5")


def test_a_table_without_folders_is_read_too(tmp_path: Path) -> None:
    text = "".join(line.removeprefix("folder,").removeprefix("3,") + "\n" for line in TABLE.split("\n")[:2])
    assert texts(read_text(tmp_path, text)[0]) == [("miro_9", "why, then?")]


def test_contexts_end_with_the_right_reply(tmp_path: Path) -> None:
    tally = Tally()
    first, second = read_text(
        tmp_path, TRAIN.replace("what , now ?", '"what , now ?').replace("__eot__ ,later", '__eot__ ",later'), tally
    )
    assert texts(first) == [("A", "anyone here ?\nhello ?"), ("B", "i am ."), ("A", "good")]
    assert texts(second) == [("A", "what , now ?"), ("B", "later")]
    assert tally.skipped == {"negative": 1}


def test_the_first_versions_turns_end_otherwise(tmp_path: Path) -> None:
    (dialogue,) = read_text(tmp_path, "Context,Utterance,Label\nhi __EOS__ hello __EOS__ help me __EOS__,why,1\n")
    assert texts(dialogue) == [("A", "hi"), ("B", "hello"), ("A", "help me"), ("B", "why")]


def test_distractors_are_left_out(tmp_path: Path) -> None:
    text = "Context,Ground Truth Utterance,Distractor_0,Distractor_1\nhi __eou__ __eot__ ,hello __eou__,no,never\n"
    assert texts(read_text(tmp_path, text)[0]) == [("A", "hi"), ("B", "hello")]


def test_turns_that_end_with_both_marks_are_no_dailydialog() -> None:
    assert not DailyDialogReader.recognises(TRAIN, "log")
    assert DailyDialogReader.recognises("Hi . __eou__ Hello . __eou__\n", "log")


def test_what_is_no_message_is_counted(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read_text(
        tmp_path, FILE + "2009-03-01T11:54:00.000Z\tlena\t\t \n2009-13-01T11:54:00.000Z\tlena\t\tx\nno row\n", tally
    )
    assert len(dialogue.turns) == 3
    assert tally.skipped == {"empty": 1, "malformed": 2}
    assert [place for place, _ in tally.malformed] == ["log:6", "log:7"]


def test_rows_of_another_width_or_time_are_counted(tmp_path: Path) -> None:
    tally = Tally()
    assert len(read_text(tmp_path, TABLE + "1,2\n4,12.tsv,soon,ana,,x\n\n", tally)) == 2
    assert tally.skipped == {"malformed": 2}


@pytest.mark.parametrize("columns", ["Context,Reply", "Label,Context", "date,from"])
def test_a_table_that_lacks_columns_has_no_rows(tmp_path: Path, columns: str) -> None:
    (tmp_path / "log").write_text(f"{columns}\nhi,hello\n")
    tally = Tally()
    assert list(UbuntuDialogueReader().read(open_log(str(tmp_path / "log")), tally)) == []
    assert tally.skipped == {"malformed": 2}


def test_a_quote_that_never_ends_costs_a_row_not_the_table(tmp_path: Path) -> None:
    tally = Tally()
    rows = '"' + "".join(f"4,12.tsv,2010-03-01T09:00:00.000Z,u{n},,ls\n" for n in range(9000))
    dialogues = read_text(tmp_path, TABLE + rows, tally)
    assert sum(len(dialogue.turns) for dialogue in dialogues) > 5000
    assert tally.skipped["malformed"] >= 1


def test_damage_is_survived(tmp_path: Path) -> None:
    for whole in (FILE, TABLE, TRAIN):
        for content in damaged(whole.encode()):
            survives("ubuntu-dialogue", tmp_path / "log", content)


@pytest.mark.parametrize(
    "content",
    ["2009-03-01T11:49:00.000Z" + "\t" * 1_000_000, "2009-03-01T11:49:00." + "0" * 1_000_000, '"' * 1_000_000,
     "Context,Utterance,Label\n" + "__eou__" * 140_000 + ",x,1\n", TABLE + '"' * 1_000_001, "9" * 1_000_000,
     TABLE + '"' + ("," * 70 + "\n") * 14_000],
)  # fmt: skip
def test_a_megabyte_of_anything_takes_no_time(tmp_path: Path, content: str) -> None:
    assert seconds("ubuntu-dialogue", tmp_path / "log", content.encode()) < 3
