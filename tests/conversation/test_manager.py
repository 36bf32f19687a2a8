"""Talking: context, undo, retry, and what is kept."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import text

from chatbot.conversation.manager import Partner, Talk, start_talk
from chatbot.conversation.store import Store, insert_turn, now
from chatbot.dialogue import Turn
from chatbot.errors import StoreError
from chatbot.explanation import Explanation
from tests.conftest import FORKS


class Echo:
    """Answers with what it saw and with which seed."""

    settings = "greedy"

    def set(self, key: str, value: str) -> None:
        self.settings = f"{key}={value}"

    def explain(self, context: Sequence[Turn], answerer: str, seed: int) -> Explanation:
        return Explanation("", (*(turn.text for turn in context), answerer, str(seed)), ())

    def stream(self, context: Sequence[Turn], answerer: str, seed: int = 0) -> Iterator[str]:
        yield " / ".join(turn.text for turn in context)
        yield f" #{seed}"


ECHO = Partner("Echo", "0001", 3)


def talk(store: Store, go_on: bool = False, key: str = "ada") -> Talk:
    return start_talk(store, Echo(), ECHO, "test", key, go_on)


def said(talk: Talk) -> list[str]:
    return [turn.text for turn in talk.history()]


def test_a_reply_sees_the_last_turns_and_both_are_kept(store: Store) -> None:
    one = talk(store)
    assert "".join(one.say("a", seed=1)) == "a #1"
    assert "".join(one.say(" b\x07 ", seed=2)) == "a / a #1 / b #2"
    assert said(one) == ["a", "a #1", "b", "a / a #1 / b #2"]


def test_the_last_reply_is_explained_with_its_own_context_and_seed(store: Store) -> None:
    one = talk(store)
    assert one.why() is None
    list(one.say("a", seed=1))
    list(one.say("b", seed=2))
    found = one.why()
    assert found is not None
    assert found.source == ("a", "a #1", "b", "Echo", "2")


def test_another_conversation_knows_nothing_of_the_first(store: Store) -> None:
    one = talk(store)
    list(one.say("a"))
    one.new()
    assert "".join(one.say("b", seed=1)) == "b #1"


def test_people_do_not_share_their_conversations(store: Store) -> None:
    list(talk(store).say("a"))
    assert said(talk(store, go_on=True, key="bob")) == []


def test_the_last_conversation_goes_on(store: Store) -> None:
    list(talk(store).say("a", seed=1))
    assert said(talk(store, go_on=True)) == ["a", "a #1"]
    assert said(talk(store)) == []


def test_undo_takes_the_last_exchange_back(store: Store) -> None:
    one = talk(store)
    list(one.say("a", seed=1))
    list(one.say("b", seed=2))
    assert [turn.text for turn in one.undo()] == ["a / a #1 / b #2", "b"]
    assert said(one) == ["a", "a #1"]
    one.undo()
    assert one.undo() == []


def test_retry_answers_the_same_message_with_another_seed(store: Store) -> None:
    one = talk(store)
    list(one.say("a", seed=1))
    assert "".join(one.retry(seed=2)) == "a #2"
    assert said(one) == ["a", "a #2"]
    one.undo()
    assert list(one.retry()) == []


def test_retry_looks_for_a_reply_that_is_another_one(store: Store) -> None:
    class Coin(Echo):
        """Mostly says the same."""

        def stream(self, context: Sequence[Turn], answerer: str, seed: int = 0) -> Iterator[str]:
            yield "tails" if seed % 3 == 0 else "heads"

    changed = 0
    for key in range(20):
        one = start_talk(store, Coin(), ECHO, "test", str(key))
        list(one.say("a", seed=1))
        changed += "".join(one.retry()) == "tails"
    assert changed > 10


def test_seeds_differ_by_themselves(store: Store) -> None:
    one = talk(store)
    assert len({"".join(one.retry()) if one.history() else "".join(one.say("a")) for _ in range(5)}) == 5


def test_an_interrupted_retry_leaves_the_reply_that_was_there(store: Store) -> None:
    class Slow(Echo):
        """Is interrupted before its first word, from the second reply on."""

        replies = 0

        def stream(self, context: Sequence[Turn], answerer: str, seed: int = 0) -> Iterator[str]:
            self.replies += 1
            if self.replies > 1:
                raise KeyboardInterrupt
            yield "first"

    one = start_talk(store, Slow(), ECHO, "test", "ada")
    list(one.say("a"))
    with pytest.raises(KeyboardInterrupt):
        list(one.retry())
    assert said(one) == ["a", "first"]


def test_what_goes_on_is_the_last_conversation_in_which_something_was_said(store: Store) -> None:
    list(talk(store).say("a", seed=1))
    talk(store)
    assert said(talk(store, go_on=True)) == ["a", "a #1"]


def test_an_interrupted_reply_keeps_what_was_said(store: Store) -> None:
    one = talk(store)
    pieces = one.say("a")
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    assert said(one) == ["a", "a"]


def test_a_long_silence_starts_a_fresh_context_and_loses_nothing(store: Store) -> None:
    one = talk(store)
    early = now() - timedelta(hours=13)
    with store.writing() as connection:
        for text in ("good", "morning"):
            insert_turn(connection, one.number, Turn("you", text, early))
    assert "".join(one.say("back again", seed=1)) == "back again #1"
    assert "".join(one.retry(seed=2)) == "back again #2"
    assert said(one)[:2] == ["good", "morning"]


def test_an_edited_message_takes_the_place_of_the_last_one(store: Store) -> None:
    one = talk(store)
    list(one.say("a", seed=1))
    list(one.say("typo", seed=2))
    list(one.edit("b"))
    assert said(one)[2] == "b"
    assert len(said(one)) == 4


def test_a_seed_makes_a_talk_repeatable(store: Store) -> None:
    first, second = (start_talk(store, Echo(), ECHO, "test", "ada", seed=7) for _ in range(2))
    assert [list(first.say(one)) for one in "ab"] == [list(second.say(one)) for one in "ab"]
    assert list(talk(store).say("a")) != list(talk(store).say("a"))


def test_one_can_go_back_to_ones_own_conversations_only(store: Store) -> None:
    first = talk(store)
    list(first.say("a", seed=1))
    list(talk(store).say("b"))
    assert said(start_talk(store, Echo(), ECHO, "test", "ada", number=first.number)) == ["a", "a #1"]
    with pytest.raises(StoreError, match="you have no conversation"):
        start_talk(store, Echo(), ECHO, "test", "bob", number=first.number)


def test_replies_are_noted_with_how_they_were_chosen(store: Store) -> None:
    one = talk(store)
    list(one.say("a"))
    one.answerer.set("temperature", "0.5")
    list(one.say("b"))
    with store.reading() as connection:
        noted = (
            connection.execute(text("SELECT search FROM turns WHERE search IS NOT NULL ORDER BY id")).scalars().all()
        )
    assert noted == ["greedy", "temperature=0.5"]


def test_ratings_and_searches_are_of_ones_own_words(store: Store) -> None:
    one = talk(store)
    assert not one.rate(1)
    list(one.say("今天天气好"))
    assert one.rate(-1)
    assert [found.turn.text for found in one.search("天气")][-1] == "今天天气好"
    assert talk(store, key="bob").search("天气") == []


def test_many_talk_at_once_and_nobody_hears_the_others(store: Store) -> None:
    def chat(key: str) -> tuple[str, list[str]]:
        one = talk(store, key=key)
        for count in range(8):
            seen = "".join(one.say(f"{key} {count}", seed=count)).split(" #")[0]
            assert all(key in part for part in seen.split(" / "))
        return key, said(one)

    with ThreadPoolExecutor(12) as pool:
        for key, turns in pool.map(chat, (f"person{number}" for number in range(36))):
            assert turns[::2] == [f"{key} {count}" for count in range(8)]


def talk_forever(path: Path, tell: Connection) -> None:
    store = Store(path)
    one = start_talk(store, Echo(), ECHO, "test", "ada", go_on=True)
    for count in range(len(one.history()), 100_000):
        list(one.say(f"message {count}", seed=count))
        tell.send(count)


def test_a_kill_costs_no_turn_that_was_told_and_the_talk_goes_on(tmp_path: Path) -> None:
    path, told = tmp_path / "talk.db", 0
    for attempt in range(6):
        hear, tell = FORKS.Pipe(duplex=False)
        process = FORKS.Process(target=talk_forever, args=(path, tell))
        process.start()
        tell.close()
        told += sum(hear.poll(60) and hear.recv() >= 0 for _ in range(3 + 4 * attempt))
        process.kill()
        process.join()
        while hear.poll():
            try:
                hear.recv()
            except EOFError:
                break
            told += 1
        store = Store(path)
        kept = start_talk(store, Echo(), ECHO, "test", "ada", go_on=True).history()
        store.close()
        answered = [pair for pair in pairwise(kept) if pair[1].speaker == "Echo"]
        assert len(answered) >= told
        assert all(asked.text in reply.text for asked, reply in answered)
        assert {turn.speaker for turn in kept} == {"you", "Echo"}
