"""Turns to source text: the one rendering that training and live replies share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from chatbot.dialogue import Turn
from chatbot.settings import Settings
from chatbot.text.clean import clean, close_up, space_out
from chatbot.text.script import Script

Unit = Literal["bpe", "word", "character"]
SELF, OTHER = "<self>", "<other>"


@dataclass(frozen=True, slots=True)
class Segment:
    """One turn of a context: a speaker tag (``SELF`` spoke, or ``OTHER``) and clean text."""

    tag: str
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


def render_context(turns: Sequence[Turn], answerer: str, settings: TextSettings) -> tuple[Segment, ...]:
    """Return the last ``context_turns`` turns, oldest first, as ``answerer`` sees them."""
    return tuple(
        Segment(SELF if turn.speaker == answerer else OTHER, render_question(turn.text, settings))
        for turn in turns[-settings.context_turns :]
    )


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
