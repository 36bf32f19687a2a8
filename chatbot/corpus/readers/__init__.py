"""Kinds of readers: one log format each."""

from typing import Annotated

from pydantic import Field

from chatbot.corpus.log import HEAD, LONG_HEAD, Part
from chatbot.corpus.readers.alpaca import AlpacaReader
from chatbot.corpus.readers.captions import CaptionsReader
from chatbot.corpus.readers.chatterbot import ChatterBotReader
from chatbot.corpus.readers.conv import ConvReader
from chatbot.corpus.readers.cornell import CornellReader
from chatbot.corpus.readers.crosswoz import CrossWozReader
from chatbot.corpus.readers.csv_rows import CsvReader
from chatbot.corpus.readers.dailydialog import DailyDialogReader
from chatbot.corpus.readers.discord import DiscordReader
from chatbot.corpus.readers.google_chat import GoogleChatReader
from chatbot.corpus.readers.hangouts import HangoutsReader
from chatbot.corpus.readers.html_stream import is_page
from chatbot.corpus.readers.imessage import IMessageReader
from chatbot.corpus.readers.instagram import InstagramReader
from chatbot.corpus.readers.irc import IrcReader
from chatbot.corpus.readers.json_rows import JsonReader
from chatbot.corpus.readers.jsonl import JsonlReader
from chatbot.corpus.readers.kakaotalk import KakaoTalkReader
from chatbot.corpus.readers.kdconv import KdConvReader
from chatbot.corpus.readers.line import LineReader
from chatbot.corpus.readers.matrix import MatrixReader
from chatbot.corpus.readers.mattermost import MattermostReader
from chatbot.corpus.readers.messages import ChatReader
from chatbot.corpus.readers.messenger import MessengerReader
from chatbot.corpus.readers.openai import OpenAIReader
from chatbot.corpus.readers.parlai import ParlaiReader
from chatbot.corpus.readers.parquet import ParquetReader
from chatbot.corpus.readers.personachat import PersonaChatReader
from chatbot.corpus.readers.qq import QqReader
from chatbot.corpus.readers.reader import Reader
from chatbot.corpus.readers.reddit import RedditReader
from chatbot.corpus.readers.sgd import SgdReader
from chatbot.corpus.readers.sharegpt import ShareGPTReader
from chatbot.corpus.readers.signal import SignalReader
from chatbot.corpus.readers.slack import SlackReader
from chatbot.corpus.readers.telegram import TelegramReader
from chatbot.corpus.readers.telegram_text import TelegramTextReader
from chatbot.corpus.readers.text import TextReader
from chatbot.corpus.readers.translation import TranslationReader
from chatbot.corpus.readers.tsv import TsvReader
from chatbot.corpus.readers.ubuntu_dialogue import UbuntuDialogueReader
from chatbot.corpus.readers.wechat import WechatReader
from chatbot.corpus.readers.whatsapp import WhatsAppReader
from chatbot.corpus.tally import Tally
from chatbot.errors import LogError
from chatbot.settings import suggest

READERS: dict[str, type[Reader]] = {
    "alpaca": AlpacaReader,
    "captions": CaptionsReader,
    "chatterbot": ChatterBotReader,
    "conv": ConvReader,
    "cornell": CornellReader,
    "crosswoz": CrossWozReader,
    "csv": CsvReader,
    "dailydialog": DailyDialogReader,
    "discord": DiscordReader,
    "google-chat": GoogleChatReader,
    "hangouts": HangoutsReader,
    "imessage": IMessageReader,
    "instagram": InstagramReader,
    "irc": IrcReader,
    "json": JsonReader,
    "jsonl": JsonlReader,
    "kakaotalk": KakaoTalkReader,
    "kdconv": KdConvReader,
    "line": LineReader,
    "matrix": MatrixReader,
    "mattermost": MattermostReader,
    "messenger": MessengerReader,
    "openai": OpenAIReader,
    "parlai": ParlaiReader,
    "parquet": ParquetReader,
    "personachat": PersonaChatReader,
    "qq": QqReader,
    "reddit": RedditReader,
    "sgd": SgdReader,
    "sharegpt": ShareGPTReader,
    "signal": SignalReader,
    "slack": SlackReader,
    "telegram": TelegramReader,
    "telegram-text": TelegramTextReader,
    "text": TextReader,
    "translation": TranslationReader,
    "tsv": TsvReader,
    "ubuntu-dialogue": UbuntuDialogueReader,
    "wechat": WechatReader,
    "whatsapp": WhatsAppReader,
}
AnyReader = Annotated[
    AlpacaReader
    | CaptionsReader
    | ChatterBotReader
    | ConvReader
    | CornellReader
    | CrossWozReader
    | CsvReader
    | DailyDialogReader
    | DiscordReader
    | GoogleChatReader
    | HangoutsReader
    | IMessageReader
    | InstagramReader
    | IrcReader
    | JsonReader
    | JsonlReader
    | KakaoTalkReader
    | KdConvReader
    | LineReader
    | MatrixReader
    | MattermostReader
    | MessengerReader
    | OpenAIReader
    | ParlaiReader
    | ParquetReader
    | PersonaChatReader
    | QqReader
    | RedditReader
    | SgdReader
    | ShareGPTReader
    | SignalReader
    | SlackReader
    | TelegramReader
    | TelegramTextReader
    | TextReader
    | TranslationReader
    | TsvReader
    | UbuntuDialogueReader
    | WechatReader
    | WhatsAppReader,
    Field(discriminator="kind"),
]

