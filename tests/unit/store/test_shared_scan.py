"""Queries of many threads in one product: all get their own scores, however it went."""

import threading

import numpy as np
import pytest

from whenabouts.store import shared as shared_module
from whenabouts.store.shared import SharedScan, product

RNG = np.random.default_rng(0)
VECTORS = RNG.standard_normal((300, 16)).astype(np.float32)
QUERIES = RNG.standard_normal((12, 16)).astype(np.float32)


class _Slow:
    """A product that waits for `go`, counts, and fails while `broken`."""

    def __init__(self):
        self.go, self.began = threading.Event(), threading.Event()
        self.products, self.broken = 0, False

    def __call__(self, vectors, queries):
        self.began.set()
        assert self.go.wait(10)
        self.products += 1
        if self.broken:
            raise MemoryError
        return product(vectors, queries)


@pytest.fixture
def slow(monkeypatch):
    made = _Slow()
    monkeypatch.setattr(shared_module, "product", made)
    return made


def _asked(scan, vectors, queries, before=lambda: None):
    """Threads that ask, one a query, and what each got."""
    got = {}

    def ask(at):
        try:
            got[at] = scan.scores(vectors, queries[at])
        except MemoryError:
            got[at] = None

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(len(queries))]
    threads[0].start()
    before()
    for thread in threads[1:]:
        thread.start()
    return threads, got


def _ended(threads):
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def _waits_for(scan, count):
    for _ in range(1000):
        if len(scan._waiting) == count:
            return
        threading.Event().wait(0.005)
    raise AssertionError("nobody waits")


def test_who_waits_is_served_by_one_product(slow):
    scan = SharedScan()
    threads, got = _asked(scan, VECTORS, QUERIES, before=lambda: slow.began.wait(10))
    _waits_for(scan, len(QUERIES) - 1)
    slow.go.set()
    _ended(threads)
    assert slow.products == 2
    for at, query in enumerate(QUERIES):
        np.testing.assert_allclose(got[at], VECTORS @ query, atol=1e-5)
        assert got[at].flags.c_contiguous


def test_a_query_never_gets_the_scores_of_another_matrix(slow):
    scan, other = SharedScan(), -VECTORS
    threads, got = _asked(scan, VECTORS, QUERIES[:1], before=lambda: slow.began.wait(10))
    more, found = _asked(scan, other, QUERIES[:3])
    _waits_for(scan, 3)
    slow.go.set()
    _ended([*threads, *more])
    np.testing.assert_allclose(got[0], VECTORS @ QUERIES[0], atol=1e-5)
    for at in range(3):
        np.testing.assert_allclose(found[at], other @ QUERIES[at], atol=1e-5)


def test_a_failure_reaches_everyone_and_the_next_query_works(slow):
    scan = SharedScan()
    slow.broken = True
    threads, got = _asked(scan, VECTORS, QUERIES[:4], before=lambda: slow.began.wait(10))
    _waits_for(scan, 3)
    slow.go.set()
    _ended(threads)
    assert list(got.values()) == [None] * 4
    slow.broken = False
    np.testing.assert_allclose(scan.scores(VECTORS, QUERIES[0]), VECTORS @ QUERIES[0], atol=1e-5)


@pytest.mark.parametrize("small", [1, 16 * 12, 16 * 12 * 7, 16 * 12 * 300, 10**6])
def test_blocks_change_nothing(monkeypatch, small):
    monkeypatch.setattr(shared_module, "_SMALL", small)
    np.testing.assert_allclose(product(VECTORS, QUERIES.T), VECTORS @ QUERIES.T, atol=1e-5)
