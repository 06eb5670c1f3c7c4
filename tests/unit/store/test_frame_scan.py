"""The scan in memory: exact whatever was added, replaced or removed, with and without a sketch."""

import numpy as np
import pyarrow as pa
import pytest

from whenabouts.errors import StoreError
from whenabouts.store import scan as scan_module
from whenabouts.store.columns import frames_table
from whenabouts.store.ledger import Content
from whenabouts.store.rows import FrameRows
from whenabouts.store.scan import FrameScan
from whenabouts.store.sketch import Sketch

WIDTH = 64


class _Shelf:
    """Frames by video, as the tables would hold them; `spread` directions hold nearly all."""

    def __init__(self, spread, frames=150):
        self.rng = np.random.default_rng(0)
        self.basis = self.rng.standard_normal((spread, WIDTH)).astype(np.float32)
        self.count = frames
        self.frames, self.contents, self.number = {}, {}, 0

    def vectors(self, count):
        latent = self.rng.standard_normal((count, len(self.basis))).astype(np.float32)
        rough = latent @ self.basis
        rough += 0.02 * self.rng.standard_normal(rough.shape).astype(np.float32)
        rough /= np.linalg.norm(rough, axis=1, keepdims=True)
        return rough.astype(np.float16).astype(np.float32)

    def put(self, video, count=None):
        self.number += 1
        count = count or self.count
        times_s = np.arange(count, dtype=np.float64)
        logits = self.rng.standard_normal(count).astype(np.float32)
        self.frames[video] = FrameRows(self.vectors(count), logits, times_s, times_s + 1)
        self.contents[video] = Content(frames=count, frames_commit=self.number)

    def drop(self, video):
        del self.frames[video], self.contents[video]

    def fetch(self, videos):
        keys = self.frames if videos is None else sorted(videos)
        return frames_table({k: self.frames[k] for k in keys}, WIDTH).to_batches(max_chunksize=97)

    def nearest(self, query, limit, videos=None):
        rows = [
            (-float(vector @ query), key, float(time_s))
            for key, frames in self.frames.items()
            if videos is None or key in videos
            for vector, time_s in zip(frames.vectors, frames.times_s, strict=True)
        ]
        return [(key, time_s) for _, key, time_s in sorted(rows)[:limit]]


def _check(shelf, scan, limit=20, videos=None):
    queries = shelf.vectors(3)
    for query, hits in zip(queries, scan.near(queries, limit, videos), strict=True):
        assert [(hit.video, hit.time_s) for hit in hits] == shelf.nearest(query, limit, videos)
        assert all(hit.end_s == hit.time_s + 1 for hit in hits)


@pytest.mark.parametrize("spread", [4, WIDTH], ids=["few directions", "all directions"])
def test_exact_through_all_changes(spread, monkeypatch):
    monkeypatch.setattr(scan_module, "_WORTH_A_SKETCH", 1000)
    shelf, scan = _Shelf(spread), FrameScan(WIDTH)
    for number in range(20):
        shelf.put(f"v{number}")
    for step in range(12):
        scan.update(shelf.contents, shelf.fetch)
        scan.sharpen()
        _check(shelf, scan)
        _check(shelf, scan, videos={"v1", "v7", "nobody"})
        _check(shelf, scan, videos={f"v{n}" for n in range(18)})
        for key, frames in scan.frames(["v1", f"v{step + 2}", "nobody"]).items():
            np.testing.assert_array_equal(frames.vectors, shelf.frames[key].vectors)
            np.testing.assert_array_equal(frames.logits, shelf.frames[key].logits)
        shelf.put(f"v{20 + step}", 300)
        shelf.put(f"v{step + 1}")
        shelf.drop(f"v{19 - step}" if step < 5 else f"v{15 + step}")


def test_a_sketch_rules_most_rows_out_or_says_so():
    for spread, helps in ((4, True), (WIDTH, False)):
        shelf = _Shelf(spread)
        vectors, query = shelf.vectors(4000), shelf.vectors(1)[0]
        rows = Sketch.of(vectors).candidates(vectors, query, 10, None)
        assert (rows is not None) == helps
        if rows is not None:
            best = np.argsort(-(vectors @ query))[:10]
            assert set(best) <= set(rows)
            assert len(rows) < 500


def test_a_sketch_that_does_not_help_is_dropped(monkeypatch):
    monkeypatch.setattr(scan_module, "_WORTH_A_SKETCH", 1000)
    shelf, scan = _Shelf(WIDTH), FrameScan(WIDTH)
    for number in range(20):
        shelf.put(f"v{number}")
    scan.update(shelf.contents, shelf.fetch)
    scan.sharpen()
    assert scan._view.sketch is not None
    for _ in range(3):
        _check(shelf, scan)
    scan.sharpen()
    assert scan._view.sketch is None
    scan.sharpen()
    assert scan._view.sketch is None
    _check(shelf, scan)


def test_rows_out_of_order_are_put_together():
    shelf, scan = _Shelf(4, frames=10), FrameScan(WIDTH)
    for name in ("a", "b", "c"):
        shelf.put(name)
    mixed = pa.Table.from_batches(shelf.fetch(None))
    mixed = mixed.take(np.random.default_rng(1).permutation(len(mixed)))
    scan.update(shelf.contents, lambda _: mixed.to_batches())
    _check(shelf, scan)
    found = scan.frames(["b"])["b"]
    np.testing.assert_array_equal(found.vectors, shelf.frames["b"].vectors)
    np.testing.assert_array_equal(found.times_s, shelf.frames["b"].times_s)


def test_missing_rows_are_damage():
    shelf = _Shelf(4, frames=10)
    shelf.put("a")
    for wrong in (9, 11):
        content = {"a": Content(frames=wrong, frames_commit=1)}
        with pytest.raises(StoreError, match=f"{wrong} frames should be there"):
            FrameScan(WIDTH).update(content, shelf.fetch)
