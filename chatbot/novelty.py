"""What a version of a bot has not learnt yet: of logs, and of the conversations that the bot keeps."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from chatbot.bot import Bot
from chatbot.conversation.lessons import latest_reply, lessons
from chatbot.conversation.store import Store, now
from chatbot.corpus.canonical import dump_dialogue
from chatbot.corpus.fetch import sha256
from chatbot.corpus.filters import FilterSettings, filter_pairs
from chatbot.corpus.gathering import gather
from chatbot.corpus.inspect import read_log
from chatbot.corpus.manifest import MANIFEST, load_corpus
from chatbot.corpus.marks import exchange_mark
from chatbot.corpus.pair_file import exchanges, together
from chatbot.corpus.pairs import PairingSettings
from chatbot.corpus.privacy import PrivacySettings, Shield
from chatbot.corpus.ragged import Spool
from chatbot.corpus.readers import Tally
from chatbot.dialogue import Dialogue, Pair, rename
from chatbot.errors import CheckpointError, CorpusError
from chatbot.learning import Say
from chatbot.training.keptlogs import KeptLogs

Answer = TypeVar("Answer")

_LINE = ("version", "logs", "until")
"""What a card tells of each ancestor."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where to learn from: logs, of which only what ``answers_by`` say (everyone, if empty), and conversations."""

    logs: Sequence[str] = ()
    encoding: str = ""
    answers_by: Sequence[str] = ()
    conversations: bool = False
    since: datetime | None = None
    known_to: str = ""
    """A version: those logs, too, that it or its ancestors were retrained on."""


@dataclass(slots=True)
class Novelty:
    """What is new to the version ``parent``: pairs, logs by their checksums, and how many turns of whom."""

    parent: str
    pairs: Sequence[Pair] = ()
    liked: list[Pair] = field(default_factory=list)
    """Those that someone liked."""
    disliked: list[Pair] = field(default_factory=list)
    """What to train against."""
    logs: dict[str, str] = field(default_factory=dict)
    """Checksums and paths."""
    copies: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    """Of the logs that are not kept yet: canonical dialogues, in bytes."""
    people: Counter[int] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    """How often what was hidden in it, by kind."""
    answers_by: tuple[str, ...] = ()
    until: datetime | None = None
    read: datetime = field(default_factory=now)
    """When the conversations were read."""

    @property
    def digest(self) -> str:
        """A number that the same pairs share."""
        marks = np.sort(np.concatenate([exchanges(self.pairs), exchanges(self.disliked)]))
        return blake2b(marks.tobytes(), digest_size=8).hexdigest()

    def add(self, pairs: Sequence[Pair]) -> None:
        """Take more pairs in."""
        self.pairs = together([self.pairs, pairs])


def find_new(bot: Bot, parent: str, sources: Sources, say: Say) -> Novelty:
    """Return what a version has not learnt yet.

    Raises:
        CorpusError: the logs yield no pairs.
    """
    tally = Tally()
    new = Novelty(parent, answers_by=tuple(sources.answers_by), hidden=tally.hidden)
    known, privacy = learnt_logs(bot, parent), _privacy(bot)
    if sources.known_to:
        missing = learnt_logs(bot, sources.known_to) - known
        for log in kept_logs(bot).logs():
            if log.checksum in missing:
                new.add(filter_pairs(list(log.pairs()), FilterSettings(), tally))
                new.logs[log.checksum] = log.path
    for path in sources.logs:
        _read_log(path, sources, privacy, new, known, tally)
    if sources.conversations:
        _read_conversations(bot, sources.since, privacy, new, tally)
    if summary := tally.summary():
        say(f"left out: {summary}")
    if sources.logs and not new.pairs and tally.skipped["known log"] < len(sources.logs):
        raise CorpusError(f"{', '.join(sources.logs)}: yields no pairs", f"chatbot corpus inspect {sources.logs[0]}")
    return new


def ask_store(bot: Bot, ask: Callable[[Store], Answer]) -> Answer | None:
    """Return what ``ask`` returns of the bot's conversations; nothing if it keeps none."""
    kept = bot.settings.conversations
    if not kept.has_store(bot.path):
        return None
    store = kept.open_store(bot.path)
    try:
        return ask(store)
    finally:
        store.close()


def kept_logs(bot: Bot) -> KeptLogs:
    """Return the logs that the bot was retrained on."""
    return KeptLogs(bot.folder / "logs")


def learnt_logs(bot: Bot, version: str) -> set[str]:
    """Return the checksums of the logs that a version and its ancestors were retrained on."""
    return {log["sha256"] for card in lineage(bot, version) for log in card.get("logs", [])}


