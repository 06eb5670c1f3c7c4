"""Moving a library to another encoder."""

from __future__ import annotations

from dataclasses import replace

from whenabouts.store.rows import EncoderMark
from whenabouts.store.store import Store

VISUAL = ("keyframes", "frames")


def forget_vectors(store: Store, encoder: EncoderMark) -> None:
    """Make the passes over pictures due again, then change the encoder, which drops all vectors.

    In this order a cut in between leaves passes to be done again, never vectors that are missing.
    """
    store.update(
        replace(row, passes=tuple(name for name in row.passes if name not in VISUAL))
        for row in store.videos()
        if row.status != "failed" and row.kind != "audio"
    )
    store.change_encoder(encoder)
