"""What holds for every reader."""

import gzip
import random
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.canonical import dump_dialogue
from chatbot.corpus.log import open_log
from chatbot.corpus.manifest import load_corpus
from chatbot.corpus.readers import READERS, AnyReader, Tally, recognise
from chatbot.corpus.readers.messages import ChatReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

# Parquet has tests of its own: it is no text, and needs what may not be installed.
SAMPLES = {
    "alpaca": '[{"instruction": "Name a colour.", "input": "", "output": "Blue."},\n'
    '{"instruction": "翻译", "input": "cat", "output": "猫"}]',
    "captions": 'path,text\n/a/1.png,a red circle\n/a/2.png,"a square, green"\n',
    "cornell": '{"id": "L1", "conversation_id": "L1", "text": "hi", "speaker": "u0", "reply-to": null}\n'
    '{"id": "L2", "conversation_id": "L1", "text": "你好", "speaker": "u1", "reply-to": "L1"}\n',
    "crosswoz": '{"1": {"sys-usr": [1, 2], "messages": [{"content": "你好", "role": "usr"},'
    '{"content": "您好", "role": "sys"}]}}',
    "chatterbot": "categories:\n- greetings\nconversations:\n- - Hi\n  - Hello\n- - 你好\n  - 你好呀\n",
    "conv": "E\nM 你好\nM 你好呀\nE\nM 再见\nM 拜拜\n",
    "csv": 'question,answer\nhi,hello\n"well, bye","see ""you"""\n',
    "dailydialog": "Hi . __eou__ Hello ! __eou__\nBye . __eou__ See you . __eou__\t1 2\t0 0\n",
    "google-chat": '{"messages": [{"creator": {"name": "Lou", "user_type": "Human"}, "text": "hi", "topic_id": "t1",'
    '"created_date": "Tuesday, February 10, 2015 at 6:03:00 PM UTC"}, {"creator": {"name": "Mei"}, "text": "你好",'
    '"created_date": "Tuesday, February 10, 2015 at 6:03:26 PM UTC", "message_id": "a/b/c"}]}',
    "hangouts": '{"conversations": [{"conversation": {"conversation": {"participant_data": ['
    '{"id": {"gaia_id": "1"}, "fallback_name": "Lou"}]}}, "events": ['
    '{"sender_id": {"gaia_id": "1"}, "timestamp": "1369548258628038", "event_type": "REGULAR_CHAT_MESSAGE",'
    '"chat_message": {"message_content": {"segment": [{"type": "TEXT", "text": "hi"}]}}},'
    '{"sender_id": {"gaia_id": "2"}, "timestamp": "1369548268628038", "event_type": "REGULAR_CHAT_MESSAGE",'
    '"chat_message": {"message_content": {"segment": [{"type": "TEXT", "text": "你好"}]}}}]}]}',
    "imessage": "May 17, 2022  5:29:42 PM (Read by them after 3 seconds)\nMe\nhi\n\n"
    "May 17, 2022  5:31:00 PM\nSample Contact\n你好\n\n",
    "instagram": '{"participants": [{"name": "nora"}, {"name": "max"}], "messages": ['
    '{"sender_name": "nora", "timestamp_ms": 1709674925000, "content": "hello", "photos": '
    '[{"uri": "your_instagram_activity/messages/inbox/max_1/photos/1.jpg"}]},'
    '{"sender_name": "max", "timestamp_ms": 1709674865000, "content": "hi"}], "title": "max"}',
    "json": '{"Question": "hi", "Answer": "hello"}\n{"Question": "你好", "Answer": "您好"}\n',
    "jsonl": '{"id": "a:1", "turns": [{"speaker": "Ada", "text": "hi"}, {"speaker": "Bob", "text": "你好"}]}\n',
    "messenger": '{"participants": [{"name": "Zo\\u00c3\\u00ab"}, {"name": "Bob"}], "messages": ['
    '{"sender_name": "Zo\\u00c3\\u00ab", "timestamp_ms": 1709674925000, "content": "hello"},'
    '{"sender_name": "Bob", "timestamp_ms": 1709674865000, "content": "hi"}], "thread_path": "inbox/bob_1"}',
    "reddit": '{"id": "a1", "author": "ada", "title": "hi", "selftext": "", "created_utc": 1709674865}\n'
    '{"id": "b1", "author": "bob", "body": "hello", "link_id": "t3_a1", "parent_id": "t3_a1",'
    ' "created_utc": "1709674868"}',
    "irc": "--- Log opened Tue Mar 05 21:41:00 2024\n21:41 <@ada> hi\n21:42 < bob> hello\n",
    "qq": "消息记录（此消息记录为文本格式，不支持重新导入）\n\n================\n消息分组:我的好友\n"
    "================\n消息对象:小红\n================\n\n"
    "2024-03-05 9:41:05 小红(100200)\n在吗\n\n2024-03-05 9:42:05 阿明(100300)\n在的\n",
    "kdconv": '[{"messages": [{"message": "你好"}, {"attrs": [], "message": "您好"}], "name": "桥"}]',
    "parlai": "text:hi\tlabels:hello\tepisode_done:True\ntext:早\tlabels:早上好\tepisode_done:True\n",
    "personachat": "1 your persona: i row.\n2 hi\n1 your persona: i am shy.\n2 hey\n",
    "sgd": '[{"dialogue_id": "1", "services": [], "turns": [{"frames": [], "speaker": "USER", "utterance": "hi"},'
    '{"frames": [], "speaker": "SYSTEM", "utterance": "hello"}]}]',
    "openai": '{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}\n',
    "sharegpt": '[{"id": "a", "conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "hello"}]}]',
    "kakaotalk": "Bob 님과 카카오톡 대화\n저장한 날짜 : 2024-03-06 10:00:00\n\n--------------- 2024년 3월 5일 화요일 "
    "---------------\n[Ada] [오후 9:41] hi\n[Bob] [오후 9:42] hello\n",
    "line": "[LINE] Chat history with Bob\nSaved on: 2024/03/06 10:00\n\n2024/03/05(Tue)\n21:41\tAda\thi\n"
    "21:42\tBob\thello\n",
    "signal": "[2024-03-05 21:41:05] Me: hi  \n[2024-03-05 21:42:05] Bob: hello  \n",
    "discord": '{"guild": {"id": "1", "name": "Tea"}, "channel": {"id": "2", "name": "talk"}, "messages": ['
    '{"id": "3", "timestamp": "2024-03-05T21:41:05.2+00:00", "content": "hi", "author": {"id": "7"}},'
    '{"id": "4", "type": "19", "timestamp": "2024-03-05T21:42:05+00:00", "content": "你好", "author": {"id": "8"}}]}',
    "matrix": '{"room_name": "Tea", "room_creator": "a", "export_date": "3/5/2024", "exported_by": "a", "messages": ['
    '{"type": "m.room.message", "sender": "@a:x.org", "event_id": "$1", "origin_server_ts": 1709640000000,'
    ' "content": {"msgtype": "m.text", "body": "hi"}},'
    '{"type": "m.room.message", "sender": "@b:x.org", "event_id": "$2", "origin_server_ts": 1709640060000,'
    ' "content": {"msgtype": "m.text", "body": "你好"}}]}',
    "mattermost": '{"type": "version", "version": 1}\n{"type": "post", "post": {"team": "t", "channel": "c",'
    ' "user": "mei", "message": "hi", "create_at": 1709640000000, "replies": [{"user": "tom", "message": "你好",'
    ' "create_at": 1709640060000}]}}\n',
    "slack": '[{"type": "message", "user": "U1", "text": "hi", "ts": "1709640000.000100"},'
    '{"type": "message", "user": "U2", "text": "你好", "ts": "1709640060.000200"}]',
    "telegram": '{"name": "Bob", "type": "personal_chat", "id": 1, "messages": ['
    '{"id": 1, "type": "message", "date": "2024-03-05T21:41:05", "from": "Ada", "from_id": "user1", "text": "hi"},'
    '{"id": 2, "type": "message", "date": "2024-03-05T21:42:05", "from": "Bob", "from_id": "user2", "text": "hello"}]}',
    "telegram-text": "Ada, [25/06/2022 07:25]\nhi\n\nBob, [25/06/2022 07:26]\nhello\n",
    "text": "hi\nhello\n\nbye\nsee you\n",
    "translation": "Hi.\t嗨。\tCC-BY 2.0 (France) Attribution: tatoeba.org #1 (Ada) & #2 (Bo)\n"
    "Bye.\t再见。\tCC-BY 2.0 (France) Attribution: tatoeba.org #3 (Ada) & #4 (Bo)\n",
    "tsv": "hi\thello\nbye\tsee you\n",
    "wechat": "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n"
    "1,7437267147299592543,文本,0,小红,wxid_red,在吗,,2024-03-05 21:41:05\n"
    "2,7437267147299592544,文本,1,我,wxid_red,在的,,2024-03-05 21:42:05\n",
    "ubuntu-dialogue": "2009-03-01T11:49:00.000Z\tmiro\t\thi\n2009-03-01T11:50:00.000Z\tlena\tmiro\thello\n",
    "whatsapp": "[31/12/2023, 21:41:05] Ada: hi\n[31/12/2023, 21:42:05] Bob: hello\n",
}


