"""Rows to Arrow tables and back: the columns of frames and texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whenabouts.store.rows import FrameHit, FrameRows, TextHit, TextRow
from whenabouts.store.segment import segment

TEXTS_SCHEMA = pa.schema(
    [
        ("video", pa.string()),
        ("start_s", pa.float64()),
        ("end_s", pa.float64()),
        ("channel", pa.string()),
        ("lang", pa.string()),
        ("text", pa.string()),
        ("words", pa.string()),
    ]
)
"""`words` holds the search words of `text`."""

Batches = Iterable[pa.RecordBatch]
"""Frames as they stream in."""

TEXTS = ("video", "start_s", "end_s", "channel", "lang", "text")
FRAMES = ("video", "time_s", "end_s", "logit", "vector")


def frames_schema(width: int) -> pa.Schema:
    """Vectors are stored as float32: half the size would make the coarse index ten times dearer.

    The driver builds it over float16 without the processor's vector instructions.
    """
    return pa.schema(
        [
            ("video", pa.string()),
            ("time_s", pa.float64()),
            ("end_s", pa.float64()),
            ("logit", pa.float32()),
            ("vector", pa.list_(pa.float32(), width)),
        ]
    )


def frames_table(frames: Mapping[str, FrameRows], width: int) -> pa.Table:
    """Frames by video id as one Arrow table."""
    schema = frames_schema(width)
    parts = [(key, rows) for key, rows in frames.items() if len(rows)]
    if not parts:
        return schema.empty_table()
    vectors = np.concatenate([rows.vectors.astype(np.float32, copy=False) for _, rows in parts])
    return pa.table(
        [
            pa.array(np.repeat([key for key, _ in parts], [len(rows) for _, rows in parts])),
            np.concatenate([rows.times_s for _, rows in parts]),
            np.concatenate([rows.ends_s for _, rows in parts]),
            np.concatenate([rows.logits for _, rows in parts]).astype(np.float32, copy=False),
            pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), width),
        ],
        schema=schema,
    )


def vectors_of(rows: pa.Table | pa.RecordBatch) -> NDArray[np.float32]:
    """The vectors of some frames, float32 [N,D]."""
    column = rows.column("vector")
    width = column.type.list_size
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    # flatten() honours the chunk's offset; nothing is copied where there is one chunk.
    parts = [chunk.flatten().to_numpy().reshape(-1, width) for chunk in chunks]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty((0, width), np.float32)


def frames_by_video(table: pa.Table) -> dict[str, FrameRows]:
    """Frames of an Arrow table by video id, each in order of time."""
    vectors = vectors_of(table)
    keys = table.column("video").to_numpy()
    times_s = table.column("time_s").to_numpy()
    ends_s = table.column("end_s").to_numpy()
    logits = table.column("logit").to_numpy()
    found: dict[str, FrameRows] = {}
    for key, rows in groups(keys, times_s):
        found[key] = FrameRows(vectors[rows], logits[rows], times_s[rows], ends_s[rows])
    return found


def groups(
    keys: NDArray[Any], times_s: NDArray[np.float64]
) -> Iterable[tuple[Any, slice | NDArray[np.intp]]]:
    """Each key with its rows in order of time; a slice (no copy) where they already lie so."""
    if not len(keys):
        return
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    stops = np.append(starts[1:], len(keys))
    runs = list(zip(keys[starts].tolist(), starts.tolist(), stops.tolist(), strict=True))
    if len({key for key, *_ in runs}) == len(runs):
        for key, start, stop in runs:
            ordered = bool(np.all(times_s[start + 1 : stop] >= times_s[start : stop - 1]))
            yield key, slice(start, stop) if ordered else start + np.argsort(times_s[start:stop])
        return
    pieces: dict[Any, list[NDArray[np.intp]]] = {}
    for key, start, stop in runs:
        pieces.setdefault(key, []).append(np.arange(start, stop))
    for key, parts in pieces.items():
        rows = np.concatenate(parts)
        yield key, rows[np.argsort(times_s[rows], kind="stable")]


def texts_table(texts: Mapping[str, Iterable[TextRow]]) -> pa.Table:
    """Texts by video id as one Arrow table, with their search words."""
    rows = [(key, row) for key, found in texts.items() for row in found]
    clean = [_clean(row.text) for _, row in rows]
    return pa.table(
        [
            [key for key, _ in rows],
            [row.start_s for _, row in rows],
            [row.end_s for _, row in rows],
            [row.channel for _, row in rows],
            [row.lang for _, row in rows],
            clean,
            [segment(text) for text in clean],
        ],
        schema=TEXTS_SCHEMA,
    )


def text_rows(table: pa.Table) -> dict[str, list[TextRow]]:
    """Texts of an Arrow table by video id, each in order of time."""
    found: dict[str, list[TextRow]] = {}
    for key, *values in zip(*(table.column(c).to_pylist() for c in TEXTS), strict=True):
        found.setdefault(key, []).append(TextRow(*values))
    for rows in found.values():
        rows.sort(key=lambda row: (row.start_s, row.end_s))
    return found


def frame_hits(table: pa.Table) -> list[FrameHit]:
    """Hits of a vector search, best first; the driver gives 1 - dot."""
    columns = [table.column(c).to_pylist() for c in ("video", "time_s", "end_s", "_distance")]
    return [FrameHit(key, start, end, 1.0 - d) for key, start, end, d in zip(*columns, strict=True)]


def text_hits(table: pa.Table) -> list[TextHit]:
    """Hits of a text search, best first."""
    columns = [table.column(c).to_pylist() for c in (*TEXTS, "_score")]
    return [TextHit(*values) for values in zip(*columns, strict=True)]


def _clean(text: str) -> str:
    """Text that UTF-8 can hold: half surrogates (from broken file names) become U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
