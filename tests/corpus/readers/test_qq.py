"""QQ's exports."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.qq import QqReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

RULE = "=" * 64
TITLE = "消息记录（此消息记录为文本格式，不支持重新导入）\n\n"


def about(group: str, target: str) -> str:
    return f"{RULE}\n消息分组:{group}\n{RULE}\n消息对象:{target}\n{RULE}\n\n"


def read(folder: Path, text: str, tally: Tally | None = None, encoding: str = "utf-8", **more: Any) -> list[Dialogue]:
    (folder / "log").write_bytes(text.encode(encoding))
    reader, _, parts = recognise(open_log(str(folder / "log")))
    assert isinstance(reader, QqReader)
    return list(QqReader(**more).read(parts, tally or Tally()))


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def exported(*messages: Any, **known: Any) -> str:
    info = {"name": "读书群", "type": "group", "selfUin": "10001", **known}
    meta = {"name": "QQChatExporter V5 / https://github.com/shuakami/qq-chat-exporter", "version": "5.5.1"}
    return json.dumps({"metadata": meta, "chatInfo": info, "statistics": {}, "messages": messages}, ensure_ascii=False)


def said(number: int, name: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "messageId": f"76{number}", "timestamp": f"2024-03-05T09:41:0{number}.000Z", "isSystemMessage": False,
        "isRecalled": False, "sender": {"uid": f"u_{name}", "uin": "20002", "name": name},
        "content": {"text": text, "resources": []}, **more,
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_message_goes_on_to_the_next_header_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    log = (
        TITLE + about("我的好友", "小红") + "2010-01-06 9:05:28 小红(100200)\r\n在吗\r\n\r\n你好呀\r\n\r\n"
        "2010-01-06 9:06:00 阿明(100300)\r\n在的\r\n"
    )
    (dialogue,) = read(tmp_path, log, encoding=encoding)
    assert texts(dialogue) == [("小红", "在吗\n\n你好呀"), ("阿明", "在的")]
    assert dialogue.turns[0].time == datetime(2010, 1, 6, 9, 5, 28)  # noqa: DTZ001 - the log states no zone


def test_many_chats_in_one_file_do_not_mix(tmp_path: Path) -> None:
    tally = Tally()
    log = (
        TITLE
        + about("我的好友", "小红")
        + "2024-03-05 09:41:00 小红\n在吗\n\n"
        + about("我的群", "*读书群")
        + "2024-03-05 09:41:30 小红(100200)\n大家好\n\n"
        + about("最近联系人", "最近联系人")
        + "2024-03-05 09:41:00 小红\n在吗\n\n"
        + "2024-03-05 09:41:01 阿明\n在\n"
    )
    dialogues = read(tmp_path, log, tally)
    assert [texts(dialogue) for dialogue in dialogues] == [[("小红", "在吗")], [("小红", "大家好")]]
    assert tally.skipped == {"duplicate": 2}


HERS = "2024-03-05 09:41:00 小红\n在吗\n\n2024-03-05 09:41:01 阿明\n在\n\n"
LATER = "2024-03-05 10:41:00 小红\n走吧\n\n"


@pytest.mark.parametrize("groups", [("我的好友", "最近联系人"), ("最近联系人", "我的好友")])
def test_a_contacts_chat_that_stands_among_the_recent_ones_too_counts_once(
    tmp_path: Path, groups: tuple[str, str]
) -> None:
    tally = Tally()
    first, second = groups
    stranger = about("最近联系人", "路人") + "2024-03-05 09:41:00 路人\n你好\n\n"
    log = TITLE + about(first, "小红") + HERS + stranger + about(second, "小红") + HERS + LATER
    assert [texts(dialogue) for dialogue in read(tmp_path, log, tally)] == [
        [("小红", "在吗"), ("阿明", "在")], [("路人", "你好")], [("小红", "走吧")],
    ]  # fmt: skip
    assert tally.skipped == {"duplicate": 2}


def test_people_of_one_name_in_two_groups_are_two(tmp_path: Path) -> None:
    log = TITLE + about("我的好友", "小红") + HERS + about("同学", "小红") + HERS
    assert len(read(tmp_path, log)) == 2


def test_names_lose_their_titles_and_a_number_is_no_name(tmp_path: Path) -> None:
    log = TITLE + about("我的群", "读书群") + (
        "2024-03-05 09:41:00 【管理员】Ada (home)(100200)\none\n\n"
        "2024-03-05 09:41:01 【群主】【活跃】小红<red@example.com>\ntwo\n\n"
        "2024-03-05 09:41:02 100400(100400)\nthree\n\n2024-03-05 09:41:03 100200(100200)\nfour\n\n"
        "2024-03-05 09:41:04 【潜水】(100500)\nfive\n\n2024-03-05 09:41:05 阿明\nsix\n"
    )  # fmt: skip
    (dialogue,) = read(tmp_path, log)
    assert texts(dialogue) == [
        ("Ada (home)", "one"), ("小红", "two"), ("100400", "three"), ("Ada (home)", "four"), ("100500", "five"),
        ("阿明", "six"),
    ]  # fmt: skip


def test_a_text_may_begin_with_a_date_and_hold_rules(tmp_path: Path) -> None:
    schedule = f"时间表\n2024-03-06 08:00:00 出发\n{RULE}\n消息对象是谁"
    log = TITLE + about("我的好友", "小红") + (
        f"2024-03-05 09:41:00 小红\n{schedule}\n\n"
        "2020-01-01 00:00:00 那年\n\n2024-13-45 09:41:00 nobody\n\n2024-03-05 09:42:00 阿明\n好\n"
    )  # fmt: skip
    (dialogue,) = read(tmp_path, log)
    assert texts(dialogue) == [
        ("小红", f"{schedule}\n\n2020-01-01 00:00:00 那年\n\n2024-13-45 09:41:00 nobody"),
        ("阿明", "好"),
    ]


def test_headers_need_no_empty_line_where_the_file_has_none(tmp_path: Path) -> None:
    log = "消息记录（此消息记录为文本格式，不支持重新导入）\n消息分组:讨论组\n消息对象:Trip\n"
    log += "2024-03-05 09:41:00 Ada\nhi\n2024-03-05 09:41:10 Bob\nhello\n2024-03-05 下午 9:41:10 Ada\nlate\n"
    first, second = read(tmp_path, log)
    assert texts(first) == [("Ada", "hi"), ("Bob", "hello")]
    assert texts(second) == [("Ada", "late")]


@pytest.mark.parametrize(
    ("said", "hour"), [("8:43:38 PM", 20), ("12:43:38 AM", 0), ("下午 8:43:38", 20), ("20:43:38", 20)]
)
def test_clocks_of_twelve_hours_are_understood(tmp_path: Path, said: str, hour: int) -> None:
    (dialogue,) = read(tmp_path, TITLE + f"2019-09-23 {said} PM小红(100200)\n在吗\n")
    assert texts(dialogue) == [("PM小红", "在吗")]
    assert dialogue.turns[0].time == datetime(2019, 9, 23, hour, 43, 38)  # noqa: DTZ001 - the log states no zone


def test_whoever_has_spoken_may_be_a_little_out_of_order(tmp_path: Path) -> None:
    said = (
        ("20:00:10", "小明", "在吗"),
        ("20:00:40", "我", "在的"),
        ("20:00:35", "小明", "有事"),
        ("20:01:40", "我", "说吧"),
    )
    rows = "".join(f"2015-03-01 {time} {name}\n{text}\n\n" for time, name, text in said)
    (dialogue,) = read(tmp_path, TITLE + rows)
    assert texts(dialogue) == [("小明", "在吗\n有事"), ("我", "在的\n说吧")]


def test_headers_alone_tell_a_file_without_its_title(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path, "2024-03-05 09:41:00 Ada(100200)\nhi\n\n2024-03-05 09:41:10 Bob<b@example.com>\nhello\n"
    )
    assert texts(dialogue) == [("Ada", "hi"), ("Bob", "hello")]


def test_what_is_no_text_is_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    said = (
        "[图片]", "[表情][表情]", "看[图片]", "[红包]", "小红撤回了一条消息", "", "[微笑]", "[自动回复]不在",
        "我们已经是好友了，一起来聊天吧！", "[语音]",
    )  # fmt: skip
    rows = "".join(f"2024-03-05 09:41:{second:02} 小红(100200)\n{text}\n\n" for second, text in enumerate(said))
    system = "2024-03-05 09:41:30 系统消息(10000)\nBob加入了群聊\n\n2024-03-05 09:41:31 系统消息(1000000)\n新公告\n"
    (dialogue,) = read(tmp_path, TITLE + "garbage\n" + about("我的群", "读书群") + rows + system, tally)
    assert texts(dialogue) == [("小红", "看\n[微笑]")]
    assert tally.skipped == {"media": 4, "deleted": 1, "empty": 1, "system": 4, "malformed": 1}
    assert tally.malformed == [("log:3", "garbage")]


def test_the_exporters_json_has_ids_links_and_utc(tmp_path: Path) -> None:
    tally = Tally()
    elements = [
        {"type": "reply", "data": {"referencedMessageId": "761", "content": "去吗"}},
        {"type": "at", "data": {"name": "小红"}}, {"type": "text", "data": {"text": " 去"}},
        {"type": "face", "data": {"id": 14, "name": "微笑"}}, {"type": "image", "data": {"filename": "a.jpg"}},
    ]  # fmt: skip
    (dialogue,) = read(
        tmp_path,
        exported(
            said(1, "小红", "去吗"),
            said(2, "阿明", "", content={"text": "[回复 小红: 去吗]@小红 去", "elements": elements}),
            said(3, "小红", "好[图片:a.jpg]", timestamp=1709631663000),
            said(4, "阿明", "[回复消息]行", content={"text": "[回复消息]行", "reply": {"messageId": "763"}}),
            said(4, "阿明", "行"),
        ),
        tally,
    )
    assert [(turn.speaker, turn.text, turn.id, turn.reply_to) for turn in dialogue.turns] == [
        ("小红", "去吗", "761", None), ("阿明", "@小红 去[微笑]", "762", "761"),
        ("小红", "好", "763", None), ("阿明", "行", "764", "763"),
    ]  # fmt: skip
    assert [turn.time for turn in dialogue.turns][1:3] == [datetime(2024, 3, 5, 9, 41, n, tzinfo=UTC) for n in (2, 3)]
    assert tally.skipped == {"duplicate": 1}


def test_the_exporters_records_are_counted_by_reason(tmp_path: Path) -> None:
    tally = Tally()
    image = {"text": "[图片:a.jpg]", "resources": [{"type": "image"}]}
    nameless = {"sender": {"uid": "u_x", "uin": "20003", "name": "20003"}}
    log = exported(
        said(1, "小红", "x", isRecalled=True), said(2, "小红", "x", isSystemMessage=True),
        said(3, "小红", "", content=image), said(4, "小红", ""), said(5, "小红", "", type="forward"),
        said(6, "小红", "x", sender={"uin": "10000", "name": "系统"}), said(7, "x", "x", content="x"),
        said(8, "小红", "x", timestamp="never"), "x",
        {**said(9, "", "named"), **nameless, "rawMessage": {"sendNickName": "Bob", "sendMemberName": "Bobby"}},
        {**said(9, "", "unnamed"), **nameless, "messageId": "769b"},
    )  # fmt: skip
    (dialogue,) = read(tmp_path, log, tally)
    assert texts(dialogue) == [("Bobby", "named"), ("20003", "unnamed")]
    assert tally.skipped == {"deleted": 1, "system": 2, "media": 1, "empty": 1, "forwarded": 1, "malformed": 3}


def test_what_an_element_is_tells_what_was_typed(tmp_path: Path) -> None:
    tally = Tally()
    sent = [
        ("market_face", {"name": "晚安"}, "[晚安]"), ("av_record", {"text": "语音通话"}, "语音通话 - 通话时长 01:20"),
        ("face_bubble", {"faceName": "戳一戳"}, "戳一戳x3"), ("markdown", {"content": "x"}, "[Markdown消息]"),
        ("file", {"filename": "报告[最终].docx"}, "[文件:报告[最终].docx]"),
    ]  # fmt: skip
    messages = [
        said(number, "小红", "", content={"text": text, "elements": [{"type": kind, "data": data}]})
        for number, (kind, data, text) in enumerate(sent)
    ]
    (dialogue,) = read(tmp_path, exported(*messages, said(8, "小红", "早")), tally)
    assert texts(dialogue) == [("小红", "早")]
    assert tally.skipped == {"media": 4, "system": 1}


def test_an_answer_that_names_whom_it_answers_is_no_thread_of_messenger(tmp_path: Path) -> None:
    quoted = {"type": "reply", "data": {"referencedMessageId": "761", "senderName": "小红"}}
    elements = [quoted, {"type": "text", "data": {"text": "在"}}]
    answer = said(2, "阿明", "", content={"text": "[回复消息]在", "elements": elements}, timestamp=1728013330000)
    (dialogue,) = read(
        tmp_path, exported(said(1, "小红", "在吗", timestamp=1728013320000), {**answer, "type": "reply"})
    )
    assert [(turn.text, turn.reply_to) for turn in dialogue.turns] == [("在吗", None), ("在", "761")]


EXPORTED = """\
[QQChatExporter V5 / https://github.com/shuakami/qq-chat-exporter]
[本软件是免费的开源项目~]

===============================================
           QQ聊天记录导出文件
===============================================

聊天名称: 读书群
聊天类型: 群聊
导出时间: 2024-03-06 10:00:00
消息总数: 9
时间范围: 2024-03-05 09:41:00 - 2024-03-05 09:43:10


小红 (PM):
时间: 2024-03-05 09:41:00
内容: 去吗？时间表：

阿明
时间: 2024-03-06 08:00:00


阿明:
时间: 2024-03-05 09:41:30
内容: [回复 小红 (PM): 去吗？时间表：]
@小红 (PM) 去 [[微笑]]
提及: 小红 (PM)
回复: 小红 (PM) - 去吗？时间表：

阿明
时间: 2024-03-06 08:00:00


小红 (PM):
时间: 2024-03-05 09:42:00
内容: 看[图片: a.jpg]
资源: 1 个文件
  - image: a.jpg


小红 (PM):
时间: 2024-03-05 09:42:10
内容: [语音 7秒]
资源: 1 个文件
  - audio: a.silk


小红 (PM):
时间: 2024-03-05 09:42:20
内容: [image、file消息]


u_x:
时间: 2024-03-05 09:42:30
内容: [系统消息]


阿明:
时间: 2024-03-05 09:42:40
资源: 1 个文件
  - image: b.jpg


阿明:
时间: 2024-03-05 09:42:50
内容: 阿明撤回了一条消息


阿明:
时间: 2024-03-05 09:43:10
内容: 好

===============================================
              导出完成
===============================================
总计导出 9 条消息
导出时间: 2024-03-06 10:00:00
"""


def test_the_exporters_text_tells_more_below_a_text(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read(tmp_path, EXPORTED, tally)
    assert texts(dialogue) == [
        ("小红 (PM)", "去吗？时间表：\n\n阿明\n时间: 2024-03-06 08:00:00"), ("阿明", "@小红 (PM) 去 [微笑]"),
        ("小红 (PM)", "看"), ("阿明", "好"),
    ]  # fmt: skip
    assert dialogue.turns[0].time == datetime(2024, 3, 5, 9, 41)  # noqa: DTZ001 - the log states no zone
    assert tally.skipped == {"media": 2, "system": 1, "empty": 1, "deleted": 1}


def test_the_exporters_text_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    for cut in range(len("[QQChatExporter V5"), len(EXPORTED), 9):
        (tmp_path / "log").write_text(EXPORTED[:cut], encoding="utf-8")
        list(QqReader().read(open_log(str(tmp_path / "log")), Tally()))


def test_chunks_with_a_message_a_line_are_one_chat(tmp_path: Path) -> None:
    (tmp_path / "chunks").mkdir()
    manifest = {"metadata": {"name": "QQChatExporter V5"}, "chatInfo": {"name": "小红"}, "chunked": {"chunks": []}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for number, speaker in ((1, "小红"), (2, "阿明")):
        line = json.dumps(said(number, speaker, f"第{number}句"), ensure_ascii=False)
        (tmp_path / "chunks" / f"chunk_000{number}.jsonl").write_text(f"{line}\n{{cut\n")
    tally = Tally()
    reader, _, parts = recognise(open_log(str(tmp_path)))
    assert len(parts) == 3
    (dialogue,) = reader.read(parts, tally)
    assert texts(dialogue) == [("小红", "第1句"), ("阿明", "第2句")]
    assert tally.skipped == {"malformed": 2}


def test_a_cut_export_is_one_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="log: after record 3"):
        read(tmp_path, exported(*(said(n, "Ada", "hi") for n in range(3)))[:-20])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.sampled_from([RULE, "", "消息对象:x", "2024-03-05 09:41:00 Ada", "2024-03-05 9:41:0 B(1)", "x"]))
)
def test_any_lines_in_any_order_are_read_or_counted(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "log").write_text("\n".join([TITLE, *lines]))
    list(QqReader().read(open_log(str(tmp_path / "log")), Tally()))


@pytest.mark.parametrize(
    "text",
    [
        TITLE + "2024-03-05 09:41:00 " + "<" * 1_000_000,
        TITLE + ("2024-03-05 09:41:00 " + "(1" * 150 + "\n") * 3000,
        TITLE + "2024-03-05 09:41:00 Ada\n" + "[图片:" * 200_000,
        TITLE + "2024-03-05 09:41:00 Ada\n" + "撤回了的" * 80_000,
        '{"metadata": {"name": "QQChatExporter"}, "chatInfo": {}, "messages": [' + '{"a":' * 200_000,
    ],
)
def test_a_hostile_megabyte_takes_no_time(tmp_path: Path, text: str) -> None:
    start = time.process_time()
    try:
        read(tmp_path, text)
    except LogError as error:
        assert "log" in error.message
    assert time.process_time() - start < 2  # a busy machine; alone it takes a fifth of that