def read(path: Path) -> tuple[str, list[Dialogue], Tally]:
    reader, reason, parts = recognise(open_log(str(path)))
    tally = Tally()
    assert reason
    return str(getattr(reader, "kind", "")), list(reader.read(parts, tally)), tally


def test_the_table_the_union_and_the_samples_agree() -> None:
    union = get_args(get_args(AnyReader)[0])
    assert set(READERS.values()) == set(union)
    assert SAMPLES.keys() | {"parquet"} == READERS.keys()
    assert all(reader().model_dump()["kind"] == name for name, reader in READERS.items())


@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_is_recognised_by_its_content_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(SAMPLES[name], encoding="utf-8")
    kind, dialogues, tally = read(tmp_path / "log")
    assert kind == name
    assert all(len(dialogue.turns) == 2 for dialogue in dialogues)
    assert not tally.skipped


@pytest.mark.parametrize("name", [name for name in SAMPLES if issubclass(READERS[name], ChatReader)])
def test_a_corpus_of_an_applications_export_may_have_pictures_and_style_sheets_beside_it(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "log").write_text(SAMPLES[name], encoding="utf-8")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF\0" * 20)
    (tmp_path / "style.css").write_text("body { color: red; }\n")
    (tmp_path / "corpus.toml").write_text(f'title = "x"\n[reader]\nkind = "{name}"\n')
    tally = Tally()
    corpus = load_corpus(tmp_path)
    found = list(corpus.manifest.reader.read(corpus.parts(), tally))
    assert found == read(tmp_path / "log")[1]
    assert not tally.skipped


