"""A new bot from a log: who it should be, and the two files that it takes. No torch here."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from chatbot.corpus.inspect import PAUSE, Inspection
from chatbot.corpus.manifest import MANIFEST
from chatbot.corpus.privacy import PrivacySettings, regions_of
from chatbot.corpus.readers import READERS
from chatbot.errors import CorpusError, SettingsError
from chatbot.files import write_whole
from chatbot.settings import meant
from chatbot.text.clean import clean, is_cjk
from chatbot.text.context import MOST_SPEAKERS
from chatbot.text.script import script_of

EVERYONE = "everyone"
_HELPERS = ("assistant", "gpt", "bot", "system_agent", "SYSTEM", "sys")
"""Whom data sets call the one that answers."""
_FEW, _SOME = 20_000, 200_000
"""Pairs: below the first, a bot answers best with what was said; above the second, it needs a larger model."""
_SHOWN = 9
_MUCH = 0.05
"""Share of a log's turns from which on someone among everyone is told apart: twenty people at most."""
_PAUSES = 10
"""With fewer of them in a log, a model cannot learn what they mean, and conversations have many."""

_ENGLISH, _DIFFERENT = frozenset(("and", "are", "is", "it", "of", "that", "the", "was", "what", "you", "your")), 4
"""Words of English chats, and how many different ones of them no other language has."""

Ask = Callable[[Sequence[tuple[str, float]]], str]
"""Takes speakers with their shares, and returns whom to be."""


@dataclass(frozen=True, slots=True)
class NewBot:
    """What to make: ``speakers`` are whom the bot learns from, nobody for everyone."""

    name: str
    log: str
    encoding: str
    found: Inspection
    speakers: tuple[str, ...]


def choose_speakers(found: Inspection, wanted: Sequence[str], ask: Ask | None) -> tuple[str, ...]:
    """Return whom the bot should be: those who are ``wanted``, or whom ``ask`` returns, or who writes most.

    Raises:
        CorpusError: the log has no such speaker.
    """
    if EVERYONE in wanted:
        return ()
    for name in wanted:
        if name not in found.speakers:
            known = [clean(one) for one, _ in found.speakers.most_common(_SHOWN)]
            raise CorpusError(
                f"nobody in the log is called {name}",
                meant(name, list(found.speakers)) or f"there are: {', '.join(known)}",
            )
    if wanted:
        return tuple(dict.fromkeys(wanted))
    if helper := next((name for name in _HELPERS if name in found.speakers), None):
        return (helper,)
    ranked = [(name, count / found.turns) for name, count in found.speakers.most_common(_SHOWN)]
    if ask is None or len(ranked) < 2:
        return tuple(name for name, _ in ranked[:1])
    chosen = ask(ranked)
    return () if chosen == EVERYONE else (chosen,)


def paths_of(name: str, root: Path) -> tuple[Path, Path]:
    """Return where a new bot's ``bots/<name>.toml`` and ``corpora/<name>/corpus.toml`` will be under ``root``.

    Raises:
        SettingsError: one of them is there already.
    """
    paths = root / "bots" / f"{name}.toml", root / "corpora" / name / MANIFEST
    for path in paths:
        if path.exists():
            raise SettingsError(f"{path} is there already", "take another name, or remove it")
    return paths


def write_bot(new: NewBot, root: Path) -> tuple[Path, Path]:
    """Write a new bot's two files; return their paths.

    Raises:
        SettingsError: one of them is there already.
        CorpusError: there is nothing to learn in the log.
    """
    bot, corpus = paths_of(new.name, root)
    if not new.found.pairs:
        raise CorpusError(f"{new.log}: yields no pairs", f"chatbot corpus inspect {new.log}")
    write_whole(corpus, _corpus_file(new))
    write_whole(bot, _bot_file(new))
    return bot, corpus


