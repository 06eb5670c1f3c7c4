"""Fields of records that other programs wrote: there, or named as missing."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from whenabouts.errors import InputError


def need(row: Any, key: str) -> Any:
    """The value of a field; an error names the field and what the record has instead."""
    if not isinstance(row, Mapping):
        raise InputError(f"{str(row)[:60]!r} is no record with `{key}`")
    if key not in row:
        raise InputError(f"a record has no `{key}`; it has {', '.join(map(str, row)) or 'nothing'}")
    return row[key]


def need_list(row: Any, key: str) -> list[Any]:
    """The list in a field."""
    value = need(row, key)
    if not isinstance(value, list):
        raise InputError(f"`{key}` is {str(value)[:60]!r} and not a list")
    return value


def need_numbers(row: Any, key: str) -> list[float]:
    """The list of numbers in a field."""
    values = need_list(row, key)
    if not {*map(type, values)} <= {int, float}:
        raise InputError(f"`{key}` is {str(values)[:60]!r} and not a list of numbers")
    return values


def need_rows(row: Any, key: str) -> list[list[float]]:
    """The list of lists of numbers in a field."""
    rows = need_list(row, key)
    if all(isinstance(values, list) for values in rows) and {
        *map(type, chain.from_iterable(rows))
    } <= {int, float}:
        return rows
    raise InputError(f"`{key}` is {str(rows)[:60]!r} and not a list of lists of numbers")


def need_number(row: Any, key: str) -> float:
    """The number in a field."""
    value = need(row, key)
    if type(value) not in (int, float):
        raise InputError(f"`{key}` is {str(value)[:60]!r} and not a number")
    return float(value)
