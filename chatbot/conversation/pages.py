"""Conversations to hand out: canonical dialogues, Markdown, or one HTML page."""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape

from chatbot.corpus.canonical import dump_dialogue
from chatbot.dialogue import Dialogue, Turn
from chatbot.pages import html_page
from chatbot.text.clean import clean


def as_lines(dialogues: Iterable[Dialogue]) -> Iterator[str]:
    """Yield a line of JSON for each dialogue."""
    for dialogue in dialogues:
        yield dump_dialogue(dialogue) + "\n"


def as_markdown(dialogues: Iterable[Dialogue]) -> Iterator[str]:
    """Yield a section for each dialogue; what people typed is never taken for Markdown."""
    for dialogue in dialogues:
        yield f"## {_when(dialogue.turns[0])}\n\n"
        for turn in dialogue.turns:
            yield f"**{_plain(turn.speaker)}**: {_plain(turn.text)}\n\n"


def as_html(dialogues: Iterable[Dialogue]) -> Iterator[str]:
    """Yield one page with a section for each dialogue."""
    parts = []
    for dialogue in dialogues:
        parts.append(f"<h2>{_when(dialogue.turns[0])}</h2>")
        parts += (f"<p><b>{escape(turn.speaker)}</b>: {escape(turn.text)}</p>" for turn in dialogue.turns)
    yield html_page("Conversations", parts)


LAYOUTS: dict[str, Callable[[Iterable[Dialogue]], Iterator[str]]] = {
    "jsonl": as_lines,
    "markdown": as_markdown,
    "html": as_html,
}


_MARKS = re.compile(r"[\\`*_\[\]<>&|~]")
"""Others are marks at the beginning of a line only, where nothing that people typed stands."""


def _when(turn: Turn) -> str:
    return f"{turn.time:%Y-%m-%d %H:%M}" if turn.time else ""


def _plain(text: str) -> str:
    """Return text whose marks mean themselves (https://spec.commonmark.org/0.31.2/#backslash-escapes)."""
    return _MARKS.sub(r"\\\g<0>", clean(text))
