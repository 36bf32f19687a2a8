"""DiscordChatExporter's web pages."""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from chatbot.corpus.log import open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.discord import DiscordReader
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError
from tests.corpus.readers.damage import damaged, seconds, survives

HEAD = (
    "<!DOCTYPE html><html lang=en><head><title>Tea House - talk</title><meta charset=utf-8><style>"
    ".chatlog__message-group{margin-bottom:1rem}</style><script>if(1<2&&3>2){}</script></head><body>"
    "<div class=preamble><div class=preamble__entry>Tea House</div></div><div class=chatlog>"
)
FOOT = "</div><div class=postamble><div class=postamble__entry>Exported 2 message(s)</div></div></body></html>"


def snowflake(minute: int) -> int:
    milliseconds = datetime(2024, 3, 5, 21, minute, tzinfo=UTC) - datetime(2015, 1, 1, tzinfo=UTC)
    return (int(milliseconds.total_seconds()) * 1000) << 22


def message(minute: int, said: str, author: str = "", before: str = "", after: str = "") -> str:
    number = snowflake(minute)
    header = (
        f"<div class=chatlog__header><span class=chatlog__author title={author}#1 data-user-id=7>{author}</span> "
        f"<span class=chatlog__timestamp><a href=#chatlog__message-container-{number}>21:{minute}</a></span></div>"
    )
    content = (
        '<div class="chatlog__content chatlog__markdown"><span class=chatlog__markdown-preserve><!--wmm:ignore-->'
        f'{said}<!--/wmm:ignore--></span> <span class=chatlog__edited-timestamp title="x">(edited)</span></div>'
    )
    return (
        f"<div id=chatlog__message-container-{number} class=chatlog__message-container data-message-id={number}>"
        f"<div class=chatlog__message><div class=chatlog__message-aside><img class=chatlog__avatar src=a.png alt=A>"
        f"</div><div class=chatlog__message-primary>{before}{header if author else ''}{content if said else ''}{after}"
        "</div></div></div>"
    )


def group(*messages: str) -> str:
    return f"<div class=chatlog__message-group>{''.join(messages)}</div>"


def reply(minute: int, said: str) -> str:
    return (
        "<div class=chatlog__reply><div class=chatlog__reply-author>mei</div><div class=chatlog__reply-content>"
        f"<span class=chatlog__reply-link onclick=\"scrollToMessage(event, '{snowflake(minute)}')\">{said}</span>"
        "</div></div>"
    )


ATTACHED = "<div class=chatlog__attachment><a href=https://example.com/x/><img alt=Image></a></div>"
TALK = HEAD + group(message(0, "say &quot;hi&quot;\n\nplease", "mei")) + group(message(1, "你好", "tom")) + FOOT


def read(folder: Path, *groups: str, tally: Tally | None = None, **settings: Any) -> list[Dialogue]:
    (folder / "log.html").write_text(HEAD + "".join(groups) + FOOT, encoding="utf-8")
    return list(DiscordReader(**settings).read(open_log(str(folder / "log.html")), tally or Tally()))


