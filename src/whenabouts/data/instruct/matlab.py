"""Numbers out of MATLAB files (level 5, the usual kind), as SumMe's ground truth has them.

Only arrays of numbers are read; text, cells and structures are passed over. The layout is that of
The MathWorks' "MAT-File Format": elements of a tag and data, padded to 8 bytes, often compressed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whenabouts.errors import DataError

_HEADER, _TAG = 128, 8
_MATRIX, _COMPRESSED = 14, 15
_TYPES = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
_NUMERIC = range(6, 16)
"""Classes of arrays that hold plain numbers: double to uint64."""
_MOST_BYTES = 2**28
"""Largest array that is unpacked."""

_Element = tuple[int, bytes]


def read_numbers(path: Path) -> dict[str, NDArray[np.float64]]:
    """The arrays of numbers in a file, by name, float64 of their own shapes."""
    try:
        data = path.read_bytes()
        order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
        if order is None:
            raise DataError(
                f"{path} is no MATLAB file of level 5; save it again in MATLAB with -v7"
            )
        return dict(_arrays(data[_HEADER:], order))
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; check its rights") from error
    except (struct.error, zlib.error, ValueError, KeyError, IndexError) as error:
        raise DataError(f"{path} is a damaged MATLAB file: {error}; fetch it again") from error


def _arrays(data: bytes, order: str) -> Iterator[tuple[str, NDArray[np.float64]]]:
    for kind, content in _elements(data, order):
        if kind == _COMPRESSED:
            unpacked = zlib.decompressobj().decompress(content, _MOST_BYTES)
            yield from _arrays(unpacked, order)
        elif kind == _MATRIX:
            yield from _array(content, order)


def _array(content: bytes, order: str) -> Iterator[tuple[str, NDArray[np.float64]]]:
    parts = list(_elements(content, order))
    if len(parts) < 4 or struct.unpack(order + "I", parts[0][1][:4])[0] & 0xFF not in _NUMERIC:
        return
    shape = np.frombuffer(parts[1][1], order + "i4").tolist()
    kind, numbers = parts[3]
    values = np.frombuffer(numbers, order + _TYPES[kind]).astype(np.float64)
    yield parts[2][1].decode("ascii"), values.reshape(shape, order="F")


def _elements(data: bytes, order: str) -> Iterator[_Element]:
    at = 0
    while at + _TAG <= len(data):
        first, size = struct.unpack_from(order + "II", data, at)
        if first >> 16:  # small: up to four bytes of data lie in the tag itself
            size = first >> 16
            yield first & 0xFFFF, data[at + 4 : at + 4 + size]
            at += _TAG
            continue
        yield first, data[at + _TAG : at + _TAG + size]
        # Compressed elements alone are not padded.
        at += _TAG + (size if first == _COMPRESSED else -(-size // _TAG) * _TAG)
