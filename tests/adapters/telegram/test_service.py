"""The bot on Telegram, as people and Telegram meet it: the real process, the real library, a server of our own."""

import json
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tests.adapters.telegram.bot_api import TOKEN, BotApi
from tests.adapters.telegram.conftest import Serve
from tests.conftest import Chatbot

ADA, BOB, GROUP = 7, 8, -100
HELLO = "Hello! How are you?"


def test_a_talk_in_two_languages_is_answered_and_kept(serve: Serve, api: BotApi, trained: Path) -> None:
    served = serve()
    first = api.answer_to(ADA, "hello")
    assert first.startswith(HELLO)
    assert "/privacy" in first
    assert "/forget" in first
    assert api.answer_to(ADA, "fine, thanks") == "Good to hear."
    assert api.answer_to(ADA, "/new").startswith("A new conversation")
    assert api.answer_to(ADA, "你好") == "你好呀！"
    assert api.called("sendChatAction")[0] == {"chat_id": str(ADA), "action": "typing"}
    assert served.end() == 0
    rows = sqlite3.connect(trained / "bots/tiny/conversations.db").execute("SELECT text FROM turns ORDER BY id")
    assert [text for (text,) in rows] == ["hello", HELLO, "fine, thanks", "Good to hear.", "你好", "你好呀！"]


def test_commands_do_what_help_says(serve: Serve, api: BotApi) -> None:
    serve()
    assert "/forget" in api.answer_to(ADA, "/help")
    assert "Tiny" in api.answer_to(ADA, "/start")
    assert "/export" in api.answer_to(ADA, "/privacy")
    assert api.answer_to(ADA, "/version@robin_bot") == "Version 0001 of Tiny."
    assert api.answer_to(ADA, "/undo").startswith("There is nothing")
    assert api.answer_to(ADA, "/retry").startswith("There is nothing")
    assert api.answer_to(ADA, "/sing").startswith("I do not know")
    api.answer_to(ADA, "tell me a joke")
    assert api.answer_to(ADA, "/retry").startswith("A bit walks into a byte")
    assert "gone" in api.answer_to(ADA, "/undo")
    assert api.answer_to(ADA, "/stats") == "Only my owner can do that."
    assert "中文" in api.answer_to(ADA, "/language zh")
    assert "重新开始" in api.answer_to(ADA, "/help")
    commands = {one.get("language_code"): one["commands"] for one in api.called("setMyCommands")}
    assert {"command": "forget", "description": "have me forget you"} in commands["en"]
    assert len(commands["zh"]) == len(commands["en"]) == 11


def test_why_is_a_picture_and_export_a_file_of_ones_own_words(serve: Serve, api: BotApi) -> None:
    pytest.importorskip("matplotlib")
    serve()
    api.answer_to(ADA, "hello")
    api.answer_to(BOB, "good night")
    api.say(ADA, "/why")
    api.say(ADA, "/export")
    files = api.wait(lambda: [one["files"] for one in api.sent if one["files"]][1:] and api.sent)
    (picture,), (export,) = (one["files"].values() for one in files if one["files"])
    assert picture.startswith(b"\x89PNG")
    (line,) = export.decode().splitlines()
    assert [turn["text"] for turn in json.loads(line)["turns"]] == ["hello"]


def test_in_a_group_it_answers_only_who_speaks_to_it(serve: Serve, api: BotApi, trained: Path) -> None:
    served = serve()
    api.say(GROUP, "hello everyone", user=ADA)
    api.say(GROUP, "/new@other_bot", user=ADA)
    api.say(GROUP, "@robin_bot hello", user=ADA)
    mine = api.wait(lambda: api.texts(GROUP))
    assert (len(mine), mine[0].startswith(HELLO)) == (1, True)
    sent = api.sent[-1]
    assert sent["reply_parameters"]["message_id"] == 3
    said = {"message_id": sent["message_id"], "date": 0, "chat": {"id": GROUP, "type": "supergroup"}}
    robin = {"id": 123456789, "is_bot": True, "first_name": "Robin"}
    answer = api.answer_to(GROUP, "fine, thanks", user=ADA, reply_to_message={**said, "from": robin})
    assert answer == "Good to hear."
    assert served.end() == 0
    store = sqlite3.connect(trained / "bots/tiny/conversations.db")
    assert store.execute("SELECT count(*) FROM turns WHERE text LIKE '%everyone%'").fetchone() == (0,)
    assert store.execute("SELECT count(*) FROM inbox WHERE body LIKE '%everyone%'").fetchone() == (0,)