def said(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def test_a_page_is_recognised_and_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(TALK, encoding="utf-8")
    reader, reason, parts = recognise(open_log(str(tmp_path)))
    assert isinstance(reader, DiscordReader) and "web page" in reason
    (dialogue,) = reader.read(parts, Tally())
    assert said(dialogue) == [("mei", 'say "hi"\n\nplease'), ("tom", "你好")]
    assert dialogue.turns[1].time == datetime(2024, 3, 5, 21, 1, tzinfo=UTC)


def test_a_groups_messages_are_all_by_its_author_and_replies_are_linked(tmp_path: Path) -> None:
    smile = (
        'ok <img loading=lazy class=chatlog__emoji alt=wave title=wave src=x.svg><img class=chatlog__emoji alt="🙂">'
    )
    (dialogue,) = read(
        tmp_path,
        group(message(0, "one", "mei"), message(1, "<strong>two</strong>")),
        group(message(9, smile, "tom", before=reply(0, "one"))),
    )
    assert said(dialogue) == [("mei", "one\ntwo"), ("tom", "ok :wave:🙂")]
    assert dialogue.turns[1].reply_to == dialogue.turns[0].id == str(snowflake(0))


def test_what_is_no_text_is_counted(tmp_path: Path) -> None:
    joined = (
        "<span class=chatlog__system-notification-author>ada</span> "
        "<span class=chatlog__system-notification-content>joined</span>"
    )
    used = "<div class=chatlog__reply><div class=chatlog__reply-content>used /play</div></div>"
    tally = Tally()
    (dialogue,) = read(
        tmp_path,
        group(message(0, "", "mei", after=ATTACHED), message(1, "look", after=ATTACHED), message(2, "")),
        group(message(3, "", before=joined)),
        group(message(4, "Now playing", "dj", before=used)),
        group(message(5, "later", "mei").replace(f"data-message-id={snowflake(5)}", "data-message-id=five")),
        group("<div class=chatlog__message>nobody's</div>"),
        tally=tally,
    )
    assert said(dialogue) == [("mei", "look")]
    assert tally.skipped == {"media": 1, "empty": 1, "system": 1, "command": 1, "malformed": 2}


def test_the_mark_of_a_change_is_nothing_that_someone_said(tmp_path: Path) -> None:
    edited = '<div class=chatlog__content><span class=chatlog__edited-timestamp title="x">(edited)</span></div>'
    tally = Tally()
    (dialogue,) = read(
        tmp_path, group(message(0, "look", "mei"), message(1, "", after=edited + ATTACHED)), tally=tally
    )  # fmt: skip
    assert said(dialogue) == [("mei", "look")]
    assert tally.skipped == {"media": 1}


def test_headings_and_points_are_lines(tmp_path: Path) -> None:
    (dialogue,) = read(tmp_path, group(message(0, "<h1>Title</h1>text<ul><li>one</li><li>two</li></ul>bye", "mei")))
    assert said(dialogue) == [("mei", "Title\ntextone\ntwo\nbye")]


def test_the_parts_of_a_channel_are_one_log_and_what_they_repeat_counts_once(tmp_path: Path) -> None:
    name = "Tea House - talk [812345678901234567]"
    first, second = group(message(0, "one", "mei")), group(message(1, "two", "tom", before=reply(0, "one")))
    (tmp_path / f"{name} [part 1].html").write_text(HEAD + first + FOOT, encoding="utf-8")
    (tmp_path / f"{name} [part 2].html").write_text(HEAD + first + second + FOOT, encoding="utf-8")
    tally = Tally()
    (dialogue,) = DiscordReader().read(open_log(str(tmp_path)), tally)
    assert said(dialogue) == [("mei", "one"), ("tom", "two")]
    assert dialogue.turns[1].reply_to == str(snowflake(0))
    assert tally.skipped == {"duplicate": 1}


def test_bots_are_left_out_when_wanted(tmp_path: Path) -> None:
    log = group(
        message(0, "beep", "dj").replace("</span> <span", "</span> <span class=chatlog__author-tag>BOT</span> <span")
    )
    assert [said(dialogue) for dialogue in read(tmp_path, log)] == [[("dj", "beep")]]
    assert read(tmp_path, log, bots=False) == []


def test_older_versions_have_other_classes(tmp_path: Path) -> None:
    (dialogue,) = read(
        tmp_path,
        '<div class="chatlog__message-group"><div class="chatlog__messages"><span class="chatlog__author-name" '
        'title="mei#1" data-user-id="7">mei</span><span class="chatlog__timestamp">05-Mar-24 09:00 PM</span>'
        f'<div class="chatlog__message " data-message-id="{snowflake(0)}" id="message-1"><div class="chatlog__content">'
        '<div class="markdown"><span class="preserve-whitespace">hi<br>there</span></div></div></div></div></div>',
    )
    assert said(dialogue) == [("mei", "hi\nthere")]


def test_in_older_versions_an_answer_stands_before_its_author(tmp_path: Path) -> None:
    def older(author: str, number: int, text: str, before: str = "", tag: str = "") -> str:
        return group(
            f"{before}<div class=chatlog__messages><span class=chatlog__author-name>{author}</span>{tag}"
            f"<div class=chatlog__message data-message-id={snowflake(number)}><div class=chatlog__content>"
            f"<span class=preserve-whitespace>{text}</span></div></div></div>"
        )

    link = f"<span class=chatlog__reference-link onclick=\"scrollToMessage(event, '{snowflake(0)}')\">shall we?</span>"
    name = "<span class=chatlog__reference-name>mei</span>"
    reference = (
        f"<div class=chatlog__reference-symbol></div><div class=chatlog__reference>{name}{link}</div>"
        "<div class=chatlog__author-avatar-container><img class=chatlog__author-avatar src=a.png></div>"
    )
    tag = "<span class=chatlog__bot-tag>BOT</span>"
    tally = Tally()
    talk = older("mei", 0, "shall we?") + older("dj", 1, "beep", tag=tag) + older("tom", 2, "yes", before=reference)
    (dialogue,) = read(tmp_path, talk + older("mei", 3, "good"), tally=tally, bots=False)
    assert said(dialogue) == [("mei", "shall we?"), ("tom", "yes"), ("mei", "good")]
    assert [turn.reply_to for turn in dialogue.turns] == [None, str(snowflake(0)), None]
    assert tally.skipped == {"system": 1}


def test_bots_pages_have_media_in_the_content_and_answers_in_a_block_of_their_own(tmp_path: Path) -> None:
    def content(*inside: str) -> str:
        return f'<div class="chatlog__content chatlog__markdown">{"".join(inside)}</div>'

    text = "<span class=chatlog__markdown-preserve>{}</span>"
    embed = f"<div class=chatlog__embed><div class=chatlog__embed-title>{text.format('Ticket opened')}</div></div>"
    link = f"<span class=chatlog__reference-link onclick=\"scrollToMessage(event, '{snowflake(0)}')\">see</span>"
    first, answer = content(text.format("see here"), ATTACHED), content(text.format("ok"))
    answered, tally = f"<div class=chatlog__followup>{link}</div>", Tally()
    (dialogue,) = read(
        tmp_path,
        group(message(0, "", "mei", after=first), message(1, "", after=content(embed))),
        group(message(2, "", "tom", before=answered, after=answer)),
        group(message(3, "", "mei", after=content(ATTACHED))),
        tally=tally,
    )
    assert said(dialogue) == [("mei", "see here"), ("tom", "ok")]
    assert dialogue.turns[1].reply_to == dialogue.turns[0].id
    assert tally.skipped == {"media": 2}


def test_who_writes_for_days_is_read_and_only_what_is_too_long_for_a_message_is_counted(tmp_path: Path) -> None:
    text, tally = "word " * 30_000, Tally()
    long = group(*(message(number, text, "mei" if number == 0 else "") for number in range(20)))
    endless = group(message(30, "x" * 2**20 + "<b>y</b>", "tom"), message(31, "short"))
    (dialogue,) = read(tmp_path, long, endless, tally=tally)
    assert [(turn.speaker, len(turn.text)) for turn in dialogue.turns] == [("mei", 20 * len(text) - 1), ("tom", 5)]
    assert tally.skipped == {"malformed": 1}


def test_damage_is_survived(tmp_path: Path) -> None:
    for content in islice(damaged(TALK[TALK.index("<div class=chatlog>") :].encode()), 0, None, 7):
        survives("discord", tmp_path / "log", b"<!DOCTYPE html>" + content)


@pytest.mark.parametrize(
    "unit", ["<div class=chatlog__message-container>", "<b>", "<b ", "<b x='", "</b>", "&#9;", "a=b "]
)
def test_hostile_pages_take_no_time(tmp_path: Path, unit: str) -> None:
    content = TALK.replace("please", unit * (1_000_000 // len(unit)))
    assert seconds("discord", tmp_path / "log", content.encode()) < 5


@pytest.mark.parametrize(
    "page", ["<!DOCTYPE html><html><body><div class=_a6-g>hi</div>", "<html>\n<body>\n<p>hi\n<p>ho\n"]
)
def test_other_web_pages_are_an_error_that_says_what_to_do(tmp_path: Path, page: str) -> None:
    (tmp_path / "message_1.html").write_text(page)
    (tmp_path / "audio.mp4").write_bytes(b"\0" * 9)
    with pytest.raises(LogError, match=r"message_1\.html: is a web page of no program that is known") as caught:
        recognise(open_log(str(tmp_path)))
    assert "as JSON" in caught.value.hint
