"""What other tools export from WeChat."""

import csv
import io
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.wechat import WechatReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.conftest import SHARED

PYWXDUMP = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\n"
MEMOTRACE = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\n"
CHATLOG = "Time,SenderName,Sender,TalkerName,Talker,Content\n"
QUOTE = (
    '"<?xml version=""1.0""?><msg><appmsg><title>走吧 &amp; 快点</title><type>57</type><refermsg>'
    '<svrid>900000000000000001</svrid><content>&lt;title&gt;去吗&lt;/title&gt;</content></refermsg></appmsg></msg>"'
)


def read(folder: Path, text: str, tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    (folder / "log").write_text(text, encoding="utf-8")
    reader, _, parts = recognise(open_log(str(folder / "log")))
    assert isinstance(reader, WechatReader)
    return list(WechatReader(**settings).read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def weflow(*messages: Any, **session: Any) -> str:
    avatar = {"avatar": "data:image/jpeg;base64," + "A" * 200_000}
    return json.dumps(
        {
            "weflow": {"version": "1.0"},
            "session": {"wxid": "wxid_red", "displayName": "小红", "type": "私聊", **session, **avatar},
            "messages": messages,
        },
        ensure_ascii=False,
    )


def test_pywxdump_names_kinds_in_chinese_and_times_in_two_ways(tmp_path: Path) -> None:
    tally = Tally()
    rows = (
        "1,74,文本,0,小红,wxid_red,在吗,,2024/3/5 9:41\n"
        '2,75,文本,1,我,wxid_red,"在的\n怎么了",,2024-03-05 09:42:00\n'
        "3,76,图片,0,小红,wxid_red,图片,FileStorage/a.dat,2024/3/5 9:43\n"
        "4,77,动画表情,1,我,wxid_red,表情,http://x,2024/3/5 9:43\n"
        '5,78,引用回复,0,小红,wxid_red,"没事[微笑]\n\n[引用](2024-03-05 09:42:00)我:在的",,2024/3/5 9:44\n'
        "6,79,系统通知,1,我,wxid_red,<revokemsg>你撤回了一条消息</revokemsg>,,2024/3/5 9:44\n"
        "7,80,拍一拍,1,我,wxid_red,我拍了拍小红,,2024/3/5 9:44\n"
        "8,81,消息撤回5,1,我,wxid_red,,,2024/3/5 9:44\n"
        "9,82,语音通话,1,我,wxid_red,语音/视频通话[通话时长 01:02],,2024/3/5 9:44\n"
        "10,83,合并转发的聊天记录,1,我,wxid_red,群聊的聊天记录,,2024/3/5 9:44\n"
        "11,84,文本,1,我,wxid_red,,,2024/3/5 9:44\n"
        "12,85,文本,0,小红,wxid_red,我通过了你的朋友验证请求，现在我们可以开始聊天了,,2024/3/5 9:44\n"
        "13,86,文本,1,我,wxid_red,何时,,明天\n"
        "14,87,文本,1\n"
    )
    (dialogue,) = read(tmp_path, PYWXDUMP + rows, tally)
    assert texts(dialogue) == [("小红", "在吗"), ("我", "在的\n怎么了"), ("小红", "没事[微笑]")]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 9, 41)  # noqa: DTZ001 - the log states no zone
    assert tally.skipped == {"media": 2, "system": 3, "deleted": 2, "forwarded": 1, "empty": 1, "malformed": 2}
    assert [place for place, _ in tally.malformed] == ["log:17", "log:18"]


def test_rounded_ids_do_not_make_messages_repeats(tmp_path: Path) -> None:
    tally = Tally()
    rows = "".join(f"{n},7.43727E+18,文本,{n % 2},小{n % 2},wxid_red,第{n}句,,2024/3/5 9:41\n" for n in range(1, 4))
    (dialogue,) = read(tmp_path, PYWXDUMP + rows + rows, tally)
    assert [turn.text for turn in dialogue.turns] == ["第1句", "第2句", "第3句"]
    assert tally.skipped == {"duplicate": 3}


def test_the_owner_has_a_name_even_where_the_table_has_none(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path, PYWXDUMP + "1,1,文本,0,,wxid_red,hi,,2024/3/5 9:41\n2,2,文本,1,,wxid_red,yo,,2024/3/5 9:42\n"
    )
    assert texts(dialogue) == [("wxid_red", "hi"), ("我", "yo")]


def test_the_chats_name_beside_what_the_owner_wrote_is_not_the_owners(tmp_path: Path) -> None:
    rows = "1,1,文本,1,wxid_red,wxid_red,hi,,2024/3/5 9:41\n2,2,文本,0,wxid_red,wxid_red,yo,,2024/3/5 9:42\n"
    (dialogue,) = read(tmp_path, PYWXDUMP + rows)
    assert texts(dialogue) == [("我", "hi"), ("wxid_red", "yo")]


def test_the_files_of_one_chat_are_read_by_their_numbers(tmp_path: Path) -> None:
    for start, minute in ((0, 41), (10, 43), (5, 42)):
        row = f"{start},9{start},文本,{start % 2},小{start},wxid_red,第{start}条,,2024-03-05 09:{minute}:00\n"
        (tmp_path / f"小红_{start}_{start + 5}.csv").write_text(PYWXDUMP + row, encoding="utf-8")
    reader, _, parts = recognise(open_log(str(tmp_path)))
    (dialogue,) = reader.read(parts, Tally())
    assert [turn.text for turn in dialogue.turns] == ["第0条", "第5条", "第10条"]


def test_weflows_table_calls_most_things_text(tmp_path: Path) -> None:
    tally = Tally()
    heading = "\ufeffid,MsgSvrID,type_name,is_sender,talker,msg,src,CreateTime\r\n"
    rows = (
        "1,1,text,0,Ada,hi,,2024-03-05T09:41:00\r\n2,2,text,1,Bob,hello[引用 Ada：hi],,2024-03-05T09:41:05\r\n"
        "3,3,text,1,Bob,[链接] News,,2024-03-05T09:41:06\r\n4,4,sticker,1,Bob,[表情包],,2024-03-05T09:41:07\r\n"
    )
    (dialogue,) = read(tmp_path, heading + rows, tally)
    assert texts(dialogue) == [("Ada", "hi"), ("Bob", "hello")]
    assert tally.skipped == {"media": 2}


def test_memotrace_has_types_by_number_and_times_by_the_second(tmp_path: Path) -> None:
    tally = Tally()
    rows = (
        "11,3,1,0,0,1709631660,,去吗,2024-03-05 17:41:00,小红,red,wxid_red\n"
        "12,3,3,0,0,1709631661,,<msg/>,2024-03-05 17:41:01,小红,red,wxid_red\n"
        f"13,3,49,57,1,1709631662,,{QUOTE},2024-03-05 17:41:02,,阿明,wxid_ming\n"
        "14,3,49,5,1,1709631663,,<msg><appmsg><title>新闻</title></appmsg></msg>,2024-03-05 17:41:03,,阿明,wxid_ming\n"
        "15,3,10000,0,0,1709631664,,收到红包,2024-03-05 17:41:04,,,\n"
        "16,3,50,0,0,1709631665,,,2024-03-05 17:41:05,小红,red,wxid_red\n"
    )
    (dialogue,) = read(tmp_path, MEMOTRACE + rows, tally)
    assert texts(dialogue) == [("小红", "去吗"), ("阿明", "走吧 & 快点")]
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 9, 41, tzinfo=UTC)
    assert tally.skipped == {"media": 2, "system": 2}