def told_apart(new: NewBot) -> tuple[str, ...]:
    """Return whom the model should tell apart: those whom the bot learns from, or of everyone those who write much.

    Nobody where there is one of them only, or too many, or where a data set's roles, as A and B, are nobody's names.
    """
    field = READERS[new.found.format].model_fields.get("speakers")
    roles = {*_HELPERS, *(field.default if field else ())}
    much = [name for name, count in new.found.speakers.most_common() if count >= _MUCH * new.found.turns]
    people = [name for name in new.speakers or much if name not in roles]
    return tuple(people) if 1 < len(people) <= MOST_SPEAKERS else ()


def _corpus_file(new: NewBot) -> str:
    lines = [f"title = {_quoted(f'Chats from {Path(new.log).name}')}"]
    lines += [f'language = "{language}"' for language in filter(None, [_language(new.found)])]
    lines += [f"files = [{_quoted(str(Path(new.log).absolute()))}]"]
    lines += [f"encoding = {_quoted(new.encoding)}"] if new.encoding else []
    answers_by = f"answers_by = {_list(new.speakers)}"
    regions = dict.fromkeys([*PrivacySettings().regions, *regions_of(new.found.speakers)])
    return (
        "\n".join(lines)
        + f"""

[reader]
kind = "{new.found.format}"

[pairing]
# Whom the bot learns to be; without this line, everyone.
{answers_by if new.speakers else '# answers_by = ["..."]'}

[privacy]
# Placeholders for addresses, numbers and keys are on; true also hides names that are mentioned.
pseudonyms = false
# Countries whose phone numbers are written without +code.
regions = {_list(regions)}
"""
    )


def _bot_file(new: NewBot) -> str:
    pairs = new.found.pairs
    name = new.speakers[0] if len(new.speakers) == 1 else new.name
    size, minutes = (256, 3) if pairs < _FEW else (384, 15) if pairs < _SOME else (512, 60)
    known = 'kind = "known"  # whole answers of the log; kind = "sampling" makes up its own'
    mostly = script_of(turn.text for pair in new.found.samples for turn in (*pair.question, pair.answer))
    more = f'script = "{mostly}"  # and both are understood\n' if _language(new.found) == "zh" else ""
    pause = PAUSE // timedelta(minutes=1)
    more += f"pause_minutes = {pause}  # longer silences are marked\n" if new.found.pauses >= _PAUSES else ""
    speakers = told_apart(new)
    more += f"speakers = {_list(speakers)}  # told apart\n" if speakers else ""
    answers = "".join(
        f"answers_as = {_quoted(first)}  # or another one of [text] speakers; counts at once\n"
        for first in speakers[:1]
    )
    sampling = 'kind = "sampling"\ntemperature = 0.7\ntop_p = 0.9'
    return f"""# Made by chatbot new from {Path(new.log).name}: {pairs:,} pairs. Every setting is in the README.
name = {_quoted(clean(name))}
corpora = [{_quoted(new.name)}]
{answers}
[text]
vocabulary_size = {4000 if pairs < _FEW else 8000}
context_turns = 2
fold_case = true
{more}
[model]
embedding_size = {size * 3 // 4}
[model.encoder]
kind = "lstm"
hidden_size = {size}
[model.decoder]
kind = "lstm"
hidden_size = {size}
[model.attention]
kind = "general"

[training]
minutes = {minutes}  # on two CPU cores; more is better up to a point

[search]
{known if pairs < _FEW else sampling}
"""


def _language(found: Inspection) -> str:
    """Return "zh" where there are more Chinese characters than words of letters, "en" for English, else ""."""
    text = " ".join(pair.answer.text for pair in found.samples).lower()
    words = re.findall(r"[^\W\d_\u3000-\uffff]+", text)
    if sum(map(is_cjk, text)) > len(words):
        return "zh"
    return "en" if len(_ENGLISH.intersection(words)) >= _DIFFERENT else ""


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _quoted(text: str) -> str:
    """Return a TOML string; JSON's escapes are TOML's (https://toml.io/en/v1.0.0#string), but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
