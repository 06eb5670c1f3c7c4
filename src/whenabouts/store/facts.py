"""What is known of every frame of a large library, but for its vector, held in memory.

A million frames are 32 MB. With it the driver is asked for distances and vectors alone: fetching
other columns of the rows found costs it more than finding them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from whenabouts.store.columns import groups, vectors_of
from whenabouts.store.rows import FrameHit, FrameRows
from whenabouts.store.tables import Tables

COLUMNS = ("video", "time_s", "end_s", "logit", "_rowid")


@dataclass(frozen=True, slots=True, eq=False)
class FrameFacts:
    """N frames in the order of their row ids."""

    row_ids: NDArray[np.uint64]
    times_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    logits: NDArray[np.float32]
    keys: NDArray[np.object_]
    """Video ids."""
    owners: NDArray[np.int32]
    """Which of `keys` each frame is of."""
    places: Mapping[str, NDArray[np.intp] | slice]
    """Video id -> its frames in order of time."""

    @classmethod
    def of(cls, table: pa.Table) -> FrameFacts:
        """From all rows with `COLUMNS`."""
        row_ids = table.column("_rowid").to_numpy()
        order = np.argsort(row_ids)
        encoded = table.column("video").combine_chunks().dictionary_encode()
        owners = encoded.indices.to_numpy()[order]
        keys = encoded.dictionary.to_numpy(zero_copy_only=False)
        times_s = table.column("time_s").to_numpy()[order]
        return cls(
            row_ids[order],
            times_s,
            table.column("end_s").to_numpy()[order],
            table.column("logit").to_numpy()[order],
            keys,
            owners,
            {keys[owner]: rows for owner, rows in groups(owners, times_s)},
        )

    def hits(self, found: pa.Table) -> list[FrameHit]:
        """Hits of a vector search that brought row ids and distances."""
        at = np.searchsorted(self.row_ids, found.column("_rowid").to_numpy())
        return [
            FrameHit(*hit)
            for hit in zip(
                self.keys[self.owners[at]].tolist(),
                self.times_s[at].tolist(),
                self.ends_s[at].tolist(),
                (1.0 - found.column("_distance").to_numpy()).tolist(),
                strict=True,
            )
        ]

    def frames(self, tables: Tables, name: str, videos: Collection[str]) -> dict[str, FrameRows]:
        """The frames of some videos by id, in order of time."""
        parts = {key: _rows(self.places[key]) for key in videos if key in self.places}
        if not parts:
            return {}
        # Sorted, for then it does not matter whether the driver keeps the order asked for.
        wanted = np.sort(np.concatenate(list(parts.values())))
        vectors = vectors_of(tables.take(name, self.row_ids[wanted].tolist(), ("vector",)))
        found: dict[str, FrameRows] = {}
        for key, rows in parts.items():
            at = np.searchsorted(wanted, rows)
            together = isinstance(self.places[key], slice)
            found[key] = FrameRows(
                vectors[at[0] : at[-1] + 1] if together else vectors[at],
                self.logits[rows],
                self.times_s[rows],
                self.ends_s[rows],
            )
        return found


def _rows(place: NDArray[np.intp] | slice) -> NDArray[np.intp]:
    return np.arange(place.start, place.stop) if isinstance(place, slice) else place
