"""What a Slack export calls its people and channels, and its texts without the marks that Slack puts into them."""

import re
import reprlib
from pathlib import PurePath
from typing import Any

from chatbot.corpus.log import Part
from chatbot.corpus.readers.json_stream import records
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.tally import Tally

_MARK = re.compile(r"<([^<>]+)>")
_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{7,}")


class Names:
    """Names by id, for people, bots and channels; and the ids of channels by their folders."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._folders: dict[tuple[PurePath, str], str] = {}

    def learn(self, part: Part, tally: Tally) -> None:
        """Take in the users or channels that a part lists."""
        root = PurePath(part.name).parent
        for _, record in records(part, {"item"}, tally):
            try:
                self._learn(record, root)
            except (AttributeError, KeyError, TypeError):
                tally.fault(f"{PurePath(part.name).name}", reprlib.repr(record))

    def _learn(self, record: dict[str, Any], root: PurePath) -> None:
        identity, profile = record["id"], record.get("profile") or {}
        if not isinstance(identity, str):
            raise TypeError("an id is not a string")
        if not profile and "real_name" not in record:
            self._names[identity] = _first(record.get("name"))
            self._folders[root, str(record.get("name"))] = identity
            return
        name = _first(
            profile.get("display_name"), profile.get("real_name"), record.get("real_name"), record.get("name")
        )
        for key in (identity, profile.get("bot_id")):
            if isinstance(key, str) and key and name:
                self._names[key] = name

    def channel(self, folder: PurePath) -> str:
        """Return what tells the channel of a folder from all others, in the exports of other weeks too."""
        if _CHANNEL_ID.fullmatch(folder.name):
            return folder.name
        return self._folders.get((folder.parent, folder.name)) or str(folder)

    def speaker(self, record: dict[str, Any]) -> str:
        """Return the name of who wrote a message; a bot may give itself one, and new exports have a profile in each."""
        comment = record.get("comment") if record.get("subtype") == "file_comment" else None
        user = record.get("user") or (comment or {}).get("user") or ""
        bot, profile = record.get("bot_id") or "", record.get("user_profile") or {}
        names = (
            self._names.get(user), profile.get("display_name"), profile.get("real_name"), profile.get("name"),
            record.get("username"), (record.get("bot_profile") or {}).get("name"), self._names.get(bot), user, bot,
        )  # fmt: skip
        name = _first(*names) or "unknown"
        if user and user not in self._names:  # mentioned later, perhaps
            self._names[user] = name
        return name

    def named(self, identity: str, label: str) -> str:
        """Return the name of an id, or else the label beside it."""
        return self._names.get(identity) or label or identity


def plain(text: str, names: Names) -> str:
    """Return a text with mentions as names, links as they were typed, and the three escaped characters."""
    text = _MARK.sub(lambda found: _mark(found[1], names), text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def block_text(block: dict[str, Any], deepest: int = 10) -> str:
    """Return the text of a block as texts have it (https://docs.slack.dev/reference/block-kit/blocks)."""
    match block.get("type"):
        case "user":
            return f"<@{block.get('user_id')}>"
        case "channel":
            return f"<#{block.get('channel_id')}>"
        case "emoji":
            return f":{block.get('name')}:"
        case "link":
            return str(block.get("text") or block.get("url") or "")
    text = block.get("text") or ""
    own = text.get("text") if isinstance(text, dict) else text
    inner = [*(block.get("fields") or ()), *(block.get("elements") or ())] if deepest else []
    parts = [own or "", *(block_text(one, deepest - 1) for one in inner)]
    within = {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}
    return ("" if block.get("type") in within else "\n").join(filter(None, parts))


def _mark(mark: str, names: Names) -> str:
    target, _, label = mark.partition("|")
    kind, rest = target[:1], target[1:]
    if kind in {"@", "#"}:
        return kind + names.named(rest, label.lstrip(kind))
    if kind == "!":
        return label if rest.startswith("date^") else "@" + (label or rest.partition("^")[0]).lstrip("@")
    return label or target


def _first(*candidates: object) -> str:
    return next((name for each in candidates if isinstance(each, str) and (name := tidy(each))), "")
