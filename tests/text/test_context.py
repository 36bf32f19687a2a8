"""The one rendering of context."""

from chatbot.dialogue import Turn
from chatbot.text.context import OTHER, SELF, Segment, TextSettings, render_context, render_reply

TURNS = [Turn("Ada", "Hi  there!"), Turn("Robin", "Hello."), Turn("Bob", "And ME?")]


def test_the_last_turns_are_tagged_as_the_answerer_sees_them() -> None:
    settings = TextSettings(context_turns=2)
    assert render_context(TURNS, "Robin", settings) == (Segment(SELF, "Hello."), Segment(OTHER, "And ME?"))


def test_case_is_folded_only_where_the_bot_file_says_so() -> None:
    assert render_context(TURNS, "Robin", TextSettings(fold_case=True))[-1].text == "and me?"


def test_a_spaced_corpus_has_messages_spaced_and_replies_drawn_together() -> None:
    settings = TextSettings(spaced=True)
    assert render_context([Turn("Ada", "Fine, thanks.")], "Robin", settings)[0].text == "Fine , thanks ."
    assert render_reply("I ' m fine , thanks .", settings) == "I'm fine, thanks."
