"""PersonaChat (Zhang et al. 2018) and ConvAI2 (Dinan et al. 2019): two people who were told who they are.

Three layouts: ParlAI's numbered lines (``train_self_original.txt``); ``personachat_self_original.json``, whose
``train`` and ``valid`` hold ``{"personality", "utterances": [{"history", "candidates"}]}``, the last candidate being
the answer; and the lists of talks with the competition's bots, ``{"dialog": [{"sender", "text"}], "bot_profile",
"user_profile"}``.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.fbdialog import numbered_dialogues
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.readers.records import PERSONA, Said, dialogues, items, make_dialogue, string, strings
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_NUMBERED = re.compile(r"^\d{1,9} (?:your|partner's) persona:", re.MULTILINE)
_PATHS = ("item", "train.item", "valid.item", "test.item")
_TALK = re.compile(r'"dialog"\s*:\s*\[\s*\{')


class PersonaChatReader(Reader):
    """``kind = "personachat"``. Who they are comes first, as a turn of the speaker ``persona``."""

    kind: Literal["personachat"] = "personachat"
    speakers: tuple[str, str] = ("A", "B")
    """The partner, who begins, and the one whose persona it is."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """Lines or keys tell of personas."""
        if re.match(r"\s*\d{1,9} ", head):
            return "numbered lines with a persona" if _NUMBERED.search(head) else ""
        if not re.match(r"\s*[{\[]", head):
            return ""
        if re.search(r'"personality"\s*:\s*\[', head) and re.search(r'"(?:candidates|history)"\s*:\s*\[', head):
            return "records with a personality and candidates"
        return "talks of senders with profiles" if _TALK.search(head) and '"sender"' in head else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues; candidates that are no answers are left out."""
        for part in parts:
            name = PurePath(part.name).name
            if part.text_head().lstrip()[:1] in {"{", "["}:
                found = enumerate(records(part, _PATHS, tally), 1)
                yield from dialogues(((f"{name}:{number}", record) for number, (_, record) in found), self._said, tally)
            else:
                for place, said in numbered_dialogues(part, tally, name, self.speakers):
                    if dialogue := make_dialogue(place, said, tally):
                        yield dialogue

    def _said(self, record: Any) -> Said:
        """Return what one record of JSON holds."""
        if isinstance(record, dict) and "dialog" in record:
            return [
                *_profiles(record),
                *((string(turn, "sender"), string(turn, "text")) for turn in items(record, "dialog")),
            ]
        utterances = items(record, "utterances")
        if not utterances:
            return []
        texts = strings(utterances[-1], "history") + strings(utterances[-1], "candidates")[-1:]
        told = strings(record, "personality")
        return [(PERSONA, line) for line in told] + [
            (self.speakers[number % 2], text) for number, text in enumerate(texts)
        ]


def _profiles(record: dict[str, Any]) -> Said:
    """Return the bot's profile and the user's, which is marked as PersonaChat marks a partner's."""
    own = strings(record, "bot_profile") if "bot_profile" in record else []
    partners = strings(record, "user_profile") if "user_profile" in record else []
    return [(PERSONA, line) for line in (*own, *(f"partner's persona: {line}" for line in partners))]
