"""A Bot API server of our own on loopback: it remembers what the bot did, and fails when it is told to.

It outlives the bot, confirms an update only by a later, larger offset, ends the older of two pollers, withholds
reactions from who has not asked for them, and retries webhooks in order until they are taken.
"""

import asyncio
import json
import ssl
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

TOKEN = "123456789:AAtestTESTtestTESTtestTESTtestTESTte"
ME = {"id": 123456789, "is_bot": True, "first_name": "Robin", "username": "robin_bot"}
Fault = dict[str, Any]
_TRUSTING = ssl._create_unverified_context()  # a certificate of our own, on loopback


@dataclass
class BotApi:
    """The server. Everything but ``say`` and its like may be read by tests at any time."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    blocked: set[str] = field(default_factory=set)
    migrated: dict[str, int] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    webhook: dict[str, Any] | None = None
    refused: bool = False
    port: int = 0
    _message: int = 0
    _update: int = 1000
    _poller: int = 0
    _wanted: list[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Listen on a port of loopback."""
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True).start()
        ready.wait(10)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, ready: threading.Event) -> None:
        sockets = bind_sockets(0, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        routes: list[Any] = [
            (r"/bot([^/]+)/(\w+)", _Method, {"api": self}),
            (r"/file/bot([^/]+)/(.+)", _File, {"api": self}),
        ]
        server = HTTPServer(Application(routes, log_function=lambda _: None), max_buffer_size=60_000_000)
        server.add_sockets(sockets)
        ready.set()
        await self._push_webhooks()

    def fail(self, method: str, *faults: Fault) -> None:
        """Have the next calls of a method fail: ``status`` with ``parameters``, ``delay``, ``cut`` before or after."""
        self.faults[method] += faults

    def say(self, chat: int, text: str = "", user: int | None = None, **more: Any) -> int:
        """Have someone write a message; return its number in the chat."""
        message = self._new_message(chat, user or chat, text, more)
        self._add({"message": message})
        return int(message["message_id"])

    def change(self, chat: int, number: int, text: str, user: int | None = None) -> None:
        """Have someone change a message of theirs."""
        message = self._new_message(chat, user or chat, text, {})
        self._add({"edited_message": {**message, "message_id": number, "edit_date": int(time.time())}})

    def press(self, chat: int, message: dict[str, Any], data: str, user: int | None = None) -> None:
        """Have someone press a button under a message of the bot's."""
        query = {
            "id": str(time.monotonic_ns()), "from": _user(user or chat), "chat_instance": "1", "data": data,
            "message": {"message_id": message["message_id"], "date": int(time.time()), "chat": _chat(chat)},
        }  # fmt: skip
        self._add({"callback_query": query})

    def react(self, chat: int, number: int, *emoji: str, user: int | None = None) -> None:
        """Have someone react to a message."""
        reaction = {
            "chat": _chat(chat), "message_id": number, "user": _user(user or chat), "date": int(time.time()),
            "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": one} for one in emoji],
        }  # fmt: skip
        self._add({"message_reaction": reaction})

    def add_raw(self, update: dict[str, Any]) -> None:
        """Add an update as it is."""
        self._add(update)

    def texts(self, chat: int) -> list[str]:
        """Return what the bot has written into a chat."""
        return [one["text"] for one in list(self.sent) if one["chat"] == str(chat) and "text" in one]

    def called(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of all calls of a method."""
        return [arguments for name, arguments in list(self.calls) if name == method]

    def wait(self, ready: Callable[[], Any], seconds: float = 20) -> Any:
        """Return what ``ready`` returns as soon as that is something."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := ready():
                return found
            time.sleep(0.02)
        raise AssertionError(f"nothing came of it; calls: {[name for name, _ in self.calls][-30:]}")

    def answer_to(self, chat: int, text: str, **more: Any) -> str:
        """Say something and return what the bot answers."""
        before = len(self.texts(chat))
        self.say(chat, text, **more)
        return str(self.wait(lambda: self.texts(chat)[before:])[0])

    def _new_message(self, chat: int, user: int, text: str, more: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self._message += 1
            number = self._message
        message = {"message_id": number, "date": int(time.time()), "chat": _chat(chat), "from": _user(user), **more}
        if text:
            message["text"] = text
            message.setdefault("entities", _entities(text))
        return message

    def _add(self, update: dict[str, Any]) -> None:
        with self._lock:
            self._update += 1
            self.updates.append({"update_id": self._update, **update})

    # What the server does for the bot.

    async def call(self, method: str, arguments: dict[str, Any], files: dict[str, bytes]) -> Any:
        """Return a method's result.

        Raises:
            _Error: it has none.
        """
        self.calls.append((method, arguments))
        if method == "getUpdates":
            return await self._updates(arguments)
        if method == "setWebhook":
            self.webhook, self._wanted = arguments, arguments.get("allowed_updates")
        elif method == "deleteWebhook":
            self.webhook = None
        elif method in ("sendMessage", "sendPhoto", "sendDocument", "editMessageText"):
            return self._send(method, arguments, files)
        path = f"photos/{arguments.get('file_id')}.png"
        files_found = {"file_id": arguments.get("file_id"), "file_unique_id": "u", "file_path": path}
        return {"getMe": ME, "getFile": files_found}.get(method, True)

    async def _updates(self, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook:
            raise _Error(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poller += 1
        poller = self._poller
        self._wanted = arguments.get("allowed_updates") or self._wanted
        if offset := int(arguments.get("offset") or 0):
            with self._lock:
                self.updates = [one for one in self.updates if one["update_id"] >= offset]
        until = time.monotonic() + float(arguments.get("timeout") or 0)
        while True:
            if poller != self._poller:
                raise _Error(409, "Conflict: terminated by other getUpdates request")
            found = [one for one in list(self.updates) if self._is_wanted(one)][:100]
            if found or time.monotonic() > until:
                return found
            await asyncio.sleep(0.01)

    def _is_wanted(self, update: dict[str, Any]) -> bool:
        kind = next(key for key in update if key != "update_id")
        return kind in self._wanted if self._wanted else kind != "message_reaction"

    def _send(self, method: str, arguments: dict[str, Any], files: dict[str, bytes]) -> dict[str, Any]:
        chat, text = str(arguments["chat_id"]), arguments.get("text", "")
        if chat in self.blocked:
            raise _Error(403, "Forbidden: bot was blocked by the user")
        if chat in self.migrated:
            raise _Error(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=self.migrated[chat])
        if method == "sendMessage" and not text.strip():
            raise _Error(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise _Error(400, "Bad Request: message is too long")
        with self._lock:
            self._message += 1
            number = self._message
        sent = {**arguments, "message_id": number, "chat": chat, "files": files, "time": time.monotonic()}
        self.sent.append(sent)
        return {"message_id": number, "date": int(time.time()), "chat": _chat(int(chat)), "from": ME, "text": text}

    async def _push_webhooks(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            hook = self.webhook
            if not hook:
                continue
            for update in [one for one in list(self.updates) if self._is_wanted(one)]:
                if not await asyncio.to_thread(_post, hook, update):
                    await asyncio.sleep(0.1)
                    break
                with self._lock:
                    self.updates.remove(update)


class _Error(Exception):
    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


class _Method(RequestHandler):
    def initialize(self, api: BotApi) -> None:
        self.api = api

    async def post(self, token: str, method: str) -> None:
        if token != TOKEN or self.api.refused:
            self._answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
            return
        queue = self.api.faults[method]
        fault = queue.pop(0) if queue else {}
        await asyncio.sleep(fault.get("delay", 0))
        if fault.get("cut") == "before":
            self.detach().close()
            return
        if status := fault.get("status"):
            body = {"ok": False, "error_code": status, "description": fault.get("description", "made up")}
            self._answer(status, {**body, "parameters": fault.get("parameters", {})})
            return
        try:
            result = await self.api.call(method, self._arguments(), self._files())
        except _Error as error:
            body = {"ok": False, "error_code": error.status, "description": error.description}
            self._answer(error.status, {**body, "parameters": error.parameters} if error.parameters else body)
            return
        if fault.get("cut") == "after":
            self.detach().close()
            return
        self._answer(200, {"ok": True, "result": result})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self.set_status(status)
        self.finish(json.dumps(body))

    def _arguments(self) -> dict[str, Any]:
        if self.request.headers.get("Content-Type", "").startswith("application/json"):
            return dict(json.loads(self.request.body or b"{}"))
        found = {}
        for name, values in self.request.body_arguments.items():
            text = values[-1].decode()
            try:
                found[name] = json.loads(text) if text[:1] in "[{" else text
            except ValueError:
                found[name] = text
        return found

    def _files(self) -> dict[str, bytes]:
        return {one["filename"]: one["body"] for parts in self.request.files.values() for one in parts}


class _File(RequestHandler):
    def initialize(self, api: BotApi) -> None:
        self.api = api

    def get(self, token: str, path: str) -> None:
        if token != TOKEN:
            self.send_error(404)
            return
        self.finish(self.api.files[path.rpartition("/")[2].removesuffix(".png")])


def _post(hook: dict[str, Any], update: dict[str, Any]) -> bool:
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": hook.get("secret_token", "")}
    request = urllib.request.Request(hook["url"], json.dumps(update).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=5, context=_TRUSTING) as answer:
            return bool(200 <= answer.status < 300)
    except OSError:
        return False


def _user(number: int) -> dict[str, Any]:
    return {"id": abs(number), "is_bot": False, "first_name": "Ada", "language_code": "en"}


def _chat(number: int) -> dict[str, Any]:
    return {"id": number, "type": "private" if number > 0 else "supergroup", "title": "A group", "first_name": "Ada"}


def _entities(text: str) -> list[dict[str, Any]]:
    found = []
    if text.startswith("/"):
        found.append({"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])})
    for word in {word for word in text.split() if word.startswith("@")}:
        offset = len(text[: text.index(word)].encode("utf-16-le")) // 2
        found.append({"type": "mention", "offset": offset, "length": len(word)})
    return found