def test_quick_messages_are_one_turn_and_long_replies_several_messages(serve: Serve, api: BotApi) -> None:
    serve("[telegram.texts.en]\nhelp = '''" + "Long lines of help.\n" * 400 + "'''")
    api.say(ADA, "what is")
    api.say(ADA, "your name?")
    assert api.wait(lambda: api.texts(ADA))[0].startswith("My name is Tiny.")
    api.say(BOB, "/help")
    pieces = api.wait(lambda: api.texts(BOB)[1:] and api.texts(BOB))
    assert "".join(pieces).count("Long lines of help.") == 400
    assert max(map(len, pieces)) <= 4096
    assert len(api.texts(ADA)) == 1


def test_a_changed_message_is_answered_anew_when_it_was_the_last(serve: Serve, api: BotApi, trained: Path) -> None:
    served = serve()
    first = api.say(ADA, "hello")
    api.wait(lambda: api.texts(ADA))
    second = api.say(ADA, "fnie, thanks")
    api.wait(lambda: api.texts(ADA)[1:])
    api.change(ADA, second, "fine, thanks")
    assert api.wait(lambda: api.texts(ADA)[2:]) == ["Good to hear."]
    api.change(ADA, first, "你好")
    api.answer_to(ADA, "thank you")
    assert len(api.texts(ADA)) == 4
    served.end()
    rows = sqlite3.connect(trained / "bots/tiny/conversations.db").execute("SELECT text FROM turns ORDER BY id")
    assert [text for (text,) in rows][:4] == ["hello", HELLO, "fine, thanks", "Good to hear."]


def test_replies_are_rated_by_buttons_and_reactions(serve: Serve, api: BotApi, trained: Path) -> None:
    served = serve()
    api.answer_to(ADA, "hello")
    good, bad = api.sent[0]["reply_markup"]["inline_keyboard"][0]
    assert (good["text"], bad["text"]) == ("👍", "👎")
    api.press(ADA, api.sent[0], good["callback_data"])
    api.press(BOB, api.sent[0], bad["callback_data"])
    api.wait(lambda: len(api.called("answerCallbackQuery")) == 2)
    store = sqlite3.connect(trained / "bots/tiny/conversations.db")
    assert store.execute("SELECT rating FROM ratings").fetchall() == [(1,)]
    api.react(ADA, api.sent[0]["message_id"], "👎")
    api.wait(lambda: store.execute("SELECT rating FROM ratings").fetchall() == [(-1,)])
    served.end()


def test_what_is_no_text_gets_a_kind_line(serve: Serve, api: BotApi) -> None:
    serve("buttons = false")
    file = {"file_id": "f", "file_unique_id": "u"}
    api.say(ADA, sticker={**file, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False})
    api.say(ADA, voice={**file, "duration": 1})
    api.say(ADA, photo=[{**file, "width": 1, "height": 1}])
    api.say(ADA, location={"longitude": 1, "latitude": 1})
    said = api.wait(lambda: api.texts(ADA)[3:] and api.texts(ADA))
    assert ["sticker" in said[0].lower(), "voice" in said[1], "pictures" in said[2], "text" in said[3]] == [True] * 4
    assert "reply_markup" not in api.sent[-1]
    api.answer_to(ADA, "hello")
    assert "reply_markup" not in api.sent[-1]


def test_forget_asks_and_then_leaves_nothing(serve: Serve, api: BotApi, trained: Path) -> None:
    served = serve()
    api.answer_to(ADA, "hello my secret")
    api.say(GROUP, "@robin_bot my secret", user=ADA)
    api.wait(lambda: api.texts(GROUP))
    api.answer_to(BOB, "good night")
    assert "for good" in api.answer_to(ADA, "/forget")
    yes, no = api.sent[-1]["reply_markup"]["inline_keyboard"][0]
    api.press(ADA, api.sent[-1], no["callback_data"])
    assert "Nothing" in api.wait(lambda: api.texts(ADA)[2:])[0]
    api.press(ADA, api.sent[-1], yes["callback_data"])
    assert "4 turns" in api.wait(lambda: api.texts(ADA)[3:])[0]
    assert served.end() == 0
    found = b"".join(path.read_bytes() for path in (trained / "bots/tiny").glob("conversations.db*"))
    assert b"secret" not in found
    assert b"good night" in found
    assert "secret" not in served.log


def test_whom_it_has_forgotten_it_does_not_even_know_by_number(serve: Serve, api: BotApi, trained: Path) -> None:
    served, eve = serve(), 7_712_345_987
    api.answer_to(eve, "hello")
    api.answer_to(BOB, "good night")
    api.answer_to(eve, "/forget")
    (yes, _) = api.sent[-1]["reply_markup"]["inline_keyboard"][0]
    api.press(eve, api.sent[-1], yes["callback_data"])
    api.wait(lambda: api.texts(eve)[2:])
    assert served.end() == 0
    store = sqlite3.connect(trained / "bots/tiny/conversations.db")
    left = "\n".join(store.iterdump())
    assert str(eve) not in left
    assert "good night" in left


