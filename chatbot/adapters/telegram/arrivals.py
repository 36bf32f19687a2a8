"""What came from Telegram, as the bot keeps it until it has dealt with it: no more of it than is needed."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from telegram import Message, MessageEntity, ReactionTypeEmoji, Update

from chatbot.text.clean import clean

Kind = Literal["text", "command", "photo", "sticker", "voice", "other", "edit", "press", "reaction", "left", "moved"]
_GOOD, _BAD = {"👍", "❤", "🔥", "🥰", "👏", "😁", "🎉", "🤩", "🙏", "👌", "💯"}, {"👎", "🤮", "💩", "😢", "🤬", "😡"}
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
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, body: str) -> "Arrival":
        """Return what ``dump`` wrote."""
        return cls(**json.loads(body))


@dataclass(frozen=True, slots=True)
class Me:
    """Who the bot is on Telegram."""

    id: int
    username: str


def read_update(update: Update, me: Me) -> tuple[str, Arrival] | None:
    """Return the chat and what happened there; nothing when it does not concern the bot.

    In a group only commands, mentions of the bot, and replies to it do
    (https://core.telegram.org/bots/features#privacy-mode).
    """
    for read in (_press, _reaction, _member, _move):
        if (happened := read(update)) is not None:
            return happened
    message = update.message or update.edited_message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    found = _command(message, me) or _read(message, me)
    changed = update.edited_message is not None
    if found is None or (changed and found[0] != "text"):
        return None
    kind, text, name = found
    private = message.chat.type == message.chat.PRIVATE
    language = message.from_user.language_code or ""
    return str(message.chat.id), Arrival(
        "edit" if changed else kind, message.from_user.id, text, name, message.message_id, private, language
    )


def _command(message: Message, me: Me) -> tuple[Kind, str, str] | None:
    """Return what a command says behind its name, and its name; those for other bots have none."""
    text = message.text or ""
    for entity, said in message.parse_entities([MessageEntity.BOT_COMMAND]).items() if text else ():
        if entity.offset == 0:
            name, _, whom = said[1:].partition("@")
            mine = not whom or whom.lower() == me.username.lower()
            return "command", text[len(said) :].strip(), name.lower() if mine else ""
    return None


def _read(message: Message, me: Me) -> tuple[Kind, str, str] | None:
    """Return what kind of message it is, and its text without what addresses the bot."""
    text = message.text or message.caption or ""
    entities = message.parse_entities() if message.text else message.parse_caption_entities()
    mentions = {said for entity, said in entities.items() if _is_me(entity, said, me)}
    if message.chat.type != message.chat.PRIVATE and not mentions and not _answers(message, me):
        return None
    for said in mentions:
        text = text.replace(said, " ")
    if message.photo:
        return "photo", message.photo[-1].file_id, ""
    return ("text", text.strip(), "") if clean(text) else _other(message)


def _other(message: Message) -> tuple[Kind, str, str] | None:
    """Return what kind of message it is that has no text; nothing for what nobody says, as someone's coming."""
    if message.sticker:
        return "sticker", "", ""
    if message.voice or message.audio or message.video_note:
        return "voice", "", ""
    has_content = message.effective_attachment is not None or message.location or message.contact or message.text
    return ("other", "", "") if has_content else None


def _is_me(entity: MessageEntity, said: str, me: Me) -> bool:
    if entity.type == MessageEntity.MENTION:
        return said[1:].lower() == me.username.lower()
    return entity.type == MessageEntity.TEXT_MENTION and entity.user is not None and entity.user.id == me.id


def _answers(message: Message, me: Me) -> bool:
    answered = message.reply_to_message
    return answered is not None and answered.from_user is not None and answered.from_user.id == me.id


def _press(update: Update) -> tuple[str, Arrival] | None:
    query = update.callback_query
    if query is None or query.message is None:
        return None
    chat = query.message.chat
    language = query.from_user.language_code or ""
    return str(chat.id), Arrival(
        "press", query.from_user.id, query.data or "", message=query.message.message_id,
        private=chat.type == chat.PRIVATE, language=language, press=query.id,
    )  # fmt: skip


def _reaction(update: Update) -> tuple[str, Arrival] | None:
    reaction = update.message_reaction
    if reaction is None or reaction.user is None:
        return None
    emoji = [one.emoji for one in reaction.new_reaction if isinstance(one, ReactionTypeEmoji)]
    rating = next((1 if one in _GOOD else -1 for one in emoji if one in _GOOD | _BAD), 0)
    return str(reaction.chat.id), Arrival("reaction", reaction.user.id, str(rating), message=reaction.message_id)


def _member(update: Update) -> tuple[str, Arrival] | None:
    change = update.my_chat_member
    if change is None or change.new_chat_member.status not in ("kicked", "left"):
        return None
    return str(change.chat.id), Arrival("left", change.from_user.id)


def _move(update: Update) -> tuple[str, Arrival] | None:
    message = update.message
    if message is None or not message.migrate_to_chat_id:
        return None
    return str(message.chat.id), Arrival("moved", 0, str(message.migrate_to_chat_id))


def as_update(raw: Any, bot: Any) -> Update:
    """Return an update of Telegram's JSON.

    Raises:
        Exception: it is none; whatever the library raises then.
    """
    update = Update.de_json(raw, bot)
    if not isinstance(update, Update):
        raise TypeError("no update")
    return update