def test_old_rows_have_an_id_that_the_heading_does_not_name_and_replies_name_it(tmp_path: Path) -> None:
    heading = MEMOTRACE.replace(",Remark,NickName,Sender", "")
    rows = (
        "11,3,1,0,0,1709631660,,去吗,2024-03-05 17:41:00,900000000000000001\n"
        f"12,3,49,57,1,1709631662,,{QUOTE},2024-03-05 17:41:02,900000000000000002\n"
    )
    (dialogue,) = read(tmp_path, heading + rows)
    assert [(turn.speaker, turn.id, turn.reply_to) for turn in dialogue.turns] == [
        ("3", "900000000000000001", None),
        ("我", "900000000000000002", "900000000000000001"),
    ]


def test_memotraces_table_of_all_chats_names_the_chat_and_then_who_spoke(tmp_path: Path) -> None:
    rows = (
        "1,3,1,0,0,1709631660,,在吗,2024-03-05 17:41:00,900000000000000001,小红,red\n"
        "2,8,1,0,0,1709631661,,大家好,2024-03-05 17:41:01,900000000000000002,,读书群,Ada\n"
        "3,3,1,0,1,1709631662,,在,2024-03-05 17:41:02,900000000000000003,小红,red\n"
        "4,8,1,0,1,1709631663,,你好,2024-03-05 17:41:03,900000000000000004,,读书群,我\n"
        "5,3,1,0,0,1709731660,,再见,2024-03-06 21:27:40,900000000000000005,小红,red\n"
    )
    dialogues = read(tmp_path, MEMOTRACE + rows)
    assert [texts(dialogue) for dialogue in dialogues] == [
        [("Ada", "大家好"), ("我", "你好")], [("小红", "在吗"), ("我", "在")], [("小红", "再见")],
    ]  # fmt: skip


