"""ParlAI's own layouts: an example a line (``text:... labels:...``), numbered lines, and conversations in JSON.

An example's fields are tab-separated ``key:value``, and ``episode_done:True`` ends a dialogue (ParlAIDialogTeacher);
numbered lines are FbDialogTeacher's; a conversation is a line of ``{"dialog": [[{"id", "text"}, ...], ...]}``, with
perhaps a ``context``, as ParlAI saves it.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.fbdialog import (
    first_label,
    looks_numbered,
    numbered_dialogues,
    persona_first,
    written_out,
)
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.readers.records import SYSTEM, Said, dialogues, items, json_lines, make_dialogue
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_CONVERSATION = re.compile(r'"dialog"\s*:\s*\[\s*[\[{]')
_FIELD = re.compile(r"(?:text|labels|eval_labels|episode_done|label_candidates|reward|id):")


class ParlaiReader(Reader):
    """``kind = "parlai"``."""

    kind: Literal["parlai"] = "parlai"
    speakers: tuple[str, str] = ("A", "B")
    """Who asks and who answers, where the log has no names."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first line is an example or a conversation, or the lines are numbered."""
        first = head.lstrip().split("\n", 1)[0]
        if first.startswith("{"):
            acts = _CONVERSATION.search(first) and '"text"' in first
            personachat = '"sender"' in first or '"personality"' in first
            return "conversations of acts with an id and a text" if acts and not personachat else ""
        if len(_fields(first)) > 1 and first.startswith(("text:", "id:", "labels:", "eval_labels:")):
            return "examples with a text and labels"
        persona = re.search(r"^\d{1,9} (?:your|partner's) persona:", head, re.MULTILINE)
        return "numbered lines with labels" if not persona and looks_numbered(head) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues; of several labels the first is the answer."""
        for part in parts:
            name, head = PurePath(part.name).name, part.text_head().lstrip()
            if head.startswith("{"):
                lines = ((f"{name}:{number}", record) for number, record in json_lines(part, tally))
                yield from dialogues(lines, _conversation, tally)
                continue
            numbered = head[:1].isdigit()
            found = numbered_dialogues(part, tally, name, self.speakers) if numbered else self._episodes(part, tally)
            for place, said in found:
                if dialogue := make_dialogue(place, said, tally):
                    yield dialogue

    def _episodes(self, part: Part, tally: Tally) -> Iterator[tuple[str, Said]]:
        """Yield the place of each episode of examples and what was said."""
        name = PurePath(part.name).name
        place, said = "", Said()
        for number, line in part.lines(tally):
            if not line.strip():
                continue
            fields = _fields(line)
            if "text" not in fields and "labels" not in fields and "eval_labels" not in fields:
                tally.fault(f"{name}:{number}", line)
                continue
            place = place or f"{name}:{number}"
            said += self._example(fields)
            if fields.get("episode_done", "").strip().lower() in {"true", "1"}:
                yield place, said
                place, said = "", []
        if place:
            yield place, said

    def _example(self, fields: dict[str, str]) -> Said:
        said = persona_first(fields.get("id") or self.speakers[0], written_out(fields.get("text", "")))
        labels = fields.get("labels") or fields.get("eval_labels")
        return [*said, (self.speakers[1], first_label(labels))] if labels else said


def _fields(line: str) -> dict[str, str]:
    """Return the values of an example's fields by their keys."""
    pairs = (field.partition(":") for field in line.split("\t") if _FIELD.match(field))
    return {key: value for key, _, value in pairs}


def _conversation(record: Any) -> Said:
    """Return what was said, its context first."""
    groups = items(record, "dialog")
    acts = [act for group in groups for act in (group if isinstance(group, list) else [group])]
    context = [*(items(record, "context") if record.get("context") else []), *(a for a in acts if _is_context(a))]
    before = [line for act in context for line in persona_first(SYSTEM, _text(act))]
    return before + [line for act in acts if not _is_context(act) for line in persona_first(_speaker(act), _text(act))]


def _is_context(act: Any) -> bool:
    return _speaker(act) == "context"


def _speaker(act: Any) -> str:
    identity = act.get("id", "") if isinstance(act, dict) else None
    if not isinstance(identity, str | int):
        raise ValueError("an act is no object with an id")
    return str(identity)


def _text(act: Any) -> str:
    text = act.get("text") if isinstance(act, dict) else 0
    if not isinstance(text, str | None):
        raise ValueError("an act is no object with a text")
    return text or ""
