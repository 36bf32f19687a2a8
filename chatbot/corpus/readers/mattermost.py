"""Mattermost servers as their bulk export writes them: JSON lines, the first telling the version.

Each line is ``{"type": "post", "post": {...}}`` or the like; only posts and direct posts are messages. They come in no
order, with their replies inside them: a post with replies is a dialogue of its own, as a thread of Slack's.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Any, Literal

from chatbot.corpus.canonical import load_json
from chatbot.corpus.log import Part
from chatbot.corpus.readers.messages import ChatReader, Message, is_command
from chatbot.corpus.readers.reader import tidy
from chatbot.corpus.readers.sorting import sorted_by_time
from chatbot.corpus.tally import Tally
from chatbot.dialogue import Dialogue

_VERSION = re.compile(
    r'\s*\{\s*"type"\s*:\s*"version"\s*,\s*"version"\s*:\s*\d|\s*\{\s*"version"\s*:\s*\d+\s*,\s*"type"'
)
_POSTS = ("post", "direct_post")
_NOTICES = (
    "system_", "custom_calls", "custom_zoom", "custom_jitsi", "custom_gmeet", "custom_google_meet",
    "custom_mstmeetings", "custom_webex", "custom_s4b", "custom_matterpoll", "custom_retro_rem", "custom_cloud_upgrade",
)  # fmt: skip
"""How the types of notices begin; other plugins give types to what people write: with files, or to be translated."""
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


class MattermostReader(ChatReader):
    """``kind = "mattermost"``."""

    kind: Literal["mattermost"] = "mattermost"
    bots: bool = True
    """Keep what bots and webhooks wrote."""

    @classmethod
    def recognises(cls, head: str, name: str) -> str:
        """The first line is an object with the version of the format."""
        return "a bulk export of Mattermost" if _VERSION.match(head) else ""

    def read(self, parts: list[Part], tally: Tally) -> Iterator[Dialogue]:
        """Yield the dialogues of every channel, and of every post with replies."""
        yield from self.dialogues(sorted_by_time(self._messages(parts, tally)), tally)

    def _messages(self, parts: list[Part], tally: Tally) -> Iterator[Message]:
        for part in parts:
            name = PurePath(part.name).name
            for number, line in part.lines(tally):
                if line.strip():
                    yield from self._of_line(line, f"{name}:{number}", tally)

    def _of_line(self, line: str, place: str, tally: Tally) -> Iterator[Message]:
        """Yield the messages of one line, a post's own and its replies'; a line of another type has none."""
        try:
            record = load_json(line)
            if record["type"] not in _POSTS:
                return
            post = record[record["type"]]
            channel, replies = _channel(post), post.get("replies") or []
        except (AttributeError, KeyError, TypeError, ValueError):
            tally.fault(place, line)
            return
        if replies:
            channel = f"{channel}/{post.get('create_at')}/{place}"
        for number, each in enumerate([post, *replies] if isinstance(replies, list) else [post]):
            message = self._message(each, channel, f"{place}.{number}" if number else place, tally)
            if message is not None:
                yield message

    def _message(self, post: Any, channel: str, place: str, tally: Tally) -> Message | None:
        """Return the message of one post or reply, or count why there is none."""
        try:
            text, time = tidy(post.get("message") or ""), _BEGIN + timedelta(milliseconds=int(post["create_at"]))
            props = post.get("props") or {}
            speaker = tidy(props.get("override_username") or post["user"]) or "unknown"
            reason = self._dropped(post, props, text)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            tally.fault(place, str(post))
            return None
        if reason:
            tally.skip(reason)
            return None
        return Message(speaker, text, time, place, channel)

    def _dropped(self, post: dict[str, Any], props: dict[str, Any], text: str) -> str:
        if (post.get("type") or "").startswith(_NOTICES):
            return "system"
        if post.get("delete_at") or props.get("deleteBy"):
            return "deleted"
        if not self.bots and "true" in {str(props.get(key)).lower() for key in ("from_webhook", "from_bot")}:
            return "system"
        if not text:
            return "media" if post.get("attachments") or props.get("attachments") else "empty"
        return "command" if is_command(text) else ""


def _channel(post: dict[str, Any]) -> str:
    """Return what tells a channel from all others: its team and name, or the members of a direct one."""
    if "channel_members" in post:
        return "/".join(sorted(post["channel_members"]))
    return f"{post['team']}/{post['channel']}"
