"""A writer killed at any moment loses nothing committed and leaves no half video."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whenabouts.errors import StoreError
from whenabouts.store.rows import EncoderMark, FrameRows, Indexed, PictureRow, TextRow, VideoRow
from whenabouts.store.store import Store

ROUNDS = 12
MARK = EncoderMark("made-up", "f" * 64, 16)


def _video(number: int, edition: int) -> Indexed:
    """Video `number` as it is in its `edition`; everything about it can be recomputed."""
    rng = np.random.default_rng([number, edition])
    count = 3 + (number + edition) % 40
    vectors = rng.standard_normal((count, 16)).astype(np.float16)
    times_s = np.arange(count, dtype=np.float64)
    return Indexed(
        VideoRow(f"v{number}e{edition}", f"/{number}.mp4", edition, 0),
        FrameRows(vectors, np.full(count, edition, np.float32), times_s, times_s + 1),
        tuple(TextRow(t, t + 1, "speech", "", f"word{number} e{edition}") for t in range(count)),
        (PictureRow(0, count, 0, bytes(rng.integers(0, 256, 5000, np.uint8))),),
    )


def _work(library: str, acknowledged: str, first: int) -> None:
    """Put, replace and remove for ever; say after each commit that it is done."""
    with Store(library, "w", encoder=MARK) as store, Path(acknowledged).open("w") as log:
        for edition in range(first, first + 100_000):
            if edition % 5 == 4:
                store.remove([f"/{edition % 7}.mp4"])
            elif edition % 7 == 6:
                store.optimize(keep_s=0)
            else:
                store.put(_video(number, edition) for number in range(edition % 7, 12, 3))
            log.write(f"{edition} {store.info().commit}\n")
            log.flush()


def _check_whole(library: Path) -> None:
    """Every video is exactly one edition, in all tables, and nothing else is there."""
    with Store(library) as store:
        rows = store.videos()
        stored = store.frames([row.id for row in rows])
        for row in rows:
            want = _video(int(row.path[1:-4]), row.size)
            assert row == want.video
            np.testing.assert_array_equal(stored[row.id].vectors, want.frames.vectors)
            assert tuple(store.texts(row.id)) == want.texts
            assert tuple(store.pictures(row.id)) == want.pictures
        info = store.info()
        assert info.frames == sum(len(frames) for frames in stored.values())
        everything = store.near(np.ones((1, 16), np.float32), 1_000_000)[0]
        assert len(everything) == info.frames
        said = {
            hit.video for hit in store.match(" ".join(f"word{n}" for n in [*range(12), 99]), 9999)
        }
        assert said == {row.id for row in rows}


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_writers_leave_a_whole_library(library, tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lancedb", "lancedb.query", "whenabouts.store.change"])
    rng = random.Random(0)
    first = 0
    for round_ in range(ROUNDS):
        log = tmp_path / f"acknowledged{round_}"
        child = context.Process(target=_work, args=(str(library), str(log), first))
        child.start()
        deadline = time.monotonic() + 60
        while not (log.exists() and log.stat().st_size):
            assert child.is_alive()
            assert time.monotonic() < deadline, "the writer hangs"
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.25))
        os.kill(child.pid, signal.SIGKILL)
        child.join()

        edition, commit = map(int, log.read_text().splitlines()[-1].split())
        with Store(library) as store:
            assert store.info().commit >= commit, "an acknowledged commit is lost"
        _check_whole(library)
        first = edition + 2
    with Store(library, "w") as store:  # sweeps what the last one left
        store.optimize(keep_s=0)
        store.put([_video(99, 1)])
    _check_whole(library)


def test_a_failed_write_is_rolled_back(writer, reader, item, monkeypatch):
    from whenabouts.store.ledger import Ledger

    writer.put([item(1)])

    def full(*_):
        raise StoreError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "commit", full)
        with pytest.raises(StoreError, match="disk full"):
            writer.put([item(2)])
        assert reader.info().videos == 1
    assert {hit.video for hit in writer.near(np.ones((1, 16), np.float32), 99)[0]} == {"id00001"}
    writer.put([item(3)])
    assert {hit.video for hit in reader.near(np.ones((1, 16), np.float32), 99)[0]} == {
        "id00001",
        "id00003",
    }
    assert reader.match("number2", 5) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")
def test_a_full_disk_loses_nothing(writer, library, item):
    """Files may not grow any more: as on a full disk, writing fails in the middle."""
    import resource

    writer.put([item(1)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    for most_bytes in (1_000, 40_000):  # too little for the tables, then for the ledger
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
        try:
            with pytest.raises(StoreError, match="cannot write"):
                writer.put([replace(item(2, count=4), pictures=_big_pictures())])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        with Store(library) as reader:
            assert [row.path for row in reader.videos()] == ["/videos/1.mp4"]
            assert len(reader.near(np.ones((1, 16), np.float32), 99)[0]) == 8
    writer.put([item(2)])
    with Store(library) as reader:
        assert len(reader.near(np.ones((1, 16), np.float32), 99)[0]) == 16
        assert reader.match("number2", 1)


def _big_pictures():
    return tuple(PictureRow(n, n + 1, n, bytes(50_000)) for n in range(20))
