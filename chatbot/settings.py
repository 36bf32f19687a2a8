"""TOML files to frozen settings: unknown keys refused, every problem reported at once."""

import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from chatbot.errors import SettingsError


class Settings(BaseModel):
    """Base of all settings: frozen, and misspelt keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


Model = TypeVar("Model", bound=Settings)


def load_settings(path: Path, kind: type[Model]) -> Model:
    """Return the settings that the TOML file at ``path`` holds.

    Raises:
        SettingsError: the file is missing, is not TOML, or has wrong keys or values (all are listed).
    """
    return parse_settings(read_toml(path), kind, path)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the raw tables of a TOML file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: there is no such file", _nearby(path)) from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path}: is not UTF-8, as TOML is, from byte {error.start} on", "save it as UTF-8"
        ) from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not valid TOML: {error}") from None


def parse_settings(tables: dict[str, Any], kind: type[Model], path: Path) -> Model:
    """Return ``tables``, read from ``path``, as settings of ``kind``."""
    try:
        return kind.model_validate(tables)
    except ValidationError as error:
        problems = [_describe(detail, kind) for detail in error.errors()]
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in dict.fromkeys(problems))) from None


def suggest(word: str, known: list[str]) -> str:
    """Return "; did you mean ...?" when ``word`` is close to a known one, else the list of the known."""
    found = meant(word, known) or (f"known: {', '.join(sorted(known))}" if known else "")
    return f"; {found}" if found else ""


def meant(word: str, known: list[str]) -> str:
    """Return "did you mean ...?" when ``word`` is close to a known one."""
    close = difflib.get_close_matches(word, known, n=1)
    return f'did you mean "{close[0]}"?' if close else ""


def _nearby(path: Path) -> str:
    names = sorted(other.name for other in path.parent.glob("*.toml"))
    return f"{path.parent} has: {', '.join(names)}" if names else ""


def _describe(detail: ErrorDetails, kind: type[Settings]) -> str:
    place = ".".join(map(str, _named(detail["loc"], kind)))
    if detail["type"] == "extra_forbidden":
        return f"{place}: unknown key{suggest(str(detail['loc'][-1]), _keys_beside(detail['loc'], kind))}"
    if detail["type"] == "union_tag_invalid":
        context = detail["ctx"]
        known = [tag.strip("' ") for tag in str(context["expected_tags"]).split(",")]
        return f'{place}.kind: unknown kind "{context["tag"]}"{suggest(str(context["tag"]), known)}'
    if detail["type"] == "union_tag_not_found":
        return f"{place}: needs a kind"
    if detail["type"] == "missing":
        return f"{place}: is missing"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"{place}: ".removeprefix(": ") + message[0].lower() + message[1:] + _value(detail["input"])


def _value(value: object) -> str:
    return f" (it is {value!r})" if isinstance(value, str | int | float | bool) else ""


def _keys_beside(location: tuple[int | str, ...], kind: type[Settings]) -> list[str]:
    """Return the keys that settings of ``kind`` know at the place of the unknown key ``location[-1]``."""
    *_, known = _settings_along(location, kind)
    return sorted({name for settings in known for name in settings.model_fields})


def _named(location: tuple[int | str, ...], kind: type[Settings]) -> list[int | str]:
    """Return a location as the file has it: without the tags of unions, which pydantic puts between the keys."""
    beside = zip(location[:-1], _settings_along(location, kind), strict=False)
    named = [part for part, known in beside if not any(_is_tag(part, settings) for settings in known)]
    return [*named, *location[-1:]]


def _settings_along(location: tuple[int | str, ...], kind: type[Settings]) -> Iterator[list[type[Settings]]]:
    """Yield the settings that each part of a location may stand in."""
    known: list[type[Settings]] = [kind]
    for part in location:
        yield known
        known = [inner for outer in known for inner in _inside(outer, str(part))] or known


def _is_tag(part: int | str, settings: type[Settings]) -> bool:
    kind = settings.model_fields.get("kind")
    return part not in settings.model_fields and kind is not None and kind.default == part


def _inside(outer: type[Settings], part: str) -> list[type[Settings]]:
    field = outer.model_fields.get(part)
    if field is None:
        return [outer] if _is_tag(part, outer) else []
    return _settings_in(field.annotation)


def _settings_in(annotation: Any) -> list[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _settings_in(part)]
