"""The jobs of `search.py`, each run in a process of its own: build, open cold, search."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BATCH = 64
"""Videos of a commit."""
BLOCK = 10
"""Queries in a row before the next engine has its turn."""


def build(folder: Path, world: dict[str, int]) -> None:
    """Write the library, then its indexes; keep the float32 vectors for the rivals."""
    import numpy as np
    from measure import Clock, cpu_seconds
    from search_data import FRAMES, Sizes, World, indexed, mark

    from whenabouts.store.store import Store

    sizes = Sizes(**world)
    truth = np.lib.format.open_memmap(
        folder / "vectors.npy", "w+", np.float32, (sizes.videos * FRAMES, sizes.dims)
    )
    clock = Clock()
    drawing = 0.0
    with Store(folder / "library", "w", encoder=mark(sizes)) as store:
        before = cpu_seconds()
        for first, vectors, words in World(sizes).blocks():
            truth[first * FRAMES : (first + len(vectors)) * FRAMES] = vectors.reshape(
                -1, sizes.dims
            )
            items = [
                indexed(first + at, *both)
                for at, both in enumerate(zip(vectors, words, strict=True))
            ]
            drawing += cpu_seconds() - before
            for at in range(0, len(items), BATCH):
                store.put(items[at : at + BATCH])
            before = cpu_seconds()
        ingest = cpu_seconds() - clock.cpu_s - drawing
        now, wall = cpu_seconds(), time.perf_counter()
        store.optimize(keep_s=0)
        index, index_wall = cpu_seconds() - now, time.perf_counter() - wall
    files = [path for path in (folder / "library").rglob("*") if path.is_file()]
    disk_mb = sum(path.stat().st_size for path in files) / 1e6
    clock.stop(ingest_cpu_s=ingest, upkeep_cpu_s=index, upkeep_wall_s=index_wall, disk_mb=disk_mb)


def cold(folder: Path, world: dict[str, int]) -> None:
    """From nothing imported to the first answers, files dropped from the page cache before."""
    import numpy as np
    from search_data import Sizes, World

    vectors, texts = World(Sizes(**world)).queries(20)
    _forget_files(folder / "library")
    from measure import Clock

    clock, start = Clock(), time.perf_counter()
    from whenabouts.store.store import Store

    with Store(folder / "library") as store:
        videos = len(store.videos())
        known_s = time.perf_counter() - start
        store.match(texts[0], 10)
        text_s = time.perf_counter() - start
        store.near(vectors[:1], 10)
        first_s = time.perf_counter() - start
        for vector, text in zip(np.split(vectors, len(vectors)), texts, strict=True):
            store.near(vector, 300)
            store.match(text, 100)
        rss_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        clock.stop(
            videos=videos, known_s=known_s, text_s=text_s, first_s=first_s, rss_mb=rss_kb / 1024
        )


def search(folder: Path, world: dict[str, int], queries: int, threads: int) -> None:
    """Latency of every engine on the same queries in one process, in turns; recall of exact."""
    import numpy as np
    from measure import Clock
    from search_data import FRAMES, MadeUpEncoder, Sizes, World, video_id

    from whenabouts.library.library import open_library
    from whenabouts.library.settings import SearchSettings
    from whenabouts.store.store import Store

    sizes = Sizes(**world)
    vectors, texts = World(sizes).queries(queries)
    truth = np.load(folder / "vectors.npy")
    exact = [_scan(truth, vector) for vector in vectors]
    known = dict(zip(texts, vectors, strict=True))
    clock = Clock()
    store = Store(folder / "library")
    library = open_library(folder / "library", MadeUpEncoder(sizes, known), create=False)
    settings = SearchSettings(floor=0.0)

    def near(at: int) -> list[tuple[str, float]]:
        return [(hit.video, hit.time_s) for hit in store.near(vectors[at][None], 10)[0]]

    nearest: dict[str, Callable[[int], Any]] = {
        "numpy scan": lambda at: _scan(truth, vectors[at]),
        "store near": near,
        **_faiss(truth, vectors, threads),
    }
    others: dict[str, Callable[[int], Any]] = {
        "store near 300": lambda at: store.near(vectors[at][None], 300),
        "store match": lambda at: store.match(texts[at], 100),
        "hybrid search": lambda at: library.search(texts[at], settings=settings),
    }
    found, latency, cpu = in_turns({**nearest, **others}, queries)

    def as_pair(row: int) -> tuple[str, float]:
        return video_id(row // FRAMES), float(row % FRAMES)

    def recall(name: str) -> float:
        shares = []
        for at, rows in enumerate(exact):
            got = found[name][at]
            keys = got if name == "store near" else [as_pair(int(row)) for row in got]
            shares.append(len(set(keys) & {as_pair(int(row)) for row in rows}) / len(rows))
        return float(np.mean(shares))

    clock.stop(latency_ms=latency, cpu_ms=cpu, recall={name: recall(name) for name in nearest})


def in_turns(
    engines: dict[str, Callable[[int], Any]], queries: int
) -> tuple[dict[str, list[Any]], dict[str, list[float]], dict[str, float]]:
    """Answers, milliseconds and mean CPU milliseconds (all threads) of each engine.

    A block of queries at a time, so that a busy machine is busy for all of them.
    """
    for ask in engines.values():
        for at in range(min(5, queries)):
            ask(at)
    found: dict[str, list[Any]] = {name: [] for name in engines}
    latency: dict[str, list[float]] = {name: [] for name in engines}
    cpu = dict.fromkeys(engines, 0.0)
    for start in range(0, queries, BLOCK):
        for name, ask in engines.items():
            ask(start)  # what the engine before left in the caches is its matter, not ours
            before = time.process_time()
            for at in range(start, min(start + BLOCK, queries)):
                begin = time.perf_counter()
                found[name].append(ask(at))
                latency[name].append((time.perf_counter() - begin) * 1e3)
            cpu[name] += (time.process_time() - before) * 1e3 / queries
    return found, latency, cpu


def _scan(truth: Any, vector: Any, limit: int = 10) -> Any:
    """The plain scan that everybody writes first."""
    import numpy as np

    scores = truth @ vector
    top = np.argpartition(scores, len(scores) - limit)[-limit:]
    return top[np.argsort(-scores[top])]


def _faiss(truth: Any, vectors: Any, threads: int) -> dict[str, Callable[[int], Any]]:
    """Two faiss indexes, where faiss is installed; says so where it is not."""
    try:
        import faiss
    except ImportError:
        print("faiss is not installed, so it is left out (pip install faiss-cpu)", file=sys.stderr)
        return {}
    faiss.omp_set_num_threads(threads)
    flat = faiss.IndexFlatIP(truth.shape[1])
    flat.add(truth)
    lists = max(16, int(len(truth) ** 0.5))
    coarse = faiss.index_factory(truth.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    coarse.train(truth[:: max(1, len(truth) // (lists * 64))])
    coarse.add(truth)
    coarse.nprobe = 20
    return {
        "faiss Flat": lambda at: flat.search(vectors[at][None], 10)[1][0],
        "faiss IVF,SQ8": lambda at: coarse.search(vectors[at][None], 10)[1][0],
    }


def _forget_files(folder: Path) -> None:
    """Ask the system to drop the files from its cache, so that they come from the disk again."""
    if hasattr(os, "posix_fadvise"):
        os.sync()
        for path in folder.rglob("*"):
            if path.is_file():
                handle = os.open(path, os.O_RDONLY)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(handle)


if __name__ == "__main__":
    job, values = sys.argv[1], json.loads(sys.argv[2])
    values["folder"] = Path(values["folder"])
    {"build": build, "cold": cold, "search": search}[job](**values)
