"""HTTP calls to Telegram's server over aiohttp: a call takes a third of the time that it takes over httpx."""

from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, FormData, TCPConnector
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_CONNECT, _READ, _WRITE, _FREE = 10.0, 15.0, 15.0, 60.0
"""Seconds: to connect, for an answer to begin, to send, and to wait until one of the connections is free."""


class Http(BaseRequest):
    """At most ``connections`` calls at once; each connection serves one call after the other.

    No error tells the URL, since the token is a part of it. Proxies are those of the environment (HTTPS_PROXY).
    """

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds that an answer may take where a call does not say otherwise."""
        return _READ

    async def initialize(self) -> None:
        """Make ready to call."""
        if self._session is None:
            connector = TCPConnector(limit=self._connections)
            self._session = ClientSession(connector=connector, cookie_jar=DummyCookieJar(), trust_env=True)

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE, write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE, pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:  # fmt: skip
        """Return the status and body of the answer to a call.

        Raises:
            TimedOut: nobody knows whether the call arrived.
            NetworkError: as above, unless the server could not be reached.
        """
        if self._session is None:
            raise NetworkError("the connections are closed")
        times = ClientTimeout(
            connect=_or(pool_timeout, _FREE),
            sock_connect=_or(connect_timeout, _CONNECT),
            sock_read=_or(write_timeout, _WRITE) + _or(read_timeout, _READ),
        )
        try:
            async with self._session.request(method, url, data=_form(request_data), timeout=times) as answer:
                return answer.status, await answer.read()
        except TimeoutError:
            raise TimedOut from None
        except (ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None


def _or(seconds: Any, otherwise: float) -> float:
    return otherwise if seconds is BaseRequest.DEFAULT_NONE or seconds is None else float(seconds)


def _form(data: RequestData | None) -> dict[str, str] | FormData | None:
    """Return the parameters of a call as a form, with files where it has some."""
    if data is None:
        return None
    if not data.contains_files:
        return data.json_parameters
    form = FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=file, content_type=kind)
    return form
