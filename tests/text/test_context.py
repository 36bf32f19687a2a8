"""The one rendering of context."""

from datetime import UTC, datetime, timedelta

import pytest

from chatbot.dialogue import Turn
from chatbot.text.context import OTHER, PAUSE, SELF, Segment, TextSettings, render_context, render_reply

TURNS = [Turn("Ada", "Hi  there!"), Turn("Robin", "Hello."), Turn("Bob", "And ME?")]
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
FIRST, SECOND = "<speaker1>", "<speaker2>"


def after(*minutes: float) -> list[Turn]:
    return [Turn(f"{number}", "嗯", NOON + timedelta(minutes=when)) for number, when in enumerate(minutes)]


def tags(turns: list[Turn], answerer: str, settings: TextSettings) -> list[tuple[str, ...]]:
    return [segment.tags for segment in render_context(turns, answerer, settings)]


def test_the_last_turns_are_tagged_as_the_answerer_sees_them() -> None:
    settings = TextSettings(context_turns=2)
    assert render_context(TURNS, "Robin", settings) == (Segment((SELF,), "Hello."), Segment((OTHER,), "And ME?"))


def test_speakers_who_are_told_apart_have_tags_of_their_own_and_so_has_who_is_to_answer() -> None:
    settings = TextSettings(speakers=("Robin", "Ada"))
    assert tags(TURNS, "Robin", settings) == [(SECOND,), (FIRST,), (FIRST, OTHER)]
    assert tags(TURNS, "Ada", settings) == [(SECOND,), (FIRST,), (SECOND, OTHER)]
    assert tags(TURNS, "Eve", settings) == [(SECOND,), (FIRST,), (SELF, OTHER)]
    assert tags(TURNS, "Bob", settings) == [(SECOND,), (FIRST,), (SELF, SELF)]
    assert tags(TURNS[:1], "Robin", settings) == [(FIRST, SECOND)]


def test_a_long_pause_is_marked_between_the_turns_that_are_shown() -> None:
    settings = TextSettings(pause_minutes=5, context_turns=3)
    assert tags(after(0, 5, 10.5), "x", settings) == [(OTHER,), (OTHER,), (PAUSE, OTHER)]
    assert tags(after(0, 9, 10, 11), "x", settings) == [(OTHER,)] * 3
    assert tags(after(0, 9), "x", TextSettings()) == [(OTHER,)] * 2
    assert tags(TURNS, "x", settings) == [(OTHER,)] * 3


def test_a_pause_needs_two_times_which_may_lack_their_offsets() -> None:
    settings, later = TextSettings(pause_minutes=5), NOON.replace(hour=13)
    turns = [Turn("a", "?"), Turn("b", "?", NOON), Turn("c", "?", later.replace(tzinfo=None))]
    assert tags(turns, "x", settings) == [(OTHER,), (OTHER,), (PAUSE, OTHER)]


def test_a_question_after_a_pause_is_still_asked_of_someone() -> None:
    settings = TextSettings(pause_minutes=5, speakers=("0", "1"))
    assert tags(after(0, 6), "0", settings) == [(FIRST,), (FIRST, PAUSE, SECOND)]


@pytest.mark.parametrize("settings", [TextSettings(), TextSettings(pause_minutes=5, speakers=("Ada", "小明"))])
def test_no_tag_is_rendered_that_the_settings_do_not_name(settings: TextSettings) -> None:
    turns = [Turn(name, "嗯", NOON + timedelta(hours=hour)) for hour, name in enumerate(("Ada", "小明", "you", "Bob"))]
    for answerer in ("Ada", "小明", "Bob", "x"):
        assert {tag for one in tags(turns, answerer, settings) for tag in one} <= {*settings.tags}


def test_case_is_folded_only_where_the_bot_file_says_so() -> None:
    assert render_context(TURNS, "Robin", TextSettings(fold_case=True))[-1].text == "and me?"


def test_a_spaced_corpus_has_messages_spaced_and_replies_drawn_together() -> None:
    settings = TextSettings(spaced=True)
    assert render_context([Turn("Ada", "Fine, thanks.")], "Robin", settings)[0].text == "Fine , thanks ."
    assert render_reply("I ' m fine , thanks .", settings) == "I'm fine, thanks."
