"""The parts of the Telegram bot that need no Telegram."""

import asyncio
import io
import json
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.adapters.telegram.arrivals import Arrival, Me, read_update
from chatbot.adapters.telegram.desk import Desk, Said
from chatbot.adapters.telegram.limits import Buckets
from chatbot.adapters.telegram.logs import JsonFormatter, Redactor
from chatbot.adapters.telegram.pieces import split_text, units
from chatbot.adapters.telegram.settings import TelegramSettings
from chatbot.adapters.telegram.texts import COMMANDS, TEXTS, Texts
from chatbot.conversation.manager import Partner, Serving
from chatbot.dialogue import Turn
from chatbot.explanation import Explanation
from tests.adapters.telegram.bot_api import TOKEN

ME = Me(1, "robin_bot")
FIELDS = ("chat", "from", "id", "type", "text", "entities", "offset", "length", "photo", "message_id")


@given(st.text(st.sampled_from("ab 好。\n😀🏽\u200d, ."), max_size=300), st.integers(8, 40))
def test_pieces_fit_and_lose_nothing_but_blanks(text: str, longest: int) -> None:
    pieces = split_text(text, longest)
    assert all(0 < units(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_pieces_are_cut_where_people_would_cut() -> None:
    assert split_text("One two three. Four five six seven.", 20) == ["One two three.", "Four five six seven."]
    assert split_text("第一句话说完了。第二句也说完了。", 10) == ["第一句话说完了。", "第二句也说完了。"]
    assert split_text("first line\n\nsecond part of it", 20) == ["first line", "second part of it"]
    assert split_text("😀" * 5, 4) == ["😀😀", "😀😀", "😀"]
    assert split_text("  \n ") == []


def test_a_bucket_lets_a_burst_through_and_then_one_now_and_then() -> None:
    now = 0.0
    buckets = Buckets(2.0, 3, lambda: now)
    assert [buckets.take("ada") for _ in range(5)] == [0, 0, 0, 2, 4]
    assert buckets.take("bob") == 0
    now = 100.0
    assert buckets.take("ada") == 0


def test_a_message_every_two_seconds_never_waits() -> None:
    limits, now = TelegramSettings().limits, 0.0
    buckets = Buckets(limits.seconds_per_message, limits.burst, lambda: now)
    for _ in range(1000):
        assert buckets.take("ada") == 0
        now += 2.0


def test_the_log_has_places_but_neither_words_nor_secrets() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter(Redactor(TOKEN, "hush")))
    log = logging.getLogger("test-of-logs")
    log.addHandler(handler)
    try:
        int("my words")
    except ValueError:
        log.exception("failed", extra={"facts": {"url": f"/bot{TOKEN}/x", "quoted": TOKEN.replace(":", "%3A")}})
    log.error("hush 987654321:BBtestTESTtestTESTtestTESTtestTESTte")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["error"], first["event"]) == ("ValueError", "failed")
    assert "test_parts.py" in first["where"][0]
    assert (first["url"], first["quoted"]) == ("/bot<redacted>/x", "<redacted>")
    assert second["event"] == "<redacted> <redacted>"
    assert "my words" not in stream.getvalue()


def test_both_languages_have_all_texts_and_what_stands_in_braces() -> None:
    def braces(text: str) -> list[str]:
        return sorted(part.partition("}")[0] for part in text.split("{")[1:])

    assert TEXTS["en"].keys() == TEXTS["zh"].keys()
    assert COMMANDS["en"].keys() == COMMANDS["zh"].keys()
    for key, text in TEXTS["en"].items():
        assert braces(text) == braces(TEXTS["zh"][key])
    texts = Texts("en", {"zh": {"new": "{0} 重来"}})
    assert (texts.language("zh-hans"), texts.language("de"), texts.language(None)) == ("zh", "en", "en")
    assert texts.say("new", "zh") == "{0} 重来"
    assert texts.say("version", "en", version="0001", name="{version}") == "Version 0001 of {version}."


def message(
    text: str, chat: str = "supergroup", entities: Sequence[tuple[str, int, int]] = (), **more: object
) -> dict[str, Any]:
    marks = [{"type": kind, "offset": offset, "length": length, "user": {"id": 1}} for kind, offset, length in entities]
    said = {
        "message_id": 5, "date": 0, "chat": {"id": -9, "type": chat}, "text": text, "entities": marks,
        "from": {"id": 3, "is_bot": False, "first_name": "Ada", "language_code": "zh-hans"}, **more,
    }  # fmt: skip
    return {"update_id": 1, "message": said}


