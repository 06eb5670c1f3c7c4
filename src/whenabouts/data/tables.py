"""Annotation files as checked Python values; whatever is wrong names the file and the fix.

Nothing in these files is run: a pickle may hold lists, tables and text alone.
"""

from __future__ import annotations

import csv
import io
import json
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from whenabouts.errors import DataError

T = TypeVar("T")


def read_lines(path: Path) -> list[str]:
    """The lines of a text file, without blanks around them and without empty ones."""
    return [line.strip() for line in _text(path).splitlines() if line.strip()]


def read_json(path: Path, shape: TypeAdapter[T]) -> T:
    """A JSON file of the given shape."""
    try:
        values = json.loads(_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise DataError(
            f"{path} is not JSON: {error}; it may be cut off, fetch it again"
        ) from error
    return _fitting(path, values, shape)


def read_json_lines(path: Path, shape: TypeAdapter[T]) -> list[T]:
    """A file with one JSON value of the given shape a line."""
    found: list[T] = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise DataError(
                f"line {number} of {path} is not JSON: {error}; it may be cut off, fetch it again"
            ) from error
        found.append(_fitting(path, values, shape))
    return found


def read_columns(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """These columns of a CSV file with a header, row by row."""
    try:
        rows = list(csv.reader(io.StringIO(_text(path), newline=""), strict=True))
    except csv.Error as error:
        raise DataError(f"{path} is not CSV: {error}; fetch it again") from error
    head = rows[0] if rows else []
    absent = [name for name in columns if name not in head]
    if absent:
        raise DataError(
            f"{path} has no column {absent[0]!r}, only {', '.join(head) or 'nothing'}; "
            "fetch the published file"
        )
    places = [head.index(name) for name in columns]
    found: list[tuple[str, ...]] = []
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        if len(row) != len(head):
            raise DataError(
                f"row {number} of {path} has {len(row)} cells for {len(head)} columns; mend the "
                "row or fetch the file again"
            )
        found.append(tuple(row[place] for place in places))
    return found


def read_columns_of_tabs(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """These columns of a file with a header whose cells are parted by tabs, row by row."""
    rows = [line.rstrip("\r").split("\t") for line in _text(path).split("\n") if line.strip()]
    head = rows[0] if rows else []
    absent = [name for name in columns if name not in head]
    if absent:
        raise DataError(
            f"{path} has no column {absent[0]!r}, only {', '.join(head) or 'nothing'}; "
            "fetch the published file"
        )
    places = [head.index(name) for name in columns]
    return [tuple(row[place] for place in places) for row in rows[1:] if len(row) > max(places)]


def read_tabs(path: Path, cells: int) -> list[list[str]]:
    """Lines of a file without a header whose cells are parted by tabs."""
    found: list[list[str]] = []
    for number, line in enumerate(_text(path).split("\n"), 1):
        row = line.strip().split("\t")
        if row == [""]:
            continue
        if len(row) != cells:
            raise DataError(
                f"line {number} of {path} has {len(row)} cells, not {cells}; cells are parted by "
                "tabs: mend the line or fetch the file again"
            )
        found.append(row)
    return found


def read_pickle(path: Path, shape: TypeAdapter[T]) -> T:
    """A pickled value of the given shape, made of plain values only."""
    try:
        with path.open("rb") as file:
            # Text of Python 2 comes as bytes, which are UTF-8 (mostly ASCII) in published files.
            values = _PlainValues(file, encoding="utf-8").load()
    except OSError as error:
        _unreadable(path, error)
    except _NamedError as error:
        raise DataError(
            f"the pickle {path} names {error}; captions are lists of words, so this is not the "
            "published file and may do harm: delete it and fetch it again"
        ) from error
    except Exception as error:  # a broken pickle can raise anything
        raise DataError(
            f"{path} is not a pickle that can be read: {error or type(error).__name__}; "
            "fetch it again"
        ) from error
    return _fitting(path, values, shape)


class _NamedError(Exception):
    """A pickle asked for something by name."""


class _PlainValues(pickle.Unpickler):
    """Refuses every name, so that nothing can be called."""

    def find_class(self, module_name: str, global_name: str, /) -> NoReturn:
        raise _NamedError(f"{module_name}.{global_name}")


def _fitting(path: Path, values: Any, shape: TypeAdapter[T]) -> T:
    try:
        return shape.validate_python(values, strict=True)
    except (ValidationError, RecursionError) as error:
        what = str(error)
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False)[0]
            at = ".".join(map(str, first["loc"])) or "the file"
            what = f"{at}: {first['msg']}"
        raise DataError(f"{path} does not fit its format: {what}; fetch it again") from error


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        _unreadable(path, error)
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text: {error}; fetch it again") from error


def _unreadable(path: Path, error: OSError) -> NoReturn:
    raise DataError(f"cannot read {path}: {error.strerror}; check its rights") from error
