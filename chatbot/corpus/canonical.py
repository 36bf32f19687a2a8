"""Canonical dialogues as JSON lines: what every reader yields, written and read back to the byte."""

import json
from datetime import datetime
from typing import Any

from chatbot.dialogue import Dialogue, Turn

_KEYS = {"speaker", "text", "time", "id", "reply_to"}


def dump_dialogue(dialogue: Dialogue) -> str:
    """Return one dialogue as a line of JSON, without its end."""
    return json.dumps({"id": dialogue.id, "turns": [_dump_turn(turn) for turn in dialogue.turns]}, ensure_ascii=False)


def parse_dialogue(line: str, place: str) -> Dialogue:
    """Return the dialogue of one line; without an id, ``place`` is its id.

    Raises:
        ValueError: the line is not a canonical dialogue; says why.
    """
    record = load_json(line)
    if not isinstance(record, dict) or not isinstance(record.get("turns"), list):
        raise ValueError('needs {"id": ..., "turns": [...]}')
    name = record.get("id", place)
    if not isinstance(name, str):
        raise ValueError('"id" is not a string')
    return Dialogue(_scrub(name), tuple(_parse_turn(turn) for turn in record["turns"]))


def load_json(text: str) -> Any:
    """Return parsed JSON; whatever is wrong with it, depth and sizes of numbers included, is a ValueError."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("is nested too deeply") from None


def _dump_turn(turn: Turn) -> dict[str, str]:
    record = {"speaker": turn.speaker, "text": turn.text}
    if turn.time is not None:
        record["time"] = turn.time.isoformat()
    if turn.id is not None:
        record["id"] = turn.id
    if turn.reply_to is not None:
        record["reply_to"] = turn.reply_to
    return record


def _parse_turn(record: Any) -> Turn:
    if not isinstance(record, dict):
        raise ValueError("a turn is not an object")
    wrong = [key for key, value in record.items() if key in _KEYS and not isinstance(value, str)]
    missing = {"speaker", "text"} - record.keys()
    if wrong or missing:
        raise ValueError(f"a turn's {', '.join(sorted({*wrong, *missing}))} must be a string")
    time = datetime.fromisoformat(record["time"]) if "time" in record else None
    texts = {key: _scrub(record[key]) for key in ("speaker", "text", "id", "reply_to") if key in record}
    return Turn(time=time, **texts)


def _scrub(text: str) -> str:
    r"""Return ``text`` without lone surrogates, which JSON can spell (``\ud800``) and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