__all__ = ["READERS", "AnyReader", "Reader", "Tally", "named_reader", "own_parts", "recognise"]


def named_reader(name: str) -> Reader:
    """Return the reader of the format ``name``, with its defaults."""
    if name not in READERS:
        raise LogError(f'there is no format "{name}"{suggest(name, list(READERS))}')
    return READERS[name]()


_PLAIN = ("json", "text", "tsv")
"""Formats that much else looks like: they count only where no other one fits."""
_ONE_SHAPE = {"instagram": "messenger"}
"""Formats of one shape: beside files that say that they are the first's, those that say nothing are too."""


_PAGES = "export the chat again as JSON; Facebook, Instagram and Google ask for the format before they pack the files"


def own_parts(reader: Reader, parts: list[Part]) -> list[Part]:
    """Return the parts of an application's export that hold messages: pictures and style sheets may lie beside them.

    When none seems to, all are returned, so that reading them tells what is wrong; so they are of other formats.
    """
    if not isinstance(reader, ChatReader):
        return parts
    name = getattr(reader, "kind", "")
    kinds = [READERS[one] for one in (name, _ONE_SHAPE.get(name, name))]
    return [part for part in parts if any(kind.holds(part) for kind in kinds)] or parts


def recognise(parts: list[Part]) -> tuple[Reader, str, list[Part]]:
    """Return the reader of the format that the parts are in, why, and the parts that are in it.

    A folder may hold other things too: pictures, style sheets, empty files.

    Raises:
        LogError: no format fits, or more than one does.
    """
    fits, problems = _fitting(parts, HEAD)
    if not fits:
        fits, _ = _fitting(list(filter(_is_long_json, parts)), LONG_HEAD)
    if any(name not in _PLAIN for name in fits):
        fits = {name: found for name, found in fits.items() if name not in _PLAIN}
    for name, other in _ONE_SHAPE.items():
        if name in fits and other in fits:
            mine = {id(part) for shared in (name, other) for part in fits[shared][1]}
            fits[name] = (fits[name][0], [part for part in parts if id(part) in mine])
            del fits[other]
    if not fits and problems:
        raise problems[0]
    if not fits:
        known = ", ".join(sorted(READERS))
        raise LogError(f"{parts[0].name}: is in no format that is known", f"name it with --format: {known}")
    if len(fits) > 1:
        found = "; ".join(f"{name} ({reason}: {found[0].name})" for name, (reason, found) in sorted(fits.items()))
        raise LogError(f"the log fits more than one format: {found}", "choose one with --format")
    ((name, (reason, fitting)),) = fits.items()
    return READERS[name](), reason, fitting


def _is_long_json(part: Part) -> bool:
    """Return whether a part is JSON whose first record may be longer than the head."""
    head = part.head()
    return len(head) == HEAD and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _fitting(parts: list[Part], size: int) -> tuple[dict[str, tuple[str, list[Part]]], list[LogError]]:
    """Return for each format why it fits and which parts are in it, and what is wrong with parts that are no text."""
    fits: dict[str, tuple[str, list[Part]]] = {}
    problems: list[LogError] = []
    for part in parts:
        try:
            reasons = _reasons(part, size)
            if not reasons and is_page(part.text_head()):
                problems.insert(0, LogError(f"{part.name}: is a web page of no program that is known", _PAGES))
        except LogError as error:
            problems.append(error)
            continue
        for name, reason in reasons.items():
            fits.setdefault(name, (reason, []))[1].append(part)
    return fits, problems


def _reasons(part: Part, size: int) -> dict[str, str]:
    """Return the formats that a part is in, each with why: those of bytes, else those of text."""
    found = {name: reader.recognises_bytes(part.head()) for name, reader in READERS.items()}
    if not any(found.values()):
        head = part.text_head(size)
        found = {name: reader.recognises(head, part.name) for name, reader in READERS.items()}
    return {name: reason for name, reason in found.items() if reason}