def test_a_bot_that_keeps_nothing_says_so_and_writes_nothing(serve: Serve, api: BotApi, trained: Path) -> None:
    served = serve(more="[conversations]\nkeep = false")
    assert "I keep nothing" in api.answer_to(ADA, "hello")
    assert api.answer_to(ADA, "fine, thanks") == "Good to hear."
    assert "nothing of what you say" in api.answer_to(ADA, "/privacy")
    assert served.end() == 0
    assert "error" not in served.log
    assert not list((trained / "bots" / "tiny").glob("conversations.db*"))


def test_owners_have_figures_broadcast_and_block(serve: Serve, api: BotApi) -> None:
    serve(f"owners = [{ADA}]")
    for chat in (ADA, BOB):
        api.answer_to(chat, "hello")
    assert "2 people" in api.answer_to(ADA, "/stats")
    assert "1 chats" in api.answer_to(ADA, "/broadcast news!")
    assert api.wait(lambda: api.texts(BOB)[1:]) == ["news!"]
    assert "Blocked" in api.answer_to(ADA, f"/block {BOB}")
    api.say(BOB, "hello?")
    assert "Unblocked" in api.answer_to(ADA, f"/unblock {BOB}")
    assert api.answer_to(BOB, "fine, thanks") == "Good to hear."
    assert len(api.texts(BOB)) == 3


def test_what_telegram_answers_is_dealt_with(serve: Serve, api: BotApi) -> None:
    served = serve()
    api.answer_to(ADA, "hello")
    api.fail("sendMessage", {"status": 429, "parameters": {"retry_after": 1}}, {"status": 502}, {"cut": "before"})
    begun = time.monotonic()
    api.say(ADA, "fine, thanks")
    assert api.wait(lambda: api.texts(ADA)[1:]) == ["Good to hear."]
    assert time.monotonic() - begun >= 1
    api.fail("getUpdates", {"status": 500}, {"status": 409}, {"cut": "before"}, {"cut": "after"})
    assert api.answer_to(BOB, "谢谢").startswith("不客气！")
    api.blocked.add(str(BOB))
    api.say(BOB, "good night")
    api.wait(lambda: "chat closed to the bot" in served.log)
    api.blocked.clear()
    assert api.answer_to(BOB, "/new").startswith("A new conversation")
    api.migrated[str(GROUP)] = GROUP - 1
    api.say(GROUP, "@robin_bot good night", user=ADA)
    assert api.wait(lambda: api.texts(GROUP - 1))[0].startswith("Sleep well!")


def test_a_cut_after_the_effect_repeats_rather_than_loses(serve: Serve, api: BotApi) -> None:
    serve()
    api.fail("sendMessage", {"cut": "after"})
    api.say(ADA, "hello")
    said = api.wait(lambda: api.texts(ADA)[1:] and api.texts(ADA))
    assert said[0] == said[1]


def test_an_update_that_nobody_understands_holds_nothing_up(serve: Serve, api: BotApi) -> None:
    serve()
    api.add_raw({"message": {"message_id": "x", "chat": "nonsense"}})
    api.add_raw(
        {"message": {"message_id": 1, "date": 0, "chat": {"id": ADA, "type": "private"}, "text": "\ud83d \x00"}}
    )
    api.add_raw({"novelty": {}})
    assert api.answer_to(ADA, "hello \ud83d").startswith(HELLO)


def test_the_token_is_nowhere(serve: Serve, api: BotApi, trained: Path, tmp_path: Path) -> None:
    served = serve()
    api.fail("sendMessage", {"status": 500}, {"status": 400})
    api.say(ADA, "hello")
    api.wait(lambda: "refused" in served.log)
    api.refused = True
    assert served.status() == 2
    assert "refuses the token" in served.log
    secret = TOKEN.partition(":")[2].encode()
    for path in [*tmp_path.rglob("*"), *trained.rglob("*")]:
        assert not path.is_file() or secret not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("settings", "token", "message"),
    [
        ("", "", "TELEGRAM_TOKEN holds no Telegram token"),
        ("", "nonsense", "TELEGRAM_TOKEN holds no Telegram token"),
        ('token_file = "none"', TOKEN, "the token cannot be read"),
        ('mode = "webhook"', TOKEN, "a webhook needs webhook_url"),
        ('mode = "webhook"\nwebhook_url = "https://a.b"', TOKEN, "TELEGRAM_SECRET holds no secret"),
        ('modus = "x"', TOKEN, "modus"),
        ("[telegram.texts.en]\nhelo = 'x'", TOKEN, 'there is no text "helo"'),
    ],
)
def test_what_is_missing_is_told_at_once(serve: Serve, settings: str, token: str, message: str) -> None:
    served = serve(settings, TELEGRAM_TOKEN=token)
    assert served.status() == 2
    assert message in served.log
    assert TOKEN.partition(":")[2] not in served.log


