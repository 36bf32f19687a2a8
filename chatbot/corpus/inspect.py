"""What a log holds, before anything is trained on it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from chatbot.corpus.filters import FilterSettings
from chatbot.corpus.gathering import gather
from chatbot.corpus.log import Part, open_log
from chatbot.corpus.manifest import MANIFEST, load_corpus
from chatbot.corpus.pair_file import spread
from chatbot.corpus.pairs import PairingSettings
from chatbot.corpus.privacy import PrivacySettings, cover
from chatbot.corpus.readers import Reader, Tally, named_reader, own_parts, recognise
from chatbot.corpus.streams import Progress
from chatbot.dialogue import Dialogue, Pair, age, silence
from chatbot.text.clean import clean

_SHOWN, _SPEAKERS = 10, 8
PAUSE = timedelta(minutes=5)
"""A long silence inside a dialogue. Of 2,725 silences in #ubuntu's logs, one in 20 is longer than a minute, one in 180
than this, one in 400 than twice as much: rare enough to tell something, and not too rare to be learnt."""


@dataclass(slots=True)
class Inspection:
    """Counts and samples of one log."""

    format: str
    reason: str
    files: list[str]
    dialogues: int = 0
    turns: int = 0
    pairs: int = 0
    speakers: Counter[str] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    tally: Tally = field(default_factory=Tally)
    samples: list[Pair] = field(default_factory=list)
    lengths: Counter[int] = field(default_factory=Counter)
    """How many answers have so many characters, by powers of two."""
    pauses: int = 0
    """Silences longer than ``PAUSE`` inside dialogues."""

    def span(self) -> str:
        """Return from when to when it goes; nothing when it has no times."""
        return f"{self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}" if self.first and self.last else ""

    def shares(self) -> str:
        """Return who speaks how much."""
        parts = [f"{clean(name)} {count / self.turns:.0%}" for name, count in self.speakers.most_common(_SPEAKERS)]
        more = len(self.speakers) - len(parts)
        return ", ".join(parts) + (f" and {more:,} more" if more > 0 else "")

    def record(self) -> dict[str, Any]:
        """Return the counts as JSON has them."""
        return {
            "format": self.format,
            "reason": self.reason,
            "files": self.files,
            "dialogues": self.dialogues,
            "turns": self.turns,
            "pairs": self.pairs,
            "speakers": dict(self.speakers.most_common()),
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "skipped": dict(self.tally.skipped.most_common()),
            "replaced": self.tally.replaced,
            "hidden": dict(self.tally.hidden.most_common()),
            "malformed": [{"place": place, "text": text} for place, text in self.tally.malformed],
        }


def open_reader(
    path: str, format: str, encoding: str, progress: Progress | None = None
) -> tuple[Reader, str, list[Part]]:
    """Return the reader of a log or of a corpus's folder, why it is this one, and the parts to read.

    Raises:
        LogError: there is no log there, or its format is not recognised.
    """
    if (Path(path) / MANIFEST).is_file() and not format:
        corpus = load_corpus(Path(path))
        return corpus.manifest.reader, f"{path}/{MANIFEST} says so", corpus.parts(progress)
    parts = open_log(path, encoding, progress)
    if format:
        reader = named_reader(format)
        return reader, "--format says so", own_parts(reader, parts)
    return recognise(parts)


def read_log(path: str, encoding: str, privacy: PrivacySettings, tally: Tally) -> Iterator[Dialogue]:
    """Yield the dialogues of a log in any format, without what is private in them."""
    reader, _, parts = open_reader(path, "", encoding)
    yield from cover(reader.read(parts, tally), privacy, tally)


def inspect_path(path: str, format: str, encoding: str, progress: Progress | None = None) -> Inspection:
    """Return what the log or corpus at ``path`` holds."""
    reader, reason, parts = open_reader(path, format, encoding, progress)
    if (Path(path) / MANIFEST).is_file():
        manifest = load_corpus(Path(path)).manifest
        return inspect(reader, reason, parts, manifest.pairing, manifest.filters, manifest.privacy)
    return inspect(reader, reason, parts)


def inspect(
    reader: Reader, reason: str, parts: list[Part], pairing: PairingSettings | None = None,
    filters: FilterSettings | None = None, privacy: PrivacySettings | None = None,
) -> Inspection:  # fmt: skip
    """Return what the log holds, read in one pass."""
    kind = str(getattr(reader, "kind", ""))
    found = Inspection(kind, reason, [part.name for part in parts])
    dialogues = _counted(reader.read(parts, found.tally), found)
    pairs = gather(dialogues, pairing or PairingSettings(), privacy or PrivacySettings(), found.tally,
                   filters or FilterSettings())  # fmt: skip
    found.pairs, found.samples = len(pairs), list(spread(pairs, _SHOWN))
    found.lengths.update(int(length).bit_length() for length in pairs.marks["said"])
    return found


def _counted(dialogues: Iterable[Dialogue], found: Inspection) -> Iterator[Dialogue]:
    for dialogue in dialogues:
        found.dialogues += 1
        for turn in dialogue.turns:
            found.turns += 1
            found.speakers[turn.speaker] += 1
            if turn.time is not None:
                _widen(found, turn.time)
        found.pauses += sum(silence(before.time, turn.time) > PAUSE for before, turn in pairwise(dialogue.turns))
        yield dialogue


def _widen(found: Inspection, time: datetime) -> None:
    if found.first is None or age(time) < age(found.first):
        found.first = time
    if found.last is None or age(time) > age(found.last):
        found.last = time
