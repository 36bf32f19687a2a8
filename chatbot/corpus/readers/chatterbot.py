"""The YAML files of chatterbot-corpus: ``categories`` and ``conversations``, each conversation a list of texts."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

import yaml
from pydantic import Field

from chatbot.corpus.log import Part
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.readers.records import make_dialogue
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError

_DEEPEST = 16
"""No corpus nests deeper, and the parser's time grows with the square of the depth."""
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Reads every scalar as the text that stands there: yes, 42 and null are things that people say."""


class ChatterBotReader(Reader):
    """``kind = "chatterbot"``."""

    kind: Literal["chatterbot"] = "chatterbot"
    speakers: tuple[str, ...] = Field(("A", "B"), min_length=2)
    """Who speaks in turn."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """There is a list of lists under ``conversations``."""
        found = re.search(r"^conversations[ \t]*:", head, re.MULTILINE)
        nested = found and re.search(r"^ {0,8}-(?: +|[ \t]*\n +)- ", head[found.end() :], re.MULTILINE)
        return "conversations are lists in YAML" if nested else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield a dialogue for each conversation."""
        for part in parts:
            name = PurePath(part.name).name
            for line, value in _conversations(part, tally):
                place = f"{name}:{line}"
                texts = [value] if isinstance(value, str) else value  # a dash is missing, in the corpus itself too
                if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                    tally.fault(place, str(texts))
                    continue
                said = [(self.speakers[index % len(self.speakers)], text) for index, text in enumerate(texts)]
                if (dialogue := make_dialogue(place, said, tally)) is not None:
                    yield dialogue


def _conversations(part: Part, tally: Tally) -> Iterator[tuple[int, object]]:
    """Yield each conversation with the line that it begins in.

    Raises:
        LogError: the file is no whole YAML, or has no conversations.
    """
    found = False
    try:
        with part.open_utf8(tally.replace) as stream:
            events = yaml.parse(stream, Loader=_Loader)
            for event in events:
                if isinstance(event, yaml.MappingStartEvent):
                    for conversation in _listed(events):
                        found = True
                        yield conversation
                elif isinstance(event, yaml.SequenceStartEvent):
                    _value(event, events)
    except (yaml.YAMLError, ValueError) as error:
        raise LogError(f"{part.name}: {_where(error)}", "repair the file; texts with : or # need quotes") from None
    if not found:
        raise LogError(f"{part.name}: has no list of conversations", 'expected YAML with "conversations:"')


def _listed(events: Iterator[yaml.Event]) -> Iterator[tuple[int, object]]:
    """Yield the items of the list "conversations" of a mapping that has just begun, and read the mapping to its end."""
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        name = _value(key, events)
        value = next(events)
        if name != "conversations" or not isinstance(value, yaml.SequenceStartEvent):
            _value(value, events)
            continue
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            yield item.start_mark.line + 1, _value(item, events)


def _value(event: yaml.Event, events: Iterator[yaml.Event], depth: int = 0) -> object:
    """Return what begins with ``event``: a text or a list; nothing for what is neither.

    Aliases are not followed, so that none can multiply. A text with a colon that lacks its quotation marks has become
    a mapping, and is made a text again.
    """
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if isinstance(event, yaml.AliasEvent):
        return None
    if depth > _DEEPEST:
        raise ValueError(f"line {event.start_mark.line + 1}: is nested too deeply")
    values = []
    while not isinstance(inner := next(events), yaml.CollectionEndEvent):
        values.append(_value(inner, events, depth + 1))
    if isinstance(event, yaml.SequenceStartEvent):
        return values
    return ": ".join(str(value) for value in values) if _is_pair(values) else None


def _is_pair(values: list[object]) -> bool:
    return len(values) == 2 and all(isinstance(value, str) for value in values)


def _where(error: Exception) -> str:
    """Return where the YAML is damaged and how."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return f"line {mark.line + 1}: is not whole YAML: {problem}" if mark else f"is not whole YAML: {problem}"
