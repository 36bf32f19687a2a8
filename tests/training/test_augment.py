"""Pairs as they might also have come."""

from collections import Counter

from chatbot.dialogue import Pair, Turn
from chatbot.training.augment import among_strangers

PAIRS = [
    Pair((Turn("Ada", "嗯", id="1"), Turn("小明", "hm"), Turn("Bob", "ok?")), Turn("小明", f"{n}"), "d")
    for n in range(1000)
]


def test_half_of_the_pairs_are_asked_by_strangers_and_a_tenth_answered_by_anyone() -> None:
    found = among_strangers(PAIRS, seed=1)
    kinds = Counter(
        (pair.question[0].speaker == "Ada", pair.question[1].speaker == "小明", pair.answer.speaker == "小明")
        for pair in found
    )
    assert set(kinds) == {(True, True, True), (False, True, True), (False, False, False)}
    assert 430 < kinds[True, True, True] < 570
    assert 60 < kinds[False, False, False] < 140


def test_nothing_but_names_changes_and_who_is_one_person_stays_one() -> None:
    for before, after in zip(PAIRS, among_strangers(PAIRS, seed=1), strict=True):
        assert [turn.text for turn in after.question] == [turn.text for turn in before.question]
        assert (after.question[0].id, after.answer.text, after.dialogue) == ("1", before.answer.text, "d")
        assert after.question[1].speaker == after.answer.speaker != after.question[2].speaker
    first, again, other = (list(among_strangers(PAIRS, seed)) for seed in (1, 1, 2))
    assert first == again != other