def test_what_could_not_be_sent_has_no_id(tmp_path: Path) -> None:
    rows = (
        "1,3,1,0,1,1700000010,2,在吗,2023-11-15 06:13:30,900000000000000001,老王,王五\n"
        "2,3,1,0,1,1700000020,5,没发出去,2023-11-15 06:13:40,0,老王,王五\n"
    )
    (dialogue,) = read(tmp_path, MEMOTRACE + rows)
    assert texts(dialogue) == [("我", "在吗\n没发出去")]


def test_a_groups_text_may_begin_with_who_wrote_it(tmp_path: Path) -> None:
    heading = MEMOTRACE.replace(",Remark,NickName,Sender", "")
    rows = '11,8,1,0,0,1709631660,,"wxid_abc123:\n大家好",2024-03-05 17:41:00\n'
    (dialogue,) = read(tmp_path, heading + rows)
    assert texts(dialogue) == [("wxid_abc123", "大家好")]


def test_memotraces_table_of_one_chat(tmp_path: Path) -> None:
    tally = Tally()
    rows = (
        "91,文本,小红,2024-02-01 10:00:00,在吗,小红,red,more\n92,图片,小红,2024-02-01 10:00:01,【图片】,小红,red,more\n"
        '93,引用消息,我,2024-02-01 10:01:00,"在\n引用：小红: 在吗",我,我,more\n'
        "94,系统消息,,2024-02-01 10:01:01,以上是打招呼的内容,,,more\n"
    )
    (dialogue,) = read(tmp_path, "\ufeff消息ID,类型,发送人,时间,内容,备注,昵称,更多信息\n" + rows, tally)
    assert texts(dialogue) == [("小红", "在吗"), ("我", "在")]
    assert tally.skipped == {"media": 1, "system": 1}


def test_chatlog_says_what_a_message_is_in_its_text(tmp_path: Path) -> None:
    tally = Tally()
    rows = (
        "2024-03-05 09:41:00,小红,wxid_red,读书群,123@chatroom,在吗\n"
        "2024-03-05 09:41:01,Ada,ada,Ada,ada,elsewhere\n"
        '2024-03-05 09:41:02,,wxid_ming,读书群,123@chatroom,"> 小红(wxid_red) 03-05 09:41:00\n> 在吗\n在[微笑]"\n'
        "2024-03-05 09:41:03,小红,wxid_red,读书群,123@chatroom,![图片](http://127.0.0.1/image/1)\n"
        "2024-03-05 09:41:04,小红,wxid_red,读书群,123@chatroom,[链接|新闻](http://x.cn)\n"
        "2024-03-05 09:41:05,小红,wxid_red,读书群,123@chatroom,[红包]\n"
        "2024-03-05 09:41:06,,系统消息,读书群,123@chatroom,小红撤回了一条消息\n"
    )
    second, first = read(tmp_path, CHATLOG + rows, tally)
    assert texts(first) == [("小红", "在吗"), ("wxid_ming", "在[微笑]")]
    assert texts(second) == [("Ada", "elsewhere")]
    assert tally.skipped == {"media": 3, "deleted": 1}


def test_what_wechat_wrote_is_known_by_its_words_where_nothing_else_tells(tmp_path: Path) -> None:
    said = (
        "在吗", "[语音通话]", "Type: 42 Content: <?xml version", '"张三" 拍了拍 "李四"', "[引用]", "你撤回了一条消息",
        '"张三" 撤回了一条消息', '"张三"邀请"李四"加入了群聊', "我拍了拍他的肩", "你撤回了一条消息吗？",
    )  # fmt: skip
    rows = io.StringIO()
    sender = ("小红", "wxid_red", "小红", "wxid_red")
    csv.writer(rows).writerows((f"2024-03-05 09:41:{at:02}", *sender, text) for at, text in enumerate(said))
    tally = Tally()
    (dialogue,) = read(tmp_path, CHATLOG + rows.getvalue(), tally)
    assert texts(dialogue) == [("小红", "在吗\n我拍了拍他的肩\n你撤回了一条消息吗？")]
    assert tally.skipped == {"system": 3, "media": 1, "empty": 1, "deleted": 2}


