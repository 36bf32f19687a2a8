"""Logs of IRC."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatbot.corpus.log import HEAD, open_log
from chatbot.corpus.readers import Tally, recognise
from chatbot.corpus.readers.irc import IrcReader, _irssi_date
from chatbot.dialogue import Dialogue
from tests.conftest import SHARED


def read(path: Path, tally: Tally | None = None) -> list[Dialogue]:
    reader, _, parts = recognise(open_log(str(path)))
    assert isinstance(reader, IrcReader)
    return list(reader.read(parts, tally or Tally()))


def read_text(folder: Path, text: str, tally: Tally | None = None, name: str = "log") -> list[Dialogue]:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return read(folder / name, tally)


def texts(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in dialogue.turns]


def at(*numbers: int) -> datetime:
    return datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001 - the log states no zone


def test_irssi_tells_the_date_in_lines_of_its_own(tmp_path: Path) -> None:
    tally = Tally()
    first, second, third = read_text(
        tmp_path,
        "--- Log opened Mon Aug 05 23:32:20 2013\n"
        "23:32 -!- ada [~ada@example.org] has joined #tea\n"
        "23:32 <@ada> water's on\n23:33 < bob> lovely\n23:33 <+bob> thanks\n23:33  * ada pours\n"
        "23:34 -NickServ(NickServ@services.)- This nickname is registered.\n"
        "--- Day changed Tue Aug 06 2013\n00:40 <ada> more?\n00:41 <bob>\n00:41 <bob> 好\n"
        "--- Log closed Tue Aug 06 00:50:00 2013\n"
        "--- Log opened Fr Mär 07 09:00:00 2014\n09:00:05 <ada> guten Morgen\nwhat is this\n",
        tally,
    )
    assert texts(first) == [("ada", "water's on"), ("bob", "lovely\nthanks"), ("ada", "pours")]
    assert texts(second) == [("ada", "more?"), ("bob", "好")]
    assert texts(third) == [("ada", "guten Morgen")]
    assert [found.turns[0].time for found in (first, second, third)] == [
        at(2013, 8, 5, 23, 32), at(2013, 8, 6, 0, 40), at(2014, 3, 7, 9, 0, 5),
    ]  # fmt: skip
    assert tally.skipped == {"system": 2, "empty": 1, "malformed": 1}
    assert tally.malformed == [("log:15", "what is this")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon Aug 05 23:32:20 2013", date(2013, 8, 5)), ("Tue Jun 02 2015", date(2015, 6, 2)),
        ("Di Mai 05 2015", date(2015, 5, 5)), ("sáb ago 01 10:00:00 2015", date(2015, 8, 1)),
        ("mar. févr. 03 10:00:00 2015", date(2015, 2, 3)), ("mer. juil. 01 2015", date(2015, 7, 1)),
        ("ti marras 03 2015", date(2015, 11, 3)), ("Чт окт 01 2015", date(2015, 10, 1)),
        ("四 10月 01 23:32:20 2015", date(2015, 10, 1)), ("목 10월 01 2015", date(2015, 10, 1)),
        ("mar mar 03 2015", date(2015, 3, 3)), ("Mon Foo 05 2013", None), ("Mon Feb 31 2013", None), ("", None),
    ],
)  # fmt: skip
def test_months_have_names_in_many_languages(text: str, expected: date | None) -> None:
    assert _irssi_date(text) == expected


def test_the_last_day_there_is_has_no_next(tmp_path: Path) -> None:
    log = "--- Day changed Fri Dec 31 9999\n23:00 <ada> hi\n01:00 <bob> hello\n"
    assert sum(len(dialogue.turns) for dialogue in read_text(tmp_path, log)) == 2


def test_without_any_date_there_is_no_time(tmp_path: Path) -> None:
    (dialogue,) = read_text(tmp_path, "09:00 <ada> hi\n23:00 <bob> hello\n")
    assert [turn.time for turn in dialogue.turns] == [None, None]


def test_weechat_has_tabs_and_since_version_4_utc(tmp_path: Path) -> None:
    tally = Tally()
    first, second = read_text(
        tmp_path,
        "2024-03-05 09:41:00\t-->\tada (~ada@example.org) has joined #tea\n"
        "2024-03-05 09:41:01\t@ada\tmilk\tand sugar?\n2024-03-05 09:41:02\tbob\tboth\n"
        "2024-03-05 09:41:03\t *\tada stirs it\n"
        "2024-03-05 09:41:04\t--\tbob is now known as rob\n2024-03-05 09:41:05\t=!=\terror\n"
        "2024-03-05 09:41:06\t<--\tx has quit\n"
        "2026-06-10T10:00:00.000000Z\tada\there we go\n2026-06-10T10:00:01.5Z\t+rob\tyes\n",
        tally,
    )
    assert texts(first) == [("ada", "milk\tand sugar?"), ("bob", "both"), ("ada", "stirs it")]
    assert first.turns[0].time == at(2024, 3, 5, 9, 41, 1)
    assert texts(second) == [("ada", "here we go"), ("rob", "yes")]
    assert second.turns[1].time == datetime(2026, 6, 10, 10, 0, 1, 500_000, UTC)
    assert tally.skipped == {"system": 4}


def test_znc_has_a_file_a_day_and_channels_do_not_mix(tmp_path: Path) -> None:
    tally = Tally()
    for channel, day, text in (
        ("#tea", "2024-03-05", "[23:50:00] *** Joins: ada (ada@example.org)\n[23:50:10] <ada> tea?\n"),
        ("#tea", "2024-03-06", "[00:01:00] <bob> yes\n[00:01:05] * bob nods\n[00:01:06] -srv- notice\n"),
        ("#jam", "2024-03-05", "[23:55:00] <eve> jam?\n"),
    ):
        (tmp_path / "irc" / channel).mkdir(parents=True, exist_ok=True)
        (tmp_path / "irc" / channel / f"{day}.log").write_text(text)
    jam, tea = read(tmp_path, tally)
    assert texts(jam) == [("eve", "jam?")]
    assert texts(tea) == [("ada", "tea?"), ("bob", "yes\nnods")]
    assert [turn.time for turn in tea.turns] == [at(2024, 3, 5, 23, 50, 10), at(2024, 3, 6, 0, 1)]
    assert tally.skipped == {"system": 2}


def test_a_log_may_begin_with_thousands_of_joins(tmp_path: Path) -> None:
    log = "--- Log opened Tue Mar 05 00:00:00 2024\n" + "00:01 -!- user1 [~x@host] has joined #tea\n" * 1800
    tally = Tally()
    (dialogue,) = read_text(tmp_path, log + "21:00 < alice> hi\n", tally)
    assert len(log) > HEAD
    assert texts(dialogue) == [("alice", "hi")]
    assert tally.skipped == {"system": 1800}


def test_a_day_on_which_nobody_spoke_is_counted(tmp_path: Path) -> None:
    (tmp_path / "2024-03-05.log").write_text("[23:50:10] <ada> tea?\n")
    (tmp_path / "2024-03-06.log").write_text("[00:01:00] *** Joins: bob (b@host)\n[00:02:00] *** Quits: bob (b@host)\n")
    tally = Tally()
    assert [texts(dialogue) for dialogue in read(tmp_path, tally)] == [[("ada", "tea?")]]
    assert tally.skipped == {"system": 2}


def test_mirc_has_stars_before_events_and_dates_in_sessions(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read_text(
        tmp_path,
        "\nSession Start: Tue Mar 05 21:40:00 2024\nSession Ident: #tea\n[21:40] * Now talking in #tea\n"
        "[21:40] * Topic is 'green: or black'\n[21:40] * Set by ada on Mon Mar 04 10:00:00\n[21:41] <@ada> hi\n"
        "[21:41] * Joins: carol (~c@host)\n[21:41] * carol (~c@host) has joined #tea\n[21:42] <carol> hello\n"
        "[21:42] * carol waves\n[21:43] * ada has joined the tea party\n[21:43] * ada sets mode: +o carol\n"
        "[21:43] * carol is now known as caro\n[21:44] * eve was kicked by ada (off)\n[21:45] * Disconnected\n"
        "Session Close: Tue Mar 05 22:00:00 2024\n",
        tally,
    )
    assert texts(dialogue) == [("ada", "hi"), ("carol", "hello\nwaves"), ("ada", "has joined the tea party")]
    assert dialogue.turns[0].time == at(2024, 3, 5, 21, 41)
    assert tally.skipped == {"system": 9}


@pytest.mark.parametrize("name", ["2004-12-25.tea.txt", "2004/12/25/#tea.txt", "me_net_#tea_20041225.log"])
def test_the_date_may_stand_anywhere_in_the_path_and_days_may_end_in_a_file(tmp_path: Path, name: str) -> None:
    tally = Tally()
    log = "=== ada [~ada@example.org]  has joined #tea\n[23:59] <ada> late\n"
    log += "=== bob is now known as rob\n[00:01] <rob> early\n"
    (dialogue,) = read_text(tmp_path, log, tally, name)
    assert [turn.time for turn in dialogue.turns] == [at(2004, 12, 25, 23, 59), at(2004, 12, 26, 0, 1)]
    assert tally.skipped == {"system": 2}


def test_a_name_in_front_says_whom_a_message_answers(tmp_path: Path) -> None:
    (dialogue,) = read_text(
        tmp_path,
        "--- Log opened Tue Mar 05 09:00:00 2024\n"
        "09:00 <ada> how do I brew?\n09:00 <ada> green tea\n09:01 <bob> hello\n09:01 <Eve> Ada: at 80 degrees\n"
        "09:02 <bob> eve, no, 70\n09:02 <bob> ada: really\n09:03 <ada> nobody: hm\n09:03 <ada> ada: note\n",
    )
    assert [(turn.speaker, turn.id, turn.reply_to) for turn in dialogue.turns] == [
        ("ada", "2", None), ("bob", "4", None), ("Eve", "5", "2"),
        ("bob", "6", "5"), ("bob", "7", "2"), ("ada", "8", None),
    ]  # fmt: skip


def test_colours_and_old_encodings_are_undone(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(
        b"[09:00] <ada> \x02bold\x02 \x0304,12red\x03 \x1dcaf\xe9\x0f 5\n[09:01] <bob> \x033,2,1\n"
    )
    (dialogue,) = read(tmp_path / "log")
    assert texts(dialogue) == [("ada", "bold red café 5"), ("bob", ",1")]


def test_a_line_may_be_coloured_from_its_beginning(tmp_path: Path) -> None:
    tally = Tally()
    (dialogue,) = read_text(
        tmp_path,
        "\x0303Session Start: Tue Mar 05 21:40:00 2024\n\x0303[21:40] * Now talking in #tea\n"
        "\x02\x0302[21:41] * ada (~a@host) has quit (bye)\x0f\n\x16[21:41] <ada> hi\n[21:42] \x1f<bob> hello\n"
        "[21:42] \x0306* bob waves\x03\n",
        tally,
    )
    assert texts(dialogue) == [("ada", "hi"), ("bob", "hello\nwaves")]
    assert dialogue.turns[0].time == at(2024, 3, 5, 21, 41)
    assert tally.skipped == {"system": 2}


LINES = (
    "99:99 <a> x", "10:00 <a> b: x", "10:00 <b> a: y", "2024-99-01 10:00 <a> x", "2024-03-05T10:00:61Z\ta\tx",
    "23:59 * a y", "--- Day changed x", "--- Day changed Fri Dec 31 9999", "00:00 <> x", "2024-03-05 10:00:00\t*\t",
    "2024-03-05 10:00:00Z\tb\tz",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.sampled_from(LINES)))
def test_any_lines_in_any_order_are_read_or_counted(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "log").write_text("\n".join(lines) or "\n")
    list(IrcReader().read(open_log(str(tmp_path / "log")), Tally()))


@pytest.mark.parametrize(
    "text",
    ["09:00 <ada> " + "\x03" * 1_000_000, "09:00 " + "<" * 1_000_000, "09:00 * a (" + "@" * 1_000_000,
     "<" * 1_000_000, "0" * 1_000_000,
     "2024-03-05 10:00:00\t" + "\t" * 1_000_000],
)  # fmt: skip
def test_a_hostile_megabyte_takes_no_time(tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text)
    start = time.process_time()
    list(IrcReader().read(open_log(str(tmp_path / "log")), Tally()))
    assert time.process_time() - start < 2  # a busy machine; alone it takes a fifth of that


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpora are not here")
@pytest.mark.parametrize("name", ["2004-12-25.train-c", "2005-02-06.train-c", "2005-02-08.train-a"])
def test_the_ubuntu_logs_are_read_whole_and_their_names_lead_to_whom_they_answer(name: str) -> None:
    path = SHARED / "corpora" / "ubuntu-irc" / f"{name}.ascii.txt"
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    tally = Tally()
    turns = [turn for dialogue in read(path, tally) for turn in dialogue.turns]
    said = sum(turn.text.count("\n") + 1 for turn in turns)
    assert said == sum(line.startswith("[") for line in lines) - tally.skipped["empty"]
    assert tally.skipped["system"] == sum(line.startswith("===") for line in lines)
    assert sum(turn.reply_to is not None for turn in turns) > len(turns) / 10
