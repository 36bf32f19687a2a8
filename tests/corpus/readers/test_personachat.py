"""PersonaChat and ConvAI2."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, named_reader, recognise
from chatbot.corpus.readers.personachat import PersonaChatReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.corpus.readers.damage import damaged, seconds, survives

NUMBERED = (
    "1 your persona: i keep bees.\n"
    "2 your persona: my car is green.\n"
    "3 partner's persona: i cook.\n"
    "4 hi , what do you do ?\ti keep bees . you ?\t\tno idea .|i swim .|i keep bees . you ?\n"
    "5 i cook for a school .\tthat is nice .\t\ti ski .|that is nice .\n"
    "1 your persona: i am tall.\n"
    "2 __SILENCE__\thello there !\n"
    "3 hey . how tall ?\ttwo metres .\n"
)


def read(folder: Path, text: str, tally: Tally | None = None) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    reader, _, parts = recognise(open_log(str(folder / "log")))
    assert reader == PersonaChatReader()
    return list(reader.read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_numbered_lines_hold_the_personas_the_talk_and_candidates_that_are_left_out(tmp_path: Path) -> None:
    tally = Tally()
    first, second = read(tmp_path, NUMBERED, tally)
    assert texts(first) == [
        ("persona", "i keep bees.\nmy car is green.\npartner's persona: i cook."),
        ("A", "hi , what do you do ?"), ("B", "i keep bees . you ?"),
        ("A", "i cook for a school ."), ("B", "that is nice ."),
    ]  # fmt: skip
    assert texts(second) == [
        ("persona", "i am tall."), ("B", "hello there !"), ("A", "hey . how tall ?"), ("B", "two metres ."),
    ]  # fmt: skip
    assert (first.id, second.id) == ("log:1", "log:6")
    assert tally.skipped == {"system": 1}


def test_only_the_partners_persona_may_be_told(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, "1 partner's persona: i cook.\n2 你好\t你好！你做饭吗？\n")
    assert texts(dialogue) == [("persona", "partner's persona: i cook."), ("A", "你好"), ("B", "你好！你做饭吗？")]


def test_a_persona_without_a_talk_is_counted_and_so_is_a_line_without_a_number(tmp_path: Path) -> None:
    tally = Tally()
    assert len(read(tmp_path, NUMBERED + "what\n1 your persona: i am mute.\n", tally)) == 2
    assert tally.skipped == {"malformed": 1, "empty": 1, "system": 1}


def test_the_speakers_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(NUMBERED)
    first, _ = PersonaChatReader(speakers=("Bob", "Ada")).read(open_log(str(tmp_path)), Tally())
    assert [turn.speaker for turn in first.turns] == ["persona", "Bob", "Ada", "Bob", "Ada"]


def personality(*texts: str, told: Any = ("i keep bees .",)) -> dict[str, Any]:
    answers = [
        {"candidates": ["no idea .", text], "history": list(texts[:number])} for number, text in enumerate(texts)
    ]
    return {"personality": list(told), "utterances": answers[1::2]}


def test_records_with_personalities_end_with_the_last_candidate(tmp_path: Path) -> None:
    log = {"train": [personality("hi", "hello", "bees ?", "yes .")], "valid": [personality("hey", "yo")]}
    first, second = read(tmp_path, json.dumps(log))
    assert texts(first) == [("persona", "i keep bees ."), ("A", "hi"), ("B", "hello"), ("A", "bees ?"), ("B", "yes .")]
    assert texts(second) == [("persona", "i keep bees ."), ("A", "hey"), ("B", "yo")]
    assert read(tmp_path, json.dumps(log["valid"]))[0].turns == second.turns


def test_talks_of_the_competition_have_senders_and_two_profiles(tmp_path: Path) -> None:
    talk = {
        "dialog_id": "0x1", "dialog": [
            {"id": 0, "sender": "participant2", "text": "Hi! 😉", "sender_class": "Bot"},
            {"id": 1, "sender": "participant1", "text": "Hey", "sender_class": "Human"},
            {"id": 2, "sender": "participant1", "text": "you there?", "sender_class": "Human"},
        ],
        "bot_profile": ["i run."], "user_profile": ["i sing.", "i am old."], "eval_score": 4, "profile_match": 1,
    }  # fmt: skip
    (dialogue,) = read(tmp_path, json.dumps([talk], indent=1))
    assert texts(dialogue) == [
        ("persona", "i run.\npartner's persona: i sing.\npartner's persona: i am old."),
        ("participant2", "Hi! 😉"), ("participant1", "Hey\nyou there?"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "record",
    [3, None, [], {}, {"personality": []}, personality("a", "b", told=[1]), {"personality": ["x"], "utterances": [4]},
     {"personality": ["x"], "utterances": [{"history": "hi", "candidates": ["x"]}]}, {"dialog": [{"text": "x"}]},
     {"dialog": [{"sender": "x", "text": 1}]}, {"dialog": {}, "bot_profile": "x"}],
)  # fmt: skip
def test_one_bad_record_is_counted_among_good_ones(tmp_path: Path, record: Any) -> None:
    tally = Tally()
    good = personality("a", "b")
    assert len(read(tmp_path, json.dumps({"train": [good, record, good]}), tally)) == 2
    assert tally.skipped == {"malformed": 1}


def test_a_cut_file_is_one_error_after_its_whole_records(tmp_path: Path) -> None:
    whole = json.dumps({"train": [personality("a", "b")] * 3})
    (tmp_path / "log").write_text(whole[:-40])
    found = PersonaChatReader().read(open_log(str(tmp_path)), Tally())
    assert len([next(found), next(found)]) == 2
    with pytest.raises(LogError, match="not whole JSON"):
        next(found)


def test_damage_is_survived(tmp_path: Path) -> None:
    for whole in (NUMBERED, json.dumps({"train": [personality("hi\ud800", "你好")]})):
        for content in damaged(whole.encode()):
            survives("personachat", tmp_path / "log", content)


@pytest.mark.parametrize(
    "content",
    [
        "1 your persona: x\n" + "2 " + " " * 1_000_000 + "\n", "1 your persona: x\n" + "1" * 1_000_000,
        "1 your persona: x\n2 " + "a\t" * 500_000, "1 your persona: x\n2 a\t" + "b|" * 500_000, "[" * 1_000_000,
        '{"train": [' + '{"a":' * 200_000,
    ],
)  # fmt: skip
def test_a_megabyte_of_anything_takes_no_time(tmp_path: Path, content: str) -> None:
    assert seconds("personachat", tmp_path / "log", content.encode()) < 2


def test_its_name_is_known() -> None:
    assert named_reader("personachat") == PersonaChatReader()


@pytest.mark.parametrize("silence", ["__SILENCE__", "__ SILENCE __", "<SILENCE>"])
def test_silence_is_not_said_however_it_is_spelt(tmp_path: Path, silence: str) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, f"1 your persona: i ski .\n2 {silence}\thello there !\n3 hey .\thi .\n", tally)
    assert texts(dialogue)[1:] == [("B", "hello there !"), ("A", "hey ."), ("B", "hi .")]
    assert tally.skipped == {"system": 1}
