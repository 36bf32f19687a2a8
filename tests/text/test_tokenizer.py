"""Tokenizers: every text becomes ids without an unknown one, and comes back."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer as Backend
from tokenizers import models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from chatbot.errors import CheckpointError
from chatbot.text.context import OTHER, PAUSE, SELF, Segment, TextSettings, Unit
from chatbot.text.tokenizer import Tokenizer

TEXTS = ["hello there, how are you?", "hello, what is your name?", "你好，最近怎么样？", "你好，你叫什么名字？"] * 3
TOKENIZER = Tokenizer.train(TEXTS, 500)
UNITS: dict[Unit, Tokenizer] = {unit: Tokenizer.train(TEXTS, 500, unit) for unit in get_args(Unit)}
each_unit = pytest.mark.parametrize("unit", UNITS)


@each_unit
@given(st.text())
def test_any_text_comes_back(unit: Unit, text: str) -> None:
    assert UNITS[unit].decode(UNITS[unit].encode(text)) == text


@each_unit
@pytest.mark.parametrize(
    "text",
    [
        " leading", "你好", " 你好", "a你", "👨\u200d👩\u200d👧", "<end>", "<self> is me", "\ufffd", "",
        "a\r\n\n b\t", "hellohello " * 300, "x" * 5000, "\u2028\x85\x00",
    ],
)  # fmt: skip
def test_hard_texts_come_back(unit: Unit, text: str) -> None:
    assert UNITS[unit].decode(UNITS[unit].encode(text)) == text


@each_unit
def test_every_unit_is_saved_and_knows_no_typed_specials(unit: Unit, tmp_path: Path) -> None:
    UNITS[unit].save(tmp_path)
    loaded = Tokenizer.load(tmp_path)
    text = "hello, <end> 你们 unheard-of"
    assert loaded.encode(text) == UNITS[unit].encode(text)
    assert loaded.end not in loaded.encode(text)


def pieces(unit: Unit, text: str) -> list[str]:
    return [UNITS[unit].decode([token]) for token in UNITS[unit].encode(text)]


def test_words_are_whole_and_chinese_is_characters() -> None:
    assert pieces("word", "hello how are you?") == ["hello", "how", "are", "you", "?"]
    assert pieces("word", "你叫什么？") == list("你叫什么？")


def test_characters_are_single() -> None:
    assert pieces("character", "hello 你好") == ["", *"hello", "", *"你好"]


def test_an_unknown_word_begins_with_a_known_one_or_is_spelt() -> None:
    assert pieces("word", "hellos")[0] == "hello"
    assert len(pieces("word", "zzz")) == 4


def test_typed_specials_are_ordinary_text() -> None:
    assert TOKENIZER.end not in TOKENIZER.encode("<end>")


def test_a_word_has_the_same_ids_at_the_beginning_and_inside() -> None:
    first, inside = TOKENIZER.encode("hello"), TOKENIZER.encode("you hello")
    assert inside[-len(first) :] == first


def test_digits_are_spelt() -> None:
    tokenizer = Tokenizer.train(["1234 1234 1234"], 400)
    assert len(tokenizer.encode("x1234")) - len(tokenizer.encode("x")) == 4


def test_batches_are_encoded_as_single_texts(tmp_path: Path) -> None:
    assert TOKENIZER.encode_batch(TEXTS) == [TOKENIZER.encode(text) for text in TEXTS]


def test_what_was_saved_is_what_is_loaded(tmp_path: Path) -> None:
    TOKENIZER.save(tmp_path)
    loaded = Tokenizer.load(tmp_path)
    assert (tmp_path / "tokenizer.json").exists()
    assert [loaded.encode(text) for text in [*TEXTS, "<end>"]] == [TOKENIZER.encode(text) for text in [*TEXTS, "<end>"]]
    assert (loaded.pad, loaded.begin, loaded.end) == (TOKENIZER.pad, TOKENIZER.begin, TOKENIZER.end)


def test_an_existing_byte_level_tokenizer_gets_the_special_tokens(tmp_path: Path) -> None:
    backend = Backend(
        models.BPE(vocab={c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}, merges=[])
    )
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    PreTrainedTokenizerFast(tokenizer_object=backend).save_pretrained(str(tmp_path))
    loaded = Tokenizer.load(tmp_path)
    assert len(loaded) == 256 + 5
    assert len({loaded.pad, loaded.begin, loaded.end, *loaded.tags.values()}) == 5


def test_a_tokenizer_with_unknown_tokens_is_refused(tmp_path: Path) -> None:
    backend = Backend(models.WordLevel({"[UNK]": 0, "hello": 1}, unk_token="[UNK]"))
    PreTrainedTokenizerFast(tokenizer_object=backend).save_pretrained(str(tmp_path))
    with pytest.raises(CheckpointError, match="cannot spell every text"):
        Tokenizer.load(tmp_path)


def test_a_missing_tokenizer_is_an_error_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nowhere"):
        Tokenizer.load(tmp_path / "nowhere")


def test_a_context_is_tags_and_texts_and_its_oldest_turns_go_first() -> None:
    segments = (Segment((OTHER,), "hello there"), Segment((SELF,), "hello"), Segment((OTHER,), "you"))
    whole = TOKENIZER.encode_context(segments, 100)
    last = [TOKENIZER.tags[OTHER], *TOKENIZER.encode("you")]
    assert whole[0] == TOKENIZER.tags[OTHER]
    assert whole[-len(last) :] == last
    assert TOKENIZER.encode_context(segments, len(whole) - 1) == [
        TOKENIZER.tags[SELF], *TOKENIZER.encode("hello"), *last,
    ]  # fmt: skip


def test_many_contexts_are_encoded_as_single_ones() -> None:
    turns = (
        Segment((OTHER,), "hello there"),
        Segment((SELF,), "hello"),
        Segment((OTHER,), "你好"),
        Segment((SELF,), "hello"),
    )
    contexts = [turns[start:end] for start in range(4) for end in range(start + 1, 5)]
    for most in (4, 100):
        singly = [TOKENIZER.encode_context(context, most) for context in contexts]
        assert TOKENIZER.encode_contexts(contexts, most) == singly


@pytest.mark.parametrize("tags", [(OTHER,), (SELF, OTHER)])
def test_of_a_question_that_is_too_long_the_end_stays_and_all_its_tags(tags: tuple[str, ...]) -> None:
    ids = TOKENIZER.encode("a b c d e f")
    kept = ids[-(5 - len(tags)) :]
    assert TOKENIZER.encode_context((Segment(tags, "a b c d e f"),), 5) == [
        *(TOKENIZER.tags[tag] for tag in tags),
        *kept,
    ]


@each_unit
def test_a_tokenizer_has_the_tags_that_the_settings_need_and_no_others(unit: Unit, tmp_path: Path) -> None:
    tags = TextSettings(speakers=("Ada", "小明"), pause_minutes=5).tags
    tokenizer = Tokenizer.train(TEXTS, 500, unit, tags)
    tokenizer.save(tmp_path)
    loaded = Tokenizer.load(tmp_path, tags)
    assert list(loaded.tags) == [SELF, OTHER, PAUSE, "<speaker1>", "<speaker2>"]
    assert (loaded.tags, len(loaded)) == (tokenizer.tags, len(tokenizer))
    assert not {*tokenizer.tags.values()} & {*tokenizer.encode(" ".join(tags))}
    assert "Ada" not in (tmp_path / "tokenizer.json").read_text(encoding="utf-8")
    UNITS[unit].save(tmp_path)
    assert len(Tokenizer.load(tmp_path)) == len(UNITS[unit])
