"""Batches a second from the frame cache: `python benchmarks/loader.py [VIDEOS] [BATCH]`.

Draws a folder in MSR-VTT's form, decodes it once, and makes batches with and without augmentation
by growing numbers of threads. Rates are per CPU second too, for machines that others use.
"""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from whenabouts.data.frame_cache import CacheSettings, FrameCache
from whenabouts.data.retrieval import retrieval_split
from whenabouts.models.pixels import PixelSettings
from whenabouts.shapeworld.make import make
from whenabouts.train.clip_loader import ClipLoader, LoaderSettings
from whenabouts.train.rand_augment import RandAugmentSettings

BATCHES = 6


def main(videos: int = 12, batch: int = 32) -> None:
    """Draw, decode once, load."""
    with tempfile.TemporaryDirectory(prefix="loader-") as name:
        folder = Path(name)
        make(folder / "set", "msrvtt", videos=videos, duration_s=(12.0, 14.0))
        split = retrieval_split("msrvtt", folder / "set", "train")
        cache = FrameCache(folder / "frames", CacheSettings())
        start, cpu = time.perf_counter(), time.process_time()
        filled = cache.fill(split.videos, workers=2)
        frames = sum(int(cache.frames(path)[1].sum()) for path in split.videos)
        size = sum(path.stat().st_size for path in (folder / "frames").rglob("*.clip"))
        row("decode once", frames, time.perf_counter() - start, time.process_time() - cpu)
        print(f"  {filled.made} videos, {size / frames / 1000:.1f} kB a frame")
        for augment in (None, RandAugmentSettings()):
            for workers in (0, 1, 2, 4):
                settings = LoaderSettings(batch=batch, workers=workers)
                loader = ClipLoader(split, cache, PixelSettings(size_px=224), settings, augment)
                start, cpu = time.perf_counter(), time.process_time()
                stream = loader.stream()
                seen = sum(int(found.mask.sum()) for found in islice(stream, BATCHES))
                stream.close()
                took = time.perf_counter() - start, time.process_time() - cpu
                row(f"{'augmented' if augment else 'plain'}, {workers} threads", seen, *took)


def row(what: str, frames: int, wall_s: float, cpu_s: float) -> None:
    """One line of the table."""
    print(f"{what:24} {frames / wall_s:8.0f} frames/s {frames / cpu_s:8.0f} a CPU second")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]))
