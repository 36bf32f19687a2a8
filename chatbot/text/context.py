"""Turns to source text: the one rendering that training and live replies share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from pydantic import Field

from chatbot.dialogue import Turn, silence
from chatbot.settings import Settings
from chatbot.text.clean import clean, close_up, space_out
from chatbot.text.script import Script

Unit = Literal["bpe", "word", "character"]
SELF, OTHER, PAUSE = "<self>", "<other>", "<pause>"
TAGS = (SELF, OTHER)
"""The tags that every model knows."""
_SPEAKER = "<speaker{}>"
MOST_SPEAKERS = 30


@dataclass(frozen=True, slots=True)
class Segment:
    """One turn of a context: the tags before it, of which the last one says who spoke, and clean text."""

    tags: tuple[str, ...]
    text: str


class TextSettings(Settings):
    """How text becomes ids: the ``[text]`` table of a bot file."""

    unit: Unit = "bpe"
    """What a token is: a frequent part of words (byte pair encoding), a word (of Chinese, a character), a character."""
    vocabulary_size: int = Field(4000, ge=300, le=1_000_000)
    """Entries of the tokenizer that is trained; an existing ``tokenizer`` has its own size."""
    tokenizer: str = ""
    """Path or hub name of an existing tokenizer; empty: train one on the training texts."""
    context_turns: int = Field(4, ge=1, le=100)
    """How many turns of the conversation the model sees, the question included."""
    context_tokens: int = Field(96, ge=4, le=4096)
    """Most source tokens; the oldest go first."""
    answer_tokens: int = Field(64, ge=2, le=4096)
    """Most target tokens, the end of the reply included."""
    fold_case: bool = False
    """Show the model what people say in lower case, so that HELLO is hello."""
    script: Script = "as-written"
    """Show the model Chinese in one script, whichever people write: as-written, simplified, traditional."""
    spaced: bool = False
    """The corpus has blanks round its punctuation: messages get them, replies lose them."""
    speakers: tuple[str, ...] = Field((), max_length=MOST_SPEAKERS)
    """Those whom the model tells apart, as the log names them: each has a numbered tag of their own before what they
    say, and one more before the question says who is to answer."""
    pause_minutes: float = Field(0.0, ge=0, le=1_000_000)
    """Mark a turn that began more than so many minutes after the one before it; 0: never. Conversations have times, and
    a model cannot learn the mark from a log without, so ``chatbot new`` sets it (to 5, which parts two messages of one
    speaker, too: ``merge_seconds``) only where a log has such pauses."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that a model with these settings knows."""
        marks = (PAUSE,) if self.pause_minutes else ()
        return (*TAGS, *marks, *(_SPEAKER.format(number) for number in range(1, len(self.speakers) + 1)))


def render_context(turns: Sequence[Turn], answerer: str, settings: TextSettings) -> tuple[Segment, ...]:
    """Return the last ``context_turns`` turns, oldest first, as ``answerer`` sees them.

    Where speakers are told apart, the question's first tag is the answerer's (as in Johnson et al. 2017, whose first
    token names the language to translate into): who is asked is as much a part of what is asked (Li et al. 2016).
    """
    shown = turns[-settings.context_turns :]
    marks = [(), *(_pause(before, turn, settings) for before, turn in pairwise(shown))]
    if settings.speakers:
        marks[-1] = (render_speaker(answerer, answerer, settings), *marks[-1])
    return tuple(
        Segment((*marked, render_speaker(turn.speaker, answerer, settings)), render_question(turn.text, settings))
        for marked, turn in zip(marks, shown, strict=True)
    )


def render_speaker(speaker: str, answerer: str, settings: TextSettings) -> str:
    """Return the tag of a speaker: their own where they have one, else what they are to ``answerer``."""
    if speaker in settings.speakers:
        return _SPEAKER.format(settings.speakers.index(speaker) + 1)
    return SELF if speaker == answerer else OTHER


def _pause(before: Turn, turn: Turn, settings: TextSettings) -> tuple[str, ...]:
    long = timedelta(minutes=settings.pause_minutes)
    return (PAUSE,) if long and silence(before.time, turn.time) > long else ()


def render_question(text: str, settings: TextSettings) -> str:
    """Return one turn's text as the source side shows it."""
    text = space_out(text) if settings.spaced else clean(text)
    return text.lower() if settings.fold_case else text


def render_answer(text: str) -> str:
    """Return an answer's text as the target side has it."""
    return clean(text)


def render_reply(text: str, settings: TextSettings) -> str:
    """Return a model's text as people are shown it."""
    return close_up(clean(text)) if settings.spaced else clean(text)