def test_a_token_file_must_be_private(serve: Serve, api: BotApi, trained: Path) -> None:
    (trained / "bots" / "token").write_text(TOKEN + "\n")
    (trained / "bots" / "token").chmod(0o644)
    served = serve('token_file = "token"', TELEGRAM_TOKEN="")
    assert served.status() == 2
    assert "others can read" in served.log
    (trained / "bots" / "token").chmod(0o600)
    served.start()
    assert api.answer_to(ADA, "hello").startswith(HELLO)


def test_there_is_one_instance_on_a_machine(serve: Serve, api: BotApi) -> None:
    serve()
    api.answer_to(ADA, "hello")
    second = serve()
    assert second.status() == 1
    assert "another instance" in second.log
    assert api.answer_to(ADA, "fine, thanks") == "Good to hear."


def test_kills_lose_nothing_and_repeat_hardly_anything(serve: Serve, api: BotApi) -> None:
    served, kills, each = serve(), 6, 6
    api.wait(lambda: api.called("getUpdates"))
    chats = range(1, kills * each + 1)  # one message each: who gets none was lost, who gets two was repeated
    for kill in range(kills):
        for chat in chats[kill * each : (kill + 1) * each]:
            api.say(chat, ("hello", "good night", "你好")[kill % 3])
        time.sleep(0.3 + 0.05 * kill)
        served.end(signal.SIGKILL)
        served.start()
    api.wait(lambda: all(map(api.texts, chats)), 60)
    api.answer_to(99, "hello")
    assert served.end() == 0
    assert sum(len(api.texts(chat)) for chat in chats) - len(chats) <= 2


def test_a_new_version_is_taken_up_without_a_restart(serve: Serve, api: BotApi, trained: Path) -> None:
    serve()
    api.answer_to(ADA, "hello")
    versions = trained / "bots" / "tiny" / "versions"
    (versions / "0001").rename(versions / "0002")
    (versions / "current").write_text("0002\n")
    assert api.wait(lambda: "0002" in api.answer_to(ADA, "/version"))
    assert api.answer_to(ADA, "fine, thanks") == "Good to hear."


SHAPES = """\
corpora = ["shapes"]
[text]
vocabulary_size = 300
context_turns = 1
[model]
embedding_size = 16
[model.encoder]
kind = "image"
channels = 4
hidden_size = 16
[model.decoder]
kind = "gru"
hidden_size = 16
[training]
steps = 2
train_on_all = true
[search]
kind = "greedy"
longest = 4
"""


def test_a_photo_goes_to_the_image_bot(serve: Serve, api: BotApi, trained: Path, chatbot: Chatbot) -> None:
    image = pytest.importorskip("PIL.Image")
    folder = trained / "corpora" / "shapes"
    folder.mkdir()
    for name in ("a", "b"):
        image.new("RGB", (64, 64), "red").save(folder / f"{name}.png")
    (folder / "captions.csv").write_text("path,text\na.png,a red square\nb.png,all red\n")
    manifest = 'title = "Shapes"\nfiles = ["*.csv"]\n[reader]\nkind = "captions"\n'
    (folder / "corpus.toml").write_text(manifest)
    (trained / "bots" / "shapes.toml").write_text(SHAPES)
    chatbot("train", "shapes", cwd=trained, check=True)
    served = serve('image_bot = "shapes.toml"')
    api.files = {"good": (folder / "a.png").read_bytes(), "bad": b"no picture"}
    api.say(ADA, photo=[{"file_id": "good", "file_unique_id": "u", "width": 64, "height": 64}])
    assert api.wait(lambda: api.texts(ADA))[0].split("\n")[0]
    assert "pictures" not in api.texts(ADA)[0]
    api.say(ADA, photo=[{"file_id": "bad", "file_unique_id": "u", "width": 64, "height": 64}])
    assert api.wait(lambda: api.texts(ADA)[1:]) == ["I could not look at this picture."]
    assert api.answer_to(ADA, "hello") == HELLO
    served.end()
    rows = sqlite3.connect(trained / "bots/tiny/conversations.db").execute("SELECT text FROM turns ORDER BY id")
    assert next(rows)[0] == "🖼"
