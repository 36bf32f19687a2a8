"""OpenAI's chat format, as for fine-tuning: records of ``{"messages": [{"role", "content"}, ...]}``.

A content is a string, a list of parts (``{"type": "text", "text": ...}``; LLaMA-Factory writes ``value`` for the inner
``text``), or null beside the calls of tools. A preferred answer may stand apart, as ``chosen`` or, with the rest in
``input``, as ``preferred_output``.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.language_models import begins_records, json_records, one_of, without_marks
from chatbot.corpus.readers.reader import Reader, tidy
from chatbot.corpus.readers.records import SYSTEM, Said, dialogues, items, string
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_LISTS = ("messages", "conversations", "conversation")
_NAMED = {"user", "assistant"}
"""Roles whose name is a person's; that of a tool is a function's."""
_TEXTS = ("text", "value", "refusal")


class OpenAIReader(Reader):
    """``kind = "openai"``."""

    kind: Literal["openai"] = "openai"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Records have messages with roles."""
        role = r'"role"\s*:\s*"(?:system|developer|user|assistant|tool|function)"'
        lists = rf'"(?:{"|".join(_LISTS)})"\s*:\s*\['
        return "records have messages with roles" if begins_records(head, lists, role, r'"content"\s*:') else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogue of each record."""
        for part in parts:
            yield from dialogues(json_records(part, tally), partial(messages_said, tally=tally), tally)


def messages_said(record: Any, tally: Tally) -> Said:
    """Return who says what in a record.

    Raises:
        ValueError: it is of another shape.
    """
    preferred = isinstance(record, dict) and "preferred_output" in record
    asked = record.get("input") if preferred else record
    messages = items(asked, one_of(asked, _LISTS))
    if preferred or "chosen" in record:
        messages = [*messages, *(items(record, "preferred_output") if preferred else [record["chosen"]])]
        tally.skip("rejected")
    return [line for message in messages for line in _line(message, record, tally)]


def _line(message: Any, record: dict[str, Any], tally: Tally) -> Said:
    """Return the speaker and the text of a message, or nothing when it is no text, which is counted."""
    role = string(message, "role")
    text = without_marks(_text(message.get("content")) or _refusal(message), record)
    if not tidy(text) and (reason := _missing(message, record)):
        tally.skip(reason)
        return []
    name = message.get("name")
    if role in _NAMED and isinstance(name, str) and tidy(name):
        return [(name, text)]
    return [(SYSTEM if role == "developer" else role, text)]


def _text(content: Any) -> str:
    """Return the text of a content; pictures and sounds have none."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise ValueError("a content is neither text nor parts")
    return "\n".join(filter(None, map(_part_text, content)))


def _part_text(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        raise ValueError("a part of a content is neither text nor object")
    named = part.get("type", "text") in {"text", "input_text", "output_text", "refusal"}
    value = part.get(one_of(part, _TEXTS))
    return value if named and isinstance(value, str) else ""


def _refusal(message: dict[str, Any]) -> str:
    refusal = message.get("refusal")
    return refusal if isinstance(refusal, str) else ""


def _missing(message: dict[str, Any], record: dict[str, Any]) -> str:
    """Return why a message has no text, or nothing when it is just empty."""
    if message.get("tool_calls") or message.get("function_call"):
        return "system"
    content = message.get("content")
    return "media" if content and (isinstance(content, list) or without_marks(content, record) != content) else ""
