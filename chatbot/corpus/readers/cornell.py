"""Cornell Movie-Dialogs Corpus (Danescu-Niculescu-Mizil and Lee 2011), as first published and as ConvoKit has it.

The first layout, which other corpora took over, is two files with `` +++$+++ `` between their fields: lines
(``movie_lines.txt``: an id, ..., a name, a text) and conversations (``movie_conversations.txt``: ..., a list of
lines' ids). ConvoKit's is ``utterances.jsonl``, whose utterances name their conversation and what they reply to, beside
``speakers.json``, which has the characters' names.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePath
from typing import Literal

from chatbot.corpus.log import Part
from chatbot.corpus.readers.convokit import character_names, is_speakers, is_utterances, utterances
from chatbot.corpus.readers.messages import ChatReader, Message
from chatbot.corpus.readers.movie_lines import MARK, conversations, is_conversations, is_lines
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue
from chatbot.errors import LogError


class CornellReader(ChatReader):
    """``kind = "cornell"``."""

    kind: Literal["cornell"] = "cornell"

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first line has the separator, or an utterance, or the file names characters."""
        first = head.lstrip().split("\n", 1)[0]
        if f"{MARK} " in first:
            return f"fields separated by {MARK}"
        if is_utterances(head):
            return "utterances of ConvoKit"
        return "characters' names of ConvoKit" if is_speakers(head) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of each folder.

        Raises:
            LogError: there are lines without conversations or the other way round.
        """
        yield from self.dialogues(_messages(parts, tally), tally)


def _messages(parts: list[Part], tally: Tally) -> Iterator[Message]:
    """Yield the messages of each folder, whose files belong together."""
    if not any(is_lines(head) or is_conversations(head) or is_utterances(head) for head in _heads(parts)):
        raise LogError(
            f"{parts[0].name}: has neither fields separated by {MARK} nor utterances of ConvoKit",
            "name the folder or archive of the whole corpus",
        )
    folders: dict[PurePath, list[Part]] = defaultdict(list)
    for part in parts:
        folders[PurePath(part.name).parent].append(part)
    for members in folders.values():
        lines = [part for part in members if is_lines(part.text_head())]
        plans = [part for part in members if is_conversations(part.text_head())]
        if lines or plans:
            _need_both(lines, plans)
            yield from conversations(lines, plans, tally)
        yield from _convokit(members, tally)


def _heads(parts: list[Part]) -> Iterator[str]:
    return (part.text_head() for part in parts)


def _convokit(parts: list[Part], tally: Tally) -> Iterator[Message]:
    speakers = [part for part in parts if is_speakers(part.text_head())]
    names = {key: name for part in speakers for key, name in character_names(part, tally)}
    for part in parts:
        if is_utterances(part.text_head()):
            yield from utterances(part, names, tally)


def _need_both(lines: list[Part], plans: list[Part]) -> None:
    if not plans:
        problem = f"{lines[0].name}: has lines, but nothing says which make a conversation"
        raise LogError(problem, "name the folder or archive that holds the conversations too")
    if not lines:
        problem = f"{plans[0].name}: names lines, but there is no file with them"
        raise LogError(problem, "name the folder or archive that holds the lines too")
