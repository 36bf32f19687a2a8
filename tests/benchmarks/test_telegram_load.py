"""The Telegram bot under load, and killed again and again; printed. ``LOAD_SECONDS`` sets how long (300)."""

import os
import random
import signal
import statistics
import time
from collections import defaultdict

import psutil

from tests.adapters.telegram.bot_api import BotApi
from tests.adapters.telegram.conftest import Serve, api, serve  # noqa: F401 - fixtures

CHATS, EVERY, KILLS, MESSAGES = 200, 2.0, 40, 240
SAID = ("hello", "what is your name?", "good night", "tell me a joke", "你好", "谢谢")


def test_two_hundred_chats(serve: Serve, api: BotApi) -> None:  # noqa: F811
    served = serve()
    api.answer_to(1, "hello")
    process = psutil.Process(served.process.pid)  # type: ignore[union-attr]
    seconds = float(os.environ.get("LOAD_SECONDS", "300"))
    asked: dict[int, list[float]] = defaultdict(list)
    memory = [process.memory_info().rss / 2**20]
    begun, rounds = time.monotonic(), int(seconds / EVERY)
    for number in range(rounds * CHATS):
        due = begun + number * EVERY / CHATS
        time.sleep(max(0.0, due - time.monotonic()))
        chat = 1000 + number % CHATS
        asked[chat].append(time.monotonic())
        api.say(chat, random.choice(SAID))
        if number % (10 * CHATS) == 0:
            memory.append(process.memory_info().rss / 2**20)
    time.sleep(10)
    memory.append(process.memory_info().rss / 2**20)
    answered: dict[int, list[float]] = defaultdict(list)
    for one in api.sent:
        answered[int(one["chat"])].append(one["time"])
    waits, missing = [], 0
    for chat, times in asked.items():
        for place, at in enumerate(times):
            later = [when for when in answered[chat][place:] if when >= at]
            missing += not later
            waits += later[:1] and [later[0] - at]
    spent = process.cpu_times()
    messages, replies = sum(map(len, asked.values())), sum(map(len, answered.values()))
    p95 = statistics.quantiles(waits, n=20)[-1]
    print(
        f"\n{CHATS} chats, a message every {EVERY:g} s for {seconds:g} s: {messages:,} messages, {replies:,} replies,"
    )
    print(f"  {missing} messages without a reply after them; {spent.user + spent.system:.0f} s of CPU")
    print(f"  wait: median {statistics.median(waits):.2f} s, 95 of 100 {p95:.2f} s, most {max(waits):.2f} s")
    print(f"  memory: {', '.join(f'{one:.0f}' for one in memory)} MiB")
    assert served.end() == 0


def test_kills(serve: Serve, api: BotApi) -> None:  # noqa: F811
    dice, served = random.Random(1), serve()
    chats = list(range(1, MESSAGES + 1))  # one message each: who gets none was lost, who gets two was repeated
    for kill in range(KILLS):
        for chat in chats[kill * MESSAGES // KILLS : (kill + 1) * MESSAGES // KILLS]:
            api.say(chat, dice.choice(SAID))
            time.sleep(dice.random() * 0.2)
        time.sleep(dice.random() * 0.8)
        served.end(signal.SIGKILL)
        served.start()
        time.sleep(dice.random())
    api.answer_to(MESSAGES + 1, "hello")
    time.sleep(5)
    counts = [len(api.texts(chat)) for chat in chats]
    repeated = sum(count - 1 for count in counts if count > 1)
    print(f"\n{KILLS} kills, {MESSAGES} messages: {counts.count(0)} lost, {repeated} repeated")
    assert served.end() == 0
