"""What came from Telegram, as the bot keeps it until it has dealt with it: no more of it than is needed.

Updates are read as the JSON that they are (https://core.telegram.org/bots/api#update): with many people, making the
library's objects of them would take as long as making replies.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from chatbot.text.clean import clean

Kind = Literal["text", "command", "photo", "sticker", "voice", "other", "edit", "press", "reaction", "left", "moved"]
_GOOD, _BAD = {"👍", "❤", "🔥", "🥰", "👏", "😁", "🎉", "🤩", "🙏", "👌", "💯"}, {"👎", "🤮", "💩", "😢", "🤬", "😡"}
_CONTENT = (
    "animation", "contact", "dice", "document", "game", "invoice", "location", "paid_media", "poll", "story",
    "successful_payment", "text", "venue", "video",
)  # fmt: skip
"""What a message may hold that someone meant to say, besides what is asked for by name below."""
Json = dict[str, Any]
WANTED = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")
"""The updates that Telegram is asked for; it sends reactions to those only who name them."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that someone did. ``text`` is what they wrote, the file's id of a photo, a button's data, ...

    ``message`` is the number of the message in its chat; ``press`` names a pressed button to Telegram.
    """

    kind: Kind
    user: int
    text: str = ""
    name: str = ""
    message: int = 0
    private: bool = True
    language: str = ""
    press: str = ""

    def dump(self) -> str:
        """Return it as JSON."""
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def load(cls, body: str) -> "Arrival":
        """Return what ``dump`` wrote."""
        return cls(**json.loads(body))


@dataclass(frozen=True, slots=True)
class Me:
    """Who the bot is on Telegram."""

    id: int
    username: str


def read_update(update: Json, me: Me) -> tuple[str, Arrival] | None:
    """Return the chat and what happened there; nothing when it does not concern the bot.

    In a group only commands, mentions of the bot, and replies to it do
    (https://core.telegram.org/bots/features#privacy-mode).

    Raises:
        LookupError, TypeError, ValueError, AttributeError: it is no update.
    """
    for name, read in (("callback_query", _press), ("message_reaction", _reaction), ("my_chat_member", _member)):
        if name in update:
            return read(update[name])
    message: Json | None = update.get("message") or update.get("edited_message")
    if message is None:
        return None
    if moved := message.get("migrate_to_chat_id"):
        return str(message["chat"]["id"]), Arrival("moved", 0, str(moved))
    writer = message.get("from")
    if writer is None or writer.get("is_bot"):
        return None
    found = _command(message, me) or _read(message, me)
    changed = "edited_message" in update
    if found is None or (changed and found[0] != "text"):
        return None
    kind, text, name = found
    return str(message["chat"]["id"]), Arrival(
        "edit" if changed else kind, int(writer["id"]), text, name, int(message["message_id"]),
        _is_private(message["chat"]), writer.get("language_code") or "",
    )  # fmt: skip


def _command(message: Json, me: Me) -> tuple[Kind, str, str] | None:
    """Return what a command says behind its name, and its name; those for other bots have none."""
    for entity, said in _entities(message):
        if entity["type"] == "bot_command" and entity["offset"] == 0 and "text" in message:
            name, _, whom = said[1:].partition("@")
            mine = not whom or whom.lower() == me.username.lower()
            return "command", message["text"][len(said) :].strip(), name.lower() if mine else ""
    return None


def _read(message: Json, me: Me) -> tuple[Kind, str, str] | None:
    """Return what kind of message it is, and its text without what addresses the bot."""
    text: str = message.get("text") or message.get("caption") or ""
    mentions = {said for entity, said in _entities(message) if _is_me(entity, said, me)}
    if not _is_private(message["chat"]) and not mentions and not _answers(message, me):
        return None
    for said in mentions:
        text = text.replace(said, " ")
    if message.get("photo"):
        return "photo", message["photo"][-1]["file_id"], ""
    return ("text", text.strip(), "") if clean(text) else _other(message)


def _other(message: Json) -> tuple[Kind, str, str] | None:
    """Return what kind of message it is that has no text; nothing for what nobody says, as someone's coming."""
    if "sticker" in message:
        return "sticker", "", ""
    if any(name in message for name in ("voice", "audio", "video_note")):
        return "voice", "", ""
    return ("other", "", "") if any(message.get(name) for name in _CONTENT) else None


def _entities(message: Json) -> Iterator[tuple[Json, str]]:
    """Yield the marked parts of a message's text; their places count units of UTF-16."""
    text, entities = ("text", "entities") if message.get("text") else ("caption", "caption_entities")
    if found := message.get(entities):
        units = message[text].encode("utf-16-le", "surrogatepass")
        for entity in found:
            part = units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])]
            yield entity, part.decode("utf-16-le", "replace")


def _is_me(entity: Json, said: str, me: Me) -> bool:
    if entity["type"] == "mention":
        return said[1:].lower() == me.username.lower()
    return bool(entity["type"] == "text_mention" and entity["user"]["id"] == me.id)


def _is_private(chat: Json) -> bool:
    return bool(chat["type"] == "private")


def _answers(message: Json, me: Me) -> bool:
    answered = message.get("reply_to_message") or {}
    return bool(answered.get("from", {}).get("id") == me.id)


def _press(query: Json) -> tuple[str, Arrival] | None:
    if "message" not in query:
        return None
    presser, chat = query["from"], query["message"]["chat"]
    return str(chat["id"]), Arrival(
        "press", int(presser["id"]), query.get("data") or "", message=int(query["message"]["message_id"]),
        private=_is_private(chat), language=presser.get("language_code") or "", press=str(query["id"]),
    )  # fmt: skip


def _reaction(reaction: Json) -> tuple[str, Arrival] | None:
    if "user" not in reaction:
        return None
    emoji = [one.get("emoji") for one in reaction["new_reaction"]]
    rating = next((1 if one in _GOOD else -1 for one in emoji if one in _GOOD | _BAD), 0)
    place = str(reaction["chat"]["id"])
    return place, Arrival("reaction", int(reaction["user"]["id"]), str(rating), message=int(reaction["message_id"]))


def _member(change: Json) -> tuple[str, Arrival] | None:
    if change["new_chat_member"]["status"] not in ("kicked", "left"):
        return None
    return str(change["chat"]["id"]), Arrival("left", int(change["from"]["id"]))
