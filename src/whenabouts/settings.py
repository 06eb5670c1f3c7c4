"""Settings as frozen models: unknown keys are refused, every field says its unit.

A recipe is a TOML file read into one `Settings` subclass; `key=value` pairs from the command line
overwrite fields (`train.steps=100`). Saved beside results in the same form.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from whenabouts.errors import SettingsError


class Settings(BaseModel):
    """Base of every group of settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, path: Path, overwrite: Iterable[str] = (), table: str = "") -> Self:
        """Read a TOML file, then apply `key=value` pairs with dotted keys and TOML values.

        With `table` only that table of the file counts, and all keys begin with its name.
        """
        values = _load(path)
        for pair in overwrite:
            if table and not pair.startswith(f"{table}."):
                raise SettingsError(f"{pair!r} is not used here; write {table}.KEY=VALUE")
            _overwrite(values, pair)
        return cls.check(values.get(table, {}) if table else values, str(path))

    @classmethod
    def check(cls, values: dict[str, Any], source: str) -> Self:
        """Build from plain values; all faults are told at once, with their keys."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = "\n".join(
                f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}, got {fault['input']!r}"
                for fault in error.errors()
            )
            raise SettingsError(f"{source} does not fit {cls.__name__}:\n{faults}") from error

    def to_toml(self) -> str:
        """The settings as TOML that `read` takes back; fields that are None are left out."""
        return "\n".join(_toml_lines(self.model_dump(mode="json", exclude_none=True), ())) + "\n"


def read_value(path: Path, key: str, example: str) -> str:
    """One text of a TOML file; `example` shows how a line with it looks."""
    value = _load(path).get(key)
    if not isinstance(value, str):
        raise SettingsError(f"{path} does not say {key}; add a line such as {example}")
    return value


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read settings {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error


def _toml_lines(values: dict[str, Any], path: tuple[str, ...]) -> list[str]:
    """Lines of one table: its own values first, then its sub-tables."""
    lines = [f"[{'.'.join(path)}]"] if path else []
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    lines += [_toml_pair(key, value) for key, value in values.items() if key not in tables]
    for key, value in tables.items():
        lines += ["", *_toml_lines(value, (*path, _toml_key(key)))]
    return lines


def _toml_pair(key: str, value: Any) -> str:
    return f"{_toml_key(key)} = {_toml_value(value)}"


def _toml_key(key: str) -> str:
    """A key, quoted unless it is a plain word."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml_text(key)


def _toml_text(text: str) -> str:
    """Quoted text: as JSON, but TOML also wants the delete character escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_value(value: Any) -> str:
    """One value on one line."""
    if isinstance(value, dict):
        pairs = cast(dict[str, Any], value).items()
        return "{" + ", ".join(_toml_pair(key, inner) for key, inner in pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(inner) for inner in cast(list[Any], value)) + "]"
    if isinstance(value, float):
        return repr(value)
    return _toml_text(value) if isinstance(value, str) else json.dumps(value)


def _overwrite(values: dict[str, Any], pair: str) -> None:
    """Set one dotted key; the value is TOML, or text when it is no TOML value."""
    key, equals, text = pair.partition("=")
    if not equals:
        raise SettingsError(f"{pair!r} is not key=value; write for example train.steps=100")
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        value = text
    *groups, last = key.strip().split(".")
    for group in groups:
        values = values.setdefault(group, {})
    values[last] = value