@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_is_read_packed_and_with_any_line_end(name: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(SAMPLES[name], encoding="utf-8")
    (tmp_path / "log.gz").write_bytes(gzip.compress(SAMPLES[name].replace("\n", "\r\n").encode("utf-8-sig")))
    plain, packed = read(tmp_path / "log")[1], read(tmp_path / "log.gz")[1]
    assert [dialogue.turns for dialogue in plain] == [dialogue.turns for dialogue in packed]


@pytest.mark.parametrize("name", SAMPLES)
def test_each_formats_dialogues_come_back_from_the_canonical_layout(name: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(SAMPLES[name], encoding="utf-8")
    lines = "".join(dump_dialogue(dialogue) + "\n" for dialogue in read(tmp_path / "log")[1])
    (tmp_path / "export.jsonl").write_text(lines, encoding="utf-8")
    again = "".join(dump_dialogue(dialogue) + "\n" for dialogue in read(tmp_path / "export.jsonl")[1])
    assert again == lines


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_ends_in_dialogues_or_in_one_error(name: str, tmp_path: Path, data: st.DataObject) -> None:
    whole = SAMPLES[name].encode()
    cut = data.draw(st.integers(0, len(whole)))
    junk = data.draw(st.binary(max_size=20))
    (tmp_path / "log").write_bytes(whole[:cut] + junk + whole[cut + data.draw(st.integers(0, 9)) :])
    try:
        list(READERS[name]().read(open_log(str(tmp_path / "log")), Tally()))
    except LogError as error:
        assert "log" in error.message


def test_the_plain_formats_count_only_where_no_other_fits(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text(SAMPLES["text"])
    (tmp_path / "log").write_text(SAMPLES["dailydialog"])
    assert read(tmp_path)[0] == "dailydialog"


def test_two_formats_that_fit_are_an_error_that_names_both(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(SAMPLES["text"])
    (tmp_path / "b").write_text(SAMPLES["tsv"])
    with pytest.raises(LogError, match=r"text \(.*tsv \("):
        read(tmp_path)


def test_no_format_that_fits_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "log").write_text('{"some": "json"}')
    with pytest.raises(LogError, match="in no format"):
        read(tmp_path)


def test_noise_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(random.Random(1).randbytes(5000))
    with pytest.raises(LogError, match="binary"):
        read(tmp_path)
