"""The README's reference of settings, made from the settings themselves; ``python -m tests.reference`` writes it."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from chatbot.bot import BotSettings
from chatbot.corpus.manifest import Manifest
from chatbot.corpus.readers import READERS
from chatbot.settings import Settings

README = Path(__file__).parent.parent / "README.md"


def written() -> str:
    """Return the README with its reference up to date."""
    text = README.read_text(encoding="utf-8")
    for name, kind in (("bot file", BotSettings), ("corpus file", Manifest)):
        text = _put(text, name, ["| key | default | meaning |", "| --- | --- | --- |", *_rows(kind, "")])
    return _put(text, "log formats", ["| format | what it is |", "| --- | --- |", *_formats()])


def _put(text: str, name: str, rows: list[str]) -> str:
    """Return a text with a table between the marks of a name."""
    begin, rest = text.split(f"<!-- {name}: ", 1)
    mark, rest = rest.split("\n", 1)
    table = "\n".join(rows)
    return f"{begin}<!-- {name}: {mark}\n\n{table}\n\n<!-- end -->{rest.split('<!-- end -->', 1)[1]}"


def _formats() -> Iterator[str]:
    for name, reader in READERS.items():
        about = (sys.modules[reader.__module__].__doc__ or "").split("\n\n")[0]
        about = " ".join(about.split()).rstrip(".").replace("``", "`").replace("|", "\\|")
        yield f"| `{name}` | {about} |"


def _rows(kind: type[Settings], path: str) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        inner = _inner(field.annotation)
        if name == "kind":
            continue
        meaning = re.sub(r"\s+", " ", field.description or "").strip().replace("``", "`")
        if not inner:
            yield f"| `{path}{name}` | {_default(field)} | {meaning} |"
        elif len(inner) == 1:
            yield f"| `[{path}{name}]` | | {meaning} |"
            yield from _rows(inner[0], f"{path}{name}.")
        else:
            yield from _kinds(field, inner, f"{path}{name}", meaning)


def _kinds(field: FieldInfo, kinds: list[type[Settings]], path: str, meaning: str) -> Iterator[str]:
    names = ", ".join(f'`"{kind.model_fields["kind"].default}"`' for kind in kinds)
    chosen = getattr(field.default, "kind", "")
    default = _code(chosen) if chosen else "" if field.default is None else "needed"
    yield f"| `[{path}] kind` | {default} | {meaning} One of {names}. |"
    shown: dict[str, list[str]] = {}
    for kind in kinds:
        for row in _rows(kind, f"{path}."):
            shown.setdefault(row, []).append(str(kind.model_fields["kind"].default))
    for row, owners in shown.items():
        yield row if len(owners) == len(kinds) else f"{row.removesuffix(' |')} ({', '.join(owners)}) |"


def _inner(annotation: Any) -> list[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return [annotation]
    return [found for part in get_args(annotation) for found in _inner(part)]


def _default(field: FieldInfo) -> str:
    return "needed" if field.default is PydanticUndefined else _code(field.default)


def _code(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(repr(part).replace(chr(39), chr(34)) for part in value)}]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


if __name__ == "__main__":
    README.write_text(written(), encoding="utf-8")
