"""The corpora that newcomers meet first."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.corpus.manifest import load_corpus
from chatbot.corpus.readers import Tally
from chatbot.dialogue import Pair
from tests.conftest import ROOT

FOLDERS = [ROOT / "corpora" / "smalltalk-en", ROOT / "corpora" / "smalltalk-zh"]
LIKE = 0.85


def letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def grams(text: str) -> set[str]:
    kept = letters(text)
    return {kept[start : start + 3] for start in range(max(1, len(kept) - 2))}


def distinct(pairs: list[Pair]) -> Iterator[Pair]:
    """Yield the exchanges that are not nearly another one's: by trigrams of letters, question and answer together."""
    known: dict[str, list[set[str]]] = defaultdict(list)
    for pair in pairs:
        mine = grams(pair.question[-1].text + pair.answer.text)
        near = known[letters(pair.answer.text)[:6]]
        if all(len(mine & other) / len(mine | other) <= LIKE for other in near):
            near.append(mine)
            yield pair


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: str(folder.name))
def pairs(request: pytest.FixtureRequest) -> list[Pair]:
    return list(load_corpus(request.param).all_pairs(Tally()))


@pytest.mark.parametrize("folder", [*FOLDERS, ROOT / "corpora" / "reverse"], ids=lambda folder: str(folder.name))
def test_nothing_is_hidden_or_left_out_of_them(folder: Path) -> None:
    tally = Tally()
    assert sum(1 for _ in load_corpus(folder).pairs(tally)) > 1000
    assert not tally.hidden
    assert not tally.skipped


def test_there_are_1500_exchanges_that_differ(pairs: list[Pair]) -> None:
    assert sum(1 for _ in distinct(pairs)) >= 1500


def test_no_exchange_is_there_twice(pairs: list[Pair]) -> None:
    counts = Counter(
        (letters(pair.question[-1].text), letters(pair.answer.text)) for pair in pairs if len(pair.question) == 1
    )
    assert [exchange for exchange, count in counts.items() if count > 1 and any(exchange)] == []


def test_no_answer_is_worn_out(pairs: list[Pair]) -> None:
    assert max(Counter(pair.answer.text for pair in pairs).values()) <= 5


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.name))
def test_there_are_40_topics_of_whole_multi_turn_dialogues(folder: Path) -> None:
    files = sorted(folder.glob("*.txt"))
    assert len(files) >= 40
    for file in files:
        blocks = [block.splitlines() for block in file.read_text(encoding="utf-8").strip().split("\n\n")]
        assert all(len(block) % 2 == 0 for block in blocks), f"{file.name}: the bot has the last word"
        assert sum(len(block) > 2 for block in blocks) >= 5, f"{file.name}: some dialogues go on"
        assert all(line == line.strip() and line for block in blocks for line in block), file.name
