"""Pairs in a file are the pairs that were written."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus import pair_file, ragged
from chatbot.corpus.marks import exchange_mark, marks_of
from chatbot.corpus.pair_file import PairFile, choose, exchanges, spread, together
from chatbot.corpus.pairs import PairingSettings, make_pairs
from chatbot.corpus.split import split_pairs
from chatbot.dialogue import Dialogue, Pair, Turn

START = datetime(2024, 5, 1, 10, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=[]), max_size=20)
times = st.none() | st.datetimes(timezones=st.none() | st.just(UTC))
turns = st.builds(Turn, texts, texts, times, st.none() | texts, st.none() | texts)
pairs = st.builds(Pair, st.lists(turns, min_size=1, max_size=3).map(tuple), turns, texts)


def talk(count: int, name: str = "d") -> list[Pair]:
    said = [Turn("AB"[n % 2], f"turn {n} 你好", START + timedelta(minutes=n)) for n in range(count)]
    return list(make_pairs(Dialogue(name, tuple(said)), PairingSettings()))


@given(st.lists(pairs, max_size=12), st.integers(1, 5))
def test_pairs_come_back_unchanged(some: list[Pair], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_file, "_BLOCK", block)
        patch.setattr(ragged, "_IN_MEMORY", 100)
        written = PairFile.of(iter(some))
    assert list(written) == some
    assert len(written) == len(some)
    assert written.marks.tolist() == marks_of(some).tolist()
    assert exchanges(written).tolist() == [exchange_mark(pair) for pair in some] == exchanges(some).tolist()


def test_places_and_slices_are_those_of_a_list() -> None:
    some = talk(30)
    written = PairFile.of(some)
    assert written[-1] == some[-1]
    assert list(written[::7]) == some[::7]
    assert list(written[5:20][::-2]) == some[5:20][::-2]
    assert list(choose(written, np.array([3, 3, 1]))) == list(choose(some, np.array([3, 3, 1])))
    with pytest.raises(IndexError):
        written[len(some)]


def test_a_turn_of_many_contexts_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pair_file.pack(talk(1000))
    assert len(packed.record_lengths) == 1001, "the turns and the dialogue's name"
    assert packed.records.count(b"turn 500 ") == 1


def test_pairs_are_spread_evenly() -> None:
    some = talk(21)
    assert [list(spread(some, most)) for most in (0, 3, 99)] == [[], [some[0], some[6], some[13]], some]
    assert list(spread(PairFile.of(some), 3)) == list(spread(some, 3))


def test_nothing_said_lies_in_a_file_with_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ragged, "_IN_MEMORY", 0)
    monkeypatch.setattr(ragged, "large_folder", lambda: str(tmp_path))
    written = PairFile.of(talk(100))
    assert list(tmp_path.iterdir()) == []
    assert written[50].answer.text == "turn 51 你好"


@given(st.lists(pairs, max_size=9), st.lists(pairs, max_size=9), st.integers(1, 5))
def test_files_are_put_together_as_lists_are(one: list[Pair], other: list[Pair], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pair_file, "_BLOCK", block)
        some = PairFile.of(one)[::-1]
        both = together([some, [], other])
        assert list(both) == [*some, *other]
        assert exchanges(both).tolist() == exchanges(list(both)).tolist()


def test_a_split_of_a_file_is_that_of_a_list() -> None:
    some = [pair for number in range(60) for pair in talk(9, f"dialogue {number}")]
    expected = split_pairs(some, 0.2, 1000, 7)
    assert [list(part) for part in split_pairs(PairFile.of(some), 0.2, 1000, 7)] == [list(part) for part in expected]
