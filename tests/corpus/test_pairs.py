"""Pairing, filters and the split."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.filters import FilterSettings, filter_pairs
from chatbot.corpus.marks import exchange_mark
from chatbot.corpus.pairs import PairingSettings, make_pairs
from chatbot.corpus.readers import Tally
from chatbot.corpus.split import split_pairs
from chatbot.dialogue import Dialogue, Pair, Turn


def dialogue(*turns: str, name: str = "d") -> Dialogue:
    """Return a dialogue of turns written as "speaker: text"."""
    parts = [turn.split(": ", 1) for turn in turns]
    return Dialogue(name, tuple(Turn(speaker, text) for speaker, text in parts))


def shown(pair: Pair) -> tuple[list[str], str]:
    return [turn.text for turn in pair.question], pair.answer.text


def test_each_turn_answers_the_one_before_with_context() -> None:
    pairs = make_pairs(dialogue("A: 1", "B: 2", "A: 3", "B: 4"), PairingSettings(context_turns=2))
    assert [shown(pair) for pair in pairs] == [(["1"], "2"), (["1", "2"], "3"), (["2", "3"], "4")]


def test_only_the_chosen_speakers_are_learnt_from() -> None:
    pairs = make_pairs(dialogue("A: 1", "B: 2", "C: 3", "B: 4"), PairingSettings(answers_by=("B",)))
    assert [shown(pair) for pair in pairs] == [(["1"], "2"), (["1", "2", "3"], "4")]


def test_a_linked_reply_starts_from_the_turn_that_it_answers() -> None:
    turns = (
        Turn("A", "1", id="1"),
        Turn("B", "2", id="2"),
        Turn("C", "3", id="3"),
        Turn("D", "to 1", id="4", reply_to="1"),
    )
    assert shown(list(make_pairs(Dialogue("d", turns), PairingSettings()))[-1]) == (["1"], "to 1")


def test_a_link_out_of_the_dialogue_makes_no_pair() -> None:
    turns = (Turn("A", "1", id="1"), Turn("B", "to an older one", id="2", reply_to="0"))
    assert list(make_pairs(Dialogue("d", turns), PairingSettings())) == []


def test_nobody_answers_themselves() -> None:
    assert [shown(pair) for pair in make_pairs(dialogue("A: 1", "A: 2", "B: 3"), PairingSettings())] == [
        (["1", "2"], "3")
    ]


def pair(question: str, answer: str, name: str = "d") -> Pair:
    return Pair((Turn("A", question),), Turn("B", answer), name)


def test_what_is_left_out_is_counted_by_reason() -> None:
    tally = Tally()
    pairs = [
        pair("hi", "hello"),
        pair("hi ", "Hello"),
        pair("\x07", "bell"),
        pair("long" * 9, "x"),
        pair("x", "long" * 9),
    ]
    kept = list(filter_pairs(pairs, FilterSettings(longest_question=9, longest_answer=9), tally))
    assert [shown(one) for one in kept] == [(["hi"], "hello")]
    assert tally.skipped == {"repeated pair": 1, "empty after cleaning": 1, "long question": 1, "long answer": 1}


def test_one_answer_may_occur_only_so_often() -> None:
    tally = Tally()
    kept = list(filter_pairs([pair(str(n), "I don't know") for n in range(9)], FilterSettings(same_answer=3), tally))
    assert len(kept) == 3
    assert tally.skipped == {"frequent answer": 6}


def test_answers_that_differ_in_case_and_punctuation_only_are_one() -> None:
    tally = Tally()
    answers = ["OK!", "ok", "Ok...", "o.k.", "好的！", "好的", "好的。", "😀", "😀", "😂"]
    kept = list(
        filter_pairs([pair(str(n), one) for n, one in enumerate(answers)], FilterSettings(same_answer=2), tally)
    )
    assert [one.answer.text for one in kept] == ["OK!", "ok", "好的！", "好的", "😀", "😀", "😂"]


def test_what_goes_with_everything_is_left_out() -> None:
    tally, settings = Tally(), FilterSettings(entropy=3.0, same_answer=1000)
    answers = [pair(f"question {n}", "I see") for n in range(40)]
    questions = [pair("and then?", f"answer {n}") for n in range(40)]
    faithful = [Pair((Turn("B", str(n)), Turn("A", "who are you?")), Turn("B", "Robin"), "d") for n in range(40)]
    kept = Counter(one.answer.text for one in filter_pairs([*answers, *questions, *faithful], settings, tally))
    assert (kept["I see"], kept["Robin"], kept.total()) == (8, 40, 8 + 8 + 40)
    assert tally.skipped == {"goes with everything": 64}
    assert len(list(filter_pairs(answers, FilterSettings(entropy=0, same_answer=1000), Tally()))) == 40


@pytest.mark.parametrize(
    ("main", "rare"),
    [("well, that is how it goes", "купите наши часы недорого"), ("事情就是这样的，对吧", "buy our watches now")],
)
def test_a_script_that_the_log_hardly_has_is_off_topic(main: str, rare: str) -> None:
    pairs = [pair(f"q {n}", f"{main} {n}") for n in range(500)]
    tally = Tally()
    kept = list(filter_pairs([*pairs, pair("q", rare), pair("q", "OK!")], FilterSettings(), tally))
    assert (len(kept), tally.skipped) == (501, {"off-topic script": 1})
    mixed = [one for n in range(250) for one in (pairs[n], pair(f"r {n}", f"{rare} {n}"))]
    assert len(list(filter_pairs(mixed, FilterSettings(), Tally()))) == 500


EXCHANGES = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("xyz"), st.integers(0, 30)), max_size=200)


@given(EXCHANGES, st.integers(0, 5))
def test_no_dialogue_and_no_exchange_is_on_both_sides(exchanges: list[tuple[str, str, int]], seed: int) -> None:
    pairs = [pair(question, answer, f"d{number}") for question, answer, number in exchanges]
    training, held_out = split_pairs(pairs, 0.3, 1000, seed)
    assert not {one.dialogue for one in training} & {one.dialogue for one in held_out}
    assert not {exchange_mark(one) for one in training} & {exchange_mark(one) for one in held_out}


def test_a_log_of_one_dialogue_trains() -> None:
    pairs = [pair(str(n), str(n), "only") for n in range(9)]
    assert all(split_pairs(pairs, 0.5, 1000, seed) == (pairs, []) for seed in range(20))


def test_the_split_stays_when_dialogues_come() -> None:
    pairs = [pair(str(n), str(n), f"d{n}") for n in range(1000)]
    held_out = {one.dialogue for one in split_pairs(pairs[:500], 0.1, 1000, 1)[1]}
    assert 20 < len(held_out) < 90
    assert {one.dialogue for one in split_pairs(pairs, 0.1, 1000, 1)[1]} >= held_out
