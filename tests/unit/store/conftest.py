"""Small made-up libraries: vectors of 16 numbers, videos of a few frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from whenabouts.store.rows import (
    EncoderMark,
    FrameRows,
    Indexed,
    PictureRow,
    TextRow,
    VideoRow,
)
from whenabouts.store.store import Store

WIDTH = 16
MARK = EncoderMark("made-up", "f" * 64, WIDTH)


def frames_of(seed: int, count: int = 8) -> FrameRows:
    """Unit vectors, the same for the same seed."""
    vectors = np.random.default_rng(seed).standard_normal((count, WIDTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    times_s = np.arange(count, dtype=np.float64)
    return FrameRows(vectors, np.full(count, seed, np.float32), times_s, times_s + 1)


def item_of(seed: int, *, path: str | None = None, text: str = "", count: int = 8) -> Indexed:
    """A video with frames, one text and one picture."""
    row = VideoRow(f"id{seed:05d}", path or f"/videos/{seed}.mp4", 1000 + seed, seed, duration_s=8)
    said = TextRow(0.0, 4.0, "speech", "en", text or f"number{seed} speaking")
    shot = PictureRow(0.0, float(count), 1.0, b"jpeg %d" % seed)
    return Indexed(row, frames_of(seed, count), (said,), (shot,))


@pytest.fixture(scope="session")
def mark() -> EncoderMark:
    return MARK


@pytest.fixture(scope="session")
def item() -> Callable[..., Indexed]:
    return item_of


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "my.lib"


@pytest.fixture
def writer(library: Path) -> Iterator[Store]:
    with Store(library, "w", encoder=MARK) as store:
        yield store


@pytest.fixture
def reader(writer: Store, library: Path) -> Iterator[Store]:
    with Store(library) as store:
        yield store