@pytest.mark.parametrize(
    ("update", "kind", "text"),
    [
        (message("hello", "private"), "text", "hello"),
        (message("hello"), None, ""),
        (message("😀 @Robin_Bot 你好", entities=[("mention", 3, 10)]), "text", "😀   你好"),
        (message("@robin_bots hello", entities=[("mention", 0, 11)]), None, ""),
        (message("/new now", entities=[("bot_command", 0, 4)]), "command", "now"),
        (message("/new@robin_bot", entities=[("bot_command", 0, 14)]), "command", ""),
        (message("say /new", "private", entities=[("bot_command", 4, 4)]), "text", "say /new"),
        (message("", new_chat_title="x"), None, ""),
        (message("", migrate_to_chat_id=-77), "moved", "-77"),
        (message("", "private", sticker={"file_id": "s"}), "sticker", ""),
        (message("", "private", voice={"file_id": "v"}), "voice", ""),
        (message("", "private", poll={"id": "p"}), "other", ""),
        (message("", "private", photo=[{"file_id": "small"}, {"file_id": "large"}]), "photo", "large"),
        (message("hello", reply_to_message={"from": {"id": 1}}), "text", "hello"),
        (message("hello", reply_to_message={"from": {"id": 2}}), None, ""),
        (message("Robin, hi", entities=[("text_mention", 0, 5)]), "text", ", hi"),
    ],
)  # fmt: skip
def test_only_what_is_meant_for_the_bot_is_read(update: dict[str, Any], kind: str | None, text: str) -> None:
    found = read_update(update, ME)
    assert (found and found[1].kind) == kind
    if found:
        assert (found[0], found[1].text) == ("-9", text)
        assert Arrival.load(found[1].dump()) == found[1]


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
))  # fmt: skip
def test_what_is_no_update_is_refused_by_an_error_and_no_other_way(thing: Any) -> None:
    with suppress(LookupError, TypeError, ValueError, AttributeError):
        read_update({"update_id": 1, "message": thing}, ME)


def test_a_command_for_another_bot_has_no_name() -> None:
    found = read_update(message("/new@other_bot", entities=[("bot_command", 0, 14)]), ME)
    assert found is not None
    assert (found[1].kind, found[1].name) == ("command", "")


class Slow:
    """Answers a word every now and then, or all at once."""

    settings = "{}"

    def __init__(self) -> None:
        self.batches: list[int] = []

    def set(self, key: str, value: str) -> None:
        raise NotImplementedError

    def explain(self, context: Sequence[Turn], answerer: str, seed: int) -> Explanation:
        raise NotImplementedError

    def stream(self, context: Sequence[Turn], answerer: str, seed: int = 0) -> Iterator[str]:
        if context[-1].text == "break":
            raise ValueError
        for word in context[-1].text.split():
            time.sleep(0.05)
            yield f"{word} "

    def answers(
        self, contexts: Sequence[Sequence[Turn]], answerer: str, seeds: Sequence[int], seconds: float
    ) -> list[str]:
        self.batches.append(len(contexts))
        return [context[-1].text for context in contexts]


def test_the_desk_answers_together_what_waits_together_and_ends_what_takes_too_long() -> None:
    slow = Slow()
    desk = Desk(Serving("0001", slow, Partner("Robin", "0001", 2)), 0.3)
    heard: list[str] = []

    async def ask(text: str) -> Said:
        return await desk.ask([Turn("you", text)], 1, heard.append)

    async def all_at_once() -> list[Said]:
        first = asyncio.create_task(ask("a b"))
        await asyncio.sleep(0.02)
        return list(await asyncio.gather(first, *(ask(str(number)) for number in range(5))))

    said = asyncio.run(all_at_once())
    assert [one.text.strip() for one in said] == ["a b", "0", "1", "2", "3", "4"]
    assert (slow.batches, heard) == ([5], ["a ", "a b "])
    assert len(asyncio.run(ask("word " * 100)).text.split()) < 12
    with pytest.raises(ValueError):  # noqa: PT011 - the answerer's own
        asyncio.run(ask("break"))
    assert asyncio.run(ask("well")).version == "0001"