def test_a_table_of_chatlog_may_have_ids(tmp_path: Path) -> None:
    row = "99,2024-03-05 09:41:00,小红,wxid_red,小红,wxid_red,在吗\n"
    tally = Tally()
    (dialogue,) = read(tmp_path, "MessageID," + CHATLOG + row * 2, tally)
    assert [(turn.text, turn.id) for turn in dialogue.turns] == [("在吗", "99")]
    assert tally.skipped == {"duplicate": 1}


def test_older_tables_of_pywxdump_call_the_text_content(tmp_path: Path) -> None:
    heading = PYWXDUMP.replace("msg,src", "content")
    (dialogue,) = read(tmp_path, heading + "1,74,文本,0,小红,wxid_red,在吗,2024-03-05 09:41:00\n")
    assert texts(dialogue) == [("小红", "在吗")]


def test_weflow_may_name_who_sent_apart(tmp_path: Path) -> None:
    session = {"weflow": {"format": "arkme-json"}, "session": {"accountId": "1@chatroom", "type": "群聊"}}
    senders = [{"senderID": 1, "displayName": "张三"}, {"senderID": 2, "displayName": "李四"}]
    said = ((1, "在吗", 0), (2, "我在", 0), (1, "好", 1))
    messages = [
        {"localId": number, "createTime": 1728013320 + number, "type": "文本消息", "content": text, "isSend": own,
         "senderID": sender}
        for number, (sender, text, own) in enumerate(said)
    ]  # fmt: skip
    log = json.dumps({**session, "senders": senders, "messages": messages}, ensure_ascii=False)
    (dialogue,) = read(tmp_path, log)
    assert texts(dialogue) == [("张三", "在吗"), ("李四", "我在"), ("张三", "好")]


def test_weflow_keeps_links_and_drops_quotes(tmp_path: Path) -> None:
    tally = Tally()
    base = {"createTime": 1709631660, "formattedTime": "2024-03-05 17:41:00", "localType": 49}
    her = {**base, "isSend": 0, "senderUsername": "wxid_red", "senderDisplayName": "小红"}
    mine = {**base, "isSend": 1, "senderUsername": "wxid_ming", "senderDisplayName": "阿明"}
    log = weflow(
        {**her, "localId": 1, "type": "文本消息", "content": "在吗", "platformMessageId": "901"},
        {**mine, "localId": 2, "type": "引用消息", "content": "在[引用 小红：在吗]", "replyToMessageId": "901"},
        {**her, "localId": 3, "type": "图片消息", "content": "[图片]"},
        {**her, "localId": 4, "type": "聊天记录", "content": "[聊天记录]"},
        {**her, "localId": 5, "type": "文本消息", "content": None},
        {**base, "localId": 6, "type": "文本消息", "content": "hm", "isSend": None},
        {**her, "localId": 7, "type": "系统消息", "content": "小红撤回了一条消息"},
        {**her, "localId": 8, "type": "文本消息", "content": ["x"]},
        "no object",
    )
    (dialogue,) = read(tmp_path, log, tally)
    assert texts(dialogue) == [("小红", "在吗"), ("阿明", "在")]
    assert dialogue.turns[1].reply_to == dialogue.turns[0].id == "901"
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 9, 41, tzinfo=UTC)
    assert tally.skipped == {"media": 1, "forwarded": 1, "empty": 1, "system": 1, "deleted": 1, "malformed": 2}


def test_echotrace_and_old_encodings_are_read_too(tmp_path: Path) -> None:
    message = {"localId": 1, "createTime": 1709631660, "type": "文本消息", "content": "大家好", "isSend": 0}
    log = {"session": {"wxid": "1@chatroom", "type": "群聊"}, "messages": [{**message, "senderUsername": "wxid_a"}]}
    (tmp_path / "log").write_text(json.dumps(log, ensure_ascii=False), encoding="gb18030")
    reader, _, parts = recognise(open_log(str(tmp_path / "log")))
    (dialogue,) = reader.read(parts, Tally())
    assert texts(dialogue) == [("wxid_a", "大家好")]


