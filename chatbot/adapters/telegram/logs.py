"""Structured logs without secrets: a JSON object a line."""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from urllib.parse import quote

_TOKEN = re.compile(r"(?<!\d)\d{6,12}(?::|%3A)[A-Za-z0-9_-]{30,}")
"""Anything that looks like a token; ``\\b`` would miss the one in ``/bot123:...``."""
_REDACTED = "<redacted>"


class Redactor:
    """Removes secrets from texts: those it is given, and whatever looks like a token."""

    def __init__(self, *secrets: str) -> None:
        forms = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""), quote(secret))}
        self._secrets = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return a text without them."""
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        return _TOKEN.sub(_REDACTED, text)


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, event, and what is given as ``extra={"facts": {...}}``."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Of an error, its kind and place, never its message: that may quote what people said."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _places(record.exc_info[2])
        return self._redact(json.dumps(line, ensure_ascii=False, default=str))


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def set_up_logging(redact: Redactor) -> None:
    """Send all logs to stderr, as JSON, and have no traceback tell a secret."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(redact))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("aiohttp", "telegram", "tornado", "asyncio", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger(__name__).critical("died", exc_info=(kind, error, trace))

    sys.excepthook = tell