def lineage(bot: Bot, version: str) -> Iterator[dict[str, Any]]:
    """Yield the card of a version, and of its ancestors, the latest first, what it tells: they may be pruned."""
    if version in bot.versions.names():
        card = bot.versions.card(version)
        yield card
        yield from card["ancestors"] if "ancestors" in card else lineage(bot, card.get("parent", ""))


def ancestors_of(bot: Bot, parent: str) -> list[dict[str, Any]]:
    """Return what the card of a version that comes of ``parent`` tells of its line."""
    return [{key: card[key] for key in _LINE if key in card} for card in lineage(bot, parent)]


def first_of(bot: Bot, version: str) -> str:
    """Return the first version in the line of a version, or the first that was not pruned."""
    try:
        *_, first = (card["version"] for card in lineage(bot, version) if card["version"] in bot.versions.names())
    except CheckpointError:  # its card is damaged: the oldest of all may be the first in its line
        return bot.versions.names()[0]
    return str(first)


def _privacy(bot: Bot) -> PrivacySettings:
    """Return what hides all that the bot's corpora hide."""
    found = [load_corpus(bot.corpus_folder(name)).manifest.privacy for name in bot.settings.corpora]
    return PrivacySettings(
        placeholders=any(one.placeholders for one in found),
        pseudonyms=any(one.pseudonyms for one in found),
        regions=tuple(dict.fromkeys(region for one in found for region in one.regions)),
        shortest_name=min(one.shortest_name for one in found),
    )


def _read_log(
    log: str, sources: Sources, privacy: PrivacySettings, new: Novelty, known: set[str], tally: Tally
) -> None:  # fmt: skip
    """Take the pairs of a corpus's folder, or of a log in any format, unless they are known."""
    if (Path(log) / MANIFEST).is_file():
        new.add(load_corpus(Path(log)).pairs(tally))
        return
    checksum = sha256(Path(log)) if Path(log).is_file() else ""
    if checksum in known:
        tally.skip("known log")
        return
    copy, pairing = Spool[np.uint8](np.dtype(np.uint8)), PairingSettings(answers_by=tuple(sources.answers_by))
    dialogues = _copied(read_log(log, sources.encoding, privacy, tally), copy)
    new.add(gather(dialogues, pairing, PrivacySettings(placeholders=False), tally, FilterSettings()))
    if checksum:
        new.logs[checksum], new.copies[checksum] = log, copy.array()


def _copied(dialogues: Iterable[Dialogue], copy: Spool[np.uint8]) -> Iterator[Dialogue]:
    """Yield dialogues, and write them down."""
    for dialogue in dialogues:
        copy.append(np.frombuffer(f"{dump_dialogue(dialogue)}\n".encode(), np.uint8))
        yield dialogue


def _read_conversations(
    bot: Bot, since: datetime | None, privacy: PrivacySettings, new: Novelty, tally: Tally
) -> None:  # fmt: skip
    """Take replies that people did not dislike; those that they liked weigh more."""
    kept = bot.settings.conversations
    if not kept.has_store(bot.path):
        return
    settings, shield, seen = bot.settings.retraining, Shield(privacy, tally.hidden), set[int]()
    names = {bot.name: bot.answerer(bot.frozen(bot.versions.path(new.parent)).text)}
    pairs = list[Pair]()
    store = kept.open_store(bot.path)
    try:
        new.until = latest_reply(store)
        for lesson in lessons(store, since or _learnt_until(bot, new.parent), settings.per_person):
            mark = exchange_mark(lesson.pair)
            if mark in seen or (lesson.rating < 0 and not settings.unlikelihood):
                tally.skip("disliked reply" if lesson.rating < 0 else "repeated pair")
                continue
            seen.add(mark)
            new.people[lesson.person] += 1
            if lesson.rating < 0:
                new.disliked.append(_covered(lesson.pair, shield, names))
                continue
            pairs.append(_covered(lesson.pair, shield, names))
            if lesson.rating > 0:
                new.liked.append(pairs[-1])
    finally:
        store.close()
    new.add(pairs)


def _covered(pair: Pair, shield: Shield, names: Mapping[str, str]) -> Pair:
    """Return a pair of a conversation without what is private, its speakers called as the model knows them."""
    turns = (replace(turn, text=shield.hide(turn.text)) for turn in (*pair.question, pair.answer))
    *question, answer = rename(turns, names)
    return replace(pair, question=tuple(question), answer=answer)


def _learnt_until(bot: Bot, version: str) -> datetime | None:
    """Return up to when a version and its ancestors have learnt from conversations."""
    return next((datetime.fromisoformat(card["until"]) for card in lineage(bot, version) if card.get("until")), None)