def test_forwards_stay_when_asked_for(tmp_path: Path) -> None:
    row = "10,83,合并转发的聊天记录,1,我,wxid_red,群聊的聊天记录,,2024/3/5 9:44\n"
    (dialogue,) = read(tmp_path, PYWXDUMP + row, forwards=True)
    assert texts(dialogue) == [("我", "群聊的聊天记录")]


def test_a_table_of_something_else_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a,b\n1,2\n")
    with pytest.raises(LogError, match="log:1: has no heading"):
        list(WechatReader().read(open_log(str(tmp_path / "log")), Tally()))


def test_a_cut_session_is_one_error_after_what_was_whole(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(
        weflow({"type": "文本消息", "content": "hi"}, {"type": "文本消息", "content": "yo"})[:-30]
    )
    with pytest.raises(LogError, match="log: after record 2"):
        list(WechatReader().read(open_log(str(tmp_path / "log")), Tally()))


@pytest.mark.parametrize(
    "text",
    [
        PYWXDUMP + '"' * 1_000_001,
        PYWXDUMP + '1,2,文本,0,a,b,"' + "x\n" * 500_000,
        PYWXDUMP + "," * 1_000_000,
        MEMOTRACE + "1,1,49,57,1,1,,<appmsg>" + "<title>" * 140_000 + ",,,,\n",
        '{"session": {"type": "私聊"}, "messages": [' + "[" * 1_000_000,
    ],
)
def test_a_hostile_megabyte_takes_no_time(tmp_path: Path, text: str) -> None:
    start = time.process_time()
    try:
        list(read(tmp_path, text))
    except LogError as error:
        assert "log" in error.message
    assert time.process_time() - start < 2  # a busy machine; alone it takes a fifth of that


@pytest.mark.skipif(not SHARED.exists(), reason="the shared exports are not here")
def test_a_real_table_is_read_whole() -> None:
    tally = Tally()
    reader, _, parts = recognise(open_log(str(SHARED / "exports/wechat/WeClone/test_person_0_730.csv")))
    dialogues = list(reader.read(parts, tally))
    assert {turn.speaker for dialogue in dialogues for turn in dialogue.turns} == {"12345iru2zsmo22", "test_person"}
    assert sum(turn.text.count("\n") + 1 for dialogue in dialogues for turn in dialogue.turns) == 65
    assert tally.skipped == {"media": 28, "deleted": 2, "empty": 1}


@pytest.mark.parametrize(
    "notice", ['"小王" 撤回了一条消息', "小王撤回了一条消息", "你撤回了一条消息", "Mei recalled a message"]
)
def test_a_notice_of_a_recall_is_counted_as_one(tmp_path: Path, notice: str) -> None:
    tally = Tally()
    quoted = notice.replace('"', '""')
    rows = (
        "1,t,1,0,0,1740794400,,你好,2025-03-01 10:00:00,,小王,wxid_a\n"
        f'2,t,10000,0,0,1740794460,,"{quoted}",2025-03-01 10:01:00,,小王,wxid_a\n'
        "3,t,10000,0,0,1740794470,,小王加入了群聊,2025-03-01 10:01:10,,小王,wxid_a\n"
        "4,t,1,0,1,1740794480,,嗨,2025-03-01 10:01:20,,我,wxid_me\n"
    )
    (dialogue,) = read(tmp_path, MEMOTRACE + rows, tally)
    assert [text for _, text in texts(dialogue)] == ["你好", "嗨"]
    assert tally.skipped == {"deleted": 1, "system": 1}


def test_a_quotation_mark_that_is_never_closed_puts_no_rows_into_anyones_mouth(tmp_path: Path) -> None:
    tally = Tally()
    rows = (
        "2025-03-01 10:00:00,小王,wxid_a,小王,wxid_a,你好\n"
        '2025-03-01 10:00:10,我,wxid_me,小王,wxid_a,"没关上\n'
        "2025-03-01 10:00:20,小王,wxid_a,小王,wxid_a,后面的\n"
    )
    (dialogue,) = read(tmp_path, CHATLOG + rows, tally)
    assert texts(dialogue) == [("小王", "你好")]
    assert tally.skipped == {"malformed": 1}
    assert tally.malformed[0][0] == "log:3"
