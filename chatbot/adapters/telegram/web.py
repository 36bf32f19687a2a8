"""What listens: the webhook, and health and metrics on loopback."""

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from chatbot.adapters.telegram.settings import TelegramSettings
from chatbot.errors import ChatbotError, StoreError

_LARGEST = 1_000_000
"""Bytes of an update."""

TakeIn = Callable[[list[dict[str, Any]]], Awaitable[None]]


class _Webhook(RequestHandler):
    """Takes updates from who knows the secret (https://core.telegram.org/bots/api#setwebhook)."""

    def initialize(self, secret: str, take_in: TakeIn) -> None:
        self._secret, self._take_in = secret, take_in

    async def post(self) -> None:
        """Keep one update; only then is it confirmed."""
        said = self.request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(said.encode(), self._secret.encode()):
            self.send_error(403)
            return
        try:
            raw = json.loads(self.request.body)
        except ValueError:
            raw = None
        if not isinstance(raw, dict) or not isinstance(raw.get("update_id"), int):
            self.send_error(400)
            return
        try:
            await self._take_in([raw])
        except StoreError:
            self.send_error(503)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say nothing but the status."""
        self.finish()

    def log_exception(self, *about: Any) -> None:
        """Quote no request."""


class _Health(RequestHandler):
    """``/health``: 200 or 503."""

    def initialize(self, health: Callable[[], dict[str, Any]]) -> None:
        self._health = health

    def get(self) -> None:
        """Tell how the bot is."""
        found = self._health()
        self.set_status(200 if found["ok"] else 503)
        self.write(found)


class _Metrics(RequestHandler):
    """``/metrics``, as Prometheus reads them (https://prometheus.io/docs/instrumenting/exposition_formats/)."""

    def initialize(self, metrics: Callable[[], dict[str, float]]) -> None:
        self._metrics = metrics

    def get(self) -> None:
        """Tell the counts."""
        self.set_header("Content-Type", "text/plain; version=0.0.4")
        for name, value in self._metrics().items():
            kind = "counter" if name.endswith("_total") else "gauge"
            self.write(f"# TYPE chatbot_{name} {kind}\nchatbot_{name} {value}\n")


class Web:
    """The servers that the settings ask for, as long as the block lasts."""

    def __init__(
        self, settings: TelegramSettings, secret: str, take_in: TakeIn, health: Callable[[], dict[str, Any]],
        metrics: Callable[[], dict[str, float]],
    ) -> None:  # fmt: skip
        self._settings = settings
        self._webhook = Application(
            [(settings.webhook_path, _Webhook, {"secret": secret, "take_in": take_in})], log_function=lambda _: None
        )
        told = [("/health", _Health, {"health": health}), ("/metrics", _Metrics, {"metrics": metrics})]
        self._told = Application(told, log_function=lambda _: None)
        self._servers: list[HTTPServer] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            ChatbotError: a port is taken.
        """
        if self._settings.mode == "webhook":
            self.port = self._listen(self._webhook, self._settings.webhook_port, self._settings.webhook_listen)
        if self._settings.metrics_port:
            self._listen(self._told, self._settings.metrics_port, "127.0.0.1")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, and let requests under way end."""
        for server in self._servers:
            server.stop()
        for server in self._servers:
            await server.close_all_connections()

    def _listen(self, application: Application, port: int, address: str) -> int:
        try:
            sockets = bind_sockets(port, address)
        except OSError as error:
            raise ChatbotError(f"cannot listen on {address}:{port}: {error.strerror}", "take another port") from None
        server = HTTPServer(application, max_buffer_size=2 * _LARGEST, max_body_size=_LARGEST)
        server.add_sockets(sockets)
        self._servers.append(server)
        return int(sockets[0].getsockname()[1])
